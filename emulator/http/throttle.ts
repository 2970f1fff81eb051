/** A token bucket: lets a number of calls pass per second, and that number concurrently after a second of rest. */
export class Throttle {
  /** The used part of the capacity, in thousandths of a call. */
  #used = 0;
  /** Milliseconds since 1970. */
  #usedAt = 0;

  constructor(private readonly clock: () => number) {}

  /**
   * Takes a token and returns true if one more call may pass now.
   *
   * @param perSecond a whole number; 0 lets every call pass
   */
  admit(perSecond: number): boolean {
    if (perSecond === 0) {
      this.reset();
      return true;
    }
    const now = this.clock();
    this.#used = Math.max(0, this.#used - (now - this.#usedAt) * perSecond);
    this.#usedAt = now;
    const isWithin = this.#used + 1000 <= perSecond * 1000;
    this.#used += isWithin ? 1000 : 0;
    return isWithin;
  }

  /** Refills the bucket. */
  reset(): void {
    this.#used = 0;
  }
}
