const HOURS = 24;
const HOUR_MS = 60 * 60_000;
/** Each hour counts as read for this time at the average density, besides what was read of it. */
const PRIOR_MS = 2 * HOUR_MS;
/** An hour counts twice, the ones before and after it once: people are not punctual. */
const SHIFTS_MS = [-HOUR_MS, 0, 0, HOUR_MS];

/**
 * The density of the entries that were read, by the hour of the day, UTC: people's nights are alike. An hour of which nothing
 * is known is average. Entries that come at any hour are expected as if there were no hours.
 */
export class HourlyDensity {
  readonly #hours = Array.from({ length: HOURS }, () => ({ entries: 0, ms: 0 }));
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
    for (const shift of SHIFTS_MS) {
      for (const [i, hour] of this.#hours.entries()) {
        hour.ms += msOf(i, from + shift, to + shift);
      }
      for (const time of times) {
        const hour = this.#hours.at(Math.floor((time + shift) / HOUR_MS) % HOURS);
        if (hour) {
          hour.entries++;
        }
      }
    }
  }

  /** Entries that are expected between two times by their hours alone. */
  expected(from: number, to: number): number {
    const density = ({ entries, ms }: { entries: number; ms: number }) =>
      (entries + this.average * PRIOR_MS) / (ms + PRIOR_MS);
    return this.#hours.reduce((sum, hour, i) => sum + density(hour) * msOf(i, from, to), 0);
  }
}

/** The milliseconds between two times that are in an hour of any day. */
function msOf(hour: number, from: number, to: number): number {
  const until = (time: number) => {
    const days = Math.floor(time / (HOURS * HOUR_MS));
    return days * HOUR_MS + Math.min(Math.max(0, time - (days * HOURS + hour) * HOUR_MS), HOUR_MS);
  };
  return until(to) - until(from);
}
