/**
 * Lets one thing be done in each turn of the event loop. Calls that arrive together end their latency together, and if all
 * their work were done at once, calls that come meanwhile would have to wait before their own latency even begins: a
 * service of many machines does not make them wait.
 */
export class Turns {
  #last = Promise.resolve();

  /** When it is one's turn. Whatever has arrived by then has been accepted. */
  next(): Promise<void> {
    this.#last = this.#last.then(() => new Promise((resolve) => setImmediate(resolve)));
    return this.#last;
  }
}
