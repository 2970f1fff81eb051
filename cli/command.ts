import { type ParseArgsConfig, parseArgs } from "node:util";

/** One subcommand of `otc-cts`. */
export interface Command {
  /** One line for the list of commands. */
  summary: string;
  /** The output of `otc-cts {command} --help`. */
  help: string;
  /** Does the work. Resolves to the exit code; a {@link UsageError} exits with 2, any other error with 1. */
  run(args: string[]): Promise<number>;
}

/** A mistake in the command line itself. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** The kinds of options. */
export const text = { type: "string" } as const;
export const texts = { type: "string", multiple: true } as const;
export const flag = { type: "boolean" } as const;

type Options = NonNullable<ParseArgsConfig["options"]>;
type Values<T extends Options> = ReturnType<
  typeof parseArgs<{ args: string[]; options: T; strict: true }>
>["values"];

/**
 * Parses the options of a command that takes nothing but options.
 *
 * @throws UsageError in plain words for an unknown option, a missing value, a stray word, or a second value where the
 * option is not `multiple`.
 */
export function parseOptions<T extends Options>(args: string[], options: T): Values<T> {
  return parse(args, options, false).values;
}

/** The same for a command that takes one word beside its options. */
export function parseWithInput<T extends Options>(
  args: string[],
  options: T,
): { values: Values<T>; input: string | undefined } {
  const { values, positionals } = parse(args, options, true);
  if (positionals.length > 1) {
    throw new UsageError(`One input can be given, not ${positionals.length}.`);
  }
  return { values, input: positionals[0] };
}

function parse<T extends Options>(args: string[], options: T, allowPositionals: boolean) {
  const parsed = parseStrictly(args, options, allowPositionals);
  const names = parsed.tokens.flatMap((token) => (token.kind === "option" ? [token.name] : []));
  // Node takes the last value, so that a search finds less than it seems to.
  const twice = names.find((name, i) => names.indexOf(name) < i && !options[name]?.multiple);
  if (twice !== undefined) {
    throw new UsageError(`--${twice} is given more than once, and can be given once.`);
  }
  return parsed;
}

function parseStrictly<T extends Options>(args: string[], options: T, allowPositionals: boolean) {
  try {
    return parseArgs({ args, options, strict: true, tokens: true, allowPositionals });
  } catch (error) {
    // Node adds advice about positional arguments.
    throw new UsageError(error instanceof Error ? error.message.replace(/\. .*/s, ".") : String(error));
  }
}

/** One of some words; any other value is added to the faults, for {@link refuse}. */
export function oneOf<T extends string>(
  option: string,
  value: string,
  allowed: readonly T[],
  faults: string[],
): T {
  if (!allowed.some((each) => each === value)) {
    faults.push(`--${option} must be one of ${allowed.join(", ")}, not "${value}"`);
  }
  return value as T;
}

/** @throws UsageError that names the faults, if there are any */
export function refuse(faults: readonly string[]): void {
  if (faults.length > 0) {
    throw new UsageError(`${faults.join("; ")}.`);
  }
}

const UNITS_MS = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** The milliseconds of a duration such as `15m` (units `s`, `m`, `h`, `d`); NaN for any other text. */
export function durationOf(text: string): number {
  const [, number, unit] = /^(\d+(?:\.\d+)?)([smhd])$/.exec(text) ?? [];
  return Number(number) * UNITS_MS[unit as keyof typeof UNITS_MS];
}

/** A failed expectation must differ from a failed command. */
export const UNEXPECTED = 3;
