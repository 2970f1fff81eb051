/**
 * Chooses the part of a window that is read next. The window is cut into slices of time; each is read page by page from its
 * newest entry on. A page that goes past its end proves that a slice is complete, so a slice costs half a call on average.
 *
 * One assumption decides where to cut: density near the entries that were read is like theirs. It fades with distance, in
 * proportion to the span that was read: the density of the last half page into that of its slice, and this into the average.
 * A dense place is therefore cut at growing distances, and once for each page, like a sender's slow start. How far dense
 * places go on is learned: each page shows how much was there of what was expected. The fewer requests run, the less must be
 * expected for a cut: the last pages of a reading come one after the other unless their slice is cut.
 */

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
  /** The number of entries that were read. */
  entries = 0;
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

/** A slice is cut if more pages than this are expected of it, besides the one that is under way, where no request runs. */
const MIN_CUT_PAGES = 0.25;
/** The pages that must be expected beyond that where all requests run; in proportion where some do. */
const MORE_WHERE_BUSY = 1.5;
/** Pages that count as promised, and as kept, before the first one. */
const TRUST = 4;
/** The share of the expected entries above a cut, besides the page that is under way. */
const UPPER_SHARE = 0.4;
/** The part above a cut is expected to fill whole pages but for this, so that its last page ends just past the cut. */
const MARGIN_PAGES = 0.2;
/** The difference of a sample's density to that around it halves at this many lengths of the sample. */
const REACH = 2;

/** Limits of what may be read. */
export interface Need {
  /** False if no new slice may begin. */
  readonly mayCut: boolean;
  /** The share, from 0 to 1, of the requests allowed to run concurrently that do. */
  readonly busy: number;
  /** Entries for which there is room while the newest slice is not complete. What slices promise counts in full. */
  readonly room: number;
}

export class Schedule {
  /** Newest first; complete ones at the front are gone. */
  readonly #slices: Slice[];
  #entries = 0;
  #knownMs = 0;
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
    let widest: { slice: Slice; entries: number; coming: number } | undefined;
    for (const slice of this.#slices) {
      if (slice.isDone) {
        continue;
      }
      if (left <= 0 && slice !== this.newest) {
        break;
      }
      if (!slice.isReading && (mayCut || slice.isBegun || slice === this.newest)) {
        return slice;
      }
      const { expected, promised } = this.#outlook(slice, slice.floor);
      const coming = slice.isReading ? this.pageSize : 0;
      const entries = Math.min(expected, left) - coming;
      if (slice.hasNews && (!widest || entries > widest.entries)) {
        widest = { slice, entries, coming };
      }
      left -= promised;
    }
    if (!widest || !mayCut || this.#entries < this.pageSize) {
      return undefined;
    }
    if (widest.entries < (MIN_CUT_PAGES + MORE_WHERE_BUSY * busy) * this.pageSize) {
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
    const ms = slice.position - position;
    const promised = this.#beyond(slice, slice.position, position) / this.pageSize;
    if (promised > 0) {
      this.#promised += promised;
      this.#kept += Math.min(promised, Math.max(0, length - this.#average * ms) / this.pageSize);
    }
    slice.hasNews = true;
    slice.entries += length;
    this.#entries += length;
    this.#knownMs += ms;
    if (length > 0) {
      const half = Math.ceil(length / 2);
      slice.newest ??= sampleOf(slice.top, half, slice.top - (times[half - 1] ?? position));
      slice.oldest = sampleOf(position, half, (times[length - half] ?? slice.position) - position);
    } else if (slice.isDone) {
      slice.newest ??= sampleOf(slice.top, 0, slice.top - slice.floor);
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
      if (this.#outlook(slice, middle).expected > entries) {
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

  /** Entries for each millisecond that was read. */
  get #average(): number {
    return this.#entries / Math.max(1, this.#knownMs);
  }

  /** Entries from a time on to the slice's position: those promised, and those expected by what was kept so far. */
  #outlook(slice: Slice, from: number): { promised: number; expected: number } {
    const { position } = slice;
    const index = this.#slices.indexOf(slice);
    const above = this.#slices.findLast((each, i) => i <= index && each.oldest);
    const below = this.#slices.find((each, i) => i > index && each.newest)?.newest;
    const beyondAbove = above ? this.#beyond(above, position, from) : 0;
    const beyondBelow = below ? fading(below, this.#average, from - below.at, position - below.at) : 0;
    const beyond = (beyondAbove + beyondBelow) / (above && below ? 2 : 1);
    const even = this.#average * (position - from);
    return { promised: even + beyond, expected: even + (beyond * this.#kept) / this.#promised };
  }

  /** Entries beyond the average that a slice promises between two times. Its last half page and all of it are the evidence. */
  #beyond({ oldest, entries, top }: Slice, to: number, from: number): number {
    if (!oldest) {
      return 0;
    }
    const whole = sampleOf(oldest.at, entries, top - oldest.at);
    const [near, far] = [oldest.at - to, oldest.at - from];
    return fading(whole, this.#average, near, far) + fading(oldest, densityOf(whole), near, far);
  }
}

/** Entries beyond a density between two distances from a sample, whose difference to that density fades. */
function fading(sample: Sample, density: number, near: number, far: number): number {
  const reach = REACH * sample.ms;
  return (densityOf(sample) - density) * reach * Math.log((reach + far) / (reach + near));
}

function densityOf({ entries, ms }: Sample): number {
  return entries / ms;
}

function sampleOf(at: number, entries: number, ms: number): Sample {
  return { at, entries, ms: Math.max(1, ms) };
}
