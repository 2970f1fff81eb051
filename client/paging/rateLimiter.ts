import type { Clock } from "../clock";
import { ThrottledError } from "../errors";

/** Concurrent requests of a reading, while the service does not throttle. */
export const MAX_CONCURRENCY = 15;
/** The pause if the service throttles without a `Retry-After`, or with one that has passed by our clock. */
const DEFAULT_PAUSE_MS = 1000;
const MAX_PAUSE_MS = 60_000;
/** Gives up after throttling alone for this long. */
const PATIENCE_MS = 120_000;
/** Concurrent requests that each answer adds again. */
const GROWTH = 0.1;
/** The estimate of the service's limit is put to the test after this time: others may have used a part of it. */
const ESTIMATE_TTL_MS = 30_000;
/** Fewer accepted requests say nothing of the limit: others may have emptied the service's bucket before. */
const MIN_ACCEPTED = 8;

/** The service's limit, as far as its answers show it. */
interface Estimate {
  readonly capacity: number;
  readonly refillPerMs: number;
}

/** Requests are sent as fast as it fills. */
interface TokenBucket extends Estimate {
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
 * Limits how many requests run concurrently and how fast they are sent; the rate is that of all readings that share it.
 * Throttling halves the concurrency, which grows again with answers. The accepted requests until then, over their time and
 * the pause, are the estimate of the service's rate: requests are sent no faster from then on, as each further 429 costs a
 * whole pause.
 */
export class RateLimiter {
  #concurrency: number;
  #pause: Pause | undefined;
  #throttledSince: number | undefined;
  /** Learned from the last refusal that proved a limit. */
  #estimate: Estimate | undefined;
  /** Undefined where nothing is known of the limit, and while the estimate is put to the test. */
  #bucket: TokenBucket | undefined;
  /** Requests that were accepted since the service's bucket was full. */
  #accepted = 0;
  /** The start, the end of a time without requests, or when the estimate expired. */
  #windowStart = Number.NEGATIVE_INFINITY;
  #sentAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly clock: Clock,
    private readonly max = MAX_CONCURRENCY,
  ) {
    this.#concurrency = max;
  }

  /** Concurrent requests, at most, of each reading. */
  get concurrency(): number {
    return Math.floor(this.#concurrency);
  }

  /** True if the service has shown how fast requests may be sent. */
  get isLimitKnown(): boolean {
    return this.#estimate !== undefined;
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
      this.#speedUp(begunAt);
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
    // After a time without requests the service's bucket is full; slow sending says nothing about its limit.
    const isStale = this.#bucket
      ? now - this.#bucket.learnedAt > ESTIMATE_TTL_MS
      : now - this.#sentAt >= DEFAULT_PAUSE_MS;
    if (isStale) {
      this.#bucket = undefined;
      this.#throttledSince = undefined;
      this.#restartWindow(now);
    }
    this.#sentAt = now;
    const bucket = this.#bucket;
    if (!bucket) {
      return 0;
    }
    const { capacity, tokens, refillPerMs, refilledAt } = bucket;
    bucket.tokens = Math.min(capacity, tokens + (now - refilledAt) * refillPerMs) - 1;
    bucket.refilledAt = now;
    return Math.min(ESTIMATE_TTL_MS, Math.max(0, -bucket.tokens / refillPerMs));
  }

  #speedUp(begunAt: number): void {
    this.#throttledSince = undefined;
    // One that was sent after a refused one may have got a token that came later: it says nothing of the rate.
    if (begunAt <= (this.#pause?.refusedAt ?? Number.POSITIVE_INFINITY)) {
      this.#accepted++;
    }
    this.#concurrency = Math.min(this.max, this.#concurrency + GROWTH);
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
   * numbers, so the estimate is rounded. Half a token stays in reserve: where latency varies, requests may arrive closer
   * together than they were sent, and each further 429 costs another pause.
   */
  #resume({ ms, until, refusedAt }: Pause): void {
    const elapsedMs = Math.max(1, refusedAt - this.#windowStart + ms);
    const permitted = Math.round(((this.#accepted + 0.5) * ms) / elapsedMs);
    if (this.#accepted >= MIN_ACCEPTED && permitted >= 1) {
      this.#estimate = { capacity: Math.max(1, permitted - 0.5), refillPerMs: permitted / ms };
    }
    const estimate = this.#estimate;
    // The bucket was empty when the service refused, and has filled since.
    this.#bucket = estimate && { ...estimate, tokens: 0, learnedAt: until, refilledAt: until - ms };
    this.#restartWindow(until);
    this.#pause = undefined;
  }

  /** From that time on, as if the bucket were whole then. */
  #restartWindow(at: number): void {
    this.#accepted = 0;
    this.#sentAt = this.#windowStart = at;
  }
}
