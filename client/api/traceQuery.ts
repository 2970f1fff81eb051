import { z } from "zod";
import { ArgumentError } from "../errors";
import type { PlaceRef } from "../place";

/** A point in time: a `Date`, ISO 8601 (UTC where it names no zone), milliseconds since the epoch, or an age such as `"24h"`. */
export type Time = Date | string | number;

type TraceRating = "normal" | "warning" | "incident";

/**
 * The criteria of a search. All that are given must match; of a list of values, any one. Upper and lower case
 * differ. The service takes one value for each criterion: for several, for `code` and for `failed`, the whole window is read.
 */
export interface Criteria {
  /** The service's acronym, in upper case with few exceptions, for example `ECS`. */
  readonly serviceType?: string | readonly string[];
  /** The name of the user. */
  readonly user?: string | readonly string[];
  readonly resourceId?: string | readonly string[];
  readonly resourceName?: string | readonly string[];
  readonly resourceType?: string | readonly string[];
  /** One trace. All other criteria are ignored then, the window included. */
  readonly traceId?: string;
  /** The operation, for example `createServer`. */
  readonly traceName?: string | readonly string[];
  /**
   * The outcome. `normal`: it succeeded. `warning`: it failed. `incident`: worse than that, for example a node has failed or
   * a service was interrupted (user guide of CTS).
   */
  readonly traceRating?: TraceRating | readonly TraceRating[];
  /** The HTTP status that was answered: 100 to 599, for example `403`, or a class such as `"4xx"`. */
  readonly code?: string | number | readonly (string | number)[];
  /**
   * `true`: only operations that failed. Their rating is `warning` or `incident`, their `code` is 400 or more, or their
   * name ends in `Failed` or `Failure`, as that of a failed login does. Such an operation may have changed something
   * all the same. @defaultValue false: whatever the outcome
   */
  readonly failed?: boolean;
}

/** The window of a query. */
export interface TraceWindow {
  /** Milliseconds since the epoch; no trace is earlier. */
  readonly from: number;
  /** Milliseconds since the epoch; every trace is earlier. */
  readonly to: number;
  readonly limit?: number;
  /** A remark on the window for the user. */
  readonly note?: string;
  /** The window is right only if the clock is known to this many milliseconds. */
  readonly precisionMs: number;
}

/** A query that makes no sense at this time; only the service's clock decides. */
export class UntimelyError extends ArgumentError {}

/** The criteria of a query, for the service and for this side. */
export interface TraceFilter {
  /** Criteria that are sent with every page. */
  readonly criteria: Readonly<Partial<Record<WireCriterion, string>>>;
  /** True if a trace meets the criteria that the service cannot apply; absent if there are none. */
  readonly matches?: Matcher;
  /** A hint for the user if nothing is found. */
  readonly hint?: string;
}

/** The fields of a trace as users see them; any may be missing, or of any type. */
type Matcher = (trace: Readonly<Record<string, unknown>>) => boolean;

/** Traces can be queried for this long (API reference, "Querying traces"). */
const RETENTION_MS = 7 * 24 * 60 * 60_000;
/** The service's clock may be ahead of ours, and a request takes its time. */
const RETENTION_MARGIN_MS = 60_000;
/** An age such as "the last ten minutes" needs no more accuracy. */
const RELATIVE_PRECISION_MS = 3000;
/** A date can hold 8.64e15; an age is counted from now, which leaves room for that. */
const MAX_TIME_MS = 8.6e15;
/** The API's own window if the query names none. */
const DEFAULT_SPAN_MS = 60 * 60_000;

const AGE = /^(\d+(?:\.\d+)?)([smhdw])$/;
const UNITS_MS = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;

const TIME_RULE = 'must be a Date, ISO 8601, milliseconds since the epoch, or an age such as "24h"';
const CODE_RULE = "must be an HTTP status such as 403, or a class such as 4xx";
const text = z.string("must be a string").min(1, "must not be empty");
const isoTime = z.union([
  z.iso.date(),
  z.iso.datetime({ offset: true, local: true }),
  // Without seconds.
  z.iso.datetime({ offset: true, local: true, precision: -1 }),
]);

const time = z
  .custom<Time>(isTime, { error: ({ input }) => `${TIME_RULE}, got ${JSON.stringify(String(input))}` })
  .optional();

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
} as const satisfies Record<Exclude<keyof Criteria, "code" | "failed">, string>;

type WireCriterion = (typeof WIRE_NAMES)[keyof typeof WIRE_NAMES];

/** One value, or a list of them. An empty list would match nothing, which looks like an all-clear. */
function anyOf<T extends z.ZodType>(value: T) {
  const list = z.array(value).min(1, "must have at least one value");
  return z.preprocess((given) => (Array.isArray(given) ? given : [given]), list).optional();
}

