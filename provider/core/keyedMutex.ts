/** Lets work on one thing be done in turn: the engine changes resources concurrently. */
export class KeyedMutex {
  readonly #turns = new Map<string, Promise<unknown>>();

  /** Runs work on a thing after all earlier work on it, whether or not that succeeded. */
  runExclusive<T>(thing: string, work: () => Promise<T>): Promise<T> {
    const turn = (this.#turns.get(thing) ?? Promise.resolve()).then(work);
    this.#turns.set(
      thing,
      turn.catch(() => undefined),
    );
    return turn;
  }
}
