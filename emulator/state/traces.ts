import { checkDepth } from "../depth";
import { type Account, hexId, type TrafficSettings, traceUserOf } from "../options";
import { withoutUndefined } from "../parse";
import type { Place } from "../place";
import { placeKey } from "../place";
import { traceIdOf } from "../synthetic/traceId";
import { Traffic } from "../synthetic/traffic";
import type { WireTrace } from "../wire/traces";
import { TraceLog } from "./traceLog";

/** A trace can be queried for this long. */
export const RETENTION_MS = 7 * 24 * 60 * 60 * 1000;

/** The traces of every project and region. */
export class TraceStore {
  readonly #logs = new Map<string, TraceLog>();
  #traffic: TrafficSettings;
  #startedAt: number;

  constructor(
    private readonly account: Account,
    private readonly settings: TrafficSettings,
    /** Whole milliseconds since 1970. */
    private readonly clock: () => number,
  ) {
    this.#traffic = settings;
    this.#startedAt = clock();
  }

  /** True if the places begin with synthetic traces. */
  get hasTraffic(): boolean {
    return this.#traffic.count > 0;
  }

  /** Resets to the synthetic traces up to now. */
  reset(): void {
    this.#logs.clear();
    this.#traffic = this.settings;
    this.#startedAt = this.clock();
  }

  /** Removes all traces, synthetic ones too. */
  clear(): void {
    this.reset();
    this.#traffic = { ...this.settings, count: 0 };
  }

  /** The traces of one place; its synthetic ones are generated on first use. */
  log(place: Place): TraceLog {
    const key = placeKey(place);
    const log = this.#logs.get(key) ?? new TraceLog(this.#trafficOf(place));
    this.#logs.set(key, log);
    return log;
  }

  /**
   * Records traces; an omitted field gets its default, an `undefined` one is absent.
   *
   * @returns the recorded traces
   * @throws Error for an existing id, an invalid time or values that are nested too deep; then none is recorded
   */
  add(place: Place, traces: readonly Partial<WireTrace>[]): WireTrace[] {
    checkDepth("The trace", traces);
    const log = this.log(place);
    const complete = traces.map((trace, i) => this.#complete(place, log.size + i, trace));
    log.add(complete);
    return complete;
  }

  /** Copies of the newest retained traces, the newest first, whatever a read can see. */
  list(place: Place, limit = Number.POSITIVE_INFINITY): WireTrace[] {
    const log = this.log(place);
    const traces: WireTrace[] = [];
    for (const entry of log.newestFirst(log.before(Number.POSITIVE_INFINITY))) {
      if (entry.time <= this.clock() - RETENTION_MS || traces.length >= limit) {
        break;
      }
      traces.push(structuredClone(entry.read()));
    }
    return traces;
  }

  #trafficOf(place: Place): Traffic {
    return new Traffic({ account: this.account, place, ...this.#traffic, now: this.#startedAt });
  }

  #complete(
    place: Place,
    number: number,
    { trace_id, time = this.clock(), ...rest }: Partial<WireTrace>,
  ): WireTrace {
    if (!Number.isSafeInteger(time) || time < 0) {
      throw new Error(`The time of a trace is milliseconds since 1970, not ${JSON.stringify(time)}.`);
    }
    return withoutUndefined({
      trace_id: trace_id ?? traceIdOf({ time, place: placeTag(place), isSynthetic: false, number }),
      trace_name: "createServer",
      trace_rating: "normal",
      trace_type: "ApiCall",
      time,
      record_time: time,
      user: traceUserOf(this.account, this.account.user.name),
      service_type: "ECS",
      resource_type: "ecs",
      ...structuredClone(rest),
    });
  }
}

function placeTag(place: Place): number {
  return Number.parseInt(hexId(`traces ${placeKey(place)}`).slice(0, 4), 16);
}
