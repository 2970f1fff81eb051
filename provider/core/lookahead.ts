import type { PlaceRef } from "../../client/connection";
import { hasUnknown } from "./managedResource";

/** The most concurrent reads. A check takes a few milliseconds, a read some dozens. */
const MAX_LOOKS = 16;

type AnyPlace = { readonly [K in keyof PlaceRef]: unknown };

/**
 * Looks ahead at what will be checked. Checks come one after another, each new resource has to be looked at in its own,
 * and a hundred of them would wait a hundred times. Which ones a program declares is told before, so they are looked at
 * meanwhile: none at first, then one, two, four … at once, as a disk reads ahead. Resources that exist already need no look;
 * only checking them tells that they do, so where new ones come before them some are looked at in vain.
 */
export class Lookahead {
  /** Neither checked nor looked at yet, by {@link keyOf}. */
  readonly #toCome = new Map<string, PlaceRef>();
  /** The locations that were checked, or read. */
  readonly #done = new Set<string>();
  /** New ones that have been checked in a row. */
  #row = 0;
  #looks = 0;

  /** @param look changes nothing. What it throws is nobody's: whoever is checked looks again, before others are looked at. */
  constructor(private readonly look: (place: PlaceRef) => Promise<unknown>) {}

  /** Tells of places that will be checked. */
  expect(places: readonly PlaceRef[]): void {
    for (const place of places) {
      if (!this.#done.has(keyOf(place))) this.#toCome.set(keyOf(place), place);
    }
  }

  /** Tells that one is being checked, and whether that needs a look. */
  met({ region, projectId, projectName }: AnyPlace, isNew: boolean): void {
    // Only where it is counts: what is declared besides may be unknown.
    const place = { region, projectId, projectName };
    if (!hasUnknown(place)) this.#note(keyOf(place));
    this.#row = isNew ? this.#row + 1 : 0;
    this.#lookOn();
  }

  #lookOn(): void {
    const most = this.#row < 2 ? 0 : Math.min(MAX_LOOKS, 2 ** (this.#row - 2));
    for (const [key, place] of this.#toCome) {
      if (this.#looks >= most) return;
      this.#note(key);
      this.#looks++;
      this.look(place)
        .catch(() => {
          // Wrong credentials are not to be tried more often than they are needed.
          this.#row = 0;
        })
        .finally(() => {
          this.#looks--;
          this.#lookOn();
        });
    }
  }

  #note(key: string): void {
    this.#done.add(key);
    this.#toCome.delete(key);
  }
}

/** A place as it is declared. */
function keyOf({ region, projectId, projectName }: AnyPlace): string {
  return JSON.stringify([region, projectId, projectName]);
}
