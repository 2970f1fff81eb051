import type { Trace } from "../client/api/trace";
import type { TraceQuery } from "../client/api/traceQuery";
import type { Connection } from "../client/connection";
import { counted } from "../client/counted";
import { type ApiError, CtsError } from "../client/errors";
import type { Place } from "../client/place";
import type { Drifted } from "./drifted";
import { type Identity, matchOf, textOf } from "./identity";
import { type Searched, TraceReader, type Window } from "./traceReader";

/** A resource that drifted, and the traces that may be about it. */
export interface Sought {
  readonly drifted: Drifted;
  readonly identity: Identity;
  readonly window: Window;
  /** By id. */
  readonly traces: Map<string, Trace>;
  /** Why something was not looked at. */
  readonly obstacles: Set<"no-permission" | "unreachable" | "bounded">;
}

export interface SearchOptions {
  /** Calls of the wide search; 0: none is made. */
  readonly maxCalls: number;
  /** True if the traces of a resource explain what happened to it. */
  isExplained(sought: Sought): boolean;
  /** Says how far it has come. */
  onProgress?(message: string): void;
}

/** With fewer, a query for each is cheaper than a week of a small project. */
const FEW = 10;
/** Queries that run concurrently. */
const QUERIES = 8;
/** Ids of one resource that are tried one after another. */
const MOST_IDS = 3;

/** Looks for traces in projects, each in its region, and keeps account of it. */
export class Search {
  readonly #readers = new Map<string, TraceReader>();
  readonly #failures: { readonly place: Place | undefined; readonly error: CtsError }[] = [];

  constructor(
    private readonly connection: Connection,
    private readonly options: SearchOptions,
  ) {}

  /** Places that failed. They are not tried again: a refused password, tried often, locks the user. */
  readonly #failed = new Set<Promise<Place>>();
  /** True while a later search follows: then nothing is read but what has an id or a name. */
  isProvisional = false;

  /** The readings, in the order of asking. */
  get searched(): Searched[] {
    return [...this.#readers.values()].map((reader) => reader.searched);
  }

  get failures(): readonly { readonly place: Place | undefined; readonly error: CtsError }[] {
    return this.#failures;
  }

  /** Looks for all resources in one place. What fails is kept, so that other places are looked at. */
  async in(place: Promise<Place>, all: readonly Sought[]): Promise<void> {
    if (all.length === 0 || this.#failed.has(place)) {
      return;
    }
    let where: Place | undefined;
    try {
      where = await place;
      await this.#lookFor(this.#readerOf(where), all);
    } catch (error) {
      if (!(error instanceof CtsError)) {
        throw error;
      }
      const { status } = error as Partial<ApiError>;
      for (const sought of all) {
        sought.obstacles.add(status === 401 || status === 403 ? "no-permission" : "unreachable");
      }
      this.#failed.add(place);
      this.#failures.push({ place: where, error });
    }
  }

  #readerOf(place: Place): TraceReader {
    const key = `${place.region}/${place.projectId}`;
    const reader = this.#readers.get(key) ?? new TraceReader(this.connection, place);
    this.#readers.set(key, reader);
    return reader;
  }

  /**
   * The window is read as a whole first where that may take fewer calls than a query for each resource; else last, for what the
   * queries do not explain.
   */
  async #lookFor(reader: TraceReader, all: readonly Sought[]): Promise<void> {
    const maxCalls = this.isProvisional ? 0 : this.options.maxCalls;
    if (maxCalls > 0 && all.length > FEW) {
      this.#say(reader, `reading all traces, for ${counted(all.length, "resource")}`);
      const { traces, isComplete } = await reader.readAll(spanOf(all), maxCalls + all.length, "any");
      assign(traces, all);
      if (isComplete) {
        return this.#assignMentions(traces, all);
      }
    }
    this.#say(reader, `looking for ${counted(all.length, "resource")} by id and name`);
    await eachOf(all, QUERIES, (sought) => this.#query(reader, sought));
    const rest = this.unexplained(all);
    if (rest.length === 0 || (maxCalls > 0 && all.length > FEW)) {
      for (const { obstacles } of rest) {
        obstacles.add("bounded");
      }
      return;
    }
    if (maxCalls === 0) {
      return;
    }
    this.#say(reader, `reading all traces, for ${counted(rest.length, "resource")} not found by id`);
    const { traces, isComplete } = await reader.readAll(spanOf(rest), maxCalls, "newest");
    assign(traces, rest);
    this.#assignMentions(traces, rest);
    if (!isComplete) {
      for (const { obstacles } of rest) {
        obstacles.add("bounded");
      }
    }
  }

