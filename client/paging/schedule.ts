/**
 * Chooses the part of a window that is read next. The window is cut into slices of time; each is read page by page from its
 * newest entry on. A page that goes past its end proves that a slice is complete, so a slice costs half a call on average.
 *
 * One assumption decides where to cut: density near the entries that were read is like theirs. It fades with distance, in
 * proportion to the span that was read: the density of the last pages into that of their slice, and this into the average.
 * A dense place is therefore cut at growing distances, and once for each page, like a sender's slow start. A guess that
 * turns out empty costs one call, and the next guesses must promise more. The fewer requests run, the less a guess must
 * promise: the last pages of a reading come one after the other unless their slice is cut.
 */

/** Entries that were read within a span of time beside an edge of a gap. */
interface Sample {
  /** The edge. */
  readonly at: number;
  readonly entries: number;
  readonly ms: number;
}

/** A part of the window: entries from `floor` on, and before `top`. */
export interface Slice {
  readonly top: number;
  floor: number;
  /** Every entry of the slice that is later has been read. */
  position: number;
  /** The marker of the last page. */
  next?: string;
  isReading: boolean;
  isDone: boolean;
  /** True until the first page of a slice that was cut off. */
  isGuess: boolean;
  /** True if a page has come since the slice was cut. */
  hasNews: boolean;
  /** The number of entries that were read. */
  entries: number;
  /** True if entries came that are older than the slice: the slices after it read them. */
  hasOvershot: boolean;
  /** The last entries in a row that are older than the slice. */
  past: number;
  /** New entries that came since the position has moved. */
  standing: number;
  /** Below `top`, of the first page. */
  newest?: Sample;
  /** Above `position`, of the last pages of like density. */
  oldest?: Sample;
}

/** A slice is cut if more pages than this are expected of it, besides the one that is under way, where no request runs. */
const MIN_CUT_PAGES = 0.25;
/** The pages that must be expected beyond that where all requests run; in proportion where some do. */
const MORE_WHERE_BUSY = 1.25;
/** Guesses that count as made and right before the first one. */
const TRUST = 3;
/** The pages that a cut must promise grow with this power of the guesses made for each one that was right. */
const CAUTION = 3;
/** The share of the expected entries above a cut, besides the page that is under way. */
const UPPER_SHARE = 0.45;
/** The part above a cut is expected to fill whole pages but for this, so that its last page ends just past the cut. */
const MARGIN_PAGES = 0.1;
/** Pages whose densities differ by less than this factor are one run. The longer a run, the farther it is expected to go on. */
const RUN_FACTOR = 12;

/** Limits of what may be read. */
export interface Need {
  /** False if no new slice may begin. */
  readonly mayCut: boolean;
  /** The share, from 0 to 1, of the requests allowed to run concurrently that do. */
  readonly busy: number;
  /** Entries for which there is room, while the newest slice is not complete. */
  readonly room: number;
}

export class Schedule {
  /** Newest first; complete ones at the front are gone. */
  readonly #slices: Slice[];
  #entries = 0;
  #knownMs = 0;
  #guesses = 0;
  /** Guesses that were right; a part of one if a slice was less than a page. */
  #hits = 0;

