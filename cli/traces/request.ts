import { checkTraceQuery, type TraceQuery } from "../../client/api/traceQuery";
import { systemClock } from "../../client/clock";
import { ArgumentError } from "../../client/errors";
import { durationOf, flag, oneOf, parseOptions, refuse, text, texts, UsageError } from "../command";
import { FORMATS, type FormatName } from "./output";

/** The parsed options of `otc-cts traces`. */
export interface TraceRequest {
  readonly query: TraceQuery;
  /** The option that sets a part of the query. */
  readonly optionOf: (name: string) => string;
  readonly stack: string | undefined;
  readonly output: FormatName;
  readonly isChart: boolean;
  /** Milliseconds between two polls; undefined: no `--follow`. */
  readonly followEveryMs: number | undefined;
  readonly expect: Expectation | undefined;
}

const EXPECTATIONS = ["none", "some"] as const;
export type Expectation = (typeof EXPECTATIONS)[number];

/** Options that may be repeated: any of the values matches. */
const REPEATABLE_OPTIONS = {
  "service-type": "serviceType",
  user: "user",
  "resource-id": "resourceId",
  "resource-name": "resourceName",
  "resource-type": "resourceType",
  "trace-name": "traceName",
  "trace-rating": "traceRating",
  code: "code",
} as const satisfies Record<string, keyof TraceQuery>;

/** The options that select traces, and their names in a query. */
const QUERY_OPTIONS = {
  ...REPEATABLE_OPTIONS,
  failed: "failed",
  "trace-id": "traceId",
  from: "from",
  since: "from",
  to: "to",
  until: "to",
  limit: "limit",
  region: "region",
  "project-id": "projectId",
  "project-name": "projectName",
} as const satisfies Record<string, keyof TraceQuery>;

type QueryOption = keyof typeof QUERY_OPTIONS;
type TextOption = Exclude<QueryOption, keyof typeof REPEATABLE_OPTIONS | "failed">;

const OPTIONS = {
  ...(Object.fromEntries(Object.keys(QUERY_OPTIONS).map((name) => [name, text])) as Record<
    TextOption,
    typeof text
  >),
  ...(Object.fromEntries(Object.keys(REPEATABLE_OPTIONS).map((name) => [name, texts])) as Record<
    keyof typeof REPEATABLE_OPTIONS,
    typeof texts
  >),
  failed: flag,
  stack: text,
  output: text,
  chart: flag,
  follow: flag,
  interval: text,
  expect: text,
};

/** Options that exclude each other, and why. */
const CONFLICTS: readonly (readonly [keyof typeof OPTIONS, keyof typeof OPTIONS, string])[] = [
  ["since", "from", "they are the same"],
  ["until", "to", "they are the same"],
  ["follow", "to", "it goes on into the future"],
  ["follow", "until", "it goes on into the future"],
  ["follow", "trace-id", "there is one trace of an id, and it does not change"],
  ["follow", "chart", "a chart is drawn when all has been read"],
  ["follow", "expect", "it does not end by itself"],
  ["chart", "output", "a chart is drawn instead of the list"],
  ["chart", "limit", "bars would be missing"],
  ["chart", "trace-id", "one trace is no chart"],
];

/**
 * Reads the command line.
 *
 * @throws UsageError that names the options and says what they take
 */
export function readTraceRequest(args: string[]): TraceRequest {
  const values = parseOptions(args, OPTIONS);
  const faults: string[] = [];
  for (const [one, other, why] of CONFLICTS) {
    if (values[one] !== undefined && values[other] !== undefined) {
      faults.push(`--${one} and --${other} exclude each other: ${why}`);
    }
  }
  if (values.interval !== undefined && !values.follow) {
    faults.push("--interval is for --follow, which is not given");
  }
  const intervalMs = toInterval(values.interval ?? "5s", faults);
  const output = oneOf("output", values.output ?? "table", Object.keys(FORMATS) as FormatName[], faults);
  const expect =
    values.expect === undefined ? undefined : oneOf("expect", values.expect, EXPECTATIONS, faults);
  const query = queryOf(values);
  const optionOf = optionFinder(Object.keys(values));
  faults.push(...faultsOf(() => checkTraceQuery(query, systemClock.now()), optionOf));
  refuse(faults);
  return {
    query,
    optionOf,
    stack: values.stack,
    output,
    isChart: values.chart ?? false,
    followEveryMs: values.follow ? intervalMs : undefined,
    expect,
  };
}

function queryOf(values: Readonly<Partial<Record<QueryOption, unknown>>>): TraceQuery {
  const entries = (Object.keys(QUERY_OPTIONS) as QueryOption[]).flatMap((option) => {
    const value = values[option];
    if (value === undefined) {
      return [];
    }
    return [[QUERY_OPTIONS[option], option === "limit" ? toNumber(String(value)) : value] as const];
  });
  return Object.fromEntries(entries) as TraceQuery;
}

/** The options that stand for a query: what {@link readTraceRequest} reads. */
export function optionsFor(query: TraceQuery): string[] {
  return Object.entries(query).flatMap(([name, value]) => {
    const [option] = Object.entries(QUERY_OPTIONS).find(([, each]) => each === name) ?? [];
    return option === undefined ? [] : [value].flat().map((each) => `--${option}=${each}`);
  });
}

/** `Number` also takes `0x10`, `1e3` and nothing at all. */
function toNumber(value: string): number {
  return /^\d+$/.test(value) ? Number(value) : Number.NaN;
}

/** @param given the options of the command line, as they were spelled. */
function optionFinder(given: readonly string[]): TraceRequest["optionOf"] {
  return (name) => {
    const options = Object.entries(QUERY_OPTIONS).filter(([, each]) => each === name);
    const [option] = options.find(([each]) => given.includes(each)) ?? options[0] ?? [name];
    return `--${option}`;
  };
}

/** An error of a query that only the service's clock has shown, in the words of the command line. */
export function asUsageError(error: unknown, optionOf: TraceRequest["optionOf"]): unknown {
  if (!(error instanceof ArgumentError)) {
    return error;
  }
  return new UsageError(`${error.problems.map((problem) => inOptions(problem, optionOf)).join("; ")}.`);
}

/** The faults that a check of a query finds, in the words of the command line. */
export function faultsOf(check: () => unknown, optionOf: TraceRequest["optionOf"]): string[] {
  try {
    check();
    return [];
  } catch (error) {
    if (!(error instanceof ArgumentError)) {
      throw error;
    }
    return error.problems.map((problem) => inOptions(problem, optionOf));
  }
}

function inOptions(problem: string, optionOf: TraceRequest["optionOf"]): string {
  return (
    problem
      .replace(/^\w+/, optionOf)
      .replace("than to (", `than ${optionOf("to")} (`)
      // Nobody can type one.
      .replace("a Date, ", "")
  );
}

function toInterval(value: string, faults: string[]): number {
  const ms = durationOf(value);
  if (ms >= 100 && ms <= 3_600_000) {
    return ms;
  }
  faults.push(`--interval must be from 0.1s to 1h, for example 5s, not "${value}"`);
  return Number.NaN;
}
