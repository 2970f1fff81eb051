/**
 * Reads a long listing by several requests at once. The service pages newest first, and a page can only be asked for
 * when the one before it is known; but the first page of any span of time can be asked for at once. So the window is
 * cut into slices of time that are read side by side and handed on in order.
 *
 * Entries bunch: nights are empty, deployments dense. How many a slice holds is guessed from what was read so far
 * ({@link Rhythm}); when a request is to spare, the slice that seems to hold the most is cut in two. A slice is read
 * not to its end but past it, into the next one: that is how it is known to be complete, and costs half a page on average.
 */
import type { Clock } from "../clock";
import { type Burst, Rhythm } from "./densityEstimator";
import { Pace } from "./rateLimiter";
import { Seen } from "./seen";

/** One page of a listing, newest first. */
export interface Page<T> {
  readonly entries: readonly T[];
  /** Where the next page goes on; undefined at the end. A page may be short, or empty, and yet have one. */
  readonly marker: string | undefined;
}

/** What is asked for: entries from `from` on, earlier than `to`, and older than the one that `next` names. */
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
  /** The error for pages that are not as the API promises. */
  malformed(what: string): Error;
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

/**
 * The most that pages without a new entry may cost, a page 1 and each of its entries 1. A service that looks at 200 entries
 * for a page sends 5,000 empty ones for a week of a million traces that do not match.
 */
const MAX_FRUITLESS = 10_000;
/** The most new entries that may come, in all slices, while their pages get no further back in time. */
const MAX_STANDING = 100_000;

/** A part of the window: entries from `floor` on, and before `top`. */
interface Slice<Entry, Result> {
  readonly top: number;
  floor: number;
  next?: string;
  /** All entries of the slice that are later have been read. */
  position: number;
  /** The time of the oldest entry of the slice that came: older than the position where one is out of order. */
  oldest: number;
  /** New entries that came since the position has moved. */
  standing: number;
  /** What the last ones that were read are within. */
  burst: Burst | undefined;
  /** Of the last page, not made into results yet. */
  fresh: Entry[];
  /** Read, and not handed on yet. */
  waiting: Result[];
  /** The last entries that came are older than the slice: so many in a row. */
  past: number;
  /** True if entries came that are older than the slice, and were left to those after it. */
  hasLeftOut: boolean;
  isStarted: boolean;
  isReading: boolean;
  isDone: boolean;
}

/**
 * All entries from `from` on and earlier than `to`, newest first, none twice, some at a time: to wait for each by
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
  /** New entries that came. */
  #received = 0;
  /** The cost so far of pages without a new entry. */
  #fruitless = 0;
  /** New entries that came since the positions of their slices have moved. */
  #standing = 0;
  /** The ids of entries, and the markers of each slice. */
  readonly #seen: Seen;
  #isStopped = false;
  #failure: { readonly error: unknown } | undefined;
  #wake = () => {};

  constructor(
    private readonly listing: Listing<Entry, Result>,
    private readonly window: { readonly from: number; readonly to: number },
    private readonly options: ReadOptions,
  ) {
    const { from, to } = window;
    const edge = (index: number) => Math.round(to - ((to - from) * index) / options.slices);
    this.#slices =
      to > from ? Array.from({ length: options.slices }, (_, i) => sliceOf(edge(i + 1), edge(i))) : [];
    this.#pace = new Pace(options.concurrency, options.clock);
    this.#rhythm = new Rhythm(window.to - window.from, options.pageSize);
    this.#seen = new Seen(() => options.clock.random());
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
      const most = left.reduce((best, each, i) => (each > (left[best] ?? 0) ? i : best), 0);
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
    // An entry that came before the position got there stays in this slice: one that arrives above it must not follow it.
    const middle = Math.min(slice.oldest, Math.max(slice.floor + 1, at));
    if (middle <= slice.floor) return false;
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
    if (!above || above.isDone || above.hasLeftOut) return;
    if (slice.position < slice.top || slice.next !== undefined) return;
    above.floor = slice.floor;
    this.#slices.splice(index, 1);
  }

  #take(slice: Slice<Entry, Result>, { entries, marker }: Page<Entry>): void {
    const { idOf, timeOf } = this.listing;
    this.#settle(slice);
    const isEnd = this.#isEnd(slice, entries, marker);
    // A service may ignore the ends of the window, and the slice's neighbours have the rest.
    const own = entries.filter((entry) => timeOf(entry) >= slice.floor && timeOf(entry) < slice.top);
    slice.fresh = own.filter((entry) => this.#seen.add(idOf(entry)));
    for (const entry of own) slice.oldest = Math.min(slice.oldest, timeOf(entry));
    this.#waiting += slice.fresh.length;
    this.#received += slice.fresh.length;
    this.#notePast(slice, entries);
    // One entry may be out of order, and be it the last of a page.
    slice.isDone = isEnd || slice.past > 1;
    const reached = own.length > 0 ? Math.max(...own.slice(-2).map(timeOf)) : slice.position;
    const position = slice.isDone ? slice.floor : Math.min(slice.position, reached);
    this.#expectProgress(slice, position, entries.length);
    slice.burst = this.#rhythm.note(position, slice.position, slice.fresh.map(timeOf), slice.burst);
    slice.position = position;
    if (marker !== undefined) slice.next = marker;
  }

  /** @throws where the marker leads back. */
  #isEnd(slice: Slice<Entry, Result>, entries: readonly Entry[], marker: string | undefined): boolean {
    if (marker === undefined) return true;
    // A service that shows the marked entry again shows it alone at the end.
    if (marker === slice.next && entries.every((entry) => this.listing.idOf(entry) === marker)) return true;
    if (this.#seen.add(`${slice.top} ${marker}`)) return false;
    throw this.listing.malformed(
      `the pages go round in a circle: the marker ${JSON.stringify(marker.slice(0, 100))} came before`,
    );
  }

  #notePast(slice: Slice<Entry, Result>, entries: readonly Entry[]): void {
    const isPast = (entry: Entry) => this.listing.timeOf(entry) < slice.floor;
    const lastOther = entries.findLastIndex((entry) => !isPast(entry));
    slice.past = (lastOther < 0 ? slice.past : 0) + entries.length - 1 - lastOther;
    slice.hasLeftOut ||= entries.some(isPast);
  }

  /** @throws where the pages bring nothing new, or get no further back, for so long that it may be for ever. */
  #expectProgress(slice: Slice<Entry, Result>, position: number, entries: number): void {
    const fresh = slice.fresh.length;
    const hasMoved = slice.isDone || position < slice.position;
    if (fresh === 0 && !slice.isDone) this.#fruitless += 1 + entries;
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

  /** Makes results of the last page: entries take more memory while they wait. */
  #settle(slice: Slice<Entry, Result>): void {
    for (const entry of slice.fresh) slice.waiting.push(this.listing.toResult(entry));
    slice.fresh = [];
  }
}

function sliceOf<Entry, Result>(floor: number, top: number): Slice<Entry, Result> {
  const state = { isStarted: false, isReading: false, isDone: false };
  return {
    top,
    floor,
    position: top,
    oldest: top,
    burst: undefined,
    fresh: [],
    waiting: [],
    standing: 0,
    past: 0,
    hasLeftOut: false,
    ...state,
  };
}
