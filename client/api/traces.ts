/** Traces: what happened in a project, as far back as the service lets it be queried. */
import { z } from "zod";
import type { Clock } from "../clock";
import type { ApiVersion } from "../config/settings";
import type { Call, Connection, Project } from "../connection";
import { ArgumentError, MalformedAnswerError, type RequestFacts } from "../errors";
import type { Listing, PageQuery } from "../paging/listing";
import { readParallel } from "../paging/parallelReader";
import type { PlaceRef } from "../place";
import type { ServiceClock } from "../serviceClock";
import {
  type Criteria,
  checkTraceQuery,
  filterOf,
  oldestFrom,
  resolveTraceQuery,
  type Time,
  type TraceFilter,
  type TraceWindow,
  UntimelyError,
} from "./traceQuery";

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

/**
 * Something that happened. Fields that the service does not set are absent; any that it adds are there, too, under their
 * names in camelCase. Regions are of different age: not all send the fields from `operationId` on. A value that is nested
 * deeper than 100 levels is replaced by a text that says so.
 */
export interface Trace {
  readonly traceId: string;
  /** The operation, for example `createServer`. */
  readonly traceName?: string;
  /** Called `trace_status` in answers of 2017. */
  readonly traceRating?: "normal" | "warning" | "incident";
  /** `"Others"`: what no call of an API brought about, such as an upload to OBS. */
  readonly traceType?: "ApiCall" | "ConsoleAction" | "SystemAction" | "Others";
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
  /** The operation's id in the API of its service, for example `CreateServers`. */
  readonly operationId?: string;
  /** The account that has the resource, where that is another one than the user's. */
  readonly resourceAccountId?: string;
  /** `system`, `global` or, of a data tracker, `data`. */
  readonly eventType?: string;
  /** True if it only read. */
  readonly readOnly?: boolean;
  /** The program that sent the request. */
  readonly userAgent?: string;
  readonly enterpriseProjectId?: string;
  /** Its duration, in a unit that the service does not document. */
  readonly totalTime?: number;
  /** The tracker that recorded it: `system`, or the name of a data tracker. */
  readonly trackerName?: string;
  /** The project that it happened in. */
  readonly projectId?: string;
  /** The account that it happened in. */
  readonly domainId?: string;
  readonly [field: string]: unknown;
}

/**
 * Who did it. Names are in camelCase at any depth, as those of a trace are. Regions are of different age: not all send the
 * fields from `type` on.
 */
export interface TraceUser {
  readonly id?: string;
  readonly name?: string;
  /** The account. */
  readonly domain?: { readonly id?: string; readonly name?: string };
  /** The kind of identity, for example `User`, `AssumedAgency` or `Service`. */
  readonly type?: string;
  readonly userName?: string;
  /** The account. */
  readonly accountId?: string;
  /** The access key that signed the request; a temporary one has an id, too. */
  readonly accessKeyId?: string;
  /** For example `iam::{account}:user:{name}` or `sts::{account}:assumed-agency:{agency}/{session}`. */
  readonly principalUrn?: string;
  /** True if it is the account's own user. The service sends `"true"` or `true`. */
  readonly principalIsRootUser?: string | boolean;
  /** The service that asked for it on the user's behalf, for example `service.console`. */
  readonly invokedBy?: readonly string[];
  /** The session, where the credentials were temporary. */
  readonly sessionContext?: {
    readonly attributes?: {
      readonly createdAt?: string;
      readonly mfaAuthenticated?: string | boolean;
      readonly [field: string]: unknown;
    };
    readonly [field: string]: unknown;
  };
  readonly [field: string]: unknown;
}

/** The traces that match, and what was looked at. */
export interface TraceList {
  /** Newest first. */
  readonly traces: readonly Trace[];
  /** None is earlier than this: ISO 8601, UTC. */
  readonly from: string;
  /** All are earlier than this. */
  readonly to: string;
  /** True if more match than `limit`. */
  readonly truncated: boolean;
  /**
   * Says where `from` was moved, because older traces cannot be queried; of how many traces something was left out; and which
   * criterion may be spelled wrongly, where nothing is found.
   */
  readonly note?: string;
}

/** Concurrent requests, while the service does not throttle. */
export const TRACE_CONCURRENCY = 11;
/** A window that is so long is read in several slices from the first request on. */
const LONG_MS = 24 * 60 * 60_000;
/** Each slice costs half a call. The other requests are of more use where most traces turn out to be. */
const FIRST_SLICES = 8;
/** The most that a page can hold. */
const PAGE_SIZE = 200;
const MAX_BUFFERED_BYTES = 64 * 2 ** 20;
/** The memory that a trace takes, for each character of the text that it came as: about. */
const BYTES_PER_CHARACTER = 3;

