/**
 * Chooses the part of a window that is read next. The window is cut into slices of time; each is read page by page from its
 * newest entry on. A page that goes past its end proves that a slice is complete, so a slice costs half a call on average.
 *
 * One assumption decides where to cut: density near the entries that were read is like theirs, near in time or at the same
 * hour of another day. The density of the last half page fades with distance, in proportion to its span. A dense place is
 * therefore cut at growing distances, and once for each page, like a sender's slow start. How far dense places go on is
 * learned: each page shows how much was there of what was expected. The fewer requests run, the less must be expected for a
 * cut: the last pages of a reading come one after the other unless their slice is cut.
 */
import { HourlyDensity } from "./hourlyDensity";

/** Entries that were read within a span of time beside an edge of a gap. */
interface Sample {
  /** The edge. */
  readonly at: number;
  readonly entries: number;
  readonly ms: number;
}

/** A part of the window: entries from `floor` on, and before `top`. */
export class Slice {
  /** Every entry of the slice that is later has been read. */
  position: number;
  /** The marker of the last page. */
  next?: string;
  isReading = false;
  isDone = false;
  /** True if a page has come since the slice was cut. */
  hasNews = false;
  /** True if entries came that are older than the slice: the slices after it read them. */
  hasOvershot = false;
  /** The last entries in a row that are older than the slice. */
  past = 0;
  /** New entries that came since the position has moved. */
  standing = 0;
  /** Below `top`, of the first page. */
  newest?: Sample;
  /** Above `position`, of the last half page. */
  oldest?: Sample;

  constructor(
    readonly top: number,
    public floor: number,
  ) {
    this.position = top;
  }

  get isBegun(): boolean {
    return this.position < this.top || this.next !== undefined;
  }
}

/** While no request runs, a slice is cut if more pages than this are expected of it besides the one that is under way. */
const MIN_CUT_PAGES = 0.8;
/** While all requests run, so many more pages must be expected for a cut; while some run, in proportion. */
const MORE_WHERE_BUSY = 2;
/** Pages that count as promised, and as kept, before the first one. */
const TRUST = 4;
/** The share of the expected entries above a cut, besides the page that is under way. */
const UPPER_SHARE = 0.5;
/** The part above a cut is expected to fill whole pages but for this, so that its last page ends just past the cut. */
const MARGIN_PAGES = 0.2;
/** The difference of a sample's density to the average halves at this many lengths of the sample. */
const REACH = 3;

/** Limits of what may be read. */
export interface Need {
  /** False if no new slice may begin. */
  readonly mayCut: boolean;
  /** The share, from 0 to 1, of the requests allowed to run concurrently that do. */
  readonly busy: number;
  /** Entries for which there is room while the newest slice is not complete. Those that are expected take room too. */
  readonly room: number;
}

export class Schedule {
  /** Newest first; complete ones at the front are gone. */
  readonly #slices: Slice[];
  readonly #usual = new HourlyDensity();
  /** Pages beyond the average: those that dense places promised where the next page has come, and those that were there. */
  #promised = TRUST;
  #kept = TRUST;

  constructor(
    from: number,
    to: number,
    slices: number,
    private readonly pageSize: number,
  ) {
    const edge = (index: number) => Math.round(to - ((to - from) * index) / slices);
    this.#slices = to > from ? Array.from({ length: slices }, (_, i) => new Slice(edge(i), edge(i + 1))) : [];
  }

  /** The newest slice that is not complete. */
  get newest(): Slice | undefined {
    while (this.#slices[0]?.isDone) {
      this.#slices.shift();
    }
    return this.#slices[0];
  }

