import type { Behaviour } from "../behaviour";
import { type Account, dashedId } from "../options";
import { type Place, placeKey, placesOf } from "../place";

/** The state from a point in time on (milliseconds since 1970). */
interface Moment<T> {
  at: number;
  value: T;
}

/** The state of every place, with its recent past: a read shows the state of `lagMs` ago. To be reset before use. */
export abstract class LaggedHistory<T> {
  readonly #moments = new Map<string, Moment<T>[]>();
  #created = 0;
  /** The state in a new account. */
  protected abstract readonly initial: T;

  constructor(
    protected readonly account: Account,
    protected readonly behaviour: Behaviour,
    protected readonly clock: () => number,
  ) {}

  /** Resets to a new account. */
  reset(): void {
    this.#created = 0;
    for (const place of placesOf(this.account)) {
      this.rewrite(place, this.initial);
    }
  }

  /** Sets the state as if it had always been so: no read shows an earlier one. */
  protected rewrite(place: Place, value: T): void {
    this.#moments.set(placeKey(place), [{ at: Number.NEGATIVE_INFINITY, value }]);
  }

  /** Changes the state as if this had happened at the beginning of time: reads that lag show it, too. */
  protected amend(place: Place, change: (value: T) => T): void {
    const rewritten = this.#of(place).map(({ at, value }) => ({ at, value: change(value) }));
    this.#moments.set(placeKey(place), rewritten);
  }

  /** Sets the state from now on. */
  protected append(place: Place, value: T): void {
    const moments = this.#of(place);
    moments.push({ at: this.clock(), value });
    const oldestNeeded = moments.findLastIndex(({ at }) => at <= this.clock() - this.behaviour.lagMs);
    moments.splice(0, Math.max(oldestNeeded, 0));
  }

  /** The state now. */
  current(place: Place): T {
    return newest(this.#of(place)).value;
  }

  /** The state that a read shows; the oldest known one if the past does not reach back that far. */
  visible(place: Place): T {
    const { lagMs } = this.behaviour;
    const moments = this.#of(place);
    if (lagMs <= 0) {
      return newest(moments).value;
    }
    const seen = moments.filter(({ at }) => at <= this.clock() - lagMs);
    return newest(seen.length > 0 ? seen : moments.slice(0, 1)).value;
  }

  /** An id that no other of this kind has; the same again after `reset()`. */
  protected newId(kind: string, place: Place): string {
    this.#created += 1;
    return dashedId(`${kind} ${this.#created} ${placeKey(place)}`);
  }

  #of(place: Place): Moment<T>[] {
    const moments = this.#moments.get(placeKey(place));
    if (moments === undefined) {
      throw new Error(`The emulator has no project ${place.projectId} in region ${place.region}.`);
    }
    return moments;
  }
}

/** A history is never empty. */
function newest<T>(moments: readonly Moment<T>[]): Moment<T> {
  return moments[moments.length - 1] as Moment<T>;
}
