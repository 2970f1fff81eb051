import { type Account, hexId } from "../options";
import type { Place } from "../place";
import { placeKey } from "../place";
import { firstIndex, type SearchFields } from "../state/search";
import type { WireTrace } from "../wire/traces";
import { mixSeeds, seededRandom } from "./random";
import { SPREADS, type SpreadName } from "./spreads";
import { draftOf, type Session, sessionOf, traceOf } from "./templates";
import { numberInTraceId, traceIdOf } from "./traceId";

const HOUR_MS = 60 * 60_000;
const DAY_MS = 24 * HOUR_MS;

/** The age of the oldest trace: two hours less than traces are kept, so that none is gone immediately. */
const SPAN_MS = 7 * DAY_MS - 2 * HOUR_MS;

/** The time that one person works at one thing: the traces within are of the same user. */
const SESSION_MS = 20_000;

/** Options of synthetic traces. */
export interface TrafficOptions {
  account: Account;
  place: Place;
  /** The number of traces. */
  count: number;
  spread: SpreadName;
  /** The same seed, place and time make the same traces. */
  seed: number;
  /** Their end, in milliseconds since 1970. */
  now: number;
}

/**
 * Synthetic traces of the seven days before a point in time, the oldest first. Only the times are kept, 8 bytes each;
 * a trace is made anew whenever it is read, the same each time, in some microseconds, and its search fields in one.
 */
export class Traffic {
  readonly #times: Float64Array;
  readonly #seed: number;
  /** A reader that goes through the log one by one meets the same session many times. */
  #lastSession: { number: number; session: Session } | undefined;

  constructor(private readonly options: TrafficOptions) {
    const { place, seed, count, spread, now } = options;
    this.#seed = mixSeeds(seed, seedOf(placeKey(place)));
    const random = seededRandom(this.#seed);
    this.#times = SPREADS[spread](count, { oldest: now - SPAN_MS, end: now }, random).sort();
  }

  /** The number of traces before a time. */
  countBefore(time: number): number {
    return firstIndex(this.#times.length, (i) => this.timeAt(i) >= time);
  }

  /** When the trace of an index happened, in milliseconds since 1970. */
  timeAt(index: number): number {
    return this.#times[index] ?? Number.POSITIVE_INFINITY;
  }

  /** Which trace has this id, if one has. */
  indexOf(id: string): number | undefined {
    const index = numberInTraceId(id);
    return this.idAt(index) === id ? index : undefined;
  }

  /** The id of the trace of an index. */
  idAt(index: number): string {
    return traceIdOf({ time: this.timeAt(index), place: this.#seed, isSynthetic: true, number: index });
  }

  /** Makes a trace. */
  trace(index: number): WireTrace {
    const time = this.timeAt(index);
    const { account, place, now } = this.options;
    const frame = { account, place, trace_id: this.idAt(index), time, now };
    return traceOf(frame, this.#sessionAt(time), this.#randomOf(index));
  }

  /** Makes as much of a trace as can be searched by. */
  searchFields(index: number): SearchFields {
    return draftOf(this.#sessionAt(this.timeAt(index)), this.#randomOf(index));
  }

  #randomOf(index: number): () => number {
    return seededRandom(mixSeeds(this.#seed + 1, index));
  }

  #sessionAt(time: number): Session {
    const number = Math.floor(time / SESSION_MS);
    if (this.#lastSession?.number !== number) {
      this.#lastSession = { number, session: sessionOf(seededRandom(mixSeeds(this.#seed, number))) };
    }
    return this.#lastSession.session;
  }
}

function seedOf(text: string): number {
  return Number.parseInt(hexId(text).slice(0, 8), 16);
}
