/**
 * Runs one task in each turn of the event loop. Calls that arrive together end their latency together. If they were all
 * served in one turn, calls that arrive meanwhile would wait before their own latency begins; a service of many
 * machines does not make them wait.
 */
export class EventLoopTurns {
  #last = Promise.resolve();

  /** Resolves in a turn of its own. Calls that have arrived by then have been accepted. */
  next(): Promise<void> {
    this.#last = this.#last.then(() => new Promise((resolve) => setImmediate(resolve)));
    return this.#last;
  }
}
