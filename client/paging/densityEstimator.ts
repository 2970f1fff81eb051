const BINS = 24;
const DAY_MS = 24 * 60 * 60_000;
/** A part of the day takes after its neighbours by so much. */
const NEIGHBOURS_WEIGHT = 0.5;
/** As much of a part of the day is taken for average, however little of it is known. */
const PRIOR_SHARE = 0.5;
/** Where entries are so many times denser than by the rhythm, something is going on that comes by no hour. */
const BURST_FACTOR = 20;
/** Fewer entries, in the earlier half of a page, are none. */
const MIN_OF_BURST = 10;
/** A burst is of two or three pages, as a rule. What has gone on for longer goes on for long. */
const USUAL_BURST_PAGES = 2;

/** Many entries within a short time, such as a deployment's, as far as they have been read. */
export interface Burst {
  /** Entries per millisecond. */
  readonly density: number;
  readonly entries: number;
}

/**
 * How entries are spread over time, as far as they have been read: what people do comes by the hours of the day, and so
 * its nights tell of other nights; what machines do, a deployment, comes in bursts, of which nothing tells before one is
 * met. All times are in whole milliseconds, all densities in entries per millisecond.
 */
export class Rhythm {
  readonly #binMs: number;
  readonly #entries = new Float64Array(BINS);
  readonly #knownMs = new Float64Array(BINS);
  #allEntries = 0;
  #allKnownMs = 0;

  /**
   * @param windowMs what is looked at in all; one that is shorter than a day is its own rhythm
   * @param pageSize as many more are to be expected of a burst at least, however few of it have been read
   */
  constructor(
    windowMs: number,
    private readonly pageSize: number,
  ) {
    this.#binMs = Math.max(1, Math.ceil(Math.min(windowMs, DAY_MS) / BINS));
  }

  /**
   * Notes that between two times there are just these entries, the latest first.
   *
   * @param later the burst that the later end is within, if it is
   * @returns the burst that the earlier end is within, if it is
   */
  note(from: number, to: number, times: readonly number[], later?: Burst): Burst | undefined {
    const density = this.#burstDensity(from, to, times);
    for (const [bin, ms] of this.#parts(from, to)) this.#knownMs[bin] = (this.#knownMs[bin] ?? 0) + ms;
    for (const time of times) {
      const bin = this.#binOf(time);
      this.#entries[bin] = (this.#entries[bin] ?? 0) + 1;
    }
    this.#allEntries += times.length;
    this.#allKnownMs += Math.max(0, to - from);
    // A page may be empty, and have a next one.
    if (times.length === 0) return later;
    return density === undefined ? undefined : { density, entries: times.length + (later?.entries ?? 0) };
  }

  /** As many entries as are to be expected between two times, the later of which is within a burst, if one is given. */
  expected(from: number, to: number, burst?: Burst): number {
    return this.#usualIn(from, to) + this.#leftOf(burst, from, to);
  }

  /** The time before `to` from which on no more than so many entries are to be expected, likewise; `from` at the earliest. */
  backFrom(to: number, entries: number, from: number, burst?: Burst): number {
    let low = from;
    let high = to;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (this.expected(middle, to, burst) > entries) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #usualIn(from: number, to: number): number {
    let sum = 0;
    for (const [bin, ms] of this.#parts(from, to)) sum += ms * this.#density(bin);
    return sum;
  }

  #leftOf(burst: Burst | undefined, from: number, to: number): number {
    if (!burst) return 0;
    const { density, entries } = burst;
    const toCome = Math.max(this.pageSize, entries - USUAL_BURST_PAGES * this.pageSize);
    return Math.min(toCome, density * (to - from));
  }

  /** The earlier half tells it: a burst may have begun, or ended, in between. */
  #burstDensity(from: number, to: number, times: readonly number[]): number | undefined {
    const half = times.slice(times.length >> 1);
    const latest = half[0];
    if (latest === undefined || half.length < MIN_OF_BURST) return undefined;
    const density = half.length / Math.max(1, latest - from);
    const usual = this.#usualIn(from, to) / Math.max(1, to - from);
    // Of the first page there is nothing to compare it with.
    return usual > 0 && density > BURST_FACTOR * usual ? density : undefined;
  }

  /** What is usual in a part of the day. */
  #density(bin: number): number {
    const sumUp = (of: Float64Array) =>
      (of[bin] ?? 0) + NEIGHBOURS_WEIGHT * ((of[(bin + 1) % BINS] ?? 0) + (of[(bin + BINS - 1) % BINS] ?? 0));
    const priorMs = PRIOR_SHARE * this.#binMs;
    const average = this.#allEntries / Math.max(1, this.#allKnownMs);
    return (sumUp(this.#entries) + average * priorMs) / (sumUp(this.#knownMs) + priorMs);
  }

  #binOf(time: number): number {
    return Math.floor(time / this.#binMs) % BINS;
  }

  /** The parts of the day that a span of time passes through, the latest first, and for how long. */
  *#parts(from: number, to: number): Generator<[bin: number, ms: number]> {
    for (let end = to; end > from; ) {
      const start = Math.max(from, (Math.ceil(end / this.#binMs) - 1) * this.#binMs);
      yield [this.#binOf(start), end - start];
      end = start;
    }
  }
}
