/** Traces: what happened in a project, as far back as the service lets it be queried. */

import type { Connection } from "../connection";
import { ArgumentError } from "../errors";
import { cutNote, isCut, type Trace } from "./trace";
import { MAX_BUFFERED_BYTES, openTraceLog } from "./traceLog";
import type { TraceQuery } from "./traceQuery";

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
