import { STATUS_CODES } from "node:http";
import type { RawRequest } from "../auth/signature";
import type { World } from "../state/state";
import type { Place } from "../state/trackers";
import type { JournalEntry, OperationName, Service } from "./journal";

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

/** What the service answers. A body that is neither text nor bytes is sent as JSON; without a body nothing is sent. */
export interface Answer {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
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

/** A refusal in the form of CTS and of the API gateway before it. */
export class ServiceError extends Error {
  override readonly name = "ServiceError";

  /**
   * @param status - HTTP status
   * @param errorCode - for example `CTS.0214` or `APIGW.0301`
   */
  constructor(
    readonly status: number,
    readonly errorCode: string,
    message: string,
  ) {
    super(message);
  }

  /** The gateway's errors name the request, those of CTS do not. */
  toAnswer(requestId: string): Answer {
    const body = { error_code: this.errorCode, error_msg: this.message };
    const ofGateway = this.errorCode.startsWith("APIGW");
    return { status: this.status, body: ofGateway ? { ...body, request_id: requestId } : body };
  }
}

/** The refusal of a path, or of a version of the API, that is not there. */
export function notPublished(): ServiceError {
  return new ServiceError(404, "APIGW.0101", "The API does not exist or has not been published.");
}

/** A refusal in the form of IAM. */
export class IamError extends Error {
  override readonly name = "IamError";

  /** @param status - HTTP status */
  constructor(
    readonly status: 400 | 401 | 403,
    message: string,
  ) {
    super(message);
  }

  toAnswer(): Answer {
    const title = STATUS_CODES[this.status];
    return { status: this.status, body: { error: { code: this.status, message: this.message, title } } };
  }
}
