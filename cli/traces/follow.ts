import { oldestFrom } from "../../client/api/traceQuery";
import type { Trace } from "../../client/api/traces";
import { isTransient } from "../../client/errors";
import type { ServiceClock } from "../../client/serviceClock";
import { Remembered } from "./remembered";

/** What is read at a time. */
export interface FollowWindow {
  /** Milliseconds since the epoch; no trace is earlier. */
  readonly from: number;
  /** Traces are earlier. */
  readonly to: number;
  /** The newest so many. */
  readonly limit?: number;
}

export interface FollowOptions {
  /** Where to begin, in milliseconds since the epoch, if it is now this time. */
  begin(now: number): Promise<number>;
  /** How many of those that are there already, the newest; undefined: all. */
  readonly limit: number | undefined;
  /** Between one look and the next, in milliseconds. */
  readonly intervalMs: number;
  /** Reads traces, newest first, some at a time. */
  read(window: FollowWindow): AsyncIterable<readonly Trace[]>;
  readonly clock: ServiceClock;
  /** Is told once, when the first reading has worked. */
  onBegin(): void;
  /** Is told of each trouble that will be tried again after the interval, once until it is over. */
  onTrouble(error: unknown): void;
  onRecovery(): void;
  /** Is told when more comes in than is remembered, so that late traces may be missed, once until that is over. */
  onOverflow(): void;
}

/** So long after it has happened a trace may still come in. */
const LATE_MS = 15 * 60_000;
/** Most come in sooner. Looking far back at every look would read the same again and again. */
const SOON_MS = 60_000;
const FAR_LOOK_EVERY_MS = 60_000;
/** Traces held at a time, about: a long past is read piece by piece, from its beginning. */
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
      if (!hasWorked) onBegin();
      if (isInTrouble) onRecovery();
      [hasWorked, isInTrouble] = [true, false];
      if (follower.isOverflowing && !hasOverflowed) onOverflow();
      hasOverflowed = follower.isOverflowing;
      if (fresh.length > 0) yield fresh;
    } catch (error) {
      // What has never worked is set up wrongly.
      if (!hasWorked || !isTransient(error)) throw error;
      if (!isInTrouble) onTrouble(error);
      isInTrouble = true;
    }
    if (isInTrouble || follower.isLive) await clock.sleep(intervalMs);
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
  /** Whether the last window reached up to the present. */
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

  /** The traces of the next window that are new, oldest first. Where it fails, the next call reads the same again. */
  async look(): Promise<Trace[]> {
    const { clock } = this.#options;
    const { floor, to, span, isFar, isLive, fresh } = await clock.settled((now) => this.#read(now));
    // What the limit has left out is not new later.
    const isCutOff = this.#limit !== undefined && fresh.length >= this.#limit;
    this.#floor = isCutOff ? Math.max(floor, timeOf(fresh.at(-1)) + 1) : floor;
    this.#limit = undefined;
    if (isFar) this.#lookedFarAt = clock.monotonic();
    this.#position = to;
    this.isLive = isLive;
    // How dense the present is says nothing of a past that is read later.
    this.#span = isLive ? FIRST_SPAN_MS : Math.max(MIN_SPAN_MS, span * growth(fresh.length));
    const all = fresh.filter((trace) => this.#remembered.add(trace)).reverse();
    this.#remembered.forget(this.#position - LATE_MS);
    return all;
  }

  /** Reads the next window. Changes nothing: if it turns out that it is another time, the same is read again. */
  async #read(now: number): Promise<Look> {
    const { begin, clock } = this.#options;
    const floor = Math.max(this.#floor ?? (await begin(now)), this.#remembered.forgottenTo + 1);
    // After a long sleep of the machine, some is too old.
    const position = Math.max(this.#position, floor, oldestFrom(now));
    const isFar = this.isLive && clock.monotonic() - this.#lookedFarAt >= FAR_LOOK_EVERY_MS;
    const lookBack = isFar ? LATE_MS : this.isLive ? SOON_MS : 0;
    const from = Math.max(position - lookBack, floor);
    // Never an empty window: nothing would be sent, and only an answer shows that the clock is off.
    const end = Math.max(now, position + 1);
    for (let span = this.#limit === undefined ? this.#span : Number.POSITIVE_INFINITY; ; ) {
      const to = Math.min(end, position + span);
      const mayBeCut = this.#limit === undefined && to - position > MIN_SPAN_MS;
      const most = mayBeCut ? TOO_MANY : Number.POSITIVE_INFINITY;
      const fresh = await this.#newIn(
        { from, to, ...(this.#limit !== undefined && { limit: this.#limit }) },
        most,
      );
      if (fresh.length <= most) return { floor, to, span, isFar, isLive: to >= now, fresh };
      const fair = ((to - timeOf(fresh.at(-1))) * MANY) / fresh.length;
      span = Math.max(MIN_SPAN_MS, Math.floor(Math.min((to - position) / 2, fair)));
    }
  }

  /** The traces that were not met before; no more are read when they are more than `most`. */
  async #newIn(window: FollowWindow, most: number): Promise<Trace[]> {
    const fresh: Trace[] = [];
    for await (const batch of this.#options.read(window)) {
      for (const trace of batch) if (!this.#remembered.has(trace)) fresh.push(trace);
      if (fresh.length > most) break;
    }
    return fresh;
  }
}

function growth(found: number): number {
  if (found > MANY) return 0.5;
  return found < FEW ? 2 : 1;
}

function timeOf(trace: Trace | undefined): number {
  return trace ? Date.parse(trace.time) : 0;
}
