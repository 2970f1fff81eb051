#!/usr/bin/env node
import { CtsError } from "../client/errors";
import { visible } from "../client/visible";
import { type Command, UsageError } from "./command";
import { commandLine } from "./commandLine";
import { driftCommand } from "./commands/drift";
import { emulatorCommand } from "./commands/emulator";
import { tracesCommand } from "./commands/traces";
import { whoamiCommand } from "./commands/whoami";
import { version } from "./version";

const commands = new Map<string, Command>([
  ["drift", driftCommand],
  ["emulator", emulatorCommand],
  ["traces", tracesCommand],
  ["whoami", whoamiCommand],
]);

async function main([name, ...args]: string[]): Promise<number> {
  if (name === undefined || name === "--help" || name === "-h") {
    (name === undefined ? process.stderr : process.stdout).write(overview());
    return name === undefined ? 2 : 0;
  }
  if (name === "--version" || name === "-v") {
    process.stdout.write(`${version()}\n`);
    return 0;
  }
  const command = commands.get(name);
  if (command === undefined) {
    throw new UsageError(`There is no ${name.startsWith("-") ? "option" : "command"} "${name}".`);
  }
  if (args.includes("--help") || args.includes("-h")) {
    process.stdout.write(command.help);
    return 0;
  }
  return command.run(args);
}

function overview(): string {
  const list = [...commands].map(([name, { summary }]) => `  ${name.padEnd(12)}${summary}\n`).join("");
  return `Usage: otc-cts <command> [options]

Commands:
${list}
Options:
  --help      this text; after a command, what that command does
  --version   the version of pulumi-otc-cts
`;
}

function report(error: unknown): number {
  process.stderr.write(`otc-cts: ${messageOf(error)}\n`);
  if (error instanceof UsageError) {
    const [name = ""] = process.argv.slice(2);
    const help = commandLine([...(commands.has(name) ? [name] : []), "--help"]);
    process.stderr.write(`Run ${help} to see what there is.\n`);
    return 2;
  }
  return 1;
}

function messageOf(error: unknown): string {
  // Its lines are its own, and its words visible.
  if (error instanceof CtsError) {
    return error.message;
  }
  return visible(error instanceof Error ? error.message : String(error));
}

process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  // Whoever reads the output may have had enough of it, as `head` does.
  if (error.code === "EPIPE") {
    process.exit();
  }
  process.exit(report(new Error(`standard output cannot be written: ${error.message}`)));
});

/** Requests whose answers nobody waits for any more would keep the process running. */
function leave(code: number): void {
  process.exitCode = code;
  // If the output fails, the listener above ends it.
  process.stdout.write("", (error) => error || process.stderr.write("", () => process.exit()));
}

main(process.argv.slice(2)).catch(report).then(leave);