/** Options of a reading. */
export interface TraceReadOptions {
  /**
   * Bytes of memory, about, for traces that wait until newer ones are read: 1 or more. Reading is as fast as
   * `getTraces` while they fit, and slower with less room.
   * @defaultValue 64 MiB
   */
  readonly maxBufferedBytes?: number;
}

/**
 * Iterates over all traces that match, newest first, none twice, in constant memory: for scripts. Reads several pages
 * concurrently, and ahead of the caller until {@link TraceReadOptions.maxBufferedBytes} wait. Traces that become older
 * than seven days before they are read are left out. A trace that arrives while older ones are being read may be there,
 * in its place, or not.
 *
 * @param connection as `connect` makes it.
 * @param query the criteria and the window; everything of the last hour where nothing is given.
 * @param options of the reading.
 * @throws ArgumentError where the query makes no sense: before anything is sent, unless that depends on the service's time;
 * any other CtsError where reading fails.
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
  { maxBufferedBytes = MAX_BUFFERED_BYTES }: TraceReadOptions = {},
): AsyncGenerator<Trace, void, void> {
  if (!(maxBufferedBytes >= 1)) {
    throw new ArgumentError("the option", [
      `maxBufferedBytes must be 1 or more, got ${String(maxBufferedBytes)}`,
    ]);
  }
  const log = await openTraceLog(connection, query);
  const { batches } = await log.begin(query.limit, maxBufferedBytes);
  for await (const batch of batches) {
    for (const trace of batch) {
      yield trace;
    }
  }
}

/** Lists all traces that match. @throws as {@link traces} does. */
export async function listTraces(connection: Connection, query: TraceQuery = {}): Promise<TraceList> {
  const log = await openTraceLog(connection, query);
  const { limit = Number.POSITIVE_INFINITY } = query;
  // One more than wanted tells whether there are more.
  const { window, batches, doubt } = await log.begin(limit + 1, Number.POSITIVE_INFINITY);
  const found: Trace[] = [];
  for await (const batch of batches) {
    for (const trace of batch) {
      found.push(trace);
    }
  }
  const listed = found.slice(0, limit);
  const hint = found.length === 0 ? log.filter.hint : undefined;
  const notes = [window.note, hint, log.clock.warning, doubt(), cutNote(listed.filter(isCut).length)];
  const note = notes.filter((each) => each !== undefined).join("; ");
  return {
    traces: listed,
    from: new Date(window.from).toISOString(),
    to: new Date(window.to).toISOString(),
    truncated: found.length > limit,
    ...(note && { note }),
  };
}

/** True if something of a trace was left out, because it was nested too deep. */
export function isCut(trace: Trace): boolean {
  return cut.has(trace);
}

/** A note about this number of traces, of which something was left out; undefined for none. */
export function cutNote(count: number): string | undefined {
  if (count === 0) {
    return undefined;
  }
  return `in ${count} ${count === 1 ? "trace" : "traces"}, values that are nested deeper than ${MAX_LEVELS} levels were left out`;
}

export const UNKNOWN_TIME =
  "no answer of the service said what time it is there (header Date), and the clock of this machine may be off";

/** Traces that are being read. */
export interface TraceReading {
  /** Settled by the service's time. */
  readonly window: TraceWindow;
  /** Newest first, some at a time. */
  readonly batches: AsyncGenerator<Trace[], void, void>;
  /** Why the window may not be the one that was asked for; undefined where it surely is. For the end of the reading. */
  readonly doubt: () => string | undefined;
}

/**
 * Opens the traces of a query. Nothing is read yet.
 *
 * @throws ArgumentError where the query makes no sense at any time, before anything is sent.
 */
export async function openTraceLog(connection: Connection, query: TraceQuery): Promise<TraceLog> {
  checkTraceQuery(query, connection.clock.now());
  const { region, projectId, projectName } = query;
  const ref = {
    ...(region && { region }),
    ...(projectId && { projectId }),
    ...(projectName && { projectName }),
  };
  const project = connection.project(await connection.locate(ref));
  return new TraceLog(project, await project.clock(), query);
}

/** The traces of a project that match a query, and what time it is there. */
export class TraceLog {
  /** The criteria of the query. */
  readonly filter: TraceFilter;

