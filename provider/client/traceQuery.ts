import { z } from "zod";
import { ArgumentError } from "./errors";

/** A point in time: a `Date`, ISO 8601 (UTC where it names no zone), milliseconds since the epoch, or an age such as `"24h"`. */
export type Time = Date | string | number;

/** What traces are searched by. All that is given must match; names are case-sensitive. */
export interface Criteria {
  /** The service's acronym, in upper case, for example `ECS`. */
  readonly serviceType?: string;
  /** The name of the user. */
  readonly user?: string;
  readonly resourceId?: string;
  readonly resourceName?: string;
  readonly resourceType?: string;
  /** One trace. The service ignores all other criteria then, the window included. */
  readonly traceId?: string;
  /** What was done, for example `createServer`. */
  readonly traceName?: string;
  readonly traceRating?: "normal" | "warning" | "incident";
}

/** What part of the traces is asked for. */
export interface TraceWindow {
  /** Milliseconds since the epoch; traces are later. */
  readonly from: number;
  /** Milliseconds since the epoch; traces are earlier. */
  readonly to: number;
  readonly limit?: number;
  /** What the user should know of the window. */
  readonly note?: string;
  /** The time must be known as exactly as this for the window to be the one that was asked for. */
  readonly precisionMs: number;
}

/** A query that makes no sense at this time of day: only the service's clock can tell. */
export class UntimelyError extends ArgumentError {}

/** Traces can be queried for so long (API reference, "Querying traces"). */
const RETENTION_MS = 7 * 24 * 60 * 60_000;
/** The service's clock may be ahead of ours, and a request takes its time. */
const RETENTION_MARGIN_MS = 60_000;
/** Nobody can tell what happened "in the last ten minutes" more exactly. */
const RELATIVE_PRECISION_MS = 3000;
/** What the API looks at where nothing is said. */
const DEFAULT_SPAN_MS = 60 * 60_000;

const AGE = /^(\d+(?:\.\d+)?)([smhdw])$/;
const UNITS_MS = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;

const TIME_RULE = 'must be a Date, ISO 8601, milliseconds since the epoch, or an age such as "24h"';
const text = z.string("must be a string").min(1, "must not be empty").optional();
const time = z.union([z.date(), z.string(), z.number()], TIME_RULE).optional();
const isoTime = z.union([
  z.iso.date(),
  z.iso.datetime({ offset: true, local: true }),
  // Without seconds.
  z.iso.datetime({ offset: true, local: true, precision: -1 }),
]);

/** The API's name of each criterion. */
const WIRE_NAMES = {
  serviceType: "service_type",
  user: "user",
  resourceId: "resource_id",
  resourceName: "resource_name",
  resourceType: "resource_type",
  traceId: "trace_id",
  traceName: "trace_name",
  traceRating: "trace_rating",
} as const satisfies Record<keyof Criteria, string>;

/** Criteria in the service's words. */
export type WireCriteria = Readonly<Partial<Record<(typeof WIRE_NAMES)[keyof Criteria], string>>>;

const querySchema = z.strictObject(
  {
    serviceType: text,
    user: text,
    resourceId: text,
    resourceName: text,
    resourceType: text,
    traceId: text,
    traceName: text,
    traceRating: z
      .enum(["normal", "warning", "incident"], 'must be "normal", "warning" or "incident"')
      .optional(),
    from: time,
    to: time,
    limit: z.int("must be a whole number").min(1, "must be 1 or more").optional(),
    region: text,
    projectId: text,
    projectName: text,
  },
  "must be an object",
);

/** The earliest `from` that the service is sure to take. */
export function oldestFrom(now: number): number {
  return Math.ceil(now) - RETENTION_MS + RETENTION_MARGIN_MS;
}

/** @throws ArgumentError where a query makes no sense at any time. */
export function checkTraceQuery(query: unknown, now: number): void {
  try {
    resolveTraceQuery(query, now);
  } catch (error) {
    if (!(error instanceof UntimelyError)) throw error;
  }
}

/**
 * Checks a query, and settles its window.
 *
 * @throws ArgumentError that names all that is wrong with it; UntimelyError where another `now` could mend it.
 */
export function resolveTraceQuery(query: unknown, now: number): TraceWindow {
  const result = querySchema.safeParse(withoutNulls(query));
  if (!result.success) throw notValid(result.error.issues.flatMap(problemsOf));
  const given = result.data;
  return {
    ...windowOf(given, now),
    ...(given.limit !== undefined && { limit: given.limit }),
  };
}

