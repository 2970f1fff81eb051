import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { visible } from "../client/visible";

/**
 * A command line that people can paste into a shell.
 *
 * @param args of `otc-cts`
 * @param folder to run it in. @defaultValue the current one
 * @param from the folder of the shell. @defaultValue the same
 * @param source a command line whose output is piped into it
 * @returns undefined where a word has characters that a terminal does not show
 */
export function commandLine(
  args: readonly string[],
  folder = process.cwd(),
  from = folder,
  source?: string,
): string | undefined {
  const own = [...programFor(folder), ...args].map(shellWord).join(" ");
  const line = source === undefined ? own : `${source} | ${own}`;
  const whole = folder === from ? line : `(cd ${shellWord(folder)} && ${line})`;
  return visible(whole) === whole ? whole : undefined;
}

/** The command as it can be run in a folder: npx would fetch a stranger's package `otc-cts` if no project there has this one. */
function programFor(folder: string): string[] {
  return hasCommand(folder) ? ["npx", "otc-cts"] : ["node", process.argv[1] ?? ""];
}

function hasCommand(folder: string): boolean {
  if (existsSync(join(folder, "node_modules", ".bin", "otc-cts"))) {
    return true;
  }
  return dirname(folder) !== folder && hasCommand(dirname(folder));
}

/** A word of a command line, quoted so that it does not do more than it says. */
export function shellWord(text: string): string {
  return /^[\w./:@=+,%-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
