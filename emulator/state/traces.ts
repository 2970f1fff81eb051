import type { Place } from "../location";
import { keyOf } from "../location";
import { type Account, hexId, type TrafficSettings } from "../options";
import { withoutUndefined } from "../synthetic/templates";
import { traceIdOf } from "../synthetic/traceId";
import { Traffic } from "../synthetic/traffic";
import type { WireTrace } from "../wire/traces";
import { TraceLog } from "./traceLog";

/** How long a trace can be queried. */
export const retentionMs = 7 * 24 * 60 * 60 * 1000;

/** The traces of every project and region. */
export class Traces {
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

  /** Whether the places begin with synthetic traces. */
  get hasTraffic(): boolean {
    return this.#traffic.count > 0;
  }

  /** Back to the start: the synthetic traces up to now, and no others. */
  reset(): void {
    this.#logs.clear();
    this.#traffic = this.settings;
    this.#startedAt = this.clock();
  }

  /** No traces at all, no synthetic ones either. */
  clear(): void {
    this.reset();
    this.#traffic = { ...this.settings, count: 0 };
  }

  /** The traces of one place; synthetic ones are spread over the days when they are first asked for. */
  log(place: Place): TraceLog {
    const key = keyOf(place);
    const log = this.#logs.get(key) ?? new TraceLog(this.#trafficOf(place));
    this.#logs.set(key, log);
    return log;
  }

  /**
   * Writes traces down; what is left out is at defaults, and what is `undefined` is not there.
   *
   * @returns them as they were written down
   * @throws Error for an id that is there already, or what is no time; then none is written down
   */
  add(place: Place, traces: readonly Partial<WireTrace>[]): WireTrace[] {
    const log = this.log(place);
    const complete = traces.map((trace, i) => this.#complete(place, log.written + i, trace));
    log.add(complete);
    return complete;
  }

  /** Copies of all that are still kept, the newest first, whatever a read lets see. */
  list(place: Place): WireTrace[] {
    const log = this.log(place);
    const traces: WireTrace[] = [];
    for (const slot of log.newestFirst(log.before(Number.POSITIVE_INFINITY))) {
      if (slot.time <= this.clock() - retentionMs) break;
      traces.push(slot.copy());
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
    const { user, domain } = this.account;
    return withoutUndefined({
      trace_id: trace_id ?? traceIdOf({ time, place: tagOf(place), isSynthetic: false, number }),
      trace_name: "createServer",
      trace_rating: "normal",
      trace_type: "ApiCall",
      time,
      record_time: time,
      user: { id: user.id, name: user.name, domain },
      service_type: "ECS",
      resource_type: "ecs",
      ...structuredClone(rest),
    });
  }
}

function tagOf(place: Place): number {
  return Number.parseInt(hexId(`traces ${keyOf(place)}`).slice(0, 4), 16);
}
