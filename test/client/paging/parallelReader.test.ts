import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ThrottledError } from "../../../client/errors";
import type { PageQuery } from "../../../client/paging/listing";
import { type ReadOptions, readParallel } from "../../../client/paging/parallelReader";
import { MAX_CONCURRENCY, RateLimiter } from "../../../client/paging/rateLimiter";
import { seededRandom } from "../../../emulator/synthetic/random";
import { propertyRuns } from "../../support/runs";
import { virtualClock } from "../../support/virtualClock";

interface Entry {
  readonly id: string;
  readonly time: number;
}

const WINDOW = { from: 0, to: 1000 };

/** A listing in memory that answers in any order, and throttles now and then. @param order from the newest on */
function listing(
  times: readonly number[],
  pageSize: number,
  random: () => number,
  throttleRate = 0,
  order = (a: number, b: number) => b - a,
) {
  const entries = [...times].sort(order).map((time, i): Entry => ({ id: `${i}`, time }));
  const seen = { calls: 0, running: 0, mostAtOnce: 0, starts: [] as number[] };
  return {
    entries,
    seen,
    idOf: ({ id }: Entry) => id,
    timeOf: ({ time }: Entry) => time,
    toResult: (entry: Entry) => entry,
    malformed: (what: string) => new Error(what),
    async page({ from, to, next }: PageQuery) {
      seen.calls++;
      seen.starts.push(to);
      seen.running++;
      seen.mostAtOnce = Math.max(seen.mostAtOnce, seen.running);
      for (let turns = Math.floor(random() * 20); turns >= 0; turns--) {
        await Promise.resolve();
      }
      seen.running--;
      if (random() < throttleRate) {
        throw throttled();
      }
      const page: Entry[] = [];
      for (let i = next === undefined ? 0 : Number(next) + 1; page.length < pageSize; i++) {
        const entry = entries[i];
        if (!entry) {
          break;
        }
        if (entry.time >= from && entry.time < to) {
          page.push(entry);
        }
      }
      return { entries: page, marker: page.at(-1)?.id, bytes: page.length };
    },
  };
}

interface Some extends Partial<ReadOptions> {
  concurrency?: number;
}

function throttled(): ThrottledError {
  const facts = { method: "GET", url: "https://cts.example.com/traces", status: 429, reason: "too many" };
  return new ThrottledError({
    ...facts,
    errorCode: undefined,
    requestId: undefined,
    retryAfterMs: 1000,
  });
}

const options = ({ concurrency = MAX_CONCURRENCY, clock = virtualClock(), ...some }: Some = {}) => ({
  limiter: new RateLimiter(clock, concurrency),
  pageSize: 10,
  slices: 1,
  readAhead: true,
  maxBufferedBytes: Number.POSITIVE_INFINITY,
  clock,
  ...some,
});

async function idsOf(source: AsyncIterable<Entry[]>): Promise<string[]> {
  const ids: string[] = [];
  for await (const batch of source) {
    ids.push(...batch.map(({ id }) => id));
  }
  return ids;
}

/** Entries, evenly spread over the window, or by working days. */
const evenly = (count: number) => Array.from({ length: count }, (_, i) => Math.floor((i * 1000) / count));

