/**
 * Reads a long listing by several requests at once. The service pages newest first, and a page can only be asked for
 * when the one before it is known; but the first page of any span of time can be asked for at once. So the window is
 * cut into slices of time that are read side by side and handed on in order.
 *
 * Entries bunch: nights are empty, deployments dense. How many a slice holds is guessed from what was read so far
 * ({@link Rhythm}); when a request is to spare, the slice that seems to hold the most is cut in two. A slice is read
 * not to its end but past it, into the next one: so it costs no call more to know that it is complete.
 */
import type { Clock } from "./clock";
import { Pace } from "./pace";
import { Rhythm } from "./rhythm";

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
export interface Listing<T> {
  /** @throws ThrottledError where the service has had enough for now; any other error ends the reading. */
  page(query: PageQuery): Promise<Page<T>>;
  idOf(entry: T): string;
  /** Milliseconds since the epoch, whole. */
  timeOf(entry: T): number;
}

export interface ReadOptions {
  /** Requests at once, at most. */
  readonly concurrency: number;
  /** Entries that a page can hold; pages may be shorter. */
  readonly pageSize: number;
  /** Whether more is read than is asked for so far. */
  readonly readAhead: boolean;
  /** Entries that may wait for newer ones to be handed on before them, about. */
  readonly maxWaiting: number;
  readonly clock: Clock;
}

/** A part of the window: entries from `floor` on, and before `top`. */
interface Slice<T> {
  readonly top: number;
  floor: number;
  next?: string;
  /** All entries of the slice that are later have been read. */
  position: number;
  /** Read, and not handed on yet. */
  waiting: T[];
  /** Of the last page: the service may repeat entries. */
  recent: ReadonlySet<string>;
  isStarted: boolean;
  isReading: boolean;
  isDone: boolean;
}

/**
 * All entries later than `from` and earlier than `to`, newest first, none twice. Entries that arrive meanwhile may be
 * among them.
 */
export async function* readInSlices<T>(
  listing: Listing<T>,
  window: { readonly from: number; readonly to: number },
  options: ReadOptions,
): AsyncGenerator<T, void, void> {
  const reading = new Reading(listing, window, options);
  try {
    for (let batch = await reading.nextBatch(); batch; batch = await reading.nextBatch()) yield* batch;
  } finally {
    reading.stop();
  }
}

class Reading<T> {
  /** Newest first; those that were handed on are gone. */
  readonly #slices: Slice<T>[];
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
    private readonly listing: Listing<T>,
    private readonly window: { readonly from: number; readonly to: number },
    private readonly options: ReadOptions,
  ) {
    this.#slices = window.to - window.from > 1 ? [sliceOf(window.from + 1, window.to)] : [];
    this.#pace = new Pace(options.concurrency, options.clock);
    this.#rhythm = new Rhythm(window.to - window.from);
  }

  /** What can be handed on next; undefined at the end. */
  async nextBatch(): Promise<T[] | undefined> {
    for (;;) {
      this.#begin();
      if (this.#failure) throw this.#failure.error;
      const [newest] = this.#slices;
      if (!newest) return undefined;
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
        });
    }
  }

  /** The newest slice goes on always: only then is there something to hand on. */
  #canGoOn(slice: Slice<T>, index: number): boolean {
    if (slice.isReading || slice.isDone) return false;
    const { readAhead, pageSize } = this.options;
    if (index === 0) return slice.waiting.length === 0 || (readAhead && slice.waiting.length <= pageSize);
    return slice.isStarted && this.#waiting < this.options.maxWaiting;
  }

  /** The next slice that nobody has begun, cut to a fair size; or the lower half of the one that holds the most. */
  #newSlice(): Slice<T> | undefined {
    // A few entries say nothing of how many more there are.
    if (!this.options.readAhead || this.#received < this.options.pageSize) return undefined;
    const left = this.#slices.map((slice) => this.#expectedIn(slice));
    const fresh = this.#slices.findIndex((slice) => !slice.isStarted);
    const planned = this.#slices.reduce(
      (sum, slice, i) => sum + (i > 0 && slice.isStarted ? (left[i] ?? 0) : 0),
      0,
    );
    const room = this.options.maxWaiting - this.#waiting - planned;
    if (room <= 0) return undefined;
    const total = left.reduce((sum, each) => sum + each, 0);
    const fair = Math.max(
      this.options.pageSize,
      Math.min(total, this.options.maxWaiting) / this.#pace.allowed,
    );
    if (fresh >= 0) {
      if ((left[fresh] ?? 0) > 1.5 * fair) this.#cut(fresh, fair);
      return this.#slices[fresh];
    }
    const most = left.indexOf(Math.max(...left));
    const expected = left[most] ?? 0;
    if (expected < this.options.pageSize || !this.#cut(most, Math.min(fair, expected / 2))) return undefined;
    return this.#slices[most + 1];
  }

  #expectedIn(slice: Slice<T>): number {
    return slice.isDone ? 0 : this.#rhythm.expected(slice.floor, slice.position);
  }

  /** Leaves so many of its entries to a slice, and the rest to a new one after it. */
  #cut(index: number, entries: number): boolean {
    const slice = this.#slices[index];
    // Entries of one millisecond are never parted.
    if (!slice || slice.position - slice.floor < 2) return false;
    const at = this.#rhythm.backFrom(slice.position, entries, slice.floor);
    const middle = Math.min(slice.position, Math.max(slice.floor + 1, at));
    this.#slices.splice(index + 1, 0, sliceOf(slice.floor, middle));
    slice.floor = middle;
    return true;
  }

  async #read(slice: Slice<T>): Promise<void> {
    const { from } = this.window;
    const query = { from, to: slice.top, ...(slice.next !== undefined && { next: slice.next }) };
    const page = await this.#pace.run(() => this.listing.page(query));
    if (page) this.#take(slice, page);
  }

  #take(slice: Slice<T>, { entries, marker }: Page<T>): void {
    const { idOf, timeOf } = this.listing;
    const own = entries.filter((entry) => timeOf(entry) >= slice.floor);
    const ids = new Set(slice.recent);
    for (const entry of own) {
      if (ids.has(idOf(entry))) continue;
      ids.add(idOf(entry));
      slice.waiting.push(entry);
      this.#waiting++;
    }
    const isPast = own.length < entries.length;
    slice.isDone = isPast || marker === undefined || marker === slice.next;
    const oldest = own.at(-1);
    const position = slice.isDone
      ? slice.floor
      : Math.min(slice.position, oldest ? timeOf(oldest) : Infinity);
    this.#rhythm.note(position, slice.position, own.map(timeOf));
    slice.position = position;
    if (marker !== undefined) slice.next = marker;
    if (entries.length > 0) slice.recent = new Set(entries.map(idOf));
    this.#received += entries.length;
  }
}

function sliceOf<T>(floor: number, top: number): Slice<T> {
  const state = { isStarted: false, isReading: false, isDone: false };
  return { top, floor, position: top, waiting: [], recent: new Set(), ...state };
}
