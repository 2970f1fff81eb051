import type { Clock } from "../provider/client/clock";
import { isTransient } from "../provider/client/errors";
import { oldestFrom } from "../provider/client/traceQuery";
import type { Trace } from "../provider/client/traces";

/** What is read at a time. */
export interface FollowWindow {
  /** Milliseconds since the epoch; traces are later. */
  readonly from: number;
  /** Traces are earlier. */
  readonly to: number;
  /** The newest so many. */
  readonly limit?: number;
}

export interface FollowOptions {
  /** Where to begin, in milliseconds since the epoch. */
  readonly from: number;
  /** How many of those that are there already, the newest; undefined: all. */
  readonly limit: number | undefined;
  /** Between one look and the next, in milliseconds. */
  readonly intervalMs: number;
  /** Reads traces, newest first. */
  read(window: FollowWindow): AsyncIterable<Trace>;
  readonly clock: Pick<Clock, "now" | "sleep">;
  /** Is told of each trouble that will be tried again after the interval, once until it is over. */
  onTrouble(error: unknown): void;
  onRecovery(): void;
}

/** So long after it has happened a trace may still come in. */
const LATE_MS = 15 * 60_000;
/** Most come in sooner. Looking far back at every look would read the same again and again. */
const SOON_MS = 60_000;
const FAR_LOOK_EVERY_MS = 60_000;
/** What is remembered, at most: about 10 MB. */
const MAX_REMEMBERED = 100_000;
/** As many as are held at a time, about: a long past is read piece by piece, from its beginning. */
const FEW = 2_000;
const MANY = 10_000;
const FIRST_SPAN_MS = 60 * 60_000;
const MIN_SPAN_MS = 1000;

/**
 * All traces from a time on, and those that come in from then on, each once, oldest first as far as they were there
 * together. What comes in more than a quarter of an hour late is missed.
 *
 * @throws any error of the first reading; later ones only where trying again cannot help
 */
export async function* follow(options: FollowOptions): AsyncGenerator<Trace[], never, void> {
  const { clock, intervalMs, onTrouble, onRecovery } = options;
  const follower = new Follower(options);
  let [hasWorked, isInTrouble] = [false, false];
  for (;;) {
    try {
      const fresh = await follower.look(clock.now());
      if (isInTrouble) onRecovery();
      [hasWorked, isInTrouble] = [true, false];
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

/** Reads one window after the other, each from where the last one ended, or from further back. */
class Follower {
  /** Whether the last window reached up to the present. */
  isLive = false;
  readonly #read: FollowOptions["read"];
  readonly #remembered: Remembered;
  #limit: number | undefined;
  #position: number;
  #span = FIRST_SPAN_MS;
  #lookedFarAt = Number.NEGATIVE_INFINITY;

  constructor({ from, limit, read }: FollowOptions) {
    this.#read = read;
    this.#remembered = new Remembered(from);
    this.#limit = limit;
    this.#position = from;
  }

  /** The traces of the next window that are new, oldest first. Where it fails, the next call reads the same again. */
  async look(now: number): Promise<Trace[]> {
    // After a long sleep of the machine.
    this.#position = Math.max(this.#position, oldestFrom(now));
    const limit = this.#limit;
    const to = limit === undefined ? Math.min(now, this.#position + this.#span) : now;
    const isFar = this.isLive && now - this.#lookedFarAt >= FAR_LOOK_EVERY_MS;
    // Both ends are open: the millisecond at which the last window ended was in none yet.
    const lookBack = isFar ? LATE_MS : this.isLive ? SOON_MS : 1;
    const from = Math.max(this.#position - lookBack, this.#remembered.floor);
    const window = { from, to, ...(limit !== undefined && { limit }) };
    const found = from < to ? await newestLast(this.#read(window)) : [];
    if (isFar) this.#lookedFarAt = now;
    // What the limit has left out is not new later.
    if (limit !== undefined && found.length >= limit) this.#remembered.raiseFloor(timeOf(found[0]));
    this.#limit = undefined;
    this.#position = Math.max(this.#position, to);
    this.isLive = to >= now;
    // How dense the present is says nothing of a past that is read later.
    this.#span = this.isLive ? FIRST_SPAN_MS : Math.max(MIN_SPAN_MS, this.#span * growth(found.length));
    const fresh = found.filter((trace) => this.#remembered.add(trace));
    this.#remembered.forget(this.#position - LATE_MS);
    return fresh;
  }
}

function growth(found: number): number {
  if (found > MANY) return 0.5;
  return found < FEW ? 2 : 1;
}

/** The ids that were handed on, for as long as they may be met again. */
class Remembered {
  readonly #times = new Map<string, number>();

  /** @param floor what is not later than this is not asked for any more, in milliseconds since the epoch */
  constructor(public floor: number) {}

  /** Whether it is new. */
  add(trace: Trace): boolean {
    if (this.#times.has(trace.traceId)) return false;
    this.#times.set(trace.traceId, timeOf(trace));
    if (this.#times.size > MAX_REMEMBERED) this.#forgetOldest();
    return true;
  }

  /** Those that are so old will not be met again. */
  forget(before: number): void {
    for (const [id, time] of this.#times) {
      if (time >= before) return;
      this.#times.delete(id);
    }
  }

  raiseFloor(time: number): void {
    this.floor = Math.max(this.floor, time);
  }

  /** It cannot be told from a new one any more: so it must not be met again. */
  #forgetOldest(): void {
    const [oldest] = this.#times;
    if (!oldest) return;
    this.#times.delete(oldest[0]);
    this.raiseFloor(oldest[1]);
  }
}

async function newestLast(found: AsyncIterable<Trace>): Promise<Trace[]> {
  const all: Trace[] = [];
  for await (const trace of found) all.push(trace);
  return all.reverse();
}

function timeOf(trace: Trace | undefined): number {
  return trace ? Date.parse(trace.time) : 0;
}
