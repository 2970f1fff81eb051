import type { RawRequest } from "../auth/signature";
import type { Place } from "../location";
import type { World } from "../state/state";
import type { Answer } from "./errors";
import type { JournalEntry } from "./journal";
import type { OperationName, Service } from "./operationNames";

/** A call as an operation sees it. */
export interface Call {
  /** The region whose endpoint was called; for IAM the default region. */
  region: string;
  /** `{project_id}` of the path, `""` where the path has none. */
  projectId: string;
  query: Record<string, string>;
  /** Any part of the path that is a placeholder in the operation's. */
  param(name: string): string | undefined;
  /** The value of a request header; names are case-insensitive. */
  header(name: string): string | undefined;
  /** The parsed body; `undefined` when it is empty or not JSON. */
  json: unknown;
  /** What a signature is made over. */
  raw: RawRequest;
  /** The IP address that the call comes from. */
  sourceIp: string;
  entry: JournalEntry;
}

/** What a call is about, as traces name it. */
export interface Resource {
  place: Place;
  resource_id?: string;
  resource_name?: string;
}

/** What CTS writes into its own log about an operation that changes something. */
export interface Recorded {
  /** For example `tracker`. */
  resource_type: string;
  /** For example `createTracker`. */
  trace_name: string;
  /** Those of the resources that there are which the call is about; asked before and after it is carried out. */
  resources(world: World, call: Call): Resource[];
}

/** One operation of an emulated service. A route file exports a list of them, and the server mounts the lists. */
export interface Operation {
  name: OperationName;
  service: Service;
  method: "GET" | "POST" | "PUT" | "DELETE";
  /** Below the endpoint, with `:projectId` where the project goes. */
  path: string;
  /** The version of the API that has it, if that may be missing. */
  version?: "v1" | "v2" | "v3";
  /** What the caller must be allowed first: the path's project, anything at all, or nothing. */
  access: "project" | "any" | "none";
  /** Absent: it leaves no trace. */
  records?: Recorded;
  handle(world: World, call: Call): Answer;
}
