import type { Clock } from "../clock";
import { ApiError, CancelledError, CtsError, isTransient, ThrottledError, wasNotApplied } from "../errors";

/** The number and the delays of retries. All waits are jittered. */
export interface RetryPolicy {
  /** Attempts at most, the first included. @defaultValue 6 */
  readonly attempts: number;
  /** Upper bound of the first wait, doubled for each further one, in milliseconds. @defaultValue 250 */
  readonly firstDelayMs: number;
  /** Upper bound of any one wait of our own choosing, in milliseconds. @defaultValue 10000 */
  readonly maxDelayMs: number;
  /** No attempt begins later than this many milliseconds after the first one. @defaultValue 120000 */
  readonly budgetMs: number;
  /** The longest `Retry-After` that is honoured in full, in milliseconds. @defaultValue 60000 */
  readonly maxRetryAfterMs: number;
}

export const defaultRetryPolicy: RetryPolicy = {
  attempts: 6,
  firstDelayMs: 250,
  maxDelayMs: 10_000,
  budgetMs: 120_000,
  maxRetryAfterMs: 60_000,
};

/** Retries a call that may safely be carried out twice while its failure looks transient. */
export function retryIdempotent<T>(call: () => Promise<T>, clock: Clock, policy?: RetryPolicy): Promise<T> {
  return retry(call, isTransient, clock, policy);
}

/** The same, for a caller that slows down by itself if the service throttles. */
export function retryButThrottling<T>(
  call: () => Promise<T>,
  clock: Clock,
  policy?: RetryPolicy,
): Promise<T> {
  const mayRepeat = (error: unknown) => isTransient(error) && !(error instanceof ThrottledError);
  return retry(call, mayRepeat, clock, policy);
}

/**
 * Retries a call that must not be carried out twice: only after a failure that has certainly changed nothing. After any
 * other failure the caller must read back.
 */
export function retryOnce<T>(call: () => Promise<T>, clock: Clock, policy?: RetryPolicy): Promise<T> {
  return retry(call, (error) => isTransient(error) && wasNotApplied(error), clock, policy);
}

async function retry<T>(
  call: () => Promise<T>,
  mayRepeat: (error: unknown) => boolean,
  clock: Clock,
  policy: RetryPolicy = defaultRetryPolicy,
): Promise<T> {
  const start = clock.monotonic();
  let mayHaveBeenApplied = false;
  for (let attempt = 1; ; attempt++) {
    try {
      return await call();
    } catch (error) {
      mayHaveBeenApplied ||= !wasNotApplied(error);
      if (error instanceof CtsError) {
        error.mayHaveBeenApplied = mayHaveBeenApplied;
      }
      // Signing in has its own retries.
      const isUnsent = error instanceof CtsError && error.notSent;
      if (attempt >= policy.attempts || isUnsent || !mayRepeat(error)) {
        throw error;
      }
      const waitMs = delayMs(error, attempt, clock, policy);
      if (clock.monotonic() + waitMs - start > policy.budgetMs) {
        throw error;
      }
      await clock.sleep(waitMs).catch((cancelled: unknown) => {
        if (!(cancelled instanceof CancelledError && error instanceof CtsError)) {
          throw cancelled;
        }
        cancelled.message = `${error.message}; ${cancelled.message}`;
        // An unknown outcome from before the wait is still unknown.
        cancelled.mayHaveBeenApplied = mayHaveBeenApplied;
        throw cancelled;
      });
    }
  }
}

function delayMs(error: unknown, attempt: number, clock: Clock, policy: RetryPolicy): number {
  const ceiling = Math.min(policy.maxDelayMs, policy.firstDelayMs * 2 ** (attempt - 1));
  const backOff = ceiling * (0.5 + clock.random() / 2);
  const asked = error instanceof ApiError ? (error.retryAfterMs ?? 0) : 0;
  return backOff + Math.min(asked, policy.maxRetryAfterMs);
}
