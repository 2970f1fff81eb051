import type { Clock } from "../clock";
import { ThrottledError } from "../errors";

/** The pause if the service throttles without a `Retry-After`, or with one that has passed by our clock. */
const DEFAULT_PAUSE_MS = 1000;
const MAX_PAUSE_MS = 60_000;
/** Gives up after throttling alone for this long. */
const PATIENCE_MS = 120_000;
/** Answers before one more concurrent request is tried again. */
const ANSWERS_TO_GROW = 10;
/** The estimate of the service's limit is forgotten after this time: others may have used it up. */
const ESTIMATE_TTL_MS = 30_000;

/** The service's limit, as far as its answers show it. */
interface TokenBucket {
  readonly capacity: number;
  readonly refillPerMs: number;
  readonly learnedAt: number;
  /** Below 0 for the tokens that are promised to requests that wait. */
  tokens: number;
  refilledAt: number;
}

/** The service has throttled. */
interface Pause {
  readonly ms: number;
  readonly until: number;
  /** When the request that it refused was sent: accepted requests had the same latency. */
  readonly refusedAt: number;
}

/**
 * Limits how many requests run concurrently and how fast they are sent. Throttling halves the concurrency, which grows again
 * with answers. The accepted requests until then, over their time and the pause, are the estimate of the service's rate:
 * requests are sent no faster from then on, as each further 429 costs a whole pause.
 */
export class RateLimiter {
  #concurrency: number;
  #answers = 0;
  #pause: Pause | undefined;
  #throttledSince: number | undefined;
  #bucket: TokenBucket | undefined;
  /** Requests that were accepted since the service's bucket was full. */
  #accepted = 0;
  /** The start, the end of a pause, or when the estimate expired. */
  #windowStart: number;

  /** @param max concurrent requests, to begin with and at most. */
  constructor(
    private readonly max: number,
    private readonly clock: Clock,
  ) {
    this.#concurrency = max;
    this.#windowStart = clock.monotonic();
  }

  get concurrency(): number {
    return this.#concurrency;
  }

  /** True if requests wait for the service's limit, not for each other. */
  get isRateLimited(): boolean {
    return this.#bucket !== undefined && this.#bucket.tokens < 1;
  }

  /** Sends a request; undefined where it was throttled and is to be sent again. @throws what the request throws. */
  async run<R>(request: () => Promise<R>): Promise<R | undefined> {
    do {
      while (this.#pause && this.clock.monotonic() < this.#pause.until) {
        await this.clock.sleep(this.#pause.until - this.clock.monotonic());
      }
      if (this.#pause) {
        this.#resume(this.#pause);
      }
      const waitMs = this.#takeToken();
      if (waitMs > 0) {
        await this.clock.sleep(waitMs);
      }
      // Another one may have been refused meanwhile.
    } while (this.#pause);
    const begunAt = this.clock.monotonic();
    try {
      const result = await request();
      this.#throttledSince = undefined;
      this.#noteAccepted(begunAt);
      this.#answers++;
      if (this.#answers % ANSWERS_TO_GROW === 0) {
        this.#concurrency = Math.min(this.max, this.#concurrency + 1);
      }
      return result;
    } catch (error) {
      if (!(error instanceof ThrottledError)) {
        throw error;
      }
      this.#slowDown(error, begunAt);
      return undefined;
    }
  }

  /** Uses up one request's share of the bucket. Returns how long to wait until it is there, in milliseconds. */
  #takeToken(): number {
    const now = this.clock.monotonic();
    if (this.#bucket && now - this.#bucket.learnedAt > ESTIMATE_TTL_MS) {
      this.#bucket = undefined;
      // Slow sending says nothing about the service's limit.
      this.#restartWindow();
    }
    const bucket = this.#bucket;
    if (!bucket) {
      return 0;
    }
    const { capacity, tokens, refillPerMs, refilledAt } = bucket;
    bucket.tokens = Math.min(capacity, tokens + (now - refilledAt) * refillPerMs) - 1;
    bucket.refilledAt = now;
    return Math.min(ESTIMATE_TTL_MS, Math.max(0, -bucket.tokens / refillPerMs));
  }

  /** A request that was sent after the refused one may have got a token that came later. It says nothing of the rate. */
  #noteAccepted(begunAt: number): void {
    if (begunAt <= (this.#pause?.refusedAt ?? Number.POSITIVE_INFINITY)) {
      this.#accepted++;
    }
  }

  #slowDown(error: ThrottledError, begunAt: number): void {
    const now = this.clock.monotonic();
    this.#throttledSince ??= now;
    if (now - this.#throttledSince > PATIENCE_MS) {
      throw error;
    }
    // Requests that were in flight together are throttled together: count them once.
    if (this.#pause || begunAt < this.#windowStart) {
      return;
    }
    this.#concurrency = Math.max(1, Math.floor(this.#concurrency / 2));
    const ms = Math.min(error.retryAfterMs || DEFAULT_PAUSE_MS, MAX_PAUSE_MS);
    this.#pause = { ms, until: now + ms, refusedAt: begunAt };
  }

  /**
   * Estimates the requests that the service permits in the time of its pause: those accepted since its bucket was last full,
   * in proportion to the elapsed time including the pause. Half of one is added for the refused request. Limits are whole
   * numbers, so the estimate is rounded. One token stays in reserve: where latency varies, requests may arrive closer together
   * than they were sent, and each further 429 costs another pause.
   */
  #resume({ ms, refusedAt }: Pause): void {
    const now = this.clock.monotonic();
    const elapsedMs = Math.max(1, refusedAt - this.#windowStart + ms);
    const permitted = Math.round(((this.#accepted + 0.5) * ms) / elapsedMs);
    const capacity = Math.max(1, permitted - 1);
    // Throttled before it has borne much, it was others that used its bucket up: that says nothing of how large it is.
    const isProof = this.#accepted >= this.max && permitted >= 1;
    this.#bucket = isProof
      ? { capacity, tokens: capacity, refillPerMs: permitted / ms, learnedAt: now, refilledAt: now }
      : undefined;
    this.#restartWindow();
    this.#pause = undefined;
  }

  /** From here on, as if the bucket were whole now. */
  #restartWindow(): void {
    this.#accepted = 0;
    this.#windowStart = this.clock.monotonic();
  }
}
