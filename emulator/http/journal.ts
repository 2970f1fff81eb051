import type { FaultKind, OperationName, Service } from "./operationNames";

/** One call that reached the emulator. Holds no password, no token, no key and no signature. */
export interface JournalEntry {
  /** When it arrived, in milliseconds since 1970 by the emulator's clock. */
  at: number;
  service: Service;
  operation: OperationName;
  method: string;
  /** Without the query. */
  path: string;
  query: Record<string, string>;
  /** The region whose endpoint was called; absent for IAM. */
  region?: string;
  /** The project in the path, or the one that a token was issued for. */
  projectId?: string;
  /**
   * The parsed JSON, passwords replaced by `***`; `"(not JSON)"` if it is not JSON or nested too deep, and for example `"(70000 bytes)"`
   * if it is longer than 64 KiB; absent without a body.
   */
  body?: unknown;
  /** The kind of authorisation; absent if the call was not authorised, or needs no authorisation. */
  auth?: "token" | "keys";
  /** The status of the answer; absent until there is one. */
  status?: number;
  /** The injected fault. */
  fault?: { kind: FaultKind; when: "before" | "after" };
  /** The `X-Request-Id` of the answer. */
  requestId: string;
}

/**
 * The progress of a call. `received`: read, nothing done yet. `applied`: carried out (or refused), nothing answered
 * yet; skipped if a fault came first. `answered`: the answer has left, or the connection is closed.
 */
export type Phase = "received" | "applied" | "answered";

/** Receives every phase of every call; the call waits for the returned promise. */
export type RequestListener = (entry: JournalEntry, phase: Phase) => void | Promise<void>;

const MAX_ENTRIES = 100_000;
const MAX_BYTES = 32 * 1024 * 1024;
const MAX_BODY_BYTES = 64 * 1024;

/**
 * The calls that reached the emulator, in the order of arrival: at most the last 100,000, and at most 32 MiB of paths,
 * queries and bodies. A full journal drops the oldest tenth of its entries.
 */
export class Journal {
  readonly entries: JournalEntry[] = [];
  #bytes = 0;
  readonly #listeners = new Set<RequestListener>();

  /** The calls of one service, or of both. */
  calls(service?: Service): JournalEntry[] {
    return this.entries.filter((entry) => service === undefined || entry.service === service);
  }

  /** The calls of CTS that could change something: POST, PUT and DELETE, carried out or not. */
  mutations(): JournalEntry[] {
    return this.calls("cts").filter(({ method }) => ["POST", "PUT", "DELETE"].includes(method));
  }

  /** Forgets every entry; listeners stay. */
  clear(): void {
    this.entries.length = 0;
    this.#bytes = 0;
  }

  /** Calls the listener at every {@link Phase} of every later call, until the returned function is called. */
  onRequest(listener: RequestListener): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** Writes down a call that has arrived. */
  async received(entry: JournalEntry): Promise<void> {
    this.entries.push(entry);
    this.#bytes += sizeOf(entry);
    while (this.entries.length > MAX_ENTRIES || (this.#bytes > MAX_BYTES && this.entries.length > 0)) {
      // Each removal moves all remaining entries, so remove a tenth of them together.
      const dropped = this.entries.splice(0, Math.ceil(this.entries.length / 10));
      this.#bytes -= dropped.reduce((sum, each) => sum + sizeOf(each), 0);
    }
    await this.announce(entry, "received");
  }

  /** Tells all listeners concurrently, and waits for them. */
  async announce(entry: JournalEntry, phase: Phase): Promise<void> {
    await Promise.all([...this.#listeners].map((listener) => listener(entry, phase)));
  }
}

function sizeOf({ path, query, body }: JournalEntry): number {
  return JSON.stringify([path, query, body]).length;
}

/**
 * A body as the journal keeps it.
 *
 * @param json `undefined` if it is not JSON or nested too deep
 * @param length in bytes, at least 1
 */
export function recordedBody(json: unknown, length: number): unknown {
  if (length > MAX_BODY_BYTES) {
    return `(${length} bytes)`;
  }
  return json === undefined ? "(not JSON)" : withoutSecrets(json);
}

/** A copy of a JSON value in which every `password` and `token` reads `***`. */
export function withoutSecrets(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(withoutSecrets);
  }
  if (typeof value !== "object" || value === null) {
    return value;
  }
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, isSecret(key, inner) ? "***" : withoutSecrets(inner)]),
  );
}

/** IAM also calls the method a `password`, with an object that holds the user. */
function isSecret(key: string, value: unknown): boolean {
  return key === "token" || (key === "password" && typeof value !== "object");
}
