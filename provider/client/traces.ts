/** Traces: what happened in a project, as far back as the service lets it be queried. */
import { z } from "zod";
import type { Clock } from "./clock";
import type { ApiVersion } from "./config";
import type { Call, Connection, PlaceRef, Project } from "./connection";
import { MalformedAnswerError, type RequestFacts } from "./errors";
import { type Listing, type PageQuery, readInSlices } from "./slices";
import { type Criteria, oldestFrom, resolveTraceQuery, type Time, type TraceWindow } from "./traceQuery";

/** Which traces are wanted. */
export interface TraceQuery extends Criteria, PlaceRef {
  /**
   * Only later ones: a `Date`, ISO 8601 (UTC where it names no zone), milliseconds since the epoch, or an age such as
   * `"24h"` (units `s`, `m`, `h`, `d`, `w`). At most seven days ago: what is older cannot be queried.
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

/**
 * Something that happened. Fields that the service does not set are absent; any that it adds are there, too. In place of a
 * value that is nested deeper than 100 levels is a text that says so.
 */
export interface Trace {
  readonly traceId: string;
  /** What was done, for example `createServer`. */
  readonly traceName?: string;
  readonly traceRating?: "normal" | "warning" | "incident";
  readonly traceType?: "ApiCall" | "ConsoleAction" | "SystemAction";
  /** When it happened: ISO 8601, UTC, milliseconds. */
  readonly time: string;
  /** When it was recorded, likewise. */
  readonly recordTime?: string;
  readonly user?: TraceUser;
  /** The service's acronym, for example `ECS`. */
  readonly serviceType?: string;
  readonly resourceType?: string;
  readonly resourceName?: string;
  readonly resourceId?: string;
  /** Empty for what the service did by itself. */
  readonly sourceIp?: string;
  /** The HTTP status that was answered. */
  readonly code?: string;
  readonly apiVersion?: string;
  /** As the service has it: JSON as text, or an object. */
  readonly request?: unknown;
  /** As the service has it: JSON as text, or an object. */
  readonly response?: unknown;
  readonly message?: unknown;
  readonly requestId?: string;
  readonly locationInfo?: string;
  readonly endpoint?: string;
  readonly resourceUrl?: string;
  readonly [field: string]: unknown;
}

/** Who did it. */
export interface TraceUser {
  readonly id?: string;
  readonly name?: string;
  /** The account. */
  readonly domain?: { readonly id?: string; readonly name?: string };
  readonly [field: string]: unknown;
}

/** The traces that match, and what was looked at. */
export interface TraceList {
  /** Newest first. */
  readonly traces: readonly Trace[];
  /** All are later than this: ISO 8601, UTC. */
  readonly from: string;
  /** All are earlier than this. */
  readonly to: string;
  /** Whether there are more that match than `limit`. */
  readonly truncated: boolean;
  /**
   * Says where `from` was moved, because older traces cannot be queried; of how many traces something was left out; and which
   * criterion may be spelled wrongly, where nothing is found.
   */
  readonly note?: string;
}

/** Requests at once, while the service does not throttle. */
export const TRACE_CONCURRENCY = 11;
/** A window that is so long is read in several slices from the first request on. */
const LONG_MS = 24 * 60 * 60_000;
/** Each slice costs half a call. The last request at once is of more use where most traces turn out to be. */
const FIRST_SLICES = 10;
/** The most that a page can hold. */
const PAGE_SIZE = 200;
/** Traces are about three kilobytes each in memory. With less room the slices are smaller, and cost more calls. */
const MAX_WAITING = 8_000;

/**
 * All traces that match, newest first, none twice, in constant memory: for scripts. Several pages are read at once. What
 * becomes older than seven days before it is read cannot be had any more, and is left out.
 *
 * @throws ArgumentError where the query makes no sense, before anything is sent; any other CtsError where reading fails.
 *
 * @example
 * ```ts
 * for await (const trace of traces(connect({ region: "eu-de" }), { from: "24h", traceRating: "incident" })) {
 *   console.log(trace.time, trace.traceName, trace.user?.name);
 * }
 * ```
 */
export async function* traces(
  connection: Connection,
  query: TraceQuery = {},
): AsyncGenerator<Trace, void, void> {
  const resolved = resolveTraceQuery(query, connection.clock.now());
  const batches = readTraces(connection, await projectOf(connection, query), resolved, MAX_WAITING);
  let left = query.limit ?? Number.POSITIVE_INFINITY;
  for await (const batch of batches) {
    for (const trace of batch) {
      yield trace;
      if (--left <= 0) return;
    }
  }
}

/** All traces that match at once. @throws as {@link traces} does. */
export async function listTraces(connection: Connection, query: TraceQuery = {}): Promise<TraceList> {
  const window = resolveTraceQuery(query, connection.clock.now());
  const { limit = Number.POSITIVE_INFINITY } = query;
  // One more than wanted tells whether there are more.
  const wanted = { ...window, limit: limit + 1 };
  const found: Trace[] = [];
  for await (const batch of readTraces(connection, await projectOf(connection, query), wanted)) {
    for (const trace of batch) found.push(trace);
    if (found.length > limit) break;
  }
  const listed = found.slice(0, limit);
  const hint = found.length === 0 ? window.hint : undefined;
  const notes = [window.note, hint, cutNote(listed.filter(isCut).length)].filter(
    (note) => note !== undefined,
  );
  return {
    traces: listed,
    from: new Date(window.from).toISOString(),
    to: new Date(window.to).toISOString(),
    truncated: found.length > limit,
    ...(notes.length > 0 && { note: notes.join("; ") }),
  };
}

/** Whether something of a trace was left out, because it was nested too deep. */
export function isCut(trace: Trace): boolean {
  return cut.has(trace);
}

/** What the user should know of so many traces of which something was left out; undefined for none. */
export function cutNote(count: number): string | undefined {
  if (count === 0) return undefined;
  return `in ${count} ${count === 1 ? "trace" : "traces"}, values that are nested deeper than ${MAX_LEVELS} levels were left out`;
}

async function projectOf(connection: Connection, { region, projectId, projectName }: TraceQuery) {
  const ref = {
    ...(region && { region }),
    ...(projectId && { projectId }),
    ...(projectName && { projectName }),
  };
  return connection.project(await connection.locate(ref));
}

async function* readTraces(
  connection: Connection,
  project: Project,
  query: TraceWindow,
  maxWaiting = Number.POSITIVE_INFINITY,
): AsyncGenerator<Trace[], void, void> {
  const { matches, limit: _, ...all } = query;
  if (!matches) return yield* readAll(connection, project, query, maxWaiting);
  // The limit is of those that match, and most that are read may not: few of them may wait at a time.
  for await (const batch of readAll(connection, project, all, MAX_WAITING)) yield batch.filter(matches);
}

/** Everything that the service finds. */
async function* readAll(
  connection: Connection,
  project: Project,
  query: TraceWindow,
  maxWaiting: number,
): AsyncGenerator<Trace[], void, void> {
  const listing = listingOf(project, connection.clock, query);
  if (query.criteria.trace_id !== undefined) {
    // The service looks at nothing else then, the window included.
    const { entries } = await listing.page(query);
    const found = entries.find(({ trace_id }) => trace_id === query.criteria.trace_id);
    if (found) yield [toTrace(found)];
    return;
  }
  const { limit = Number.POSITIVE_INFINITY } = query;
  const isAll = limit === Number.POSITIVE_INFINITY;
  const concurrency = isAll ? TRACE_CONCURRENCY : 1;
  const options = {
    concurrency,
    slices: isAll && maxWaiting === Number.POSITIVE_INFINITY && isLikelyMuch(query) ? FIRST_SLICES : 1,
    pageSize: PAGE_SIZE,
    readAhead: isAll,
    maxWaiting,
    clock: connection.clock,
  };
  yield* readInSlices(listing, query, options);
}

/** In a day or more, as a rule; where something is searched by, nobody can tell. */
function isLikelyMuch({ from, to, criteria }: TraceWindow): boolean {
  return to - from >= LONG_MS && Object.keys(criteria).length === 0;
}

/** How a version of the API lists traces. */
const DIALECTS: Record<
  ApiVersion,
  Required<Pick<Call, "path" | "version">> & { query: Record<string, string> }
> = {
  v3: { version: "v3", path: "traces", query: { trace_type: "system" } },
  v1: { version: "v1.0", path: "system/trace", query: {} },
};

interface WireTrace {
  readonly trace_id: string;
  /** Milliseconds since the epoch. */
  readonly time: number;
  readonly [field: string]: unknown;
}

const tracePage = z.object({
  // A full schema would take longer than all the rest: there are many.
  traces: z.array(z.custom<WireTrace>(isTrace)),
  // It must fit into a URL, and half a surrogate pair cannot be encoded.
  meta_data: z
    .object({
      marker: z
        .string()
        .regex(/^\P{Cs}{0,1000}$/u)
        .nullish(),
    })
    .nullish(),
});

/** What everything else rests on; any other field may be missing, or of any type. */
function isTrace(value: unknown): value is WireTrace {
  const { trace_id, time } = (value ?? {}) as Partial<WireTrace>;
  return typeof trace_id === "string" && trace_id !== "" && isTime(time);
}

/** Whole milliseconds, within what a date can hold. */
function isTime(value: unknown): value is number {
  return Number.isInteger(value) && Math.abs(value as number) <= 8.64e15;
}

function listingOf(
  project: Project,
  clock: Clock,
  { criteria, limit = Number.POSITIVE_INFINITY }: TraceWindow,
): Listing<WireTrace, Trace> {
  const dialect = DIALECTS[project.apiVersion];
  let received = 0;
  let isFull = true;
  let request: RequestFacts = { method: "GET", url: dialect.path };
  return {
    idOf: ({ trace_id }) => trace_id,
    timeOf: ({ time }) => time,
    toResult: toTrace,
    malformed: (what) => new MalformedAnswerError(what, request),
    async page({ from, to, next }: PageQuery) {
      // A long reading must not ask for what has become too old meanwhile.
      const earliest = Math.max(from, oldestFrom(clock.now()));
      if (earliest >= to) return { entries: [], marker: undefined };
      // A service may show the marked trace again. One that shows fewer than asked for may look at no more than that.
      const least = next === undefined ? 1 : 2;
      const size = isFull ? Math.min(PAGE_SIZE, Math.max(least, limit - received)) : PAGE_SIZE;
      const call: Call = {
        method: "GET",
        path: dialect.path,
        version: dialect.version,
        // Without the window, the service would take the default of the last hour, also for a further page.
        query: {
          ...dialect.query,
          ...criteria,
          from: String(earliest),
          to: String(to),
          limit: String(size),
          ...(next !== undefined && { next }),
        },
        // Whoever reads several pages at once slows down by itself; one trace is one call.
        throttling: criteria.trace_id === undefined ? "thrown" : "retried",
      };
      const answer = await project.request(call, tracePage);
      const { traces: entries, meta_data } = answer.body;
      request = { method: answer.method, url: answer.url };
      isFull &&= entries.length >= size;
      received += entries.length;
      return { entries, marker: meta_data?.marker || undefined };
    },
  };
}

/**
 * Pulumi, `JSON.stringify` and most readers of JSON recurse: some fail at 128 levels, Pulumi at a few thousand. What a
 * service records of a request has about ten.
 */
const MAX_LEVELS = 100;
const LEFT_OUT = `(left out: nested deeper than ${MAX_LEVELS} levels)`;
const cut = new WeakSet<Trace>();

/** The API's names in camelCase, and its values in one form each. Deeper values stay as they are. */
function toTrace(wire: WireTrace): Trace {
  const trace: Record<string, unknown> = {};
  // Faster than by entries, and there are many.
  for (const wireName in wire) {
    const value = wire[wireName];
    if (value === null || value === undefined) continue;
    const { name, normalize } = fieldOf(wireName);
    trace[name] = normalize ? normalize(value) : value;
  }
  // A field of another spelling must not give two traces one id.
  trace["traceId"] = wire.trace_id;
  const user = trace["user"];
  // Who did it is not left out with what else is in there.
  const isUserCut = typeof user === "object" && leaveOutDeep(user as object, MAX_LEVELS - 1);
  const result = trace as unknown as Trace;
  if (leaveOutDeep(trace, MAX_LEVELS) || isUserCut) cut.add(result);
  return result;
}

/** @returns whether there was a field whose value has more levels. */
function leaveOutDeep(record: object, levels: number): boolean {
  let isAny = false;
  const fields = record as Record<string, unknown>;
  for (const name in fields) {
    if (!isDeeper(fields[name], levels)) continue;
    fields[name] = LEFT_OUT;
    isAny = true;
  }
  return isAny;
}

/** Goes down no further than so many levels. */
function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  return levels === 0 || Object.values(value).some((each) => isDeeper(each, levels - 1));
}