  constructor(
    private readonly project: Project,
    readonly clock: ServiceClock,
    private readonly query: TraceQuery,
  ) {
    this.filter = filterOf(query);
  }

  /** Begins to read what the query asks for. The window is settled anew where the first answer shows another time. */
  begin(limit: number | undefined, maxBufferedBytes?: number): Promise<TraceReading> {
    let batches: TraceReading["batches"] | undefined;
    return this.clock.settled(async (now) => {
      // Else it would go on reading the wrong window.
      await batches?.return();
      const window = { ...(await this.windowAt(now)), ...(limit !== undefined && { limit }) };
      batches = this.read(window, maxBufferedBytes);
      const first = await batches.next();
      const offset = this.clock.offsetMs;
      return { window, batches: resumed(first, batches), doubt: () => this.#doubt(window, offset) };
    });
  }

  /** The query's window. Before a query is refused for what time it is, the service is asked. */
  async windowAt(now: number): Promise<TraceWindow> {
    try {
      return resolveTraceQuery(this.query, now);
    } catch (error) {
      if (error instanceof UntimelyError) {
        const to = Math.trunc(now);
        await this.read({ from: to - 1000, to, limit: 1 }).next();
      }
      throw error;
    }
  }

  /** Newest first, some at a time, until the window's limit. */
  async *read(
    { from, to, limit = Number.POSITIVE_INFINITY }: Pick<TraceWindow, "from" | "to" | "limit">,
    maxBufferedBytes = MAX_BUFFERED_BYTES,
  ): AsyncGenerator<Trace[], void, void> {
    const { matches } = this.filter;
    // The limit is of those that match, and most that are read may not: only the default may wait.
    const all = matches
      ? this.#readAll({ from, to }, Math.min(maxBufferedBytes, MAX_BUFFERED_BYTES))
      : this.#readAll({ from, to, limit }, maxBufferedBytes);
    let left = limit;
    for await (const batch of all) {
      const wanted = matches ? batch.filter(matches) : batch;
      if (wanted.length > 0) {
        yield wanted.length > left ? wanted.slice(0, left) : wanted;
      }
      left -= wanted.length;
      if (left <= 0) {
        return;
      }
    }
  }

  /** Everything that the service finds. */
  async *#readAll(
    window: Pick<TraceWindow, "from" | "to" | "limit">,
    maxBufferedBytes: number,
  ): AsyncGenerator<Trace[], void, void> {
    const { limit = Number.POSITIVE_INFINITY } = window;
    const listing = listingOf(this.project, this.clock, this.filter.criteria, limit);
    const { traceId } = this.query;
    if (traceId) {
      // The service looks at nothing else then, the window included.
      const { entries } = await listing.page(window);
      const found = entries.find(({ trace_id }) => trace_id === traceId);
      if (found) {
        yield [toTrace(found)];
      }
      return;
    }
    const isAll = limit === Number.POSITIVE_INFINITY;
    const concurrency = isAll ? TRACE_CONCURRENCY : 1;
    const options = {
      concurrency,
      slices: isAll && this.#isLikelyMuch(window) ? FIRST_SLICES : 1,
      pageSize: PAGE_SIZE,
      readAhead: isAll,
      maxBufferedBytes,
      clock: this.clock,
    };
    yield* readParallel(listing, window, options);
  }

  /** In a day or more, as a rule; where something is searched by, nobody can tell. */
  #isLikelyMuch({ from, to }: Pick<TraceWindow, "from" | "to">): boolean {
    return to - from >= LONG_MS && Object.keys(this.filter.criteria).length === 0;
  }

  #doubt({ precisionMs }: TraceWindow, offsetMs: number): string | undefined {
    const { clock } = this;
    // One trace is the same at any time.
    if (precisionMs === Number.POSITIVE_INFINITY) {
      return undefined;
    }
    if (!clock.isHeard) {
      return UNKNOWN_TIME;
    }
    if (clock.uncertaintyMs > precisionMs) {
      return `the answers took so long that the service's time is known only to ${Math.ceil(clock.uncertaintyMs / 1000)} s`;
    }
    if (clock.hasMovedFrom(offsetMs, precisionMs)) {
      return "the service's answers contradict each other about what time it is there";
    }
    return undefined;
  }
}

async function* resumed<T>(
  first: IteratorResult<T, void>,
  rest: AsyncGenerator<T, void, void>,
): AsyncGenerator<T, void, void> {
  try {
    if (first.done) {
      return;
    }
    yield first.value;
    yield* rest;
  } finally {
    await rest.return();
  }
}

