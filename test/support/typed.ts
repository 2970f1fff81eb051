import { languageHost, locatePulumi } from "../../scripts/pulumi.mjs";
import { endOf, spawnCommand } from "./processes";

const pulumi = await locatePulumi();

/** Tells if `pulumi up` can run in a program's folder here. */
export const hasHost = pulumi !== undefined && languageHost(pulumi.bin) !== undefined;
/** For the title of a test that needs it. */
export const whyNoHost = hasHost
  ? ""
  : " (skipped: no pulumi-language-nodejs beside the Pulumi CLI or on PATH)";
/** A PATH on which the CLI of the tests comes first. */
export const PATH = `${pulumi?.bin}:${process.env["PATH"]}`;

/** Runs the CLI as a user types it. */
export function typed(cwd: string, args: readonly string[], env: Readonly<Record<string, string>>) {
  return endOf(spawnCommand(pulumi?.command ?? "", [...args, "--non-interactive"], cwd, { ...env, PATH }));
}

/** Stores settings of a connection in a stack as a user does. */
export function setSettings(
  cwd: string,
  settings: Readonly<Record<string, string>>,
  options: readonly string[],
  env: Readonly<Record<string, string>>,
) {
  const values = Object.entries(settings).flatMap(([key, value]) => [
    key === "password" ? "--secret" : "--plaintext",
    `otc-cts:${key}=${value}`,
  ]);
  return typed(cwd, ["config", "set-all", ...values, ...options], env);
}
