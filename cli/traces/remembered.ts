import type { Trace } from "../../client/api/trace";

/** At most: about 100 MB. */
export const MAX_REMEMBERED = 1_000_000;
/** Traces are forgotten by the second in which they happened. */
const SLOT_MS = 1000;

/** The traces that were already shown, for as long as they may arrive again. */
export class Remembered {
  readonly #slots = new Map<number, Set<string>>();
  #count = 0;
  #forgottenTo = Number.NEGATIVE_INFINITY;

  /** For lack of room, the traces up to this time were forgotten: milliseconds since the epoch. */
  get forgottenTo(): number {
    return this.#forgottenTo;
  }

  has(trace: Trace): boolean {
    return this.#slots.get(slotOf(trace))?.has(trace.traceId) ?? false;
  }

  /** True if it is new. */
  add(trace: Trace): boolean {
    if (this.has(trace)) {
      return false;
    }
    const slot = this.#slots.get(slotOf(trace)) ?? new Set();
    this.#slots.set(slotOf(trace), slot.add(trace.traceId));
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
