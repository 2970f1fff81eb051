import type { Listing } from "./listing";
import { Seen } from "./seen";

/** An entry that waits. */
interface Item<Result> {
  readonly time: number;
  readonly bytes: number;
  readonly result: Result;
}

/** Brings entries that come in any order of slices into one order, none twice, and counts what waits. */
export class OrderedBuffer<Entry, Result> {
  /** Pages, by the time of their newest entry. */
  readonly #pages: Item<Result>[][] = [];
  readonly #seen: Seen;
  #bytes = 0;

  constructor(
    private readonly listing: Pick<Listing<Entry, Result>, "idOf" | "timeOf" | "toResult">,
    random: () => number,
  ) {
    this.#seen = new Seen(random);
  }

  /** Bytes of the entries that wait. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Adds the results of entries that have not come before. @returns their times, the newest first */
  add(entries: readonly Entry[], bytesEach: number): number[] {
    const { idOf, timeOf, toResult } = this.listing;
    const page = entries
      .filter((entry) => this.#seen.add(idOf(entry)))
      .map((entry) => ({ time: timeOf(entry), bytes: bytesEach, result: toResult(entry) }))
      .sort((a, b) => b.time - a.time);
    const [newest] = page;
    if (newest) {
      const before = this.#pages.findLastIndex(([first]) => first && first.time >= newest.time);
      this.#pages.splice(before + 1, 0, page);
      this.#bytes += page.length * bytesEach;
    }
    return page.map(({ time }) => time);
  }

  /** True if an entry of this time or later waits. */
  hasFrom(time: number): boolean {
    return (this.#pages[0]?.[0]?.time ?? Number.NEGATIVE_INFINITY) >= time;
  }

  /** Takes out what is of this time or later, the newest first. */
  take(from: number): Result[] {
    const taken: Item<Result>[] = [];
    let pages = 0;
    for (let page = this.#pages[0]; page && (page[0]?.time ?? 0) >= from; page = this.#pages[pages]) {
      const end = page.findIndex(({ time }) => time < from);
      taken.push(...(end < 0 ? page : page.splice(0, end)));
      if (end < 0) {
        this.#pages.splice(pages, 1);
      } else {
        pages++;
      }
    }
    taken.sort((a, b) => b.time - a.time);
    // The rest may be older than what was behind it.
    this.#pages.sort(([a], [b]) => (b?.time ?? 0) - (a?.time ?? 0));
    for (const { bytes } of taken) {
      this.#bytes -= bytes;
    }
    return taken.map(({ result }) => result);
  }
}
