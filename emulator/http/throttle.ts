/** Lets so many calls per second pass, and as many at once after a second of rest. */
export class Throttle {
  /** What has been used of the allowance, in thousandths of a call. */
  #used = 0;
  /** Milliseconds since 1970. */
  #usedAt = 0;

  constructor(private readonly clock: () => number) {}

  /**
   * Whether one more call may pass now; uses up its share if so.
   *
   * @param perSecond - a whole number; 0 lets every call pass
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

  /** The whole allowance is there again. */
  reset(): void {
    this.#used = 0;
  }
}
