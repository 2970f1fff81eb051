/**
 * Reads a long listing by several concurrent requests. The service pages newest first, and a page can only be asked for
 * when the one before it is known; but the first page of any span of time can be asked for immediately. The
 * {@link Schedule} cuts the window into spans, the {@link OrderedBuffer} brings their entries into order.
 */
import type { Clock } from "../clock";
import type { Listing, Page } from "./listing";
import { OrderedBuffer } from "./orderedBuffer";
import type { RateLimiter } from "./rateLimiter";
import { Schedule, type Slice } from "./schedule";
import { Seen } from "./seen";

export interface ReadOptions {
  /** All readings that the service limits together share one. */
  readonly limiter: RateLimiter;
  /** Slices to begin with; more than one where it is likely that there is much in each. */
  readonly slices: number;
  /** Entries that a page can hold; pages may be shorter. */
  readonly pageSize: number;
  /** False reads no page before it is asked for. */
  readonly readAhead: boolean;
  /** Bytes of answers that may wait for newer entries to be handed on before them, about. */
  readonly maxBufferedBytes: number;
  readonly clock: Clock;
}

/**
 * The most that pages without a new entry may cost, a page 1 and each of its entries 1. A service that looks at 200 entries
 * for a page sends 5,000 empty ones for a week of a million traces that do not match.
 */
const MAX_FRUITLESS = 10_000;
/** The most new entries that may come, in all slices, while their pages get no further back in time. */
const MAX_STANDING = 100_000;

/**
 * All entries from `from` on and earlier than `to`, newest first, none twice, in batches: awaiting each entry would take
 * longer than all the rest. Entries that arrive meanwhile may be among them, in their place.
 */
export function readParallel<Entry, Result>(
  listing: Listing<Entry, Result>,
  window: { readonly from: number; readonly to: number },
  options: ReadOptions,
): AsyncGenerator<Result[], void, void> {
  return new ParallelReader(listing, window, options).batches();
}

class ParallelReader<Entry, Result> {
  readonly #schedule: Schedule;
  readonly #buffer: OrderedBuffer<Entry, Result>;
  readonly #markers: Seen;
  #running = 0;
  /** The cost so far of pages without a new entry. */
  #fruitless = 0;
  /** New entries that came since the positions of their slices have moved. */
  #standing = 0;
  #received = 0;
  #receivedBytes = 0;
  #isStopped = false;
  #failure: { readonly error: unknown } | undefined;
  #wake = () => {};

  constructor(
    private readonly listing: Listing<Entry, Result>,
    private readonly window: { readonly from: number; readonly to: number },
    private readonly options: ReadOptions,
  ) {
    const { slices, pageSize, clock } = options;
    const random = () => clock.random();
    this.#schedule = new Schedule(window.from, window.to, slices, pageSize);
    this.#buffer = new OrderedBuffer(listing, random);
    this.#markers = new Seen(random);
  }

