import type { Clock } from "../clock";
import { ThrottledError } from "../errors";

/** Where the service throttles and does not say for how long; or until a time that by our clock has passed. */
const USUAL_PAUSE_MS = 1000;
const MAX_PAUSE_MS = 60_000;
/** No longer than this is nothing but throttling borne. */
const PATIENCE_MS = 120_000;
/** Answers before one more request at once is tried again. */
const ANSWERS_TO_GROW = 10;
/** What was learnt of the service's limit is forgotten after so long: others may have used it up. */
const LIMIT_LIFE_MS = 30_000;

/** What the service is taken to have: an allowance that is used up by requests and comes back steadily. */
interface Allowance {
  readonly size: number;
  readonly perMs: number;
  readonly learntAt: number;
  /** Below 0 for what has been promised to requests that wait. */
  left: number;
  countedAt: number;
}

/** The service has had enough for now. */
interface Pause {
  readonly ms: number;
  readonly until: number;
  /** When the request that it refused was sent. Its answer took its time as those took theirs that passed. */
  readonly usedUpAt: number;
}

/**
 * How many requests go at once, and how fast: half as many at once when the service throttles, and again more while it does
 * not. Throttled after a fair number of them, it has shown how many it bears in how long, the pause included: from then on
 * they are sent no faster, since each time of throttling costs a whole pause.
 */
export class Pace {
  #allowed: number;
  #answers = 0;
  #pause: Pause | undefined;
  #throttledSince: number | undefined;
  #allowance: Allowance | undefined;
  /** Since the service's allowance was whole: at the start, after a pause, or when what was learnt of it was forgotten. */
  #passed = 0;
  #wholeAt: number;

  /** @param most requests at once, to begin with and at most. */
  constructor(
    private readonly most: number,
    private readonly clock: Clock,
  ) {
    this.#allowed = most;
    this.#wholeAt = clock.monotonic();
  }

  get allowed(): number {
    return this.#allowed;
  }

  /** Whether it is the service's limit that requests wait for, not each other. */
  get isLimited(): boolean {
    return this.#allowance !== undefined && this.#allowance.left < 1;
  }

  /** Sends a request; undefined where it was throttled and is to be sent again. @throws what the request throws. */
  async run<R>(request: () => Promise<R>): Promise<R | undefined> {
    do {
      while (this.#pause && this.clock.monotonic() < this.#pause.until) {
        await this.clock.sleep(this.#pause.until - this.clock.monotonic());
      }
      if (this.#pause) this.#resume(this.#pause);
      const waitMs = this.#takeShare();
      if (waitMs > 0) await this.clock.sleep(waitMs);
      // Another one may have been refused meanwhile.
    } while (this.#pause);
    const begunAt = this.clock.monotonic();
    try {
      const result = await request();
      this.#throttledSince = undefined;
      this.#passed++;
      this.#answers++;
      if (this.#answers % ANSWERS_TO_GROW === 0) this.#allowed = Math.min(this.most, this.#allowed + 1);
      return result;
    } catch (error) {
      if (!(error instanceof ThrottledError)) throw error;
      this.#slowDown(error, begunAt);
      return undefined;
    }
  }

  /** Uses up one request's share of the allowance. Returns how long to wait until it is there, in milliseconds. */
  #takeShare(): number {
    const now = this.clock.monotonic();
    if (this.#allowance && now - this.#allowance.learntAt > LIMIT_LIFE_MS) {
      this.#allowance = undefined;
      // What was sent so slowly says nothing of how much the service bears.
      this.#countAnew();
    }
    const allowance = this.#allowance;
    if (!allowance) return 0;
    const { size, left, perMs, countedAt } = allowance;
    allowance.left = Math.min(size, left + (now - countedAt) * perMs) - 1;
    allowance.countedAt = now;
    return Math.min(LIMIT_LIFE_MS, Math.max(0, -allowance.left / perMs));
  }

  #slowDown(error: ThrottledError, begunAt: number): void {
    const now = this.clock.monotonic();
    this.#throttledSince ??= now;
    if (now - this.#throttledSince > PATIENCE_MS) throw error;
    // Those that were under way together are throttled together: once is enough.
    if (this.#pause || begunAt < this.#wholeAt) return;
    this.#allowed = Math.max(1, Math.floor(this.#allowed / 2));
    const ms = Math.min(error.retryAfterMs || USUAL_PAUSE_MS, MAX_PAUSE_MS);
    this.#pause = { ms, until: now + ms, usedUpAt: begunAt };
  }

  /**
   * What has passed since the allowance last was whole, has come back meanwhile: some of it during the pause. All but one,
   * to be sure: faster by a hair than the service bears costs further pauses.
   */
  #resume({ ms, usedUpAt }: Pause): void {
    const now = this.clock.monotonic();
    const perMs = (this.#passed - 1) / Math.max(1, usedUpAt - this.#wholeAt + ms);
    const size = perMs * ms;
    // Throttled before it has borne much, it was others that used its allowance up: that says nothing of how large it is.
    const isProof = this.#passed >= this.most && size >= 1;
    this.#allowance = isProof ? { size, left: size, perMs, learntAt: now, countedAt: now } : undefined;
    this.#countAnew();
    this.#pause = undefined;
  }

  /** From here on, as if the allowance were whole now. */
  #countAnew(): void {
    this.#passed = 0;
    this.#wholeAt = this.clock.monotonic();
  }
}
