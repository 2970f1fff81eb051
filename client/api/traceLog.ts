/** Reads the traces of a query by the service's time. */
import type { Connection, Project } from "../connection";
import { readParallel } from "../paging/parallelReader";
import type { RateLimiter } from "../paging/rateLimiter";
import type { ServiceClock } from "../serviceClock";
import { type Trace, toTrace } from "./trace";
import { listingOf, PAGE_SIZE } from "./traceListing";
import {
  checkTraceQuery,
  filterOf,
  resolveTraceQuery,
  type TraceFilter,
  type TraceQuery,
  type TraceWindow,
  UntimelyError,
} from "./traceQuery";

/** A window that is so long is read in several slices from the first request on. */
const LONG_MS = 24 * 60 * 60_000;

/**
 * Slices of a long window to begin with. Each costs half a call, or a whole one where there is nothing; the other requests
 * are of more use where most traces turn out to be. The six slices of a week begin at six different hours of the day, so the
 * first answers tell of each. Where the service is known to limit the rate, more slices save nothing.
 */
export function firstSlices({ isLimitKnown }: RateLimiter): number {
  return isLimitKnown ? 2 : 6;
}

export const MAX_BUFFERED_BYTES = 64 * 2 ** 20;

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
    const { limiter } = this.project;
    const options = {
      limiter,
      slices: isAll && this.#isLikelyMuch(window) ? firstSlices(limiter) : 1,
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

export async function* resumed<T>(
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
