import { describe, expect, it } from "vitest";
import { MAX_CONCURRENCY } from "../../../client/paging/rateLimiter";
import { SPREAD_NAMES, type SpreadName } from "../../../emulator/synthetic/spreads";
import { type Outcome, simulate } from "../../support/simulation";

/** Constants were chosen on seeds below 200. */
const SEEDS = Array.from({ length: 31 }, (_, i) => 201 + i);

const median = (values: number[]) => values.sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

describe("readParallel, by simulation in virtual time", () => {
  const medians: { spread: SpreadName; speedup: number; beyond: number }[] = [];

  it.each(SPREAD_NAMES)("reads a week of 20,000 entries fast and with few calls: %s", async (spread) => {
    const outcomes: Outcome[] = [];
    for (const seed of SEEDS) {
      outcomes.push(await simulate({ spread, seed }));
    }
    const speedup = median(outcomes.map((outcome) => outcome.speedup));
    const beyond = median(outcomes.map((outcome) => outcome.beyond));
    medians.push({ spread, speedup, beyond });
    expect(beyond).toBeLessThan(spread === "office" ? 0.165 : 0.205);
    // The hours of the day are learned.
    expect(speedup).toBeGreaterThan(spread === "office" ? 8.4 : 6);
  });

  it("does so for most spreads", () => {
    const others = medians.filter(({ spread }) => spread !== "office");
    expect(median(others.map(({ speedup }) => speedup))).toBeGreaterThan(9);
    expect(median(others.map(({ beyond }) => beyond))).toBeLessThan(0.125);
  });

  it("reads as fast where all that waits has room as without a limit", async () => {
    for (const spread of SPREAD_NAMES) {
      let [unlimitedMs, limitedMs] = [0, 0];
      for (const seed of SEEDS) {
        unlimitedMs += (await simulate({ spread, seed })).ms;
        limitedMs += (await simulate({ spread, seed, maxBufferedBytes: 40_000 })).ms;
      }
      expect(limitedMs).toBeLessThan(1.01 * unlimitedMs);
    }
  });

  it.each(SPREAD_NAMES)("keeps reading concurrently with room for a quarter: %s", async (spread) => {
    const { speedup, mostBytes } = await simulate({ spread, seed: 1, maxBufferedBytes: 5000 });
    expect(speedup).toBeGreaterThan(2.6);
    // Each request that is under way may bring a page more.
    expect(mostBytes).toBeLessThan(5000 + MAX_CONCURRENCY * 200);
  });

  it.each(SPREAD_NAMES)(
    "loses little to a limit of 20 calls a second that it has to find: %s",
    async (spread) => {
      const times: number[] = [];
      for (const seed of SEEDS) {
        times.push((await simulate({ spread, seed, callsPerSecond: 20 })).ms);
      }
      // The first slices find nothing where a week is almost empty: that alone is 5 calls of 110.
      const isMostlyEmpty = spread === "dense-hour" || spread === "recorded-hour";
      expect(median(times)).toBeLessThan((isMostlyEmpty ? 1.18 : 1.14) * 4000);
    },
  );

  it.each(SPREAD_NAMES)("loses less, and is refused nothing, once the limit is known: %s", async (spread) => {
    const times: number[] = [];
    for (const seed of SEEDS) {
      const { ms, throttled } = await simulate({ spread, seed, callsPerSecond: 20, isSecond: true });
      expect(throttled).toBe(0);
      times.push(ms);
    }
    expect(median(times)).toBeLessThan(1.14 * 4000);
  });
});
