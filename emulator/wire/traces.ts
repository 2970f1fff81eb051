/** The user of a trace. */
export interface WireTraceUser {
  /** 32 hexadecimal digits. */
  id: string;
  name: string;
  domain: { id: string; name: string };
}

/**
 * A trace as `GET /v3/{project_id}/traces` shows it. Services write traces in many ways: any field but the first two may
 * be missing, and there may be others.
 */
export interface WireTrace {
  /** A UUID, unique in the account. */
  trace_id: string;
  /** The time of the operation, in milliseconds since 1970, UTC. */
  time: number;
  /** The time of recording, likewise; the trace can be queried from then on. */
  record_time?: number | undefined;
  /** The operation, 1 to 64 characters, for example `createServer`. */
  trace_name?: string | undefined;
  trace_rating?: "normal" | "warning" | "incident" | undefined;
  trace_type?: "ApiCall" | "ConsoleAction" | "SystemAction" | undefined;
  /** In some traces the object, in others its JSON. */
  user?: WireTraceUser | string | undefined;
  /** The acronym of the service, in upper case. */
  service_type?: string | undefined;
  resource_type?: string | undefined;
  resource_name?: string | undefined;
  resource_id?: string | undefined;
  /** `""` for a `SystemAction`. */
  source_ip?: string | undefined;
  /** The HTTP status that was answered. */
  code?: string | number | undefined;
  api_version?: string | undefined;
  /** JSON as text, or the value itself. */
  request?: unknown;
  /** JSON as text, or the value itself. */
  response?: unknown;
  /** A remark of the service. */
  message?: string | undefined;
  request_id?: string | undefined;
  location_info?: string | undefined;
  endpoint?: string | undefined;
  resource_url?: string | undefined;
  [field: string]: unknown;
}
