/** The parts that all resources need to bring something about at a service whose answers are lost and whose reads lag. */
import type { Clock } from "../../client/clock";
import { CtsError, NotConvergedError } from "../../client/errors";
import { type Difference, PartialError } from "./managedResource";
import { show } from "./validation";

/** Calls that change something, at most. A tracker needs three at worst: enable, apply, disable. */
const MAX_CALLS = 8;
/** No call begins later than this after the first. */
const BUDGET_MS = 5 * 60_000;
/** Reads lag behind writes: the waits before each look for what a write has changed. */
export const LAG_WAITS_MS: readonly number[] = [0, 100, 200, 400, 800, 1600, 3200];
/** Shorter waits after a call whose answer was lost: it is sent again, which does no harm. It may not have arrived. */
export const LOST_CALL_WAITS_MS: readonly number[] = [0, 100, 200];

/** The calls of one change, of which there are neither too many nor too late ones. */
export class Attempts {
  /** By the monotonic clock, in milliseconds. */
  readonly startedAt: number;
  #calls = 0;

  constructor(private readonly clock: Clock) {
    this.startedAt = clock.monotonic();
  }

  /** Counts a call. */
  count(): void {
    this.#calls++;
  }

  /** True if no further call may begin. */
  get areOver(): boolean {
    return this.#calls >= MAX_CALLS || this.clock.monotonic() - this.startedAt > BUDGET_MS;
  }
}

/** Does work that changes something, and keeps what is known of the result when that fails half-way. */
export async function keepPartial<State>(
  id: string,
  progress: { readonly touched: boolean },
  stateNow: () => State,
  work: () => Promise<unknown>,
): Promise<State> {
  try {
    await work();
    return stateNow();
  } catch (error) {
    if (!progress.touched || !(error instanceof CtsError)) {
      throw error;
    }
    const reasons = error instanceof NotConvergedError ? error.reasons : [error.message];
    throw new PartialError(id, stateNow(), reasons);
  }
}

/** The error for settings that the service took, and that are not in effect. */
export function notInEffect<Gap extends Difference>(
  gaps: readonly Gap[],
  reasonOf: (gap: Gap) => string = stillDiffers,
): NotConvergedError {
  const reasons = gaps.map(reasonOf);
  return new NotConvergedError("The service took the settings, but not all are in effect", reasons);
}

/** A time of the service, as a state has it. */
export function isoTime(ms: number | null | undefined): string | undefined {
  return ms ? new Date(ms).toISOString() : undefined;
}

/** One sentence about a setting that is not in effect. */
export function stillDiffers({ path, from, to }: Difference): string {
  return `${path} is still ${show(from)}, not ${show(to)}`;
}
