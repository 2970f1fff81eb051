import type { Trace } from "../../client/api/trace";
import { oldestFrom } from "../../client/api/traceQuery";
import { isTransient } from "../../client/errors";
import type { ServiceClock } from "../../client/serviceClock";
import { Remembered } from "./remembered";

/** One piece of the log, read by one call. */
export interface FollowWindow {
  /** Milliseconds since the epoch; no trace is earlier. */
  readonly from: number;
  /** Traces are earlier. */
  readonly to: number;
  /** Only this many of the newest. */
  readonly limit?: number;
}

export interface FollowOptions {
  /** The time to begin from, in milliseconds since the epoch, at this time. */
  begin(now: number): Promise<number>;
  /** The number of existing traces to show, the newest; undefined: all. */
  readonly limit: number | undefined;
  /** Milliseconds between two polls. */
  readonly intervalMs: number;
  /** Reads traces, newest first, some at a time. */
  read(window: FollowWindow): AsyncIterable<readonly Trace[]>;
  readonly clock: ServiceClock;
  /** Called once, when the first read has worked. */
  onBegin(): void;
  /** Called for each failure that will be retried after the interval, once until it is over. */
  onTrouble(error: unknown): void;
  onRecovery(): void;
  /** Is told when more comes in than is remembered, so that late traces may be missed, once until that is over. */
  onOverflow(): void;
}

/** A trace may still arrive this long after its time. */
const LATE_MS = 15 * 60_000;
/** Most traces arrive within this time. Looking further back at every poll would read the same ones again. */
const SOON_MS = 60_000;
const FAR_LOOK_EVERY_MS = 60_000;
/** The approximate number of traces held in memory: a long past is read piece by piece, from its beginning. */
const FEW = 2_000;
const MANY = 10_000;
/** A window with more new traces is cut: they take about three kilobytes each. */
const TOO_MANY = 20_000;
const FIRST_SPAN_MS = 60 * 60_000;
const MIN_SPAN_MS = 1000;

/**
 * All traces from a time on, and those that come in from then on, each once, oldest first as far as they were there
 * together. What comes in more than a quarter of an hour late is missed.
 *
 * @throws any error of the first reading; later ones only where trying again cannot help
 */
export async function* follow(options: FollowOptions): AsyncGenerator<Trace[], never, void> {
  const { clock, intervalMs, onBegin, onTrouble, onRecovery, onOverflow } = options;
  const follower = new Follower(options);
  let [hasWorked, isInTrouble, hasOverflowed] = [false, false, false];
  for (;;) {
    try {
      const fresh = await follower.look();
      if (!hasWorked) {
        onBegin();
      }
      if (isInTrouble) {
        onRecovery();
      }
      [hasWorked, isInTrouble] = [true, false];
      if (follower.isOverflowing && !hasOverflowed) {
        onOverflow();
      }
      hasOverflowed = follower.isOverflowing;
      if (fresh.length > 0) {
        yield fresh;
      }
    } catch (error) {
      // A call that has never worked is a mistake in the set-up, so do not retry it.
      if (!hasWorked || !isTransient(error)) {
        throw error;
      }
      if (!isInTrouble) {
        onTrouble(error);
      }
      isInTrouble = true;
    }
    if (isInTrouble || follower.isLive) {
      await clock.sleep(intervalMs);
    }
  }
}

/** The traces of one window. */
interface Look {
  readonly floor: number;
  readonly to: number;
  readonly span: number;
  readonly isFar: boolean;
  readonly isLive: boolean;
  /** Newest first. */
  readonly fresh: readonly Trace[];
}

/** Reads one window after the other, each from where the last one ended, or from further back. */
class Follower {
  /** True if the last window reached up to the present. */
  isLive = false;
  readonly #options: FollowOptions;
  readonly #remembered = new Remembered();
  #limit: number | undefined;
  /** No earlier traces are asked for; undefined before the first look. Milliseconds since the epoch. */
  #floor: number | undefined;
  /** Earlier traces were read. */
  #position = Number.NEGATIVE_INFINITY;
  #span = FIRST_SPAN_MS;
  #lookedFarAt = Number.NEGATIVE_INFINITY;

