import { beforeEach, describe, expect, it } from "vitest";
import { type Burst, Rhythm } from "../../../client/paging/densityEstimator";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const PAGE = 200;

let rhythm: Rhythm;
beforeEach(() => {
  rhythm = new Rhythm(7 * DAY, PAGE);
});

/** Times at this interval, the latest first, and that just before `to`. */
const times = (count: number, to: number, everyMs: number) =>
  Array.from({ length: count }, (_, i) => to - 1 - i * everyMs);

describe("Rhythm", () => {
  it("expects at an hour of a day what was found at that hour of another day", () => {
    for (let hour = 0; hour < 24; hour++) {
      const end = 6 * DAY + (hour + 1) * HOUR;
      rhythm.note(end - HOUR, end, hour < 12 ? times(100, end, 1000) : []);
    }
    expect(rhythm.expected(2 * DAY + 5 * HOUR, 2 * DAY + 6 * HOUR)).toBeGreaterThan(85);
    expect(rhythm.expected(2 * DAY + 17 * HOUR, 2 * DAY + 18 * HOUR)).toBeLessThan(15);
  });

  it("finds the time from which on so many are to be expected, the start at the earliest", () => {
    rhythm.note(6 * DAY, 7 * DAY, times(2400, 7 * DAY, 36_000));
    expect(rhythm.backFrom(5 * DAY, 300, 0)).toBeCloseTo(5 * DAY - 3 * HOUR, -3);
    expect(rhythm.backFrom(5 * DAY, 300, 5 * DAY - HOUR)).toBe(5 * DAY - HOUR);
  });

  describe("in a burst", () => {
    const start = 6 * DAY + 10 * HOUR;
    /** One entry each ten milliseconds, as far as it was read. */
    function readBurst(entries: number, later?: Burst): Burst {
      const burst = rhythm.note(start, start + entries * 10, times(entries, start + entries * 10, 10), later);
      if (!burst) throw new Error("no burst");
      return burst;
    }
    const usual = () => rhythm.expected(start - HOUR, start);

    beforeEach(() => {
      rhythm.note(6 * DAY + 12 * HOUR, 7 * DAY, times(1200, 7 * DAY, 36_000));
    });

    it("expects a page more than by the rhythm, and no more than there is time for", () => {
      const burst = readBurst(PAGE);
      expect(burst.entries).toBe(PAGE);
      expect(burst.density).toBeCloseTo(0.1, 3);
      expect(rhythm.expected(start - HOUR, start, burst) - usual()).toBe(PAGE);
      expect(rhythm.expected(start - 500, start, burst)).toBeCloseTo(50, 0);
    });

    it("expects more, the longer it has gone on", () => {
      const burst = readBurst(PAGE, readBurst(4 * PAGE));
      expect(rhythm.expected(start - HOUR, start, burst) - usual()).toBe(3 * PAGE);
    });

    it("goes on over a page that is empty", () => {
      const burst = readBurst(PAGE);
      expect(rhythm.note(start, start, [], burst)).toBe(burst);
    });

    it("finds a time before which as many are to be expected as it was asked for, by rhythm and burst together", () => {
      const burst = readBurst(PAGE);
      for (const entries of [20, 100, 199, 200, 201, 250, 900]) {
        const at = rhythm.backFrom(start, entries, 0, burst);
        expect(rhythm.expected(at, start, burst)).toBeCloseTo(entries, 0);
      }
    });

    it("takes the first page for none, however dense: there is nothing to compare it with", () => {
      expect(new Rhythm(DAY, PAGE).note(0, DAY, times(PAGE, DAY, 1))).toBeUndefined();
    });

    it("sees where it has ended, and takes a few entries, or a busy hour, for none", () => {
      const end = start + HOUR;
      expect(rhythm.note(start, end, times(100, end, 10))).toBeUndefined();
      expect(rhythm.note(start - 100, start, times(10, start, 1))).toBeUndefined();
      expect(rhythm.note(5 * DAY, 5 * DAY + HOUR, times(200, 5 * DAY + HOUR, 18_000))).toBeUndefined();
    });
  });
});