  /** The results in order. Nothing more is sent where the caller stops, and answers that come then are dropped. */
  async *batches(): AsyncGenerator<Result[], void, void> {
    try {
      for (;;) {
        this.#fill();
        if (this.#failure) {
          throw this.#failure.error;
        }
        const { newest } = this.#schedule;
        // Without other slices nothing can come between.
        const from = newest && this.options.readAhead ? newest.position : Number.NEGATIVE_INFINITY;
        const batch = this.#buffer.take(from);
        if (batch.length > 0) {
          yield batch;
        } else if (newest) {
          await new Promise<void>((resolve) => (this.#wake = resolve));
        } else {
          return;
        }
      }
    } finally {
      this.#isStopped = true;
    }
  }

  /** Sends requests up to the concurrency that is allowed. */
  #fill(): void {
    while (!this.#isStopped && !this.#failure && this.#running < this.options.limiter.concurrency) {
      const slice = this.#next();
      if (!slice) {
        return;
      }
      this.#running++;
      slice.isReading = true;
      this.#read(slice)
        .catch((error: unknown) => {
          this.#failure ??= { error };
        })
        .finally(() => {
          this.#running--;
          slice.isReading = false;
          this.#fill();
          this.#wake();
        });
    }
  }

  #next(): Slice | undefined {
    const { limiter, readAhead, maxBufferedBytes } = this.options;
    const { newest } = this.#schedule;
    if (!newest) {
      return undefined;
    }
    const left = readAhead ? maxBufferedBytes - this.#buffer.bytes : 0;
    // Without room, only what is needed next is read.
    if (left <= 0) {
      return newest.isReading || this.#buffer.hasFrom(newest.position) ? undefined : newest;
    }
    const bytesEach = this.#receivedBytes / Math.max(1, this.#received);
    return this.#schedule.next({
      // Each slice costs half a call more, and saves nothing where the service limits the rate.
      mayCut: !limiter.isRateLimited || this.#running === 0,
      busy: this.#running / limiter.concurrency,
      room: left / bytesEach || Number.POSITIVE_INFINITY,
    });
  }

  async #read(slice: Slice): Promise<void> {
    const { from } = this.window;
    const query = { from, to: slice.top, ...(slice.next !== undefined && { next: slice.next }) };
    const page = await this.options.limiter.run(() => this.listing.page(query));
    if (page) {
      this.#take(slice, page);
    } else {
      this.#schedule.giveBack(slice);
    }
  }

  #take(slice: Slice, { entries, marker, bytes }: Page<Entry>): void {
    const { timeOf } = this.listing;
    const isEnd = this.#isEnd(slice, entries, marker);
    // A service may ignore the ends of the window, and other slices have the rest.
    const own = entries.filter((entry) => timeOf(entry) >= slice.floor && timeOf(entry) < slice.top);
    const fresh = this.#buffer.add(own, bytes / Math.max(1, entries.length));
    this.#received += entries.length;
    this.#receivedBytes += bytes;
    slice.hasOvershot ||= entries.some((entry) => timeOf(entry) < slice.floor);
    const lastOther = entries.findLastIndex((entry) => timeOf(entry) >= slice.floor);
    slice.past = (lastOther < 0 ? slice.past : 0) + entries.length - 1 - lastOther;
    // One entry may be out of order, also the last of a page.
    slice.isDone = isEnd || slice.past > 1;
    const reached = own.length > 0 ? Math.max(...own.slice(-2).map(timeOf)) : slice.position;
    const position = slice.isDone ? slice.floor : Math.min(slice.position, reached);
    this.#expectProgress(slice, position, entries.length, fresh.length);
    this.#schedule.note(slice, position, fresh);
    if (marker !== undefined) {
      slice.next = marker;
    }
  }

  /** @throws if the marker leads back. */
  #isEnd(slice: Slice, entries: readonly Entry[], marker: string | undefined): boolean {
    if (marker === undefined) {
      return true;
    }
    // A service that shows the marked entry again shows it alone at the end.
    if (marker === slice.next && entries.every((entry) => this.listing.idOf(entry) === marker)) {
      return true;
    }
    if (this.#markers.add(`${slice.top} ${marker}`)) {
      return false;
    }
    throw this.listing.malformed(
      `the pages go round in a circle: the marker ${JSON.stringify(marker.slice(0, 100))} came before`,
    );
  }

  /** @throws if the pages bring nothing new, or get no further back, for so long that it may be for ever. */
  #expectProgress(slice: Slice, position: number, entries: number, fresh: number): void {
    const hasMoved = slice.isDone || position < slice.position;
    if (fresh === 0 && !slice.isDone) {
      this.#fruitless += 1 + entries;
    }
    const standing = hasMoved ? 0 : slice.standing + fresh;
    this.#standing += standing - slice.standing;
    slice.standing = standing;
    if (this.#fruitless > MAX_FRUITLESS) {
      throw this.listing.malformed(
        "page after page brings nothing new, and yet a marker that says there is more; ask for less at a time (from, to) if there is so much",
      );
    }
    if (this.#standing > MAX_STANDING) {
      throw this.listing.malformed(`the pages get no further back in time, after ${this.#standing} entries`);
    }
  }
}