  constructor(
    from: number,
    to: number,
    slices: number,
    private readonly pageSize: number,
  ) {
    const edge = (index: number) => Math.round(to - ((to - from) * index) / slices);
    this.#slices = to > from ? Array.from({ length: slices }, (_, i) => sliceOf(edge(i + 1), edge(i))) : [];
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
    let widest: { slice: Slice; entries: number; coming: number } | undefined;
    for (const slice of this.#slices) {
      if (slice.isDone) {
        continue;
      }
      if (left <= 0 && slice !== this.newest) {
        break;
      }
      if (!slice.isReading && (mayCut || isBegun(slice) || slice === this.newest)) {
        return slice;
      }
      const expected = this.#expected(slice, slice.floor);
      const coming = slice.isReading ? this.pageSize : 0;
      const entries = Math.min(expected, left) - coming;
      if (slice.hasNews && (!widest || entries > widest.entries)) {
        widest = { slice, entries, coming };
      }
      left -= expected;
    }
    if (!widest || !mayCut || this.#entries < this.pageSize) {
      return undefined;
    }
    const inVain = (this.#guesses + TRUST) / (this.#hits + TRUST);
    const minPages = (MIN_CUT_PAGES + MORE_WHERE_BUSY * busy) * inVain ** CAUTION;
    if (widest.entries < minPages * this.pageSize) {
      return undefined;
    }
    const pages = Math.max(1, Math.round((widest.coming + widest.entries * UPPER_SHARE) / this.pageSize));
    return this.#cut(widest.slice, (pages - MARGIN_PAGES) * this.pageSize);
  }

  /**
   * Notes what a page has brought.
   *
   * @param times of the entries of the slice, the newest first
   */
  note(slice: Slice, position: number, times: readonly number[]): void {
    const { length } = times;
    if (slice.isGuess) {
      this.#guesses++;
      this.#hits += slice.isDone ? length / this.pageSize : 1;
      slice.isGuess = false;
    }
    slice.hasNews = true;
    slice.entries += length;
    this.#entries += length;
    this.#knownMs += slice.position - position;
    if (length > 0) {
      const half = Math.ceil(length / 2);
      slice.newest ??= sampleOf(slice.top, half, slice.top - (times[half - 1] ?? position));
      const sample = sampleOf(position, half, (times[length - half] ?? slice.position) - position);
      const run = slice.oldest;
      const factor = run ? densityOf(sample) / densityOf(run) : 0;
      const isSameRun = run && factor < RUN_FACTOR && factor > 1 / RUN_FACTOR;
      slice.oldest = isSameRun
        ? sampleOf(position, run.entries + length, run.ms + slice.position - position)
        : sample;
    } else if (slice.isDone) {
      slice.newest ??= sampleOf(slice.top, 0, slice.top - slice.floor);
    }
    slice.position = position;
  }

  /** Undoes a cut: a slice that no page was read of is read in one piece with the one above it. */
  giveBack(slice: Slice): void {
    const index = this.#slices.indexOf(slice);
    const above = this.#slices[index - 1];
    if (!above || above.isDone || above.hasOvershot || isBegun(slice)) {
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
    const lower = { ...sliceOf(slice.floor, low), isGuess: true };
    this.#slices.splice(this.#slices.indexOf(slice) + 1, 0, lower);
    slice.floor = low;
    slice.hasNews = false;
    return lower;
  }

  /** Entries to be expected from a time on to the slice's position. */
  #expected(slice: Slice, from: number): number {
    const { position } = slice;
    const average = this.#entries / Math.max(1, this.#knownMs);
    const index = this.#slices.indexOf(slice);
    const above = this.#slices.findLast((each, i) => i <= index && each.oldest);
    const below = this.#slices.find((each, i) => i > index && each.newest)?.newest;
    let beyond = 0;
    if (above?.oldest) {
      const { oldest: run, entries, top } = above;
      const whole = sampleOf(run.at, entries, top - run.at);
      const [near, far] = [run.at - position, run.at - from];
      beyond += fading(whole, average, near, far) + fading(run, densityOf(whole), near, far);
    }
    if (below) {
      beyond += fading(below, average, from - below.at, position - below.at);
    }
    return average * (position - from) + beyond / (above && below ? 2 : 1);
  }
}

/** Entries beyond a density between two distances from a sample: the difference to it halves at the sample's own length. */
function fading(sample: Sample, density: number, near: number, far: number): number {
  const { ms } = sample;
  return (densityOf(sample) - density) * ms * Math.log((ms + far) / (ms + near));
}

function densityOf({ entries, ms }: Sample): number {
  return entries / ms;
}

function sampleOf(at: number, entries: number, ms: number): Sample {
  return { at, entries, ms: Math.max(1, ms) };
}

function isBegun(slice: Slice): boolean {
  return slice.position < slice.top || slice.next !== undefined;
}

function sliceOf(floor: number, top: number): Slice {
  return {
    top,
    floor,
    position: top,
    isReading: false,
    isDone: false,
    isGuess: false,
    hasNews: false,
    entries: 0,
    hasOvershot: false,
    past: 0,
    standing: 0,
  };
}
