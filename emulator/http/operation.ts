import type { ServerResponse } from "node:http";
import type { RawRequest } from "../auth/signature";
import type { Place } from "../place";
import type { EmulatorState } from "../state/emulatorState";
import type { Answer } from "./errors";
import type { JournalEntry } from "./journal";
import type { OperationName, Service } from "./operationNames";

/** A call as an operation receives it. */
export interface Call {
  /** The region whose endpoint was called; for IAM the default region. */
  region: string;
  /** `{project_id}` of the path, `""` where the path has none. */
  projectId: string;
  query: Record<string, string>;
  /** A part of the path that is a placeholder in the operation's path. */
  param(name: string): string | undefined;
  /** The value of a request header; names are case-insensitive. */
  header(name: string): string | undefined;
  /** The parsed body; `undefined` when it is empty, not JSON, or nested too deep. */
  json: unknown;
  /** The request as it arrived, which its signature covers. */
  raw: RawRequest;
  /** The IP address that the call comes from. */
  sourceIp: string;
  entry: JournalEntry;
  /** Node's own response to it. */
  outgoing: ServerResponse;
}

/** The resource of a call, as traces name it. */
export interface Resource {
  place: Place;
  resource_id?: string;
  resource_name?: string;
}

/** The entry that CTS writes into its own log about an operation that changes something. */
export interface Recorded {
  /** For example `tracker`. */
  resource_type: string;
  /** For example `createTracker`. */
  trace_name: string;
  /** The existing resources that the call is about; read before and after the operation. */
  resources(state: EmulatorState, call: Call): Resource[];
}

/** One operation of an emulated service. A route file exports a list of them, and the server mounts the lists. */
export interface Operation {
  name: OperationName;
  service: Service;
  method: "GET" | "POST" | "PUT" | "DELETE";
  /** The path below the endpoint, with `:projectId` for the project. */
  path: string;
  /** The API version that has the operation, if a switch can remove that version. */
  version?: "v1" | "v2" | "v3";
  /** The permission that the caller must have: the path's project, any, or none. */
  access: "project" | "any" | "none";
  /** Absent: it leaves no trace. */
  records?: Recorded;
  handle(state: EmulatorState, call: Call): Answer;
}

const PATHS = { v1: "/v1.0", v2: "/v2.0", v3: "/v3" };

/** The operations of CTS on the project in their path, which is given from there on. */
export function projectOperations(
  version: keyof typeof PATHS,
  operations: readonly Omit<Operation, "service" | "version" | "access">[],
): Operation[] {
  return operations.map((operation) => ({
    ...operation,
    service: "cts",
    version,
    access: "project",
    path: `${PATHS[version]}/:projectId${operation.path}`,
  }));
}
