import { ApiError, is401, isTransient } from "../errors";

/**
 * Tries credentials out with care: until they have once been accepted, attempts go one after the other, and after
 * some refusals none goes any more. Else many resources with a wrong password, key or clock would lock them.
 */
export class Trial {
  #isProven = false;
  #running: Promise<unknown> | undefined;
  readonly #refusals: ApiError[] = [];

  /** @param maxRefusals before the first success. Five in a row lock a user, and also a key, for some minutes. */
  constructor(private readonly maxRefusals: number) {}

  /** @throws what the attempt throws; or the last refusal, without an attempt. */
  async run<T>(attempt: () => Promise<T>): Promise<T> {
    while (!this.#isProven && this.#running) await this.#running;
    if (this.#isProven) return attempt();
    const refusal = this.#refusals.at(this.maxRefusals - 1);
    if (refusal) throw refusal;
    const turn = this.#observe(attempt);
    this.#running = turn.then(
      () => undefined,
      () => undefined,
    );
    return turn;
  }

  async #observe<T>(attempt: () => Promise<T>): Promise<T> {
    try {
      const result = await attempt();
      this.#isProven = true;
      return result;
    } catch (error) {
      if (is401(error)) this.#refusals.push(error);
      // Whoever is refused for another reason has been recognised.
      else this.#isProven = error instanceof ApiError && !isTransient(error);
      throw error;
    } finally {
      this.#running = undefined;
    }
  }
}
