import { once } from "node:events";
import { CancelledError } from "./errors";

/** Time and chance, as parameters, so that tests need not wait. */
export interface Clock {
  /** Milliseconds since the epoch. It may be off, and somebody may set it at any moment: see `ServiceClock`. */
  now(): number;
  /** Milliseconds since some moment, for measuring: nobody can set it. */
  monotonic(): number;
  /** @throws CancelledError where the clock is {@link cancellable} */
  sleep(ms: number): Promise<void>;
  /** Evenly distributed in [0, 1). */
  random(): number;
  /** Aborts all waits, for time or for an answer, immediately. @defaultValue never */
  readonly cancelled?: AbortSignal;
}

export const systemClock: Clock = {
  // Looked up at each call: fake timers replace it.
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  random: Math.random,
};

/** The same clock, until the signal ends all waits, those for answers included. */
export function cancellable(clock: Clock, cancelled: AbortSignal): Clock {
  const end = cancelled.aborted ? Promise.resolve() : once(cancelled, "abort");
  const failAtEnd = () =>
    end.then(() => {
      throw new CancelledError("cancelled while waiting: run it again to end what was begun");
    });
  return { ...clock, cancelled, sleep: (ms) => Promise.race([clock.sleep(ms), failAtEnd()]) };
}
