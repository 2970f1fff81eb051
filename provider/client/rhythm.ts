const BINS = 24;
const DAY_MS = 24 * 60 * 60_000;
/** A part of the day takes after its neighbours by so much. */
const NEIGHBOURS_WEIGHT = 0.5;
/** As much of a part of the day is taken for average, however little of it is known. */
const PRIOR_SHARE = 0.5;

/**
 * How entries are spread over time, as far as they have been read: what people do comes by the hours of the day, and so
 * its nights tell of other nights. All times are in whole milliseconds.
 */
export class Rhythm {
  readonly #binMs: number;
  readonly #entries = new Float64Array(BINS);
  readonly #knownMs = new Float64Array(BINS);
  #allEntries = 0;
  #allKnownMs = 0;

  /** @param windowMs what is looked at in all; one that is shorter than a day is its own rhythm. */
  constructor(windowMs: number) {
    this.#binMs = Math.max(1, Math.ceil(Math.min(windowMs, DAY_MS) / BINS));
  }

  /** Notes that between two times there are just these entries. */
  note(from: number, to: number, times: readonly number[]): void {
    for (const [bin, ms] of this.#parts(from, to)) this.#knownMs[bin] = (this.#knownMs[bin] ?? 0) + ms;
    for (const time of times) {
      const bin = this.#binOf(time);
      this.#entries[bin] = (this.#entries[bin] ?? 0) + 1;
    }
    this.#allEntries += times.length;
    this.#allKnownMs += Math.max(0, to - from);
  }

  /** As many entries as are to be expected between two times. */
  expected(from: number, to: number): number {
    let sum = 0;
    for (const [bin, ms] of this.#parts(from, to)) sum += ms * this.#density(bin);
    return sum;
  }

  /** The time before `to` from which on so many entries are to be expected; `from` at the earliest. */
  backFrom(to: number, entries: number, from: number): number {
    let left = entries;
    let time = to;
    for (const [bin, ms] of this.#parts(from, to)) {
      const density = this.#density(bin);
      if (ms * density >= left) return Math.ceil(time - left / density);
      left -= ms * density;
      time -= ms;
    }
    return from;
  }

  /** Entries per millisecond. */
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
