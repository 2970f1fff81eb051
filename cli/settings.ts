import { execFile } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { promisify } from "node:util";
import { type ConnectionSettings, resolveSettings, standardSources } from "../client/config/settings";
import type { Source } from "../client/config/sources";
import { unknownKeys } from "../client/config/unknownKeys";
import { readYaml } from "../client/config/yamlFile";
import { ConfigError } from "../client/errors";
import { quotedLines } from "../client/visible";

/** The lines on `--stack` in the help of a command, explained from this column on. */
export function stackHelp(column: number): string {
  return `${"  --stack <name>".padEnd(column)}with the configuration of this Pulumi stack of the current directory;
${" ".repeat(column)}without it, settings come from the environment and clouds.yaml only
`;
}

/**
 * The sources of a command's connection settings.
 *
 * @param stack a Pulumi stack of the current directory; undefined: the environment and clouds.yaml only
 * @throws ConfigError if the stack's configuration cannot be read
 */
export async function sourcesOf(stack: string | undefined): Promise<Source[]> {
  const config = stack === undefined ? {} : await configOf(stack);
  // With this, both look for clouds.yaml and for certificates in the same folder.
  if (stack !== undefined) {
    process.chdir(programFolder(process.cwd()));
  }
  const misspelt = {
    name: `stack ${stack}`,
    find: nothing,
    nameOf: nothing,
    warnings: unknownKeys(Object.keys(config)),
  };
  return [...standardSources((key) => config[key]), misspelt];
}

const nothing = () => undefined;

/**
 * The connection settings of a command's sources.
 *
 * @throws ConfigError that says first where no stack was named: its advice is about the stack's configuration, too
 */
export function settingsIn(sources: readonly Source[], stack: string | undefined): ConnectionSettings {
  try {
    return resolveSettings(sources);
  } catch (error) {
    if (error instanceof ConfigError && stack === undefined) {
      error.message = `no --stack given, so settings come from the environment and clouds.yaml only. ${error.message}`;
    }
    throw error;
  }
}

/** A stack's configuration, decrypted, as the Pulumi CLI tells it. */
async function configOf(stack: string): Promise<Record<string, string | undefined>> {
  const args = ["config", "--json", "--show-secrets", "--non-interactive", "--stack", stack];
  const { stdout } = await promisify(execFile)("pulumi", args).catch((error: unknown) => {
    // Its own message repeats the whole command line; what the CLI said is in stderr.
    const { code, stderr = "" } = error as { code?: unknown; stderr?: string };
    if (code === "ENOENT") {
      throw new ConfigError("--stack needs the Pulumi CLI on PATH");
    }
    throw new ConfigError(`the configuration of stack "${stack}" cannot be read:`, quotedLines(stderr));
  });
  const values = JSON.parse(stdout) as Record<string, { value?: string }>;
  return Object.fromEntries(Object.entries(values).map(([key, { value }]) => [key, value]));
}

/** The folder in which Pulumi runs a project's program and its provider: that of `main` in the nearest `Pulumi.yaml`. */
export function programFolder(from: string): string {
  const file = ["Pulumi.yaml", "Pulumi.yml"].map((name) => join(from, name)).find((path) => existsSync(path));
  if (file === undefined) {
    return dirname(from) === from ? process.cwd() : programFolder(dirname(from));
  }
  const main = resolve(from, readYaml(file).root?.scalar("main")?.text ?? ".");
  const stat = statSync(main, { throwIfNoEntry: false });
  // Pulumi itself reports a `main` that does not exist.
  if (stat === undefined) {
    return from;
  }
  return stat.isFile() ? dirname(main) : main;
}
