/**
 * The things that declarations have, within one run of the provider. Two declarations must not fight over one thing. A
 * delete must not remove the thing of another declaration (a rename without alias).
 *
 * An owner is a declaration: its URN, or the id of what it has where the URN is not told. A thing is the id of a tracker
 * or notification, or the key of a name that is unique.
 */
export class Declarations {
  readonly #declared = new Map<string, string>();
  /** Things that declarations of this run had before it, by owner. */
  readonly #held = new Map<string, string>();
  /** Things of declarations that are replaced, by owner. */
  readonly #replaced = new Map<string, string>();
  readonly #taken = new Set<string>();

  /** Records that an owner wants a thing. @returns another owner that wants it, too. */
  declare(thing: string, owner: string | undefined): string | undefined {
    const first = this.#declared.get(thing);
    if (first !== undefined && first !== owner) {
      return first;
    }
    if (owner !== undefined) {
      this.#declared.set(thing, owner);
    }
    return undefined;
  }

  /** Records the thing that a declaration had before this run; undefined for one that is to be made, perhaps anew. */
  hold(owner: string | undefined, thing: string | undefined): void {
    if (owner === undefined) {
      return;
    }
    const had = this.#held.get(owner);
    if (thing !== undefined) {
      this.#held.set(owner, thing);
    } else if (had !== undefined) {
      this.#held.delete(owner);
      this.#replaced.set(owner, had);
    }
  }

  /** True if the engine replaces a declaration's thing: it checks it as existing, and then as new. */
  isReplacing(owner: string | undefined, thing: string): boolean {
    return owner !== undefined && this.#replaced.get(owner) === thing;
  }

  /** True if another declaration of this run had a thing before the run, and has not given it up yet. */
  isHeld(thing: string, except?: string): boolean {
    return [...this.#held].some(([owner, held]) => held === thing && owner !== except);
  }

  /** Records that a thing has been given up. */
  release(thing: string): void {
    for (const [owner, held] of this.#held) {
      if (held === thing) {
        this.#held.delete(owner);
      }
    }
  }

  /** Records that a thing was made, or taken over, in this run. */
  take(thing: string): void {
    this.#taken.add(thing);
  }

  /** True if a delete would hit a thing that another declaration has by now. */
  isTaken(thing: string): boolean {
    return this.#taken.has(thing) || this.isHeld(thing);
  }
}
