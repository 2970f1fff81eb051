/**
 * Reads a long listing by several requests at once. The service pages newest first, and a page can only be asked for
 * when the one before it is known; but the first page of any span of time can be asked for at once. So the window is
 * cut into slices of time that are read side by side and handed on in order.
 *
 * Entries bunch: nights are empty, deployments dense. How many a slice holds is guessed from what was read so far
 * ({@link Rhythm}); when a request is to spare, the slice that seems to hold the most is cut in two. A slice is read
 * not to its end but past it, into the next one: that is how it is known to be complete, and costs half a page on average.
 */
import type { Clock } from "./clock";
import { Pace } from "./pace";
import { type Burst, Rhythm } from "./rhythm";

/** One page of a listing, newest first. */
export interface Page<T> {
  readonly entries: readonly T[];
  /** Where the next page goes on; undefined at the end. A page may be short, or empty, and yet have one. */
  readonly marker: string | undefined;
}

/** What is asked for: entries later than `from`, earlier than `to`, and older than the one that `next` names. */
export interface PageQuery {
  /** Milliseconds since the epoch, as is `to`. */
  readonly from: number;
  readonly to: number;
  readonly next?: string;
}

/** A listing that can be paged. */
export interface Listing<Entry, Result> {
  /** @throws ThrottledError where the service has had enough for now; any other error ends the reading. */
  page(query: PageQuery): Promise<Page<Entry>>;
  idOf(entry: Entry): string;
  /** Milliseconds since the epoch, whole. */
  timeOf(entry: Entry): number;
  /** What is handed on of an entry. */
  toResult(entry: Entry): Result;
}

export interface ReadOptions {
  /** Requests at once, at most. */
  readonly concurrency: number;
  /** Slices to begin with; more than one where it is likely that there is much in each. */
  readonly slices: number;
  /** Entries that a page can hold; pages may be shorter. */
  readonly pageSize: number;
  /** Whether more is read than is asked for so far. */
  readonly readAhead: boolean;
  /** Entries that may wait for newer ones to be handed on before them, about. */
  readonly maxWaiting: number;
  readonly clock: Clock;
}

/** As many pages are to be expected of a slice that is worth cutting in two: each cut costs half a call. */
const WORTH_CUTTING = 1.5;

/** A part of the window: entries from `floor` on, and before `top`. */
interface Slice<Entry, Result> {
  readonly top: number;
  floor: number;
  next?: string;
  /** All entries of the slice that are later have been read. */
  position: number;
  /** What the last ones that were read are within. */
  burst: Burst | undefined;
  /** Of the last page, not made into results yet. */
  fresh: Entry[];
  /** Read, and not handed on yet. */
  waiting: Result[];
  /** Of the last page: the service may repeat entries. */
  recent: ReadonlySet<string>;
  isStarted: boolean;
  isReading: boolean;
  isDone: boolean;
}

/**
 * All entries later than `from` and earlier than `to`, newest first, none twice, some at a time: to wait for each by
 * itself would take longer than all the rest. Entries that arrive meanwhile may be among them.
 */
export async function* readInSlices<Entry, Result>(
  listing: Listing<Entry, Result>,
  window: { readonly from: number; readonly to: number },
  options: ReadOptions,
): AsyncGenerator<Result[], void, void> {
  const reading = new Reading(listing, window, options);
  try {
    for (let batch = await reading.nextBatch(); batch; batch = await reading.nextBatch()) yield batch;
  } finally {
    reading.stop();
  }
}

class Reading<Entry, Result> {
  /** Newest first; those that were handed on are gone. */
  readonly #slices: Slice<Entry, Result>[];
  readonly #pace: Pace;
  readonly #rhythm: Rhythm;
  #running = 0;
  #waiting = 0;
  /** Entries that came. */
  #received = 0;
  #isStopped = false;
  #failure: { readonly error: unknown } | undefined;
  #wake = () => {};

  constructor(
    private readonly listing: Listing<Entry, Result>,
    private readonly window: { readonly from: number; readonly to: number },
    private readonly options: ReadOptions,
  ) {
    const { from, to } = window;
    const edge = (index: number) => Math.round(to - ((to - from - 1) * index) / options.slices);
    this.#slices =
      to - from > 1 ? Array.from({ length: options.slices }, (_, i) => sliceOf(edge(i + 1), edge(i))) : [];
    this.#pace = new Pace(options.concurrency, options.clock);
    this.#rhythm = new Rhythm(window.to - window.from, options.pageSize);
  }

