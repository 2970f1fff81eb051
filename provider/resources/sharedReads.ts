import type { Clock } from "../client/clock";

/** What many ask for within a while is read once: a refresh of a hundred resources needs one list of them all. */
export class SharedReads<T> {
  readonly #reads = new Map<string, { at: number; result: Promise<T> }>();

  /** @param lifeMs how old an answer may be, in milliseconds. */
  constructor(
    private readonly clock: Clock,
    private readonly lifeMs: number,
  ) {}

  /** What was read of a thing not long ago, or else is read now. A read that fails is nobody else's answer. */
  get(thing: string, read: () => Promise<T>): Promise<T> {
    const last = this.#reads.get(thing);
    if (last && this.clock.now() - last.at < this.lifeMs) return last.result;
    const result = read();
    const entry = { at: this.clock.now(), result };
    this.#reads.set(thing, entry);
    result.catch(() => {
      if (this.#reads.get(thing) === entry) this.#reads.delete(thing);
    });
    return result;
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
