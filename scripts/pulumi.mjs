// Locates the Pulumi CLI for set-up, quickstart and tests; no other file knows where it is.
import { execFile } from "node:child_process";
import { accessSync, constants, readFileSync, realpathSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { basename, delimiter, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const windows = process.platform === "win32";

/** The oldest minor version of the CLI's major version 3 that is used; the peer range in package.json starts there too. */
export const OLDEST_MINOR = 200;

/** Starts dynamic providers. Official distributions ship it beside the CLI; the npm package carries a copy. */
export const LAUNCHER = windows ? "pulumi-resource-pulumi-nodejs.cmd" : "pulumi-resource-pulumi-nodejs";

/** File name of the CLI. */
export const CLI = windows ? "pulumi.exe" : "pulumi";

/** Folder of the installed `@pulumi/pulumi`. */
export const SDK = fileURLToPath(new URL("../node_modules/@pulumi/pulumi/", import.meta.url));

/**
 * The CLI to use: the one on PATH if it fits, else the one in the cache.
 * @returns {Promise<import("./pulumi.d.mts").Pulumi | undefined>}
 */
export async function locatePulumi() {
  const onPath = findOnPath("pulumi");
  return (onPath && (await inspect(onPath)).pulumi) ?? (await inspect(cachedCli())).pulumi;
}

/**
 * The Node language host, which `pulumi up` in a project's folder needs (the Automation API with an inline program does
 * not). Official distributions ship it; a CLI built by set-up has none.
 * @param {string} [bin] folder of the CLI. @defaultValue that of the cached CLI
 * @returns {string | undefined}
 */
export function languageHost(bin = dirname(cachedCli())) {
  const name = "pulumi-language-nodejs";
  return findIn([bin], name) ?? findOnPath(name);
}

/**
 * Tells if a CLI can be used, and if not, why not.
 * @param {string} command
 * @returns {Promise<{ pulumi?: import("./pulumi.d.mts").Pulumi, reason?: string }>}
 */
export async function inspect(command) {
  const version = await versionOf(command);
  if (!version) {
    return { reason: "it does not run" };
  }
  const [major, minor] = version.split(".").map(Number);
  if (major !== 3 || minor < OLDEST_MINOR) {
    return { reason: `it is version ${version}, and 3.${OLDEST_MINOR} or newer of 3 is needed` };
  }
  const bin = dirname(command);
  if (!findIn([bin, dirname(realpathSync(command))], LAUNCHER) && !findOnPath(LAUNCHER)) {
    return { reason: `${LAUNCHER} is neither beside it nor on PATH` };
  }
  // PulumiCommand.get({ root }) runs root/bin/pulumi.
  const root = basename(bin) === "bin" ? dirname(bin) : undefined;
  return { pulumi: { command, root, bin, version } };
}

/**
 * The answer of `pulumi version`, as "3.245.0"; undefined if the file is missing or broken.
 * @param {string} command
 * @returns {Promise<string | undefined>}
 */
function versionOf(command) {
  if (!isExecutable(command)) {
    return Promise.resolve(undefined);
  }
  const env = { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" };
  return new Promise((done) => {
    execFile(command, ["version"], { env, timeout: 30_000 }, (error, stdout) => {
      done(error ? undefined : /^v?(\d+\.\d+\.\d+)/.exec(stdout.trim())?.[1]);
    });
  });
}

/** The version set-up gets where no CLI is found: that of the installed `@pulumi/pulumi`. */
export function wantedVersion() {
  return JSON.parse(readFileSync(join(SDK, "package.json"), "utf8")).version;
}

/** The folder in which Pulumi's own `PulumiCommand.install` and the npm package `pulumi` keep that version. */
export function cachedRoot() {
  return join(process.env.PULUMI_HOME || join(homedir(), ".pulumi"), "versions", wantedVersion());
}

function cachedCli() {
  return join(cachedRoot(), "bin", CLI);
}

/**
 * The first executable of that name on PATH.
 * @param {string} name
 * @returns {string | undefined}
 */
export function findOnPath(name) {
  return findIn((process.env.PATH ?? "").split(delimiter).filter(Boolean), name);
}

/**
 * @param {string[]} folders
 * @param {string} name
 * @returns {string | undefined}
 */
function findIn(folders, name) {
  const names = windows ? [name, `${name}.exe`, `${name}.cmd`] : [name];
  return folders.flatMap((folder) => names.map((file) => resolve(folder, file))).find(isExecutable);
}

/** @param {string} file */
function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
