/**
 * Attack: hundreds of traces a second, some of them a quarter of an hour late. `--follow` must hand on each once, in bounded
 * memory, and say so where it cannot.
 *
 * Alone: `npx vitest run test/attacks/followRate`
 */
import { describe, expect, it } from "vitest";
import { follow } from "../../cli/traces/follow";
import { MAX_REMEMBERED } from "../../cli/traces/remembered";
import type { Trace } from "../../client/api/trace";
import { ServiceClock } from "../../client/serviceClock";
import { seededRandom } from "../../emulator/synthetic/random";
import { virtualClock } from "../support/virtualClock";

const MINUTE = 60_000;
const PAGE = 200;

/** A service with this many traces each second; one of 50 comes in up to 14 minutes late. */
function floodOf(perSecond: (second: number) => number, minutes: number) {
  const random = seededRandom(7);
  const clock = virtualClock();
  const start = clock.now();
  const log: { time: number; recordTime: number }[] = [];
  for (let second = 0; second < minutes * 60; second++) {
    const count = perSecond(second);
    for (let i = 0; i < count; i++) {
      const time = start + 1 + second * 1000 + Math.floor((i * 1000) / count);
      log.push({ time, recordTime: time + (random() < 0.02 ? Math.floor(random() * 14 * MINUTE) : 0) });
    }
  }
  /** The first trace that is not earlier. */
  const firstFrom = (time: number) => {
    let [low, high] = [0, log.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((log[middle]?.time ?? 0) < time) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  };
  async function* read({ from, to }: { from: number; to: number }): AsyncGenerator<Trace[]> {
    let page: Trace[] = [];
    const oldest = firstFrom(from + 1);
    for (let i = firstFrom(to) - 1; i >= oldest; i--) {
      const { time, recordTime } = log[i] ?? { time: 0, recordTime: 0 };
      if (recordTime > clock.now()) {
        continue;
      }
      page.push({ traceId: `0000-${i}`, time: new Date(time).toISOString() });
      if (page.length < PAGE) {
        continue;
      }
      yield page;
      page = [];
    }
    yield page;
  }
  return { clock, start, log, read };
}

/** Follows it to the end, and a quarter of an hour longer. */
async function followed({ clock, start, log, read }: ReturnType<typeof floodOf>, intervalMs: number) {
  const end = (log.at(-1)?.time ?? 0) + 16 * MINUTE;
  const times = new Uint8Array(log.length);
  let overflows = 0;
  let [mostBytes, mostAtOnce] = [0, 0];
  const before = process.memoryUsage().arrayBuffers;
  class Over extends Error {}
  const batches = follow({
    begin: async () => start,
    limit: undefined,
    intervalMs,
    async *read(window) {
      if (clock.now() > end) {
        throw new Over();
      }
      yield* read(window);
    },
    clock: new ServiceClock(clock),
    onBegin: () => {},
    onTrouble: () => {},
    onRecovery: () => {},
    onOverflow: () => overflows++,
  });
  try {
    for await (const batch of batches) {
      for (const { traceId } of batch) {
        const index = Number(traceId.slice(5));
        times[index] = (times[index] ?? 0) + 1;
      }
      mostAtOnce = Math.max(mostAtOnce, batch.length);
      mostBytes = Math.max(mostBytes, process.memoryUsage().arrayBuffers - before);
    }
  } catch (error) {
    if (!(error instanceof Over)) {
      throw error;
    }
  }
  const countOf = (n: number) => times.reduce((sum, each) => sum + (each === n ? 1 : 0), 0);
  return { missed: countOf(0), once: countOf(1), overflows, mostAtOnce, mostBytes };
}

describe("otc-cts traces --follow at high rates", () => {
  it("hands on each of 500 a second, late ones too, once", async () => {
    const flood = floodOf(() => 500, 17);
    const result = await followed(flood, 4 * MINUTE);

    expect(result).toMatchObject({ missed: 0, once: flood.log.length, overflows: 0 });
    expect(result.mostAtOnce).toBeLessThan(21_000);
  }, 240_000);

  it("says once that late ones may be missing, while it remembers no more, and again the next time", async () => {
    // More than it remembers within two minutes, then half an hour of nothing, then the same again.
    const perSecond = Math.ceil((MAX_REMEMBERED / 120) * 1.05);
    const flood = floodOf((second) => (second % 1920 < 120 ? perSecond : 0), 34);
    const result = await followed(flood, 8 * MINUTE);

    expect(result.overflows).toBe(2);
    // Of those that came in time, none.
    expect(result.missed).toBeLessThan(flood.log.length * 0.02);
    expect(result.once).toBe(flood.log.length - result.missed);
    expect(result.mostBytes).toBeLessThan(40 * 1024 * 1024);
  }, 240_000);
});