  /** The slice to read a page of now; undefined if none is worth a request. */
  next({ mayCut, busy, room }: Need): Slice | undefined {
    let left = room;
    // The slice of which most is expected, and how much besides the page that is under way.
    let widest: { slice: Slice; entries: number } | undefined;
    for (const slice of this.#slices.filter(({ isDone }) => !isDone)) {
      if (left <= 0 && slice !== this.newest) {
        break;
      }
      if (!slice.isReading && (mayCut || slice.isBegun || slice === this.newest)) {
        return slice;
      }
      const expected = this.#expected(slice, slice.floor);
      const entries = Math.min(expected, left) - this.pageSize;
      if (slice.hasNews && (!widest || entries > widest.entries)) {
        widest = { slice, entries };
      }
      left -= expected;
    }
    const least = (MIN_CUT_PAGES + MORE_WHERE_BUSY * busy) * this.pageSize;
    if (!widest || !mayCut || widest.entries < least || this.#usual.entries < this.pageSize) {
      return undefined;
    }
    const pages = 1 + Math.round((widest.entries * UPPER_SHARE) / this.pageSize);
    return this.#cut(widest.slice, (pages - MARGIN_PAGES) * this.pageSize);
  }

  /** Notes what a page has brought. @param times of the entries of the slice, the newest first */
  note(slice: Slice, position: number, times: readonly number[]): void {
    const { length } = times;
    const promised = this.#beyond(slice.oldest, position, slice.position) / this.pageSize;
    if (promised > 0) {
      const kept = (length - this.#usual.average * (slice.position - position)) / this.pageSize;
      this.#promised += promised;
      this.#kept += Math.min(promised, Math.max(0, kept));
    }
    slice.hasNews = true;
    this.#usual.note(position, slice.position, times);
    if (length > 0) {
      const entries = Math.ceil(length / 2);
      slice.newest ??= { at: slice.top, entries, ms: slice.top - (times[entries - 1] ?? position) };
      slice.oldest = { at: position, entries, ms: (times[length - entries] ?? slice.position) - position };
    }
    slice.position = position;
  }

  /** Undoes a cut: a slice that no page was read of is read in one piece with the one above it. */
  giveBack(slice: Slice): void {
    const index = this.#slices.indexOf(slice);
    const above = this.#slices[index - 1];
    if (!above || above.isDone || above.hasOvershot || slice.isBegun) {
      return;
    }
    above.floor = slice.floor;
    this.#slices.splice(index, 1);
  }

  /** Leaves this number of expected entries to a slice, and the rest to a new slice after it. */
  #cut(slice: Slice, entries: number): Slice | undefined {
    let low = slice.floor + 1;
    let high = slice.position - 1;
    // Entries of one millisecond are never parted.
    if (high < low) {
      return undefined;
    }
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (this.#expected(slice, middle) > entries) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    const lower = new Slice(low, slice.floor);
    this.#slices.splice(this.#slices.indexOf(slice) + 1, 0, lower);
    slice.floor = low;
    slice.hasNews = false;
    return lower;
  }

  /** Entries that are expected from a time on to the slice's position, by what was kept of promises so far. */
  #expected(slice: Slice, from: number): number {
    const { position } = slice;
    const index = this.#slices.indexOf(slice);
    const above = this.#slices.findLast((each, i) => i <= index && each.oldest)?.oldest;
    const below = this.#slices.find((each, i) => i > index && each.newest)?.newest;
    const beyondBoth = this.#beyond(above, from, position) + this.#beyond(below, from, position);
    const beyond = above && below ? beyondBoth / 2 : beyondBoth;
    return this.#usual.expected(from, position) + (beyond * this.#kept) / this.#promised;
  }

  /** Entries beyond the average that a sample promises between two times. Its difference to the average fades. */
  #beyond(sample: Sample | undefined, from: number, to: number): number {
    if (!sample) {
      return 0;
    }
    const { at, entries } = sample;
    const ms = Math.max(1, sample.ms);
    const reach = REACH * ms;
    const fading = Math.log((reach + Math.abs(at - from)) / (reach + Math.abs(at - to)));
    return (entries / ms - this.#usual.average) * reach * Math.abs(fading);
  }
}