/** The listing of traces in each version of the API. */
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

/** The two fields that everything else rests on; any other may be missing, or of any type. */
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
  criteria: TraceFilter["criteria"],
  limit: number,
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
      if (earliest >= to) {
        return { entries: [], marker: undefined, bytes: 0 };
      }
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
          // The service leaves out what is exactly at either end (API reference, "Querying traces").
          from: String(earliest - 1),
          to: String(to),
          limit: String(size),
          ...(next !== undefined && { next }),
        },
        // The parallel reader slows down by itself; one trace is one call.
        throttling: criteria.trace_id === undefined ? "thrown" : "retried",
      };
      const answer = await project.request(call, tracePage);
      const { traces: entries, meta_data } = answer.body;
      request = { method: answer.method, url: answer.url };
      isFull &&= entries.length >= size;
      received += entries.length;
      return { entries, marker: meta_data?.marker || undefined, bytes: answer.size * BYTES_PER_CHARACTER };
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

/** The API's names in camelCase, and its values in one form each. Deeper values stay as they are, but for the user. */
function toTrace(wire: WireTrace): Trace {
  const trace: Record<string, unknown> = {};
  // Faster than by entries, and there are many.
  for (const wireName in wire) {
    const value = wire[wireName];
    if (value === null || value === undefined) {
      continue;
    }
    const { name, normalize } = fieldOf(wireName);
    trace[name] = normalize ? normalize(value) : value;
  }
  // A field of another spelling must not give two traces one id.
  trace["traceId"] = wire.trace_id;
  const { traceRating, traceStatus } = trace;
  if (traceRating === undefined && traceStatus !== undefined) {
    trace["traceRating"] = traceStatus;
  }
  const user = trace["user"];
  // Who did it is not left out with what else is in there.
  const isUserCut = typeof user === "object" && leaveOutDeep(user as object, MAX_LEVELS - 1);
  const result = trace as unknown as Trace;
  if (leaveOutDeep(trace, MAX_LEVELS) || isUserCut) {
    cut.add(result);
  }
  return result;
}

/** @returns whether there was a field whose value has more levels. */
function leaveOutDeep(record: object, levels: number): boolean {
  let isAny = false;
  const fields = record as Record<string, unknown>;
  for (const name in fields) {
    if (!isDeeper(fields[name], levels)) {
      continue;
    }
    fields[name] = LEFT_OUT;
    isAny = true;
  }
  return isAny;
}

/** Goes down no further than so many levels. */
function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) {
    return false;
  }
  return levels === 0 || Object.values(value).some((each) => isDeeper(each, levels - 1));
}

/** The name and the form of a field. */
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
  user: (value) => inCamelCase(typeof value === "string" ? parseUser(value) : value, MAX_USER_DEPTH),
};

/** `user.session_context.attributes` is at three. A limit keeps an absurd value from ending the process. */
const MAX_USER_DEPTH = 10;

/** A value with the names in it as those of a trace are, and without those that are not set. */
function inCamelCase(value: unknown, depth: number): unknown {
  if (depth === 0 || typeof value !== "object" || value === null) {
    return value;
  }
  if (Array.isArray(value)) {
    return value.map((inner) => inCamelCase(inner, depth - 1));
  }
  const named: Record<string, unknown> = {};
  for (const wireName in value) {
    const inner: unknown = value[wireName as keyof typeof value];
    if (inner !== null && inner !== undefined) {
      named[fieldOf(wireName).name] = inCamelCase(inner, depth - 1);
    }
  }
  return named;
}

const fields = new Map<string, Field>();

/** Remembered: the same few names come with every trace. */
function fieldOf(wireName: string): Field {
  const known = fields.get(wireName);
  if (known) {
    return known;
  }
  const name = wireName.replace(/_+([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
  const normalize = Object.hasOwn(NORMAL_FORMS, wireName) ? NORMAL_FORMS[wireName] : undefined;
  const field = { name, normalize };
  if (fields.size < 1000) {
    fields.set(wireName, field);
  }
  return field;
}

function toIso(value: unknown): unknown {
  return isTime(value) ? new Date(value).toISOString() : value;
}

function parseUser(text: string): TraceUser {
  try {
    const user: unknown = JSON.parse(text);
    if (typeof user === "object" && user !== null) {
      return user as TraceUser;
    }
  } catch {
    // A name alone.
  }
  return { name: text };
}
