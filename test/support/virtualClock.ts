import type { Clock } from "../../client/clock";

/** A clock that only moves when somebody sleeps on it. Shared by emulator and client, so that waits take no time. */
export function virtualClock(random: () => number = Math.random): Clock & { advance(ms: number): void } {
  let now = Date.UTC(2026, 0, 1);
  return {
    now: () => now,
    monotonic: () => now,
    random,
    async sleep(ms) {
      now += ms;
    },
    advance(ms) {
      now += ms;
    },
  };
}
