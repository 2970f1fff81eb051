/**
 * Who has what, within one run of the provider: two declarations must not fight over one thing, a delete must not
 * remove what another declaration has (a rename without alias), and what is done to one thing is done in turn.
 */
export class Ownership {
  readonly #declared = new Map<string, string>();
  /** Things that declarations of this run had before it, by owner. */
  readonly #held = new Map<string, string>();
  readonly #taken = new Set<string>();
  readonly #turns = new Map<string, Promise<unknown>>();

  /** Notes that an owner wants a thing. Returns another one that wants it too. */
  declare(thing: string, owner: string | undefined): string | undefined {
    const first = this.#declared.get(thing);
    if (first !== undefined && first !== owner) return first;
    if (owner !== undefined) this.#declared.set(thing, owner);
    return undefined;
  }

  /** Notes what an owner has: from an earlier run; or nothing, where it is to be made, perhaps anew. Returns what it had. */
  hold(owner: string | undefined, thing: string | undefined): string | undefined {
    if (owner === undefined) return undefined;
    const had = this.#held.get(owner);
    if (thing === undefined) this.#held.delete(owner);
    else this.#held.set(owner, thing);
    return had;
  }

  /** Whether a declaration of this run, but for this owner, had a thing before it and has not given it up yet. */
  isHeld(thing: string, except?: string): boolean {
    return [...this.#held].some(([owner, held]) => held === thing && owner !== except);
  }

  /** Notes that whoever had a thing has it no more. */
  release(thing: string): void {
    for (const [owner, held] of this.#held) if (held === thing) this.#held.delete(owner);
  }

  /** Notes that a thing was made, or taken over, in this run. */
  take(thing: string): void {
    this.#taken.add(thing);
  }

  /** Whether a delete would hit what another declaration has by now. */
  isTaken(thing: string): boolean {
    return this.#taken.has(thing) || this.isHeld(thing);
  }

  /** Does work on a thing when all earlier work on it is done: resources of one run are worked on side by side. */
  inTurn<T>(thing: string, work: () => Promise<T>): Promise<T> {
    const turn = (this.#turns.get(thing) ?? Promise.resolve()).then(work);
    this.#turns.set(
      thing,
      turn.catch(() => undefined),
    );
    return turn;
  }
}