  constructor(options: FollowOptions) {
    this.#options = options;
    this.#limit = options.limit;
  }

  /** True if traces were forgotten that may still be met, and so are not asked for. */
  get isOverflowing(): boolean {
    return this.isLive && this.#remembered.forgottenTo > this.#position - LATE_MS;
  }

  /** The new traces of the next window, oldest first. If it fails, the next call reads the same window again. */
  async look(): Promise<Trace[]> {
    const { clock } = this.#options;
    const { floor, to, span, isFar, isLive, fresh } = await clock.settled((now) => this.#read(now));
    // Traces that the limit has left out must not count as new later.
    const isCutOff = this.#limit !== undefined && fresh.length >= this.#limit;
    this.#floor = isCutOff ? Math.max(floor, timeOf(fresh.at(-1)) + 1) : floor;
    this.#limit = undefined;
    if (isFar) {
      this.#lookedFarAt = clock.monotonic();
    }
    this.#position = to;
    this.isLive = isLive;
    // The density of the present does not apply to a past that is read later.
    this.#span = isLive ? FIRST_SPAN_MS : Math.max(MIN_SPAN_MS, span * growth(fresh.length));
    const all = fresh.filter((trace) => this.#remembered.add(trace)).reverse();
    this.#remembered.forget(this.#position - LATE_MS);
    return all;
  }

  /** Reads the next window. Changes no state, so that it can be read again if the clock turns out to be wrong. */
  async #read(now: number): Promise<Look> {
    const { begin, clock } = this.#options;
    const floor = Math.max(this.#floor ?? (await begin(now)), this.#remembered.forgottenTo + 1);
    // After a long sleep of the machine, some of the window is too old.
    const position = Math.max(this.#position, floor, oldestFrom(now));
    const isFar = this.isLive && clock.monotonic() - this.#lookedFarAt >= FAR_LOOK_EVERY_MS;
    const lookBack = isFar ? LATE_MS : this.isLive ? SOON_MS : 0;
    const from = Math.max(position - lookBack, floor);
    // Never send an empty window: only an answer shows that the clock is off.
    const end = Math.max(now, position + 1);
    for (let span = this.#limit === undefined ? this.#span : Number.POSITIVE_INFINITY; ; ) {
      const to = Math.min(end, position + span);
      const mayBeCut = this.#limit === undefined && to - position > MIN_SPAN_MS;
      const most = mayBeCut ? TOO_MANY : Number.POSITIVE_INFINITY;
      const fresh = await this.#newIn(
        { from, to, ...(this.#limit !== undefined && { limit: this.#limit }) },
        most,
      );
      if (fresh.length <= most) {
        return { floor, to, span, isFar, isLive: to >= now, fresh };
      }
      const fair = ((to - timeOf(fresh.at(-1))) * MANY) / fresh.length;
      span = Math.max(MIN_SPAN_MS, Math.floor(Math.min((to - position) / 2, fair)));
    }
  }

  /** The traces that are new; stops reading when they are more than `most`. */
  async #newIn(window: FollowWindow, most: number): Promise<Trace[]> {
    const fresh: Trace[] = [];
    for await (const batch of this.#options.read(window)) {
      for (const trace of batch) {
        if (!this.#remembered.has(trace)) {
          fresh.push(trace);
        }
      }
      if (fresh.length > most) {
        break;
      }
    }
    return fresh;
  }
}

function growth(found: number): number {
  if (found > MANY) {
    return 0.5;
  }
  return found < FEW ? 2 : 1;
}

function timeOf(trace: Trace | undefined): number {
  return trace ? Date.parse(trace.time) : 0;
}