describe("readParallel", () => {
  it("hands on every entry once and in order, whatever the pages, their order, the concurrency and the room", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(fc.integer({ min: 0, max: 999 }), fc.constantFrom(500, 501)), { maxLength: 120 }),
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 16 }),
        fc.integer({ min: 1, max: 60 }),
        fc.constantFrom(0, 0.3),
        fc.boolean(),
        fc.constantFrom(1, 7),
        fc.nat(),
        async (times, pageSize, concurrency, maxBufferedBytes, throttleRate, readAhead, slices, seed) => {
          const source = listing(times, pageSize, seededRandom(seed), throttleRate);
          const read = readParallel(
            source,
            WINDOW,
            options({ concurrency, pageSize, maxBufferedBytes, readAhead, slices }),
          );
          expect(await idsOf(read)).toEqual(source.entries.map(({ id }) => id));
          expect(source.seen.mostAtOnce).toBeLessThanOrEqual(readAhead ? concurrency : 1);
        },
      ),
      { numRuns: propertyRuns() },
    );
  }, 3_600_000);

  it("loses none and hands on none twice where one entry comes too early, wherever that is", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.integer({ min: 0, max: 999 }), { minLength: 1, maxLength: 120 }),
        fc.nat(),
        fc.nat(),
        fc.integer({ min: 1, max: 9 }),
        fc.constantFrom(1, 2, 7),
        fc.constantFrom(0, 0.3),
        fc.nat(),
        async (times, which, by, pageSize, slices, throttleRate, seed) => {
          const sorted = [...times].sort((a, b) => b - a);
          const from = which % sorted.length;
          const [early = 0] = sorted.splice(from, 1);
          sorted.splice(by % (from + 1), 0, early);
          const source = listing(sorted, pageSize, seededRandom(seed), throttleRate, () => 0);
          const ids = await idsOf(readParallel(source, WINDOW, options({ pageSize, slices })));
          expect(ids.sort()).toEqual(source.entries.map(({ id }) => id).sort());
        },
      ),
      { numRuns: propertyRuns() },
    );
  }, 3_600_000);

  it("keeps the order where an entry arrives above the last one of a page", async () => {
    const dense = Array.from({ length: 40 }, (_, i) => ({ id: `d${i}`, time: 999_000 }));
    const entries: Entry[] = [...dense, { id: "old", time: 100 }];
    const source = { ...listing([], 1, seededRandom(1)) };
    const page = async ({ from, to, next }: PageQuery) => {
      const first = entries.findIndex(({ id }) => id === next) + 1;
      const within = entries.slice(first).filter(({ time }) => time >= from && time < to);
      const found = within.slice(0, 41);
      if (!entries.some(({ id }) => id === "late")) {
        entries.splice(40, 0, { id: "late", time: 5000 });
      }
      return { entries: found, marker: found.at(-1)?.id, bytes: found.length };
    };
    const read = readParallel({ ...source, page }, { from: 0, to: 1_000_000 }, options({ pageSize: 10 }));
    const times: number[] = [];
    for await (const batch of read) {
      times.push(...batch.map(({ time }) => time));
    }
    expect(times).toEqual([...times].sort((a, b) => b - a));
  });

  it("costs few calls more than there are pages, and reads side by side", async () => {
    const source = listing(evenly(1000), 10, seededRandom(1));
    await idsOf(readParallel(source, WINDOW, options()));
    expect(source.seen.mostAtOnce).toBe(MAX_CONCURRENCY);
    expect(source.seen.calls).toBeGreaterThanOrEqual(100);
    expect(source.seen.calls).toBeLessThanOrEqual(115);
  });

  it.each([310, 365, 375, 385, 400, 430])(
    "spends few calls where %i entries are two or three pages",
    async (count) => {
      const source = listing(evenly(count), 200, seededRandom(1));
      await idsOf(readParallel(source, WINDOW, options({ pageSize: 200 })));
      expect(source.seen.calls).toBeLessThanOrEqual(5);
    },
  );

  it("reads also a burst side by side, of which it knows nothing before it meets it", async () => {
    const end = 1_000_000;
    const burst = { from: 400_000, to: 401_000 };
    const rest = Array.from({ length: 1000 }, (_, i) => Math.floor((i * end) / 1000));
    const dense = Array.from({ length: burst.to - burst.from }, (_, i) => burst.from + i);
    let cuts = 0;
    for (let seed = 1; seed <= 10; seed++) {
      const source = listing([...rest, ...dense], 40, seededRandom(seed));
      await idsOf(readParallel(source, { from: 0, to: end }, options({ pageSize: 40 })));
      cuts += new Set(source.seen.starts.filter((to) => to > burst.from && to < burst.to)).size;
    }
    expect(cuts / 10).toBeGreaterThan(3);
  });

  it("cuts a slice once for each page of it, so that the slices of a dense place double", async () => {
    const dense = Array.from({ length: 4000 }, (_, i) => 500_000 + i);
    const source = listing(dense, 40, seededRandom(1));
    const runningBefore: number[] = [];
    const page = async (query: PageQuery) => {
      runningBefore.push(source.seen.running);
      return source.page(query);
    };
    const window = { from: 0, to: 1_000_000 };
    await idsOf(readParallel({ ...source, page }, window, options({ pageSize: 40 })));
    expect(runningBefore.slice(0, 4)).toEqual([0, 0, 1, 1]);
    expect(source.seen.mostAtOnce).toBeGreaterThan(8);
  });

  it("begins with as many slices as it is told", async () => {
    const source = listing(evenly(1000), 10, seededRandom(1));
    const read = readParallel(source, WINDOW, options({ slices: 4 }));
    await read.next();
    expect(source.seen.starts.slice(0, 4)).toEqual([1000, 750, 500, 250]);
    await read.return();
  });

  it("is content with one call where one page holds everything and says that it is the last", async () => {
    const source = { ...listing([1, 2, 3], 20, seededRandom(1)) };
    let calls = 0;
    const page = async (query: PageQuery) => {
      calls++;
      return { ...(await source.page(query)), marker: undefined };
    };
    expect(await idsOf(readParallel({ ...source, page }, WINDOW, options()))).toHaveLength(3);
    expect(calls).toBe(1);
  });

  it("spends no calls on finding more where one page shows that there is next to nothing", async () => {
    const source = listing([998, 999, 999], 10, seededRandom(1));
    await idsOf(readParallel(source, WINDOW, options()));
    // The second one finds that the first was the last.
    expect(source.seen.calls).toBe(2);
  });

  it("reads no page ahead of what is asked for, where it is not to", async () => {
    const source = listing(evenly(100), 10, seededRandom(1));
    const read = readParallel(source, WINDOW, options({ readAhead: false }));
    expect((await read.next()).value).toHaveLength(10);
    expect(source.seen.calls).toBe(1);
    await read.next();
    expect(source.seen.calls).toBe(2);
    await read.return();
  });

  it("keeps no more waiting than there is room for, about, however slow the reader is", async () => {
    const source = listing(evenly(5000), 10, seededRandom(1));
    const read = readParallel(source, WINDOW, options({ maxBufferedBytes: 200 }));
    await read.next();
    for (let turns = 0; turns < 20_000; turns++) {
      await Promise.resolve();
    }
    // A slice that was begun may turn out a little larger than it was taken for, and each reader has a page under way.
    expect(source.seen.calls * 10).toBeLessThan(200 + 12 * 10 + 100);
    await read.return();
  });

  it("reads side by side also where there is little room", async () => {
    const source = listing(evenly(5000), 10, seededRandom(1));
    await idsOf(readParallel(source, WINDOW, options({ maxBufferedBytes: 480 })));
    expect(source.seen.mostAtOnce).toBeGreaterThan(12);
    expect(source.seen.calls).toBeLessThanOrEqual(1.3 * 500);
  });

  it("reads in one piece with the one before it what the service had no room for", async () => {
    const source = listing(evenly(1000), 10, seededRandom(1));
    const page = async (query: PageQuery) => {
      if (source.seen.calls !== 2) {
        return source.page(query);
      }
      expect(query.to).toBe(500);
      source.seen.calls++;
      throw throttled();
    };
    const read = readParallel({ ...source, page }, WINDOW, options({ slices: 4 }));
    expect(await idsOf(read)).toHaveLength(1000);
    expect(source.seen.starts).not.toContain(500);
  });

  it("cuts no more slices where it is the service that limits how fast calls may go", async () => {
    const source = listing(evenly(4000), 10, seededRandom(1));
    let known = 0;
    const page = async (query: PageQuery) => {
      if (source.seen.calls === 50) {
        source.seen.calls++;
        known = new Set(source.seen.starts).size;
        throw throttled();
      }
      return source.page(query);
    };
    await idsOf(readParallel({ ...source, page }, WINDOW, options()));
    expect(new Set(source.seen.starts).size).toBeLessThanOrEqual(known + 1);
  });

  it("makes results of what waits, while newer entries are still to come", async () => {
    const source = listing(evenly(40), 10, seededRandom(1));
    let made = 0;
    const page = async (query: PageQuery) => {
      const isFirstOfOlder = query.to < WINDOW.to && query.next === undefined;
      if (!isFirstOfOlder) {
        await expect.poll(() => made).toBeGreaterThan(0);
      }
      return source.page(query);
    };
    const toResult = (entry: Entry) => {
      made++;
      return entry;
    };
    const read = readParallel({ ...source, page, toResult }, WINDOW, options({ slices: 2 }));
    expect(await idsOf(read)).toHaveLength(40);
  });

  it("goes on to the end where a page is empty and has a marker", async () => {
    const pages = [
      { entries: [], marker: "a", bytes: 0 },
      { entries: [{ id: "1", time: 5 }], marker: "b", bytes: 1 },
      { entries: [], marker: "c", bytes: 0 },
      { entries: [{ id: "2", time: 4 }], marker: undefined, bytes: 1 },
    ];
    const source = {
      ...listing([], 1, Math.random),
      page: async () => pages.shift() ?? { entries: [], marker: undefined, bytes: 0 },
    };
    expect(await idsOf(readParallel(source, WINDOW, options({ concurrency: 1 })))).toEqual(["1", "2"]);
  });

  it.each([
    ["shows the marked entry alone", [{ id: "1", time: 5 }]],
    ["shows nothing", []],
  ])("ends where the service %s at the end, with the same marker again", async (_, last) => {
    const page = async ({ next }: PageQuery) => ({
      entries: next === undefined ? [{ id: "1", time: 5 }] : last,
      marker: "1",
      bytes: 1,
    });
    const source = { ...listing([], 1, Math.random), page };
    expect(await idsOf(readParallel(source, WINDOW, options({ concurrency: 1 })))).toEqual(["1"]);
  });

  it("bears as many empty pages as a week of a million entries may have", async () => {
    const pages = 5000;
    const page = async ({ next = "0" }: PageQuery) => {
      const number = Number(next) + 1;
      const isLast = number === pages;
      return {
        entries: isLast ? [{ id: "1", time: 5 }] : [],
        marker: isLast ? undefined : `${number}`,
        bytes: 1,
      };
    };
    const source = { ...listing([], 1, Math.random), page };
    expect(await idsOf(readParallel(source, WINDOW, options({ concurrency: 1 })))).toEqual(["1"]);
  });

  it("bears as many entries of one millisecond as a service may have, again and again", async () => {
    const times = [500, 499, 498].flatMap((time) => new Array<number>(35_000).fill(time));
    const source = listing(times, 400, seededRandom(1));
    expect(await idsOf(readParallel(source, WINDOW, options({ pageSize: 400 })))).toHaveLength(105_000);
  });

  it("goes by no entry that is out of order for how far it has come", async () => {
    const times = Array.from({ length: 102_000 }, (_, i) => 999_999 - i);
    times.splice(399, 0, 5);
    const source = listing(times, 400, seededRandom(1), 0, () => 0);
    const some = options({ pageSize: 400, readAhead: false });
    expect(await idsOf(readParallel(source, { from: 0, to: 1_000_000 }, some))).toHaveLength(102_001);
  });

  it("loses nothing where one page after the other ends with an entry that comes too early", async () => {
    const times = [900, 890, 100, 880, 870, 101, 860, 850, 840];
    const source = listing(times, 3, seededRandom(1), 0, () => 0);
    expect(await idsOf(readParallel(source, WINDOW, options({ pageSize: 3, slices: 2 })))).toHaveLength(9);
  });

  it("knows from pages of one entry, too, that a slice is through", async () => {
    const source = listing(evenly(100), 1, seededRandom(1));
    await idsOf(readParallel(source, WINDOW, options({ pageSize: 1, slices: 2, concurrency: 2 })));
    expect(source.seen.calls).toBeLessThanOrEqual(110);
  });

  it("bears markers that are page numbers, the same in each slice", async () => {
    const source = listing(evenly(100), 10, seededRandom(1));
    const page = async ({ from, to, next = "0" }: PageQuery) => {
      const within = source.entries.filter(({ time }) => time >= from && time < to);
      const first = 10 * Number(next);
      const entries = within.slice(first, first + 10);
      const marker = first + 10 < within.length ? `${Number(next) + 1}` : undefined;
      return { entries, marker, bytes: entries.length };
    };
    expect(await idsOf(readParallel({ ...source, page }, WINDOW, options({ slices: 2 })))).toHaveLength(100);
  });

  it("asks for nothing where the window is empty", async () => {
    const source = listing([5], 1, Math.random);
    expect(await idsOf(readParallel(source, { from: 5, to: 5 }, options()))).toEqual([]);
    expect(source.seen.calls).toBe(0);
  });

  it("fails with what a page fails with, and begins no other", async () => {
    const source = listing(evenly(100), 10, seededRandom(1));
    const page = async (query: PageQuery) => {
      if (source.seen.calls === 3) {
        throw new Error("broken");
      }
      return source.page(query);
    };
    await expect(
      idsOf(readParallel({ ...source, page }, WINDOW, options({ concurrency: 1 }))),
    ).rejects.toThrow("broken");
    expect(source.seen.calls).toBe(3);
  });

  it("begins nothing more once nobody reads on", async () => {
    const source = listing(evenly(1000), 10, seededRandom(1));
    for await (const _ of readParallel(source, WINDOW, options())) {
      break;
    }
    const { calls } = source.seen;
    for (let turns = 0; turns < 1000; turns++) {
      await Promise.resolve();
    }
    expect(source.seen.calls).toBe(calls);
  });

  it("sends half as many at once when it is throttled, waits as long as it is told, and then grows again", async () => {
    const clock = virtualClock();
    const startedAt = clock.now();
    const source = listing(evenly(4000), 10, seededRandom(1));
    let isThrottling = true;
    let mostSince = 0;
    const page = async (query: PageQuery) => {
      if (isThrottling && source.seen.calls === 50) {
        isThrottling = false;
        source.seen.mostAtOnce = 0;
        throw throttled();
      }
      const answer = await source.page(query);
      if (!isThrottling && source.seen.calls < 80) {
        mostSince = Math.max(mostSince, source.seen.running + 1);
      }
      return answer;
    };
    const ids = await idsOf(readParallel({ ...source, page }, WINDOW, options({ clock })));
    expect(ids).toHaveLength(4000);
    expect(clock.now() - startedAt).toBeGreaterThanOrEqual(1000);
    expect(mostSince).toBeLessThan(12);
    expect(source.seen.mostAtOnce).toBeGreaterThan(mostSince);
  });

  it("gives up where for two minutes there is nothing but throttling", async () => {
    const clock = virtualClock();
    const startedAt = clock.now();
    const source = { ...listing([5], 1, Math.random), page: () => Promise.reject(throttled()) };
    await expect(idsOf(readParallel(source, WINDOW, options({ clock })))).rejects.toThrow(ThrottledError);
    expect(clock.now() - startedAt).toBeGreaterThan(120_000);
    expect(clock.now() - startedAt).toBeLessThan(125_000);
  });
});
