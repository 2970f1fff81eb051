/** One page of a listing, newest first. */
export interface Page<T> {
  readonly entries: readonly T[];
  /** The start of the next page; undefined at the end. A page may be short, or empty, and yet have one. */
  readonly marker: string | undefined;
  /** The size of the answer. */
  readonly bytes: number;
}

/** Asks for entries from `from` on, earlier than `to`, and older than the one that `next` names. */
export interface PageQuery {
  /** Milliseconds since the epoch, as is `to`. */
  readonly from: number;
  readonly to: number;
  readonly next?: string;
}

/** A listing that can be paged. */
export interface Listing<Entry, Result> {
  /** @throws ThrottledError if the service throttles; any other error ends the reading. */
  page(query: PageQuery): Promise<Page<Entry>>;
  idOf(entry: Entry): string;
  /** Milliseconds since the epoch, whole. */
  timeOf(entry: Entry): number;
  /** Converts an entry to what is handed on. */
  toResult(entry: Entry): Result;
  /** The error for pages that are not as the API promises. */
  malformed(what: string): Error;
}
