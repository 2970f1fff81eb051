import type { Clock } from "../../client/clock";

/** What many ask for within a while is read once: a refresh of a hundred resources needs one list of them all. */
export class SharedReads<T> {
  readonly #reads = new Map<string, { result: Promise<T>; answeredAt?: number }>();

  /** @param lifeMs how long an answer serves others, in milliseconds; one that is under way always does. */
  constructor(
    private readonly clock: Clock,
    private readonly lifeMs: number,
  ) {}

  /**
   * What was read of a thing not long ago, or else is read now. A read that fails is nobody else's answer.
   *
   * @param lifeMs for whom an answer must be younger.
   */
  get(thing: string, read: () => Promise<T>, lifeMs = this.lifeMs): Promise<T> {
    const last = this.#reads.get(thing);
    const now = this.clock.monotonic();
    if (last && now - (last.answeredAt ?? now) < lifeMs) return last.result;
    const entry: typeof last = { result: read() };
    this.#reads.set(thing, entry);
    entry.result.then(
      () => {
        entry.answeredAt = this.clock.monotonic();
      },
      () => {
        if (this.#reads.get(thing) === entry) this.#reads.delete(thing);
      },
    );
    return entry.result;
  }

  /** What was read, or is being read, of a thing not long ago; undefined where that was not. */
  recent(thing: string): Promise<T> | undefined {
    const last = this.#reads.get(thing);
    const now = this.clock.monotonic();
    return last && now - (last.answeredAt ?? now) < this.lifeMs ? last.result : undefined;
  }

  /** Does work that changes a thing: what is read of it before or meanwhile is not what is there afterwards. */
  async whileChanging<R>(thing: string, work: () => Promise<R>): Promise<R> {
    try {
      return await work();
    } finally {
      this.#reads.delete(thing);
    }
  }
}