const querySchema = z.strictObject(
  {
    serviceType: anyOf(text),
    user: anyOf(text),
    resourceId: anyOf(text),
    resourceName: anyOf(text),
    resourceType: anyOf(text),
    traceId: text.optional(),
    traceName: anyOf(text),
    traceRating: anyOf(
      z.enum(["normal", "warning", "incident"], 'must be "normal", "warning" or "incident"'),
    ),
    code: anyOf(
      z.preprocess(
        (given) => (typeof given === "number" ? String(given) : given),
        z.string(CODE_RULE).regex(/^[1-5](\d\d|xx)$/i, CODE_RULE),
      ),
    ),
    failed: z.boolean("must be true or false").optional(),
    from: time,
    to: time,
    limit: z.int("must be a whole number").min(1, "must be 1 or more").optional(),
    region: text.optional(),
    projectId: text.optional(),
    projectName: text.optional(),
  },
  "must be an object",
);

type Given = z.infer<typeof querySchema>;

/** The fields of the window. Checked separately, so that all mistakes of a query are reported together. */
const timesSchema = z.object({ from: time, to: time, traceId: z.unknown().optional() });

/** A mistake in a query. */
interface Fault {
  readonly text: string;
  /** True if another `now` could make it valid. */
  readonly isUntimely?: boolean;
}

/** The earliest `from` that the service is sure to take. */
export function oldestFrom(now: number): number {
  return Math.ceil(now) - RETENTION_MS + RETENTION_MARGIN_MS;
}

/** @throws ArgumentError where a query makes no sense at any time. */
export function checkTraceQuery(query: unknown, now: number): void {
  try {
    resolveTraceQuery(query, now);
  } catch (error) {
    if (!(error instanceof UntimelyError)) {
      throw error;
    }
  }
}

/**
 * Checks a query, and settles its window.
 *
 * @throws ArgumentError that names all that is wrong with it; UntimelyError where another `now` could mend all of it.
 */
export function resolveTraceQuery(query: unknown, now: number): TraceWindow {
  const given = withoutNulls(query);
  const { data, error } = querySchema.safeParse(given);
  const faults: Fault[] = (error?.issues ?? []).flatMap(problemsOf).map((text) => ({ text }));
  const times = timesSchema.safeParse(given);
  const window = times.success ? windowOf(times.data, now, faults) : undefined;
  if (!data || !window || faults.length > 0) {
    const Kind = faults.every(({ isUntimely }) => isUntimely) ? UntimelyError : ArgumentError;
    throw new Kind(
      "The query of traces",
      faults.map(({ text }) => text),
    );
  }
  return { ...window, ...(data.limit !== undefined && { limit: data.limit }) };
}

