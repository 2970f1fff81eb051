import type { Trace } from "../client/api/trace";
import { openTraceLog } from "../client/api/traceLog";
import type { TraceQuery } from "../client/api/traceQuery";
import type { Call, Connection, Project } from "../client/connection";
import type { Place } from "../client/place";

/** The window that is looked at, in milliseconds since the epoch. */
export interface Window {
  readonly from: number;
  readonly to: number;
}

/** The reading of one project in one region. */
export interface Searched extends Window {
  readonly place: Place;
  readonly traces: number;
  readonly calls: number;
  /** When the newest trace was recorded, ISO 8601. */
  readonly newestRecorded: string | undefined;
  /** True if not all was read that should have been. */
  readonly isBounded: boolean;
}

class BoundReached extends Error {}

/** Reads the traces of one project in one region, and counts the calls. */
export class TraceReader {
  readonly #connection: Connection;
  readonly #seen = new Set<string>();
  #calls = 0;
  #mostCalls = Number.POSITIVE_INFINITY;
  #newestRecorded: string | undefined;
  #isBounded = false;
  #window: Window | undefined;

  constructor(
    connection: Connection,
    readonly place: Place,
  ) {
    const count = () => {
      if (this.#calls >= this.#mostCalls) {
        throw new BoundReached();
      }
      this.#calls++;
    };
    this.#connection = counted(connection, count);
  }

  get searched(): Searched {
    const { from = 0, to = 0 } = this.#window ?? {};
    return {
      place: this.place,
      from,
      to,
      traces: this.#seen.size,
      calls: this.#calls,
      newestRecorded: this.#newestRecorded,
      isBounded: this.#isBounded,
    };
  }

  /** All that match. */
  async find(
    criteria: Pick<TraceQuery, "resourceId" | "resourceName" | "resourceType" | "serviceType">,
    window: Window,
  ) {
    this.#mostCalls = Number.POSITIVE_INFINITY;
    return this.#read({ ...criteria }, window, undefined);
  }

  /**
   * All of a window.
   *
   * @param order `any` is the fastest; `newest` keeps the newest where the bound ends it
   */
  async readAll(
    window: Window,
    maxCalls: number,
    order: "any" | "newest",
  ): Promise<{ traces: Trace[]; isComplete: boolean }> {
    this.#mostCalls = this.#calls + maxCalls;
    const found: Trace[] = [];
    try {
      await this.#read({}, window, order === "any" ? Number.POSITIVE_INFINITY : undefined, found);
      this.#isBounded = false;
      return { traces: found, isComplete: true };
    } catch (error) {
      if (!(error instanceof BoundReached)) {
        throw error;
      }
      this.#isBounded = true;
      return { traces: found, isComplete: false };
    } finally {
      this.#mostCalls = Number.POSITIVE_INFINITY;
    }
  }

  async #read(
    criteria: TraceQuery,
    { from, to }: Window,
    maxWaiting: number | undefined,
    found: Trace[] = [],
  ): Promise<Trace[]> {
    const { region, projectId } = this.place;
    this.#window = {
      from: Math.min(from, this.#window?.from ?? from),
      to: Math.max(to, this.#window?.to ?? to),
    };
    const log = await openTraceLog(this.#connection, { ...criteria, from, to, region, projectId });
    const { batches } = await log.begin(undefined, maxWaiting);
    for await (const batch of batches) {
      for (const trace of batch) {
        this.#note(trace);
        found.push(trace);
      }
    }
    return found;
  }

  #note({ traceId, recordTime }: Trace): void {
    this.#seen.add(traceId);
    if (recordTime && recordTime > (this.#newestRecorded ?? "")) {
      this.#newestRecorded = recordTime;
    }
  }
}

/** The same connection, that tells of each call before it is sent. */
function counted(connection: Connection, onCall: () => void): Connection {
  const watch = (project: Project): Project => ({
    ...project,
    request: (call: Call, shape) => {
      onCall();
      return project.request(call, shape);
    },
  });
  return new Proxy(connection, {
    get(target, key) {
      if (key === "project") {
        return (place: Place) => watch(target.project(place));
      }
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}
