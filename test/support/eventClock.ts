import type { Clock } from "../../client/clock";

/** A clock that goes on to the next moment that somebody sleeps until, whenever nothing else is left to do. */
export function eventClock(random: () => number): Clock & { run<T>(work: Promise<T>): Promise<T> } {
  let now = Date.UTC(2026, 0, 12);
  let order = 0;
  const sleepers: { until: number; order: number; wake(): void }[] = [];
  return {
    now: () => now,
    monotonic: () => now,
    random,
    sleep: (ms) =>
      new Promise((wake) => {
        sleepers.push({ until: now + ms, order: order++, wake });
        sleepers.sort((a, b) => a.until - b.until || a.order - b.order);
      }),
    async run(work) {
      let isOver = false;
      const over = () => {
        isOver = true;
      };
      work.then(over, over);
      while (!isOver) {
        // Until then, all that this moment's answers bring about has happened.
        await new Promise((resolve) => setImmediate(resolve));
        const next = sleepers.shift();
        if (!next) {
          continue;
        }
        now = Math.max(now, next.until);
        next.wake();
        for (let same = sleepers[0]; same && same.until <= now; same = sleepers[0]) {
          sleepers.shift();
          same.wake();
        }
      }
      return work;
    },
  };
}
