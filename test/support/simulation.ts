import { firstSlices } from "../../client/api/traceLog";
import { ThrottledError } from "../../client/errors";
import type { Page, PageQuery } from "../../client/paging/listing";
import { readParallel } from "../../client/paging/parallelReader";
import { RateLimiter } from "../../client/paging/rateLimiter";
import { seededRandom } from "../../emulator/synthetic/random";
import { SPREADS, type SpreadName } from "../../emulator/synthetic/spreads";
import { eventClock } from "./eventClock";

const DAY_MS = 24 * 60 * 60_000;
const MONDAY = Date.UTC(2026, 0, 12);
/** The least latency. Each call takes up to {@link LATENCY_SPREAD_MS} more. */
const LATENCY_MS = 50;
const LATENCY_SPREAD_MS = 4;
/** The client takes this time for a full page, one page after the other: about what a machine takes that does nothing else. */
const PROCESSING_MS = 2.5;
/** Between two readings: the bucket of the service is full again. */
const REST_MS = 1100;

interface Simulated {
  spread: SpreadName;
  seed: number;
  count?: number;
  pageSize?: number;
  maxBufferedBytes?: number;
  callsPerSecond?: number;
  slices?: number;
  /** Reads once before what is measured, by the same limiter. @defaultValue false */
  isSecond?: boolean;
}

export interface Outcome {
  /** The time of reading page after page, divided by this one's. */
  speedup: number;
  /** Calls beyond the least number of pages, as a share of it. */
  beyond: number;
  ms: number;
  /** Calls that the service refused. */
  throttled: number;
  /** The most that was received and not handed on, at one byte an entry. */
  mostBytes: number;
}

/** Reads traces of a week that ends at any hour, in virtual time, as the client does. */
export async function simulate({
  spread,
  seed,
  count = 20_000,
  pageSize = 200,
  maxBufferedBytes = Number.POSITIVE_INFINITY,
  callsPerSecond,
  slices,
  isSecond = false,
}: Simulated): Promise<Outcome> {
  const random = seededRandom(seed);
  const clock = eventClock(random);
  const to = MONDAY + Math.floor(random() * 7 * DAY_MS);
  const window = { from: to - 7 * DAY_MS + 60_000, to };
  const times = SPREADS[spread](count, { oldest: window.from, end: to }, random).sort();
  /** A fifth of it is for the call itself. */
  const processingMs = (entries: number) => PROCESSING_MS * (0.2 + (0.8 * entries) / pageSize);
  let processedAt = 0;
  let calls = 0;
  let throttled = 0;
  let handedOn = 0;
  const received = new Set<number>();
  let mostBytes = 0;
  let tokens = callsPerSecond ?? 0;
  let refilledAt = clock.now();
  const listing = {
    idOf: (index: number) => `${index}`,
    timeOf: (index: number) => times[index] ?? Number.NaN,
    toResult: (index: number) => index,
    malformed: (what: string) => new Error(what),
    async page({ from, to, next }: PageQuery): Promise<Page<number>> {
      calls++;
      if (callsPerSecond !== undefined) {
        tokens = Math.min(callsPerSecond, tokens + ((clock.now() - refilledAt) * callsPerSecond) / 1000);
        refilledAt = clock.now();
        if (tokens < 1) {
          throttled++;
          await clock.sleep(LATENCY_MS);
          throw new ThrottledError({
            method: "GET",
            url: "https://cts.example.com/traces",
            status: 429,
            reason: "too many",
            errorCode: undefined,
            requestId: undefined,
            retryAfterMs: 1000,
          });
        }
        tokens--;
      }
      const entries: number[] = [];
      let at = next === undefined ? firstNotBefore(times, to) - 1 : Number(next) - 1;
      for (; at >= 0 && (times[at] ?? 0) >= from && entries.length < pageSize; at--) {
        entries.push(at);
      }
      await clock.sleep(LATENCY_MS + random() * LATENCY_SPREAD_MS);
      processedAt = Math.max(processedAt, clock.now()) + processingMs(entries.length);
      await clock.sleep(processedAt - clock.now());
      for (const entry of entries) {
        received.add(entry);
      }
      mostBytes = Math.max(mostBytes, received.size - handedOn);
      return { entries, marker: entries.at(-1)?.toString(), bytes: entries.length };
    },
  };
  const limiter = new RateLimiter(clock);
  const readAll = async () => {
    const options = {
      limiter,
      slices: slices ?? firstSlices(limiter),
      pageSize,
      readAhead: true,
      maxBufferedBytes,
      clock,
    };
    let last = count;
    for await (const batch of readParallel(listing, window, options)) {
      for (const index of batch) {
        if (index !== last - 1) {
          throw new Error(`${index} came after ${last}`);
        }
        last = index;
      }
      handedOn += batch.length;
    }
    if (last !== 0) {
      throw new Error(`${count - last} of ${count} were handed on`);
    }
  };
  if (isSecond) {
    await clock.run(readAll());
    await clock.run(clock.sleep(REST_MS));
    [calls, throttled, handedOn] = [0, 0, 0];
    received.clear();
  }
  const begunAt = clock.now();
  await clock.run(readAll());
  const pages = Math.ceil(count / pageSize);
  const ms = clock.now() - begunAt;
  const oneByOneMs = (pages + 1) * (LATENCY_MS + LATENCY_SPREAD_MS / 2) + pages * PROCESSING_MS;
  const speedup = oneByOneMs / ms;
  return { speedup, beyond: (calls - throttled) / pages - 1, ms, throttled, mostBytes };
}

/** The index of the first time that is not before this one. */
function firstNotBefore(times: Float64Array, time: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((times[middle] ?? 0) < time) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}
