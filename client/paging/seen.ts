/** Of one table: 4 MiB. */
const MAX_SLOTS = 1 << 19;
const FIRST_SLOTS = 1 << 10;

/**
 * Tells which texts have come already. It keeps a fingerprint of 64 bits of each: the texts themselves would take ten times
 * the memory. It remembers at least the last 390,000 texts, in 8 MiB at most. About one text in 10^13 is taken for
 * another one.
 */
export class Seen {
  /** Two numbers for each slot, both 0 where it is free. */
  #table = new Uint32Array(2 * FIRST_SLOTS);
  #older = new Uint32Array(2);
  #count = 0;
  readonly #seed: number;

  /** @param random else a hostile service could choose ids that are all looked for in the same slots. */
  constructor(
    random: () => number,
    private readonly maxSlots = MAX_SLOTS,
  ) {
    this.#seed = Math.floor(random() * 2 ** 32);
  }

  /** Remembers a text. @returns whether it is new. */
  add(text: string): boolean {
    let low = this.#seed;
    let high = ~this.#seed;
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      low = Math.imul(low ^ unit, 0x9e3779b1);
      high = Math.imul(high ^ unit, 0x5f356495);
      low ^= low >>> 15;
      high ^= high >>> 13;
    }
    low = Math.imul(low ^ (high >>> 16), 0x85ebca6b) >>> 0;
    // A fingerprint of zeros would be a free slot.
    high = Math.imul(high ^ (low >>> 13), 0xc2b2ae35) >>> 0 || 1;
    if (isIn(this.#older, low, high) || !put(this.#table, low, high)) {
      return false;
    }
    this.#count++;
    if (this.#count > this.#table.length * (3 / 8)) {
      this.#makeRoom();
    }
    return true;
  }

  /** Called when three quarters of the slots are taken: more would make finding slow. A slot is two numbers. */
  #makeRoom(): void {
    const full = this.#table;
    if (full.length >= 2 * this.maxSlots) {
      this.#older = full;
      this.#table = new Uint32Array(full.length);
      this.#count = 0;
      return;
    }
    this.#table = new Uint32Array(2 * full.length);
    for (let at = 0; at < full.length; at += 2) {
      const high = full[at + 1] ?? 0;
      if (high !== 0) {
        put(this.#table, full[at] ?? 0, high);
      }
    }
  }
}

/** @returns whether it was not there. */
function put(table: Uint32Array, low: number, high: number): boolean {
  const at = slotOf(table, low, high);
  const isNew = table[at + 1] === 0;
  table[at] = low;
  table[at + 1] = high;
  return isNew;
}

function isIn(table: Uint32Array, low: number, high: number): boolean {
  return table[slotOf(table, low, high) + 1] !== 0;
}

/** The slot of a fingerprint, or the free slot that it would take. */
function slotOf(table: Uint32Array, low: number, high: number): number {
  const mask = table.length - 1;
  let at = (low * 2) & mask;
  while (table[at + 1] !== 0 && (table[at] !== low || table[at + 1] !== high)) {
    at = (at + 2) & mask;
  }
  return at;
}