  /** What can be handed on next; undefined at the end. */
  async nextBatch(): Promise<Result[] | undefined> {
    for (;;) {
      this.#begin();
      if (this.#failure) throw this.#failure.error;
      const [newest] = this.#slices;
      if (!newest) return undefined;
      this.#settle(newest);
      if (newest.waiting.length > 0) {
        const batch = newest.waiting;
        newest.waiting = [];
        this.#waiting -= batch.length;
        return batch;
      }
      if (newest.isDone) this.#slices.shift();
      else await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  /** Begins nothing more. What is under way comes to nothing. */
  stop(): void {
    this.#isStopped = true;
  }

  /** Begins as many requests as may be under way. */
  #begin(): void {
    while (!this.#isStopped && !this.#failure && this.#running < this.#pace.allowed) {
      const slice = this.#slices.find((each, i) => this.#canGoOn(each, i)) ?? this.#newSlice();
      if (!slice) return;
      this.#running++;
      slice.isStarted = true;
      slice.isReading = true;
      this.#read(slice)
        .catch((error: unknown) => {
          this.#failure ??= { error };
        })
        .finally(() => {
          this.#running--;
          slice.isReading = false;
          this.#begin();
          this.#wake();
          // By then the next request is on its way: it need not wait for what nobody waits for yet.
          setImmediate(() => this.#settle(slice));
        });
    }
  }

  /** The newest slice goes on always: only then is there something to hand on. */
  #canGoOn(slice: Slice<Entry, Result>, index: number): boolean {
    if (slice.isReading || slice.isDone) return false;
    const { readAhead, pageSize } = this.options;
    const waiting = slice.fresh.length + slice.waiting.length;
    if (index === 0) return waiting === 0 || (readAhead && waiting <= pageSize);
    return slice.isStarted && this.#waiting < this.options.maxWaiting;
  }

  /** The next slice that nobody has begun, cut to a fair size; or the lower half of the one that holds the most. */
  #newSlice(): Slice<Entry, Result> | undefined {
    const { readAhead, pageSize, maxWaiting } = this.options;
    if (!readAhead) return undefined;
    // Each slice costs half a call more, and saves nothing where it is the service that says how fast calls may go.
    if (this.#pace.isLimited && this.#running > 0) return undefined;
    const left = this.#slices.map((slice) => this.#expectedIn(slice));
    const planned = this.#slices.reduce(
      (sum, slice, i) => sum + (i > 0 && slice.isStarted ? (left[i] ?? 0) : 0),
      0,
    );
    if (maxWaiting - this.#waiting - planned <= 0) return undefined;
    const total = left.reduce((sum, each) => sum + each, 0);
    const fair = Math.max(pageSize, Math.min(total, maxWaiting) / this.#pace.allowed);
    let fresh = this.#slices.findIndex((slice) => !slice.isStarted);
    if (fresh < 0) {
      // A few entries say nothing of how many more there are.
      if (this.#received < pageSize) return undefined;
      const most = left.indexOf(Math.max(...left));
      const expected = left[most] ?? 0;
      // What comes after it can wait only for so much before it.
      const upper = Math.min(expected / 2, maxWaiting / this.#pace.allowed);
      if (expected < WORTH_CUTTING * pageSize || !this.#cut(most, upper)) return undefined;
      fresh = most + 1;
    }
    const slice = this.#slices[fresh];
    if (slice && this.#expectedIn(slice) > 1.5 * fair) this.#cut(fresh, fair);
    return slice;
  }

  #expectedIn(slice: Slice<Entry, Result>): number {
    return slice.isDone ? 0 : this.#rhythm.expected(slice.floor, slice.position, slice.burst);
  }

  /** Leaves so many of its entries to a slice, and the rest to a new one after it. */
  #cut(index: number, entries: number): boolean {
    const slice = this.#slices[index];
    // Entries of one millisecond are never parted.
    if (!slice || slice.position - slice.floor < 2) return false;
    const at = this.#rhythm.backFrom(slice.position, entries, slice.floor, slice.burst);
    const middle = Math.max(slice.floor + 1, at);
    this.#slices.splice(index + 1, 0, sliceOf(slice.floor, middle));
    slice.floor = middle;
    return true;
  }

  async #read(slice: Slice<Entry, Result>): Promise<void> {
    const { from } = this.window;
    const query = { from, to: slice.top, ...(slice.next !== undefined && { next: slice.next }) };
    const page = await this.#pace.run(() => this.listing.page(query));
    if (page) this.#take(slice, page);
    else this.#giveBack(slice);
  }

  /** Undoes a cut that the service has no room for: what has not been read from costs half a call less in one piece. */
  #giveBack(slice: Slice<Entry, Result>): void {
    const index = this.#slices.indexOf(slice);
    const above = this.#slices[index - 1];
    if (!above || above.isDone || slice.position < slice.top || slice.next !== undefined) return;
    above.floor = slice.floor;
    this.#slices.splice(index, 1);
  }

  #take(slice: Slice<Entry, Result>, { entries, marker }: Page<Entry>): void {
    const { idOf, timeOf } = this.listing;
    this.#settle(slice);
    const own = entries.filter((entry) => timeOf(entry) >= slice.floor);
    const ids = new Set(slice.recent);
    for (const entry of own) {
      if (ids.has(idOf(entry))) continue;
      ids.add(idOf(entry));
      slice.fresh.push(entry);
    }
    this.#waiting += slice.fresh.length;
    const isPast = own.length < entries.length;
    slice.isDone = isPast || marker === undefined || marker === slice.next;
    const oldest = own.at(-1);
    const position = slice.isDone
      ? slice.floor
      : Math.min(slice.position, oldest ? timeOf(oldest) : Infinity);
    slice.burst = this.#rhythm.note(position, slice.position, own.map(timeOf), slice.burst);
    slice.position = position;
    if (marker !== undefined) slice.next = marker;
    if (entries.length > 0) slice.recent = new Set(entries.map(idOf));
    this.#received += entries.length;
  }

  /** What waits for long is dear to keep as it came. */
  #settle(slice: Slice<Entry, Result>): void {
    for (const entry of slice.fresh) slice.waiting.push(this.listing.toResult(entry));
    slice.fresh = [];
  }
}

function sliceOf<Entry, Result>(floor: number, top: number): Slice<Entry, Result> {
  const state = { isStarted: false, isReading: false, isDone: false };
  return { top, floor, position: top, burst: undefined, fresh: [], waiting: [], recent: new Set(), ...state };
}
