import type { Trace } from "../../client/api/trace";

/** At most, at 11 to 22 bytes each: about 20 MB. */
export const MAX_REMEMBERED = 1_000_000;
/** Traces are forgotten by the second in which they happened. */
const SLOT_MS = 1000;

/** The traces that were already shown, for as long as they may arrive again. Keeps 53 bits of each id. */
export class Remembered {
  readonly #slots = new Map<number, Fingerprints>();
  #count = 0;
  #forgottenTo = Number.NEGATIVE_INFINITY;

  /** For lack of room, the traces up to this time were forgotten: milliseconds since the epoch. */
  get forgottenTo(): number {
    return this.#forgottenTo;
  }

  has(trace: Trace): boolean {
    return this.#slots.get(slotOf(trace))?.has(fingerprintOf(trace)) ?? false;
  }

  /** True if it is new. */
  add(trace: Trace): boolean {
    const slot = this.#slots.get(slotOf(trace)) ?? new Fingerprints();
    this.#slots.set(slotOf(trace), slot);
    if (!slot.add(fingerprintOf(trace))) {
      return false;
    }
    this.#count++;
    if (this.#count > MAX_REMEMBERED) {
      this.#forgetOldest();
    }
    return true;
  }

  /** Forgets what is older. */
  forget(before: number): void {
    for (const slot of this.#slots.keys()) {
      if ((slot + 1) * SLOT_MS <= before) {
        this.#drop(slot);
      }
    }
  }

  #forgetOldest(): void {
    const oldest = Math.min(...this.#slots.keys());
    this.#drop(oldest);
    this.#forgottenTo = Math.max(this.#forgottenTo, (oldest + 1) * SLOT_MS - 1);
  }

  #drop(slot: number): void {
    this.#count -= this.#slots.get(slot)?.size ?? 0;
    this.#slots.delete(slot);
  }
}

function slotOf({ time }: Trace): number {
  return Math.floor(Date.parse(time) / SLOT_MS);
}

/** The hash cyrb53: 53 bits, much faster than a cryptographic one. Never 0, which marks an empty place. */
function fingerprintOf({ traceId }: Trace): number {
  let high = 0x41c6ce57;
  let low = 0xdeadbeef;
  for (let i = 0; i < traceId.length; i++) {
    const code = traceId.charCodeAt(i);
    low = Math.imul(low ^ code, 2654435761);
    high = Math.imul(high ^ code, 1597334677);
  }
  low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909);
  high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909);
  return (high & 0x1fffff) * 2 ** 32 + (low >>> 0) || 1;
}

/** A set of numbers, in little memory: a `Set` takes four times as much. */
class Fingerprints {
  size = 0;
  #places = new Float64Array(8);

  has(fingerprint: number): boolean {
    return this.#places[this.#placeOf(fingerprint)] === fingerprint;
  }

  /** True if it is new. */
  add(fingerprint: number): boolean {
    if (this.has(fingerprint)) {
      return false;
    }
    if ((this.size + 1) * 4 > this.#places.length * 3) {
      this.#grow();
    }
    this.#places[this.#placeOf(fingerprint)] = fingerprint;
    this.size++;
    return true;
  }

  /** The index of the value, or the first free one from its hash on. */
  #placeOf(fingerprint: number): number {
    const last = this.#places.length - 1;
    // Bitwise operators take the lower 32 bits.
    let place = fingerprint & last;
    while (this.#places[place] !== 0 && this.#places[place] !== fingerprint) {
      place = (place + 1) & last;
    }
    return place;
  }

  #grow(): void {
    const all = this.#places.filter((each) => each !== 0);
    this.#places = new Float64Array(this.#places.length * 2);
    for (const each of all) {
      this.#places[this.#placeOf(each)] = each;
    }
  }
}
