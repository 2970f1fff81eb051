/**
 * Who has what, within one run of the provider: two declarations must not fight over one thing, and a delete
 * must not remove what another declaration has just taken over (a rename without alias, or the tail of a
 * replacement that created first).
 */
export class Ownership {
  readonly #declared = new Map<string, string>();
  readonly #taken = new Set<string>();

  /** Notes that an owner wants a thing. Returns another one that wants it too. */
  declare(thing: string, owner: string | undefined): string | undefined {
    const first = this.#declared.get(thing);
    if (first !== undefined && first !== owner) return first;
    if (owner !== undefined) this.#declared.set(thing, owner);
    return undefined;
  }

  /** Notes that a thing was made, or taken over, in this run. */
  take(thing: string): void {
    this.#taken.add(thing);
  }

  /** Whether a delete on behalf of this owner would hit what somebody has by now. */
  isTaken(thing: string, owner: string | undefined): boolean {
    const declaredBy = this.#declared.get(thing);
    return this.#taken.has(thing) || (declaredBy !== undefined && declaredBy !== owner);
  }
}
