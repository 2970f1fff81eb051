/**
 * The time as a service has it. Traces, tokens and signatures go by the service's clock; this machine's may be off, and
 * may be set at any moment. The `Date` of each answer tells the service's time, to the second. Between two answers the
 * time is measured, so that setting this machine's clock changes nothing.
 */
import type { Clock } from "./clock";

/** Clocks that are kept right differ by less. */
const TOLERANCE_MS = 2000;
/** From here on the user should set the clock right. */
const WORTH_SAYING_MS = 60_000;
/** `Date` has whole seconds. */
const DATE_STEP_MS = 1000;
/** Bounds the work where the machines of a service contradict each other. */
const MAX_ATTEMPTS = 3;

/** A service's clock: this machine's, as long as no answer shows that it is off. */
export class ServiceClock implements Clock {
  readonly #machine: Clock;
  readonly #guess: () => number | undefined;
  /** The service's time less the monotonic time is between these two. */
  #least = Number.NEGATIVE_INFINITY;
  #most = Number.POSITIVE_INFINITY;

  /** @param guess the offset to go by while no answer has come, if any is known */
  constructor(machine: Clock, guess: () => number | undefined = () => undefined) {
    this.#machine = machine;
    this.#guess = guess;
  }

  now(): number {
    // The service takes only whole milliseconds for a time.
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

  /** True if an answer has told the time. */
  get isHeard(): boolean {
    return Number.isFinite(this.#least);
  }

  /** The time may differ from {@link now} by this much; infinite where no answer has told it. */
  get uncertaintyMs(): number {
    return (this.#most - this.#least) / 2;
  }

  /** Says so where this machine's clock is off by more than a minute. */
  get warning(): string | undefined {
    const aheadMs = this.#aheadMs();
    if (Math.abs(aheadMs) < WORTH_SAYING_MS) return undefined;
    const direction = aheadMs < 0 ? "behind" : "ahead of";
    return `the clock of this machine is ${Math.round(Math.abs(aheadMs) / 1000)} s ${direction} the service's: the service's time is used, set the clock right`;
  }

  /** Learns from an answer. @param sentAt the monotonic time when its request was sent */
  hear(date: string | undefined, sentAt: number): void {
    // Other forms have no zone, or are not of HTTP.
    const stamped = date?.endsWith("GMT") ? Date.parse(date) : Number.NaN;
    if (Number.isNaN(stamped)) return;
    const least = stamped - this.monotonic();
    const most = stamped + DATE_STEP_MS - sentAt;
    // One of the two clocks was set, or this machine slept: the last answer is right.
    const isContradiction = least > this.#most || most < this.#least;
    this.#least = isContradiction ? least : Math.max(this.#least, least);
    this.#most = isContradiction ? most : Math.min(this.#most, most);
  }

  /** True if it turned out that the time was another one than it was taken for. */
  hasMovedFrom(offsetMs: number, toleranceMs = TOLERANCE_MS): boolean {
    return Math.abs(this.offsetMs - offsetMs) > toleranceMs;
  }

  /** Does work that depends on what time it is, and anew where its answers show that it was another time. */
  async settled<T>(work: (now: number) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      const offset = this.offsetMs;
      const isWrong = () => attempt < MAX_ATTEMPTS && this.hasMovedFrom(offset);
      try {
        const result = await work(this.now());
        if (!isWrong()) return result;
      } catch (error) {
        if (!isWrong()) throw error;
      }
    }
  }

  /** This machine's clock is ahead by this, as far as is known: 0 where it may be right. */
  #aheadMs(): number {
    const own = this.#machine.now() - this.#machine.monotonic();
    if (!this.isHeard) return own - (this.#guess() ?? own);
    const nearest = Math.min(Math.max(own, this.#least), this.#most);
    return Math.abs(own - nearest) <= TOLERANCE_MS ? 0 : own - (this.#least + this.#most) / 2;
  }
}

/** Who has been told that the clock is off: once is enough for all connections of a process. */
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

  /** The clock of the service that a URL leads to. Before its first answer another service's is the best guess. */
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
    if (!clock.isHeard) return;
    this.#lastHeard = clock;
    const { warning } = clock;
    if (warning === undefined || warned.has(this.#warn)) return;
    warned.add(this.#warn);
    this.#warn(warning);
  }
}
