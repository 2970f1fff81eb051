import type { Traffic } from "../synthetic/traffic";
import type { WireTrace } from "../wire/traces";
import { firstIndex, type SearchFields } from "./search";

/** A place between two traces of a log: the number of older ones of either kind. */
export interface Position {
  synthetic: number;
  recorded: number;
}

/** A trace in the log that is not read yet. */
export interface LogEntry {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly time: number;
  /** The time of recording, likewise. */
  readonly recordTime: number;
  searchFields(): SearchFields;
  /** The trace itself; not to be changed. */
  read(): WireTrace;
}

/** A recorded trace, and its sort keys. */
class RecordedEntry implements LogEntry {
  readonly time: number;
  readonly recordTime: number;

  /** @param order a later entry counts as newer if the times are the same */
  constructor(
    private readonly trace: WireTrace,
    readonly order: number,
  ) {
    this.time = trace.time;
    this.recordTime = trace.record_time ?? trace.time;
  }

  get id(): string {
    return this.trace.trace_id;
  }

  searchFields(): SearchFields {
    return { ...this.trace, user: nameOfUser(this.trace) };
  }

  read(): WireTrace {
    return this.trace;
  }
}

/** A synthetic trace. A search goes through all of them, and an object with functions of its own is several times as slow. */
class SyntheticEntry implements LogEntry {
  /** Synthetic traces are all of the past. */
  readonly recordTime = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly traffic: Traffic,
    private readonly index: number,
    readonly time: number,
  ) {}

  get id(): string {
    return this.traffic.idAt(this.index);
  }

  searchFields(): SearchFields {
    return this.traffic.searchFields(this.index);
  }

  read(): WireTrace {
    return this.traffic.trace(this.index);
  }
}

/** Some services write the user as JSON. */
function nameOfUser({ user }: WireTrace): unknown {
  if (typeof user !== "string") {
    return user?.name;
  }
  try {
    return (JSON.parse(user) as { name?: unknown } | null)?.name;
  } catch {
    return user;
  }
}

/**
 * The traces of one project in one region, in one order that never changes: by time, then synthetic before recorded
 * ones, then by arrival.
 *
 * A position, by time or by id, is found in some twenty steps in a million traces. A new trace takes as many steps; a
 * late one takes a pass over all recorded ones. Synthetic traces take 8 bytes each and are made when they are read.
 */
export class TraceLog {
  #entries: RecordedEntry[] = [];
  readonly #byId = new Map<string, RecordedEntry>();

  constructor(private readonly traffic: Traffic) {}

  /**
   * Records traces, in any order of their times.
   *
   * @throws Error for an existing id; then none is recorded
   */
  add(traces: readonly WireTrace[]): void {
    const ids = new Set<string>();
    for (const { trace_id: id } of traces) {
      if (ids.has(id) || this.#byId.has(id) || this.traffic.indexOf(id) !== undefined) {
        throw new Error(`There is a trace ${id} already.`);
      }
      ids.add(id);
    }
    const newest = this.#entries.at(-1)?.time ?? 0;
    for (const trace of traces) {
      const entry = new RecordedEntry(trace, this.#byId.size);
      this.#entries.push(entry);
      this.#byId.set(trace.trace_id, entry);
    }
    if (traces.some(({ time }, i) => time < (traces[i - 1]?.time ?? newest))) {
      // Entries of the same time stay in the order in which they came.
      this.#entries.sort((a, b) => a.time - b.time);
    }
  }

  /** The number of traces recorded so far. */
  get size(): number {
    return this.#entries.length;
  }

  /** The position before all traces of this time and later ones. */
  before(time: number): Position {
    return {
      synthetic: this.traffic.countBefore(time),
      recorded: firstIndex(this.#entries.length, (i) => this.#timeAt(i) >= time),
    };
  }

  /** The position right before a trace; `undefined` if it does not exist. */
  positionOf(id: string): Position | undefined {
    const entry = this.#byId.get(id);
    if (entry !== undefined) {
      const isNotOlder = ({ time, order }: RecordedEntry): boolean =>
        time > entry.time || (time === entry.time && order >= entry.order);
      const written = firstIndex(this.#entries.length, (i) => isNotOlder(this.#entries[i] ?? entry));
      return { synthetic: this.traffic.countBefore(entry.time + 1), recorded: written };
    }
    const synthetic = this.traffic.indexOf(id);
    return synthetic === undefined
      ? undefined
      : { synthetic, recorded: this.before(this.traffic.timeAt(synthetic)).recorded };
  }

  /** A trace by its id. */
  get(id: string): LogEntry | undefined {
    const index = this.traffic.indexOf(id);
    return this.#byId.get(id) ?? (index === undefined ? undefined : this.#syntheticEntry(index));
  }

  /** The traces before a position, the newest first. Made one by one as they are read. */
  *newestFirst({ synthetic, recorded: written }: Position): Generator<LogEntry> {
    let i = synthetic - 1;
    let j = written - 1;
    while (i >= 0 || j >= 0) {
      const entry = this.#entries[j];
      const time = i >= 0 ? this.traffic.timeAt(i) : Number.NEGATIVE_INFINITY;
      if (entry !== undefined && entry.time >= time) {
        j -= 1;
        yield entry;
      } else {
        i -= 1;
        yield this.#syntheticEntry(i + 1);
      }
    }
  }

  #syntheticEntry(index: number): LogEntry {
    return new SyntheticEntry(this.traffic, index, this.traffic.timeAt(index));
  }

  #timeAt(i: number): number {
    return this.#entries[i]?.time ?? Number.POSITIVE_INFINITY;
  }
}

/** The older of two positions. */
export function olderOf(a: Position, b: Position): Position {
  return a.synthetic + a.recorded <= b.synthetic + b.recorded ? a : b;
}
