import { describe, expect, it } from "vitest";
import { SPREAD_NAMES } from "../../../emulator/synthetic/spreads";
import { type Outcome, simulate } from "../../support/simulation";

const SEEDS = [11, 12, 13, 14, 15];

const median = (values: number[]) => values.sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

describe("readParallel, by simulation in virtual time", () => {
  const speedups: number[] = [];
  const beyond: number[] = [];

  it.each(SPREAD_NAMES)("reads a week of 20,000 entries fast and with few calls: %s", async (spread) => {
    const outcomes: Outcome[] = [];
    for (const seed of SEEDS) {
      outcomes.push(await simulate({ spread, seed }));
    }
    speedups.push(median(outcomes.map(({ speedup }) => speedup)));
    beyond.push(median(outcomes.map((outcome) => outcome.beyond)));
    expect(speedups.at(-1)).toBeGreaterThan(5.5);
    expect(beyond.at(-1)).toBeLessThan(0.28);
  });

  it("does so for most spreads", () => {
    expect(median(speedups)).toBeGreaterThan(8);
    expect(median(beyond)).toBeLessThan(0.18);
  });

  it("reads as fast where all that waits has room as without a limit", async () => {
    for (const spread of SPREAD_NAMES) {
      const unlimited = await simulate({ spread, seed: 1 });
      expect(await simulate({ spread, seed: 1, maxBufferedBytes: 40_000 })).toEqual(unlimited);
    }
  });

  it.each(SPREAD_NAMES)("keeps reading concurrently with room for a quarter: %s", async (spread) => {
    const { speedup, mostBytes } = await simulate({ spread, seed: 1, maxBufferedBytes: 5000 });
    expect(speedup).toBeGreaterThan(2.5);
    // Each request that is under way may bring a page more.
    expect(mostBytes).toBeLessThan(5000 + 11 * 200);
  });

  it.each(SPREAD_NAMES)("loses little to a limit of 20 calls a second: %s", async (spread) => {
    const { ms } = await simulate({ spread, seed: 1, callsPerSecond: 20 });
    expect(ms).toBeLessThan(1.3 * 4000);
  });
});
