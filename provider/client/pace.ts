import type { Clock } from "./clock";
import { ThrottledError } from "./errors";

/** Where the service throttles and does not say for how long. */
const USUAL_PAUSE_MS = 1000;
const MAX_PAUSE_MS = 60_000;
/** No longer than this is nothing but throttling borne. */
const PATIENCE_MS = 120_000;
/** Answers before one more request at once is tried again. */
const ANSWERS_TO_GROW = 10;

/** How many requests go at once: half as many when the service throttles, and again more while it does not. */
export class Pace {
  #allowed: number;
  #answers = 0;
  #pausedUntil = Number.NEGATIVE_INFINITY;
  #throttledSince: number | undefined;

  /** @param most requests at once, to begin with and at most. */
  constructor(
    private readonly most: number,
    private readonly clock: Clock,
  ) {
    this.#allowed = most;
  }

  get allowed(): number {
    return this.#allowed;
  }

  /** Sends a request; undefined where it was throttled and is to be sent again. @throws what the request throws. */
  async run<R>(request: () => Promise<R>): Promise<R | undefined> {
    while (this.clock.now() < this.#pausedUntil) {
      await this.clock.sleep(this.#pausedUntil - this.clock.now());
    }
    const begunAt = this.clock.now();
    try {
      const result = await request();
      this.#throttledSince = undefined;
      this.#answers++;
      if (this.#answers % ANSWERS_TO_GROW === 0) this.#allowed = Math.min(this.most, this.#allowed + 1);
      return result;
    } catch (error) {
      if (!(error instanceof ThrottledError)) throw error;
      this.#slowDown(error, begunAt);
      return undefined;
    }
  }

  #slowDown(error: ThrottledError, begunAt: number): void {
    const now = this.clock.now();
    this.#throttledSince ??= now;
    if (now - this.#throttledSince > PATIENCE_MS) throw error;
    // Those that were under way together are throttled together: once is enough.
    if (begunAt < this.#pausedUntil) return;
    this.#allowed = Math.max(1, Math.floor(this.#allowed / 2));
    this.#pausedUntil = now + Math.min(error.retryAfterMs ?? USUAL_PAUSE_MS, MAX_PAUSE_MS);
  }
}
