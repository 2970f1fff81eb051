import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { HourlyDensity } from "../../../client/paging/hourlyDensity";

const HOUR_MS = 60 * 60_000;
const DAY_MS = 24 * HOUR_MS;
const MONDAY = Date.UTC(2026, 0, 12);

/** The times of a span, the newest first, with a count for each hour of the day. */
function timesOf(from: number, to: number, perHour: (hour: number) => number): number[] {
  const times: number[] = [];
  for (let hour = from; hour < to; hour += HOUR_MS) {
    const count = perHour(new Date(hour).getUTCHours());
    for (let i = 0; i < count; i++) {
      times.push(hour + Math.floor((i * HOUR_MS) / count));
    }
  }
  return times.reverse();
}

/** The density after a span of days was read. */
function read(days: number, perHour: (hour: number) => number): HourlyDensity {
  const density = new HourlyDensity();
  const to = MONDAY + days * DAY_MS;
  density.note(MONDAY, to, timesOf(MONDAY, to, perHour));
  return density;
}

describe("HourlyDensity", () => {
  it("expects nothing before anything was read", () => {
    expect(new HourlyDensity().expected(MONDAY, MONDAY + DAY_MS)).toBe(0);
  });

  it("expects of a night and of a day what other nights and days have brought", () => {
    const density = read(3, (hour) => (hour >= 8 && hour < 18 ? 100 : 0));
    const thursday = MONDAY + 3 * DAY_MS;
    expect(density.expected(thursday, thursday + 6 * HOUR_MS)).toBeLessThan(60);
    expect(density.expected(thursday + 10 * HOUR_MS, thursday + 16 * HOUR_MS)).toBeGreaterThan(540);
    expect(density.expected(thursday, thursday + DAY_MS)).toBeCloseTo(1000, -2);
  });

  it("expects the average of hours that were not read", () => {
    const density = new HourlyDensity();
    const noon = MONDAY + 12 * HOUR_MS;
    density.note(
      noon,
      noon + HOUR_MS,
      timesOf(noon, noon + HOUR_MS, () => 60),
    );
    expect(density.average * HOUR_MS).toBe(60);
    expect(density.expected(MONDAY, MONDAY + 6 * HOUR_MS)).toBeCloseTo(360);
  });

  it("expects the average everywhere of entries that come at any hour", () => {
    const density = read(2, () => 30);
    for (let hour = 0; hour < 24; hour++) {
      const from = MONDAY + 9 * DAY_MS + hour * HOUR_MS;
      expect(density.expected(from, from + HOUR_MS)).toBeCloseTo(30);
    }
  });

  it("expects of a span what it expects of its parts, before 1970 too", () => {
    const density = read(2, (hour) => hour);
    const time = fc.integer({ min: -40 * DAY_MS, max: 40 * DAY_MS });
    fc.assert(
      fc.property(fc.tuple(time, time, time), (times) => {
        const [from = 0, middle = 0, to = 0] = times.sort((a, b) => a - b);
        const parts = density.expected(from, middle) + density.expected(middle, to);
        expect(parts).toBeCloseTo(density.expected(from, to), 3);
      }),
    );
  });
});
