const HOURS = 24;
const HOUR_MS = 60 * 60_000;
/** Each hour counts as read for this time at the average density, besides what was read of it. */
const PRIOR_MS = 2 * HOUR_MS;

/**
 * The density of the entries that were read, by the hour of the day, UTC: people's nights are alike. An hour of which nothing
 * is known is average. Entries that come at any hour are expected as if there were no hours.
 */
export class HourlyDensity {
  readonly #hours = Array.from({ length: HOURS }, () => ({ entries: 0, ms: 0 }));
  /** Entries that are expected from midnight until each hour, and until midnight. */
  #sums: number[] = [];
  /** Entries that were read. */
  entries = 0;
  #ms = 0;

  /** Entries for each millisecond that was read. */
  get average(): number {
    return this.entries / Math.max(1, this.#ms);
  }

  /** Notes all entries between two times. */
  note(from: number, to: number, times: readonly number[]): void {
    this.entries += times.length;
    this.#ms += to - from;
    for (let start = from, end = from; start < to; start = end) {
      end = Math.min(to, (Math.floor(start / HOUR_MS) + 1) * HOUR_MS);
      this.#hourAt(start / HOUR_MS).ms += end - start;
    }
    for (const time of times) {
      this.#hourAt(time / HOUR_MS).entries++;
    }
    this.#sums = [0];
    for (let hour = 0; hour < HOURS; hour++) {
      let [entries, ms] = [this.average * PRIOR_MS, PRIOR_MS];
      // People are not punctual: the hours before and after count half as much.
      for (const near of [hour - 1, hour, hour, hour + 1]) {
        entries += this.#hourAt(near).entries;
        ms += this.#hourAt(near).ms;
      }
      this.#sums.push((this.#sums.at(-1) ?? 0) + (entries / ms) * HOUR_MS);
    }
  }

  /** An hour of the day. @param hours since any midnight, UTC */
  #hourAt(hours: number): { entries: number; ms: number } {
    return this.#hours.at(Math.floor(hours) % HOURS) ?? { entries: 0, ms: 0 };
  }

  /** Entries that are expected between two times by their hours alone. */
  expected(from: number, to: number): number {
    return this.#until(to / HOUR_MS) - this.#until(from / HOUR_MS);
  }

  #until(hours: number): number {
    const days = Math.floor(hours / HOURS);
    const hour = Math.floor(hours) - days * HOURS;
    const [before = 0, after = 0, day = 0] = [this.#sums[hour], this.#sums[hour + 1], this.#sums[HOURS]];
    return days * day + before + (after - before) * (hours - Math.floor(hours));
  }
}
