import type { Clock } from "../../client/clock";

/** A single-flight read cache: a refresh of a hundred resources needs one list of them all. */
export class ReadCache<T> {
  readonly #reads = new Map<string, { result: Promise<T>; answeredAt?: number }>();

  /** @param lifeMs how long an answer serves others, in milliseconds; one that is under way always does. */
  constructor(
    private readonly clock: Clock,
    private readonly lifeMs: number,
  ) {}

  /**
   * Returns a cached read, or reads now. Failed reads are not cached.
   *
   * @param lifeMs the greatest age of a cached read.
   */
  get(thing: string, read: () => Promise<T>, lifeMs = this.lifeMs): Promise<T> {
    const recent = this.recent(thing, lifeMs);
    if (recent) {
      return recent;
    }
    const entry: { result: Promise<T>; answeredAt?: number } = { result: read() };
    this.#reads.set(thing, entry);
    entry.result.then(
      () => {
        entry.answeredAt = this.clock.monotonic();
      },
      () => {
        if (this.#reads.get(thing) === entry) {
          this.#reads.delete(thing);
        }
      },
    );
    return entry.result;
  }

  /** The cached read, or the one under way; undefined if there is none. */
  recent(thing: string, lifeMs = this.lifeMs): Promise<T> | undefined {
    const last = this.#reads.get(thing);
    const now = this.clock.monotonic();
    return last && now - (last.answeredAt ?? now) < lifeMs ? last.result : undefined;
  }

  /** Does work that changes a thing: what is read of it before or meanwhile is not what is there afterwards. */
  invalidateAfter<R>(thing: string, work: () => Promise<R>): Promise<R> {
    return work().finally(() => this.#reads.delete(thing));
  }
}