/** @param faults to which is added what keeps `from` and `to` from making a window that can be queried. */
function windowOf(
  given: z.infer<typeof timesSchema>,
  now: number,
  faults: Fault[],
): Pick<TraceWindow, "from" | "to" | "note" | "precisionMs"> {
  const to = given.to === undefined ? Math.trunc(now) : pointInTime(given.to, now);
  const from = given.from === undefined ? to - DEFAULT_SPAN_MS : pointInTime(given.from, now);
  const oldest = oldestFrom(now);
  // A single trace is found at any time, whatever the window.
  if (given.traceId !== undefined) {
    return { from: oldest, to: Math.trunc(now), precisionMs: Number.POSITIVE_INFINITY };
  }
  const [isFromAbsolute, isToAbsolute] = [isAbsolute(given.from ?? given.to), isAbsolute(given.to)];
  if (from >= to) {
    const text = `from (${iso(from)}) must be earlier than to (${iso(to)})`;
    faults.push({ text, isUntimely: isFromAbsolute !== isToAbsolute });
  } else if (to <= oldest) {
    const text = `to (${iso(to)}) is too long ago: traces can be queried for seven days, now from ${iso(oldest)} on; older ones are in the tracker's bucket, if it has one`;
    faults.push({ text, isUntimely: isToAbsolute });
  }
  // A query for all of the seven days gets them, except for the margin.
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

function isAbsolute(time: Time | undefined): boolean {
  return time !== undefined && !(typeof time === "string" && AGE.test(time.trim()));
}

/**
 * Splits a query into criteria of the service and criteria that are applied here.
 *
 * @param query one that was checked
 */
export function filterOf(query: Criteria): TraceFilter {
  const given: Given = querySchema.parse(withoutNulls(query));
  if (given.traceId !== undefined) {
    return { criteria: { trace_id: given.traceId } };
  }
  const criteria: Partial<Record<WireCriterion, string>> = {};
  const matchers: Matcher[] = [];
  for (const [name, wireName] of Object.entries(WIRE_NAMES)) {
    const values = new Set(given[name as keyof typeof WIRE_NAMES]);
    const [first] = values;
    if (first !== undefined && values.size === 1) {
      criteria[wireName] = first;
    }
    if (values.size > 1) {
      matchers.push((trace) => values.has(searchedIn(trace, name)));
    }
  }
  const { code: codes, failed } = given;
  if (codes) {
    matchers.push(({ code }) => codes.some((wanted) => isOfCode(String(code), wanted.toLowerCase())));
  }
  if (failed) {
    matchers.push(hasFailed);
  }
  const hint = hintOf(given);
  if (matchers.length === 0) {
    return { criteria, ...hint };
  }
  return { criteria, matches: (trace) => matchers.every((matches) => matches(trace)), ...hint };
}

/** The field of a trace that a criterion is about, as the service searches it. */
function searchedIn(trace: Parameters<Matcher>[0], name: string): string {
  const { [name]: value, user, traceStatus } = trace;
  if (name === "user") {
    return String((user as { name?: unknown } | undefined)?.name);
  }
  // Old versions of the API have another name for it.
  return String(name === "traceRating" ? (value ?? traceStatus) : value);
}

function isOfCode(code: string, wanted: string): boolean {
  return wanted.endsWith("xx") ? /^\d{3}$/.test(code) && code[0] === wanted[0] : code === wanted;
}

function hasFailed(trace: Parameters<Matcher>[0]): boolean {
  return (
    ["warning", "incident"].includes(searchedIn(trace, "traceRating")) ||
    Number(trace["code"]) >= 400 ||
    /fail(ed|ure)$/i.test(searchedIn(trace, "traceName"))
  );
}

function hintOf({ serviceType = [], traceId }: Given): Pick<TraceFilter, "hint"> {
  const inOtherCase = serviceType.filter((each) => each !== each.toUpperCase());
  if (inOtherCase.length === 0 || traceId !== undefined) {
    return {};
  }
  const named = inOtherCase.map((each) => JSON.stringify(each)).join(", ");
  return {
    hint: `serviceType ${named} is not in capitals: acronyms of services are, such as ECS, with few exceptions, such as FunctionGraph; upper and lower case differ`,
  };
}

function isTime(value: unknown): value is Time {
  const isOfType = value instanceof Date || typeof value === "string" || typeof value === "number";
  return isOfType && Math.abs(pointInTime(value, 0)) <= MAX_TIME_MS;
}

/** Milliseconds since the epoch, whole; NaN for what is no time. */
function pointInTime(value: Time, now: number): number {
  return Math.trunc(value instanceof Date ? value.getTime() : parseTime(value, now));
}

function parseTime(value: string | number, now: number): number {
  if (typeof value === "number") {
    return value;
  }
  const age = AGE.exec(value.trim());
  if (age) {
    return now - Number(age[1]) * UNITS_MS[age[2] as keyof typeof UNITS_MS];
  }
  if (/^\d{13}$/.test(value)) {
    return Number(value);
  }
  // Date.parse accepts almost anything as a date, even the 31st of February, and takes a time without zone as local.
  const text = value.trim().replace(" ", "T").toUpperCase();
  if (!isoTime.safeParse(text).success) {
    return Number.NaN;
  }
  return Date.parse(/T[^Z+-]*$/.test(text) ? `${text}Z` : text);
}

function problemsOf(issue: z.core.$ZodIssue): string[] {
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => `${key} is not a known criterion`);
  }
  // The user sees which value of a list is wrong.
  return [`${String(issue.path[0] ?? "it")} ${issue.message}`];
}

function withoutNulls(query: unknown): unknown {
  if (typeof query !== "object" || query === null) {
    return query;
  }
  return Object.fromEntries(
    Object.entries(query).filter(([, value]) => value !== undefined && value !== null),
  );
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}

/** Which traces are wanted. */
export interface TraceQuery extends Criteria, PlaceRef {
  /**
   * No earlier ones: a `Date`, ISO 8601 (UTC where it names no zone), milliseconds since the epoch, or an age such as
   * `"24h"` (units `s`, `m`, `h`, `d`, `w`). At most seven days ago: what is older cannot be queried. A trace of exactly this
   * time is in the window, and one of exactly `to` is not: windows that adjoin have every trace once.
   * @defaultValue one hour before `to`
   */
  readonly from?: Time;
  /**
   * Only earlier ones.
   * @defaultValue now
   */
  readonly to?: Time;
  /**
   * The most traces returned, the newest first; 1 or more.
   * @defaultValue all that match
   */
  readonly limit?: number;
}
