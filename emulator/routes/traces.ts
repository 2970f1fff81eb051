import type { Behaviour } from "../behaviour";
import type { Answer } from "../http/errors";
import { type Call, projectOperations } from "../http/operation";
import { invalidQuery, readTraceQuery, type TraceQuery } from "../rules/traces";
import type { EmulatorState } from "../state/emulatorState";
import { type LogEntry, olderOf, type Position, type TraceLog } from "../state/traceLog";
import { RETENTION_MS } from "../state/traces";
import { mixSeeds } from "../synthetic/random";
import { numberInTraceId } from "../synthetic/traceId";
import type { WireTrace } from "../wire/traces";
import { noTracker } from "./trackers";

/** The trace queries of each version: the same traces, in the shape of the version. */
export const traceOperations = [
  ...projectOperations("v3", [
    {
      name: "listTraces",
      method: "GET",
      path: "/traces",
      handle: (state, call) => listTraces(state, call, call.query["tracker_name"], call.query),
    },
  ]),
  ...projectOperations("v2", [
    {
      name: "listTraces",
      method: "GET",
      path: "/:trackerName/trace",
      handle: (state, call) => listTraces(state, call, call.param("trackerName"), olderQuery(call), toV2),
    },
  ]),
  ...projectOperations("v1", [
    {
      name: "listTraces",
      method: "GET",
      path: "/:trackerName/trace",
      handle: (state, call) => listTraces(state, call, call.param("trackerName"), olderQuery(call), toV1),
    },
  ]),
];

/** Older versions have one type of trace, and call the rating a status. */
function olderQuery({ query }: Call): Record<string, string | undefined> {
  return { ...query, trace_type: "system", trace_rating: query["trace_rating"] || query["trace_status"] };
}

function toV2({ trace_rating, ...trace }: WireTrace): WireTrace {
  return { ...trace, trace_status: trace_rating };
}

/** Older versions write `user` as JSON text. */
function toV1(trace: WireTrace): WireTrace {
  return typeof trace.user === "object" ? { ...trace, user: JSON.stringify(trace.user) } : trace;
}

function listTraces(
  state: EmulatorState,
  call: Call,
  trackerName: string | undefined,
  query: Record<string, string | undefined>,
  toVersion: (trace: WireTrace) => WireTrace = (trace) => trace,
): Answer {
  const { behaviour } = state;
  const parsed = readTraceQuery(query, behaviour, state.clock());
  const { traces, marker } = findPage(state, call, parsed, trackerName);
  const end = behaviour.noMarker === "null" ? { marker: null } : {};
  const meta_data = { count: traces.length, ...(marker === undefined ? end : { marker }) };
  return { status: 200, body: encodePage(traces.map(toVersion), meta_data) };
}

/**
 * A page as JSON, encoded trace by trace: as one text, an emoji in any trace would double its memory and make encoding
 * several times slower.
 */
function encodePage(traces: readonly WireTrace[], meta_data: object): Buffer {
  const texts = traces.map((trace, i) => Buffer.from(`${i > 0 ? "," : ""}${JSON.stringify(trace)}`));
  return Buffer.concat([PAGE_START, ...texts, Buffer.from(`],"meta_data":${JSON.stringify(meta_data)}}`)]);
}

const PAGE_START = Buffer.from('{"traces":[');

/** One page of a query. */
interface Page {
  traces: WireTrace[];
  /** The id after which the next page begins; `undefined` on the last page. */
  marker: string | undefined;
}

const EMPTY_PAGE: Page = { traces: [], marker: undefined };

function findPage(
  state: EmulatorState,
  call: Call,
  query: TraceQuery,
  trackerName: string | undefined,
): Page {
  const { behaviour } = state;
  if (query.traceId === undefined && trackerName && trackerName !== "system") {
    if (behaviour.missing === "notFound") {
      throw noTracker();
    }
    return EMPTY_PAGE;
  }
  const log = state.traces.log(call);
  const next = query.traceId !== undefined && behaviour.traceIdIgnoresNext ? undefined : query.next;
  const marked = next === undefined ? undefined : log.positionOf(next);
  if (next !== undefined && marked === undefined) {
    if (behaviour.unknownMarker === "rejected") {
      throw invalidQuery("There is no trace with the id in next.");
    }
    return EMPTY_PAGE;
  }
  const reading: Reading = { log, query, behaviour, now: state.clock(), marked };
  return query.traceId === undefined ? readPage(reading) : readOne(reading, query.traceId);
}

/** One query on the way through a log. */
interface Reading {
  log: TraceLog;
  query: TraceQuery;
  behaviour: Behaviour;
  /** Milliseconds since 1970. */
  now: number;
  /** Only traces before this position may be shown. */
  marked: Position | undefined;
}

function readOne({ log, behaviour, now, marked }: Reading, id: string): Page {
  const entry = log.get(id);
  const position = log.positionOf(id);
  const isVisible = entry && entry.time > now - RETENTION_MS && entry.recordTime <= now;
  if (!isVisible || !position || (marked && olderOf(marked, position) === marked)) {
    return EMPTY_PAGE;
  }
  return { traces: [entry.read()], marker: behaviour.marker === "always" ? id : undefined };
}

/**
 * Goes from the marker or the end of the window to older traces, until the page is full or the window ends. Reads no
 * further: without criteria, exactly the traces of the page.
 */
function readPage(reading: Reading): Page {
  const { log, query, behaviour, now, marked } = reading;
  const { from, to } = query.window;
  const again = repeatedTraces(reading);
  const size = sizeOfPage(reading) - again.length;
  const shown: WireTrace[] = [];
  let examined = 0;
  let last: LogEntry | undefined;
  let isCutOff = false;
  for (const entry of log.newestFirst(marked ? olderOf(marked, log.before(to)) : log.before(to))) {
    if (entry.time <= from) {
      break;
    }
    if ((behaviour.pages === "scanned" ? examined : shown.length) >= size) {
      isCutOff = true;
      break;
    }
    if (entry.recordTime > now) {
      continue;
    }
    examined += 1;
    last = entry;
    if (query.matches(entry)) {
      shown.push(entry.read());
    }
  }
  const isEnd = !isCutOff && (shown.length === 0 || (behaviour.marker === "full" && shown.length < size));
  const traces = shown.length === 0 && !isCutOff ? [] : [...again, ...shown];
  return { traces, marker: isEnd ? undefined : isCutOff ? last?.id : shown.at(-1)?.trace_id };
}

/** Only `"short"` pages differ from the limit; their length is random, but the same each time. */
function sizeOfPage({ query: { limit, next }, behaviour }: Reading): number {
  return behaviour.pages === "short" ? 1 + (mixSeeds(numberInTraceId(next ?? "0"), limit) % limit) : limit;
}

/** The trace of the marker, if the service repeats it. A page of one trace would then make no progress. */
function repeatedTraces(reading: Reading): WireTrace[] {
  const { log, query, behaviour, now } = reading;
  if (!behaviour.repeatsMarked || query.next === undefined || sizeOfPage(reading) < 2) {
    return [];
  }
  const entry = log.get(query.next);
  const isMatch = entry && entry.time < query.window.to && entry.recordTime <= now && query.matches(entry);
  return isMatch ? [entry.read()] : [];
}