/** @throws ArgumentError where `from` or `to` is no time, or they make no window that can be queried. */
function windowOf(
  given: Pick<z.infer<typeof querySchema>, "from" | "to" | "traceId">,
  now: number,
): Pick<TraceWindow, "from" | "to" | "note" | "precisionMs"> {
  const problems: string[] = [];
  const to = pointInTime("to", given.to, now, problems) ?? Math.trunc(now);
  const from = pointInTime("from", given.from, now, problems) ?? to - DEFAULT_SPAN_MS;
  if (problems.length > 0) throw notValid(problems);
  const oldest = oldestFrom(now);
  // One trace is found wherever it is, whatever window is asked for.
  if (given.traceId !== undefined) {
    return { from: oldest, to: Math.trunc(now), precisionMs: Number.POSITIVE_INFINITY };
  }
  const [isFromAbsolute, isToAbsolute] = [isAbsolute(given.from ?? given.to), isAbsolute(given.to)];
  if (from >= to) {
    const Kind = isFromAbsolute === isToAbsolute ? ArgumentError : UntimelyError;
    throw notValid([`from (${iso(from)}) must be earlier than to (${iso(to)})`], Kind);
  }
  if (to <= oldest) {
    const problem = `to (${iso(to)}) is too long ago: traces can be queried for seven days, now from ${iso(oldest)} on; older ones are in the tracker's bucket, if it has one`;
    throw notValid([problem], isToAbsolute ? UntimelyError : ArgumentError);
  }
  // Whoever asks for all of the seven days gets them, but for the margin.
  const isNoteworthy = from < oldest - RETENTION_MARGIN_MS;
  return {
    from: Math.max(from, oldest),
    to,
    precisionMs: isFromAbsolute && isToAbsolute ? RETENTION_MARGIN_MS : RELATIVE_PRECISION_MS,
    ...(isNoteworthy && {
      note: `traces can be queried for seven days: from was ${iso(from)}, and is taken as ${iso(oldest)}`,
    }),
  };
}

function notValid(problems: readonly string[], Kind = ArgumentError): ArgumentError {
  return new Kind("The query of traces", problems);
}

function isAbsolute(time: Time | undefined): boolean {
  return time !== undefined && !(typeof time === "string" && AGE.test(time.trim()));
}

/** The criteria of a query that was checked. */
export function criteriaOf(query: Criteria): WireCriteria {
  const entries = Object.entries(WIRE_NAMES) as [keyof Criteria, string][];
  const named = entries.map(([name, wireName]) => [wireName, query[name] ?? undefined] as const);
  return Object.fromEntries(named.filter(([, value]) => value !== undefined));
}

function pointInTime(
  name: string,
  value: Time | undefined,
  now: number,
  problems: string[],
): number | undefined {
  if (value === undefined) return undefined;
  const ms = Math.trunc(value instanceof Date ? value.getTime() : parseTime(value, now));
  if (Math.abs(ms) <= 8.64e15) return ms;
  problems.push(`${name} ${TIME_RULE}, got ${JSON.stringify(String(value))}`);
  return undefined;
}

function parseTime(value: string | number, now: number): number {
  if (typeof value === "number") return value;
  const age = AGE.exec(value.trim());
  if (age) return now - Number(age[1]) * UNITS_MS[age[2] as keyof typeof UNITS_MS];
  if (/^\d{13}$/.test(value)) return Number(value);
  // Date.parse takes almost anything for a date, the 31st of February too, and what has no zone for local time.
  const text = value.trim().replace(" ", "T").toUpperCase();
  if (!isoTime.safeParse(text).success) return Number.NaN;
  return Date.parse(/T[^Z+-]*$/.test(text) ? `${text}Z` : text);
}

function problemsOf(issue: z.core.$ZodIssue): string[] {
  if (issue.code === "unrecognized_keys") return issue.keys.map((key) => `${key} is not a known criterion`);
  return [`${issue.path.join(".") || "it"} ${issue.message}`];
}

function withoutNulls(query: unknown): unknown {
  if (typeof query !== "object" || query === null) return query;
  return Object.fromEntries(
    Object.entries(query).filter(([, value]) => value !== undefined && value !== null),
  );
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
