import { ApiError, is401, isTransient } from "../errors";

/**
 * Limits the attempts to sign in: until the first success, attempts run one after the other, and some refusals end
 * them. Otherwise many resources with a wrong password, key or clock would lock the user.
 */
export class LockoutGuard {
  #isProven = false;
  #running: Promise<unknown> | undefined;
  readonly #refusals: ApiError[] = [];

  /** @param maxRefusals before the first success. Five in a row lock a user, and also a key, for some minutes. */
  constructor(private readonly maxRefusals: number) {}

  /** @throws what the attempt throws; or the last refusal, without an attempt. */
  async run<T>(attempt: () => Promise<T>): Promise<T> {
    while (!this.#isProven && this.#running) {
      await this.#running;
    }
    if (this.#isProven) {
      return attempt();
    }
    const refusal = this.#refusals.at(this.maxRefusals - 1);
    if (refusal) {
      throw refusal;
    }
    const turn = this.#observe(attempt);
    this.#running = turn.catch(() => undefined);
    return turn;
  }

  async #observe<T>(attempt: () => Promise<T>): Promise<T> {
    try {
      const result = await attempt();
      this.#isProven = true;
      return result;
    } catch (error) {
      if (is401(error)) {
        this.#refusals.push(error);
      }
      // A refusal for another reason shows that the credentials were accepted.
      else {
        this.#isProven = error instanceof ApiError && !isTransient(error);
      }
      throw error;
    } finally {
      this.#running = undefined;
    }
  }
}
