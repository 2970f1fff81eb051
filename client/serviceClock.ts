/**
 * The time of a service. Traces, tokens and signatures use the service's clock; this machine's may be off, and may be
 * set at any moment. The `Date` of each answer gives the service's time, to the second. Between two answers the time is
 * measured, so that setting this machine's clock changes nothing.
 */
import type { Clock } from "./clock";

/** Synchronised clocks differ by less. */
const TOLERANCE_MS = 2000;
/** From this offset on the user should set the clock. */
const WORTH_SAYING_MS = 60_000;
/** `Date` has whole seconds. */
const DATE_STEP_MS = 1000;
/** Limits the retries if the machines of a service contradict each other. */
const MAX_ATTEMPTS = 3;

/** A service's clock: this machine's until an answer shows that it is off. */
export class ServiceClock implements Clock {
  readonly #machine: Clock;
  readonly #guess: () => number | undefined;
  /** The service's time less the monotonic time is between these two. */
  #least = Number.NEGATIVE_INFINITY;
  #most = Number.POSITIVE_INFINITY;

  /** @param guess the offset to use before the first answer, if one is known */
  constructor(machine: Clock, guess: () => number | undefined = () => undefined) {
    this.#machine = machine;
    this.#guess = guess;
  }

  now(): number {
    // The service accepts only whole milliseconds.
    return this.#machine.now() - Math.round(this.#aheadMs());
  }

  monotonic(): number {
    return this.#machine.monotonic();
  }

  sleep(ms: number): Promise<void> {
    return this.#machine.sleep(ms);
  }

  random(): number {
    return this.#machine.random();
  }

  /** The service's time less the monotonic time. */
  get offsetMs(): number {
    return this.now() - this.monotonic();
  }

  /** True if an answer has given the time. */
  get isHeard(): boolean {
    return Number.isFinite(this.#least);
  }

  /** The possible error of {@link now}; infinite before the first answer. */
  get uncertaintyMs(): number {
    return (this.#most - this.#least) / 2;
  }

  /** Warns if this machine's clock is off by more than a minute. */
  get warning(): string | undefined {
    const aheadMs = this.#aheadMs();
    if (Math.abs(aheadMs) < WORTH_SAYING_MS) {
      return undefined;
    }
    const direction = aheadMs < 0 ? "behind" : "ahead of";
    return `the clock of this machine is ${Math.round(Math.abs(aheadMs) / 1000)} s ${direction} the service's: the service's time is used, set the clock right`;
  }

  /** Learns from an answer. @param sentAt the monotonic time when its request was sent */
  hear(date: string | undefined, sentAt: number): void {
    // Other forms have no zone, or are not of HTTP.
    const stamped = date?.endsWith("GMT") ? Date.parse(date) : Number.NaN;
    if (Number.isNaN(stamped)) {
      return;
    }
    const least = stamped - this.monotonic();
    const most = stamped + DATE_STEP_MS - sentAt;
    // One of the two clocks was set, or this machine slept: the last answer is right.
    const isContradiction = least > this.#most || most < this.#least;
    this.#least = isContradiction ? least : Math.max(this.#least, least);
    this.#most = isContradiction ? most : Math.min(this.#most, most);
  }

  /** True if the assumed time turned out to be wrong. */
  hasMovedFrom(offsetMs: number, toleranceMs = TOLERANCE_MS): boolean {
    return Math.abs(this.offsetMs - offsetMs) > toleranceMs;
  }

  /** Does work that depends on the time, and repeats it if its answers show that the assumed time was wrong. */
  async settled<T>(work: (now: number) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      const offset = this.offsetMs;
      const isWrong = () => attempt < MAX_ATTEMPTS && this.hasMovedFrom(offset);
      try {
        const result = await work(this.now());
        if (!isWrong()) {
          return result;
        }
      } catch (error) {
        if (!isWrong()) {
          throw error;
        }
      }
    }
  }

  /** This machine's clock is ahead by this; 0 if it may be right. */
  #aheadMs(): number {
    const own = this.#machine.now() - this.#machine.monotonic();
    if (!this.isHeard) {
      return own - (this.#guess() ?? own);
    }
    const nearest = Math.min(Math.max(own, this.#least), this.#most);
    return Math.abs(own - nearest) <= TOLERANCE_MS ? 0 : own - (this.#least + this.#most) / 2;
  }
}

/** The `warn` functions that have had the warning: once is enough for all connections of a process. */
const warned = new WeakSet<(message: string) => void>();

/** The clocks of all services that a connection speaks to: IAM and CTS run on different machines. */
export class ServiceClocks {
  readonly #machine: Clock;
  readonly #warn: (message: string) => void;
  readonly #clocks = new Map<string, ServiceClock>();
  #lastHeard: ServiceClock | undefined;

  constructor(machine: Clock, warn: (message: string) => void = () => {}) {
    this.#machine = machine;
    this.#warn = warn;
  }

  /** The clock of the service of a URL. Before its first answer another service's is the best guess. */
  of(url: string): ServiceClock {
    const { origin } = new URL(url);
    const clock =
      this.#clocks.get(origin) ?? new ServiceClock(this.#machine, () => this.#lastHeard?.offsetMs);
    this.#clocks.set(origin, clock);
    return clock;
  }

  /** Learns from an answer of the service that a URL leads to. */
  hear(url: string, date: string | undefined, sentAt: number): void {
    const clock = this.of(url);
    clock.hear(date, sentAt);
    if (!clock.isHeard) {
      return;
    }
    this.#lastHeard = clock;
    const { warning } = clock;
    if (warning === undefined || warned.has(this.#warn)) {
      return;
    }
    warned.add(this.#warn);
    this.#warn(warning);
  }
}
