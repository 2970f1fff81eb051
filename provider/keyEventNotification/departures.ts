import type { Clock } from "../../client/clock";

/** A declaration of this run that gives up the name which its thing has: for another one, or because it moves. */
export interface Departure<State> {
  readonly id: string;
  /** As it was before this run. */
  readonly state: State;
  /** The name that it was given for the time being; its own update gives it the right one. */
  aside?: string;
  /** Whether its own update has ended, so that it is not to be touched any more. */
  isOver?: boolean;
  /** Whether the one that gets the name has tried again since it is free. */
  isUsed?: boolean;
}

/**
 * How names pass from one declaration to another in one run, also in a circle, though each may be there once only and the
 * engine works on all side by side. Whoever gets a name may come first, and moves the thing that has it out of the way, to a
 * name that nobody wants. To wait for it instead could take for ever: it may wait for the name that ours has. One that the
 * engine works on only after ours, as it depends on ours or because of `--parallel 1`, is not heard of in time, and
 * nobody's thing is moved on a guess.
 */
export class Departures<State> {
  readonly #byName = new Map<string, Departure<State>>();

  constructor(private readonly clock: Clock) {}

  /** Notes that a declaration gives up a name. */
  note(name: string, id: string, state: State): void {
    this.#byName.set(name, { id, state });
  }

  /** Whether it is a thing that departs, whatever name a list that lags shows for it. */
  has(id: string): boolean {
    return [...this.#byName.values()].some((departure) => departure.id === id);
  }

  /** The name that the thing was given for the time being which had this one; undefined where it was given none. */
  asideOf(name: string): string | undefined {
    return this.#byName.get(name)?.aside;
  }

  /** Notes that the update of what had this name has ended. */
  end(name: string): void {
    const departure = this.#byName.get(name);
    if (departure) departure.isOver = true;
  }

  /**
   * Sees to it that a name is free which another declaration of this run gives up.
   *
   * @param waitsMs before each look whether there is such a declaration.
   * @param moveAside makes it free, unless the departure is over by then.
   * @returns whether to try again: once, as what has the name after that is none of this run.
   */
  async free(
    name: string,
    waitsMs: readonly number[],
    moveAside: (departure: Departure<State>) => Promise<void>,
  ): Promise<boolean> {
    for (const waitMs of waitsMs) {
      await this.clock.sleep(waitMs);
      const departure = this.#byName.get(name);
      if (!departure) continue;
      const isFirst = !departure.isUsed;
      departure.isUsed = true;
      if (isFirst) await moveAside(departure);
      return isFirst;
    }
    return false;
  }
}