/** What becomes of a field. */
interface Field {
  readonly name: string;
  readonly normalize: ((value: unknown) => unknown) | undefined;
}

const NORMAL_FORMS: Record<string, Field["normalize"]> = {
  time: toIso,
  record_time: toIso,
  // The reference's text says that it is a string, its example shows a number.
  code: (value) => (typeof value === "number" ? String(value) : value),
  // Old versions send JSON as text.
  user: (value) => (typeof value === "string" ? parseUser(value) : value),
};

const fields = new Map<string, Field>();

/** Remembered: the same few names come with every trace. */
function fieldOf(wireName: string): Field {
  const known = fields.get(wireName);
  if (known) return known;
  const name = wireName.replace(/_+([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
  const normalize = Object.hasOwn(NORMAL_FORMS, wireName) ? NORMAL_FORMS[wireName] : undefined;
  const field = { name, normalize };
  if (fields.size < 1000) fields.set(wireName, field);
  return field;
}

function toIso(value: unknown): unknown {
  return isTime(value) ? new Date(value).toISOString() : value;
}

function parseUser(text: string): TraceUser {
  try {
    const user: unknown = JSON.parse(text);
    if (typeof user === "object" && user !== null) return user as TraceUser;
  } catch {
    // A name alone.
  }
  return { name: text };
}