  /** The resources that their traces do not explain. */
  unexplained(all: readonly Sought[]): Sought[] {
    return all.filter((sought) => !this.options.isExplained(sought));
  }

  /** By one id after another, then by name, until that explains it. */
  async #query(reader: TraceReader, sought: Sought): Promise<void> {
    for (const query of queriesOf(sought.identity)) {
      add(await reader.find(query, sought.window), sought);
      if (this.options.isExplained(sought)) {
        return;
      }
    }
  }

  /** An id may be in the middle of a request: that takes longer to look for. */
  #assignMentions(traces: readonly Trace[], all: readonly Sought[]): void {
    const byWord = new Map<string, Sought[]>();
    for (const sought of this.unexplained(all)) {
      const { ids, names, related } = sought.identity;
      for (const id of ids.length > 0 ? ids : [...names, ...related]) {
        for (const word of id.match(WORD) ?? []) {
          byWord.set(word, [...(byWord.get(word) ?? []), sought]);
        }
      }
    }
    if (byWord.size === 0) {
      return;
    }
    for (const trace of traces) {
      for (const value of [trace.request, trace.response, trace.resourceUrl, trace.message]) {
        if (value === undefined || value === "") {
          continue;
        }
        const text = typeof value === "string" ? value : JSON.stringify(value);
        for (const word of text.match(WORD) ?? []) {
          for (const sought of byWord.get(word) ?? []) {
            add([trace], sought);
          }
        }
      }
    }
  }

  #say({ place }: TraceReader, message: string): void {
    this.options.onProgress?.(`${place.region}/${place.projectId}: ${message}`);
  }
}

/** The queries that find the traces of a resource, the likeliest first. */
function queriesOf({ kind, ids, names, related }: Identity): TraceQuery[] {
  if (kind?.identity === "tracker") {
    return [{ serviceType: "CTS", resourceType: "tracker" }];
  }
  const direct = ids.length > 0 ? ids : related;
  return [
    ...direct.slice(0, MOST_IDS).map((resourceId) => ({ resourceId })),
    ...names.slice(0, 1).map((resourceName) => ({ resourceName })),
  ];
}

/** One query that lists all traces that may be about a resource, also those of what it belongs to. */
export function queryOf(identity: Identity): TraceQuery | undefined {
  const { kind, ids, names, related } = identity;
  if (kind?.identity === "tracker") {
    return queriesOf(identity)[0];
  }
  const any = [...ids, ...related];
  if (any.length > 0) {
    return { resourceId: any };
  }
  return names.length > 0 ? { resourceName: names } : undefined;
}

/** Long enough not to be found everywhere. */
const WORD = /[\w-]{8,}/g;

/** Hands each trace to the resources whose id or name it has. */
function assign(traces: readonly Trace[], all: readonly Sought[]): void {
  const index = new Map<string, Sought[]>();
  for (const sought of all) {
    const { ids, names, related } = sought.identity;
    for (const key of [...ids, ...names, ...related]) {
      index.set(key, [...(index.get(key) ?? []), sought]);
    }
  }
  const trackers = all.filter(({ identity }) => identity.kind?.identity === "tracker");
  for (const trace of traces) {
    for (const key of [textOf(trace.resourceId), textOf(trace.resourceName)]) {
      if (key !== "") {
        for (const sought of index.get(key) ?? []) {
          add([trace], sought);
        }
      }
    }
    for (const sought of trackers) {
      if (matchOf(trace, sought.identity)) {
        add([trace], sought);
      }
    }
  }
}

function add(traces: readonly Trace[], { traces: known, window }: Sought): void {
  for (const trace of traces) {
    const time = Date.parse(trace.time);
    if (time >= window.from && time < window.to) {
      known.set(trace.traceId, trace);
    }
  }
}

function spanOf(all: readonly Sought[]): Window {
  return {
    from: all.reduce((least, { window }) => Math.min(least, window.from), Number.POSITIVE_INFINITY),
    to: all.reduce((most, { window }) => Math.max(most, window.to), 0),
  };
}

/** Works on several concurrently. */
async function eachOf<T>(all: readonly T[], count: number, work: (one: T) => Promise<void>): Promise<void> {
  const queue = all[Symbol.iterator]();
  const worker = async () => {
    for (const one of queue) {
      await work(one);
    }
  };
  await Promise.all(Array.from({ length: count }, worker));
}
