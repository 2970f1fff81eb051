import type { PlaceFields, PlaceRef } from "../../client/place";
import { hasUnknown } from "../core/unknown";

/** The most concurrent reads, once one of them has succeeded. */
const WINDOW = 8;
/** A single new resource among existing ones is not worth reads of its neighbours. */
const MIN_CONSECUTIVE_NEW = 2;

/**
 * Reads ahead for new resources. The engine checks one resource after another, and each new one has to be read: a hundred
 * of them would wait for a hundred round trips. The program tells which ones it declares next. Existing resources need
 * no read, and only their own check tells that they exist, so some reads are in vain.
 */
export class Prefetcher {
  /** Neither checked nor read yet, by {@link keyOf}. */
  readonly #pending = new Map<string, PlaceRef>();
  readonly #done = new Set<string>();
  #consecutiveNew = 0;
  /** True once a read has succeeded: wrong credentials must not be tried concurrently. */
  #isProven = false;
  #inFlight = 0;

  /** @param read caches what it reads. Its errors are ignored: the resource's own check repeats the read and reports them. */
  constructor(private readonly read: (place: PlaceRef) => Promise<unknown>) {}

  /** Tells of locations that will be checked. */
  expect(places: readonly PlaceRef[]): void {
    for (const place of places) {
      if (!this.#done.has(keyOf(place))) {
        this.#pending.set(keyOf(place), place);
      }
    }
  }

  /** Tells that a resource is being checked, and whether it is new. */
  onCheck({ region, projectId, projectName }: PlaceFields<unknown>, isNew: boolean): void {
    const place = { region, projectId, projectName };
    if (!hasUnknown(place)) {
      this.#finish(keyOf(place));
    }
    this.#consecutiveNew = isNew ? this.#consecutiveNew + 1 : 0;
    this.#fill();
  }

  #fill(): void {
    for (const [key, place] of this.#pending) {
      const window = this.#isProven ? WINDOW : 1;
      if (this.#consecutiveNew < MIN_CONSECUTIVE_NEW || this.#inFlight >= window) {
        return;
      }
      this.#finish(key);
      void this.#readAhead(place);
    }
  }

  async #readAhead(place: PlaceRef): Promise<void> {
    this.#inFlight++;
    try {
      await this.read(place);
      this.#isProven = true;
    } catch {
      this.#isProven = false;
      this.#consecutiveNew = 0;
    }
    this.#inFlight--;
    this.#fill();
  }

  #finish(key: string): void {
    this.#done.add(key);
    this.#pending.delete(key);
  }
}

/** The key of a location as it is declared. */
function keyOf({ region, projectId, projectName }: PlaceFields<unknown>): string {
  return JSON.stringify([region, projectId, projectName]);
}
