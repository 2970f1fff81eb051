import { type ParseArgsConfig, parseArgs } from "node:util";

/** One subcommand of `otc-cts`. */
export interface Command {
  /** One line for the list of commands. */
  summary: string;
  /** What `otc-cts {command} --help` prints. */
  help: string;
  /** Does the work. Resolves to the exit code; a {@link UsageError} exits with 2, any other error with 1. */
  run(args: string[]): Promise<number>;
}

/** The command line itself is wrong. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/**
 * Parses the options of a command that takes nothing but options.
 *
 * @throws UsageError in plain words for an unknown option, a missing value or a stray word.
 */
export function parseOptions<T extends NonNullable<ParseArgsConfig["options"]>>(
  args: string[],
  options: T,
): ReturnType<typeof parseArgs<{ args: string[]; options: T; strict: true }>>["values"] {
  try {
    return parseArgs({ args, options, strict: true }).values;
  } catch (error) {
    // Node adds advice about positional arguments, which no command takes.
    throw new UsageError(error instanceof Error ? error.message.replace(/\. .*/s, ".") : String(error));
  }
}
