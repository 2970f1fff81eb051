/** A trace: as the service sends it, and as programs read it. */
import { counted } from "../counted";

/**
 * Something that happened. Fields that the service does not set are absent; any that it adds are there, too, under their
 * names in camelCase. Regions are of different age: not all send the fields from `operationId` on. A value that is nested
 * deeper than 100 levels is replaced by a text that says so.
 */
export interface Trace {
  readonly traceId: string;
  /** The operation, for example `createServer`. */
  readonly traceName?: string;
  /** Called `trace_status` in answers of 2017. */
  readonly traceRating?: "normal" | "warning" | "incident";
  /** `"Others"`: what no call of an API brought about, such as an upload to OBS. */
  readonly traceType?: "ApiCall" | "ConsoleAction" | "SystemAction" | "Others";
  /** When it happened: ISO 8601, UTC, milliseconds. */
  readonly time: string;
  /** When it was recorded, likewise. */
  readonly recordTime?: string;
  readonly user?: TraceUser;
  /** The service's acronym, for example `ECS`. */
  readonly serviceType?: string;
  readonly resourceType?: string;
  readonly resourceName?: string;
  readonly resourceId?: string;
  /** Empty for what the service did by itself. */
  readonly sourceIp?: string;
  /** The HTTP status that was answered. */
  readonly code?: string;
  readonly apiVersion?: string;
  /** As the service has it: JSON as text, or an object. */
  readonly request?: unknown;
  /** As the service has it: JSON as text, or an object. */
  readonly response?: unknown;
  readonly message?: unknown;
  readonly requestId?: string;
  readonly locationInfo?: string;
  readonly endpoint?: string;
  readonly resourceUrl?: string;
  /** The operation's id in the API of its service, for example `CreateServers`. */
  readonly operationId?: string;
  /** The account that has the resource, where that is another one than the user's. */
  readonly resourceAccountId?: string;
  /** `system`, `global` or, of a data tracker, `data`. */
  readonly eventType?: string;
  /** True if it only read. */
  readonly readOnly?: boolean;
  /** The program that sent the request. */
  readonly userAgent?: string;
  readonly enterpriseProjectId?: string;
  /** Its duration, in a unit that the service does not document. */
  readonly totalTime?: number;
  /** The tracker that recorded it: `system`, or the name of a data tracker. */
  readonly trackerName?: string;
  /** The project that it happened in. */
  readonly projectId?: string;
  /** The account that it happened in. */
  readonly domainId?: string;
  readonly [field: string]: unknown;
}

/**
 * Who did it. Names are in camelCase at any depth, as those of a trace are. Regions are of different age: not all send the
 * fields from `type` on.
 */
export interface TraceUser {
  readonly id?: string;
  readonly name?: string;
  /** The account. */
  readonly domain?: { readonly id?: string; readonly name?: string };
  /** The kind of identity, for example `User`, `AssumedAgency` or `Service`. */
  readonly type?: string;
  readonly userName?: string;
  /** The account. */
  readonly accountId?: string;
  /** The access key that signed the request; a temporary one has an id, too. */
  readonly accessKeyId?: string;
  /** For example `iam::{account}:user:{name}` or `sts::{account}:assumed-agency:{agency}/{session}`. */
  readonly principalUrn?: string;
  /** True if it is the account's own user. The service sends `"true"` or `true`. */
  readonly principalIsRootUser?: string | boolean;
  /** The service that asked for it on the user's behalf, for example `service.console`. */
  readonly invokedBy?: readonly string[];
  /** The session, where the credentials were temporary. */
  readonly sessionContext?: {
    readonly attributes?: {
      readonly createdAt?: string;
      readonly mfaAuthenticated?: string | boolean;
      readonly [field: string]: unknown;
    };
    readonly [field: string]: unknown;
  };
  readonly [field: string]: unknown;
}

/** True if something of a trace was left out, because it was nested too deep. */
export function isCut(trace: Trace): boolean {
  return cut.has(trace);
}

/** A note about this number of traces, of which something was left out; undefined for none. */
export function cutNote(count: number): string | undefined {
  if (count === 0) {
    return undefined;
  }
  return `in ${counted(count, "trace")}, values that are nested deeper than ${MAX_LEVELS} levels were left out`;
}

export interface WireTrace {
  readonly trace_id: string;
  /** Milliseconds since the epoch. */
  readonly time: number;
  readonly [field: string]: unknown;
}

/**
 * Pulumi, `JSON.stringify` and most readers of JSON recurse: some fail at 128 levels, Pulumi at a few thousand. What a
 * service records of a request has about ten.
 */
const MAX_LEVELS = 100;

const LEFT_OUT = `(left out: nested deeper than ${MAX_LEVELS} levels)`;

const cut = new WeakSet<Trace>();

/** The API's names in camelCase, and its values in one form each. Deeper values stay as they are, but for the user. */
export function toTrace(wire: WireTrace): Trace {
  const trace: Record<string, unknown> = {};
  let isAnyCut = false;
  // Faster than by entries, and there are many.
  for (const wireName in wire) {
    const sent = wire[wireName];
    if (sent === null || sent === undefined) {
      continue;
    }
    const { name, normalize } = fieldOf(wireName);
    const value = normalize ? normalize(sent) : sent;
    trace[name] = value;
    if (typeof value !== "object") {
      continue;
    }
    // Who did it is not left out with what else is in there.
    if (name === "user") {
      isAnyCut = leaveOutOfUser(value as Record<string, unknown>) || isAnyCut;
    } else if (isDeeper(value, MAX_LEVELS)) {
      trace[name] = LEFT_OUT;
      isAnyCut = true;
    }
  }
  // A field of another spelling must not give two traces one id.
  trace["traceId"] = wire.trace_id;
  const { traceRating, traceStatus } = trace;
  if (traceRating === undefined && traceStatus !== undefined) {
    trace["traceRating"] = traceStatus;
  }
  const result = trace as unknown as Trace;
  if (isAnyCut) {
    cut.add(result);
  }
  return result;
}
/** @returns whether a field had too many levels. */
function leaveOutOfUser(user: Record<string, unknown>): boolean {
  const deep = Object.keys(user).filter((name) => isDeeper(user[name], MAX_LEVELS - 1));
  for (const name of deep) {
    user[name] = LEFT_OUT;
  }
  return deep.length > 0;
}

/** Goes down no further than so many levels. Makes no list of the fields: most objects have a few, and there are many. */
function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) {
    return false;
  }
  if (levels === 0) {
    return true;
  }
  if (Array.isArray(value)) {
    return value.some((inner) => isDeeper(inner, levels - 1));
  }
  for (const name in value) {
    if (isDeeper(value[name as keyof typeof value], levels - 1)) {
      return true;
    }
  }
  return false;
}

/** The name and the form of a field. */
interface Field {
  readonly name: string;
  readonly normalize: ((value: unknown) => unknown) | undefined;
}

const NORMAL_FORMS: Record<string, Field["normalize"]> = {
  time: toIso,
  record_time: toIso,
  // The reference's text says that it is a string, its example shows a number.
  code: (value) => (typeof value === "number" ? String(value) : value),
  // Old versions send JSON as text.
  user: (value) => inCamelCase(typeof value === "string" ? parseUser(value) : value, MAX_USER_DEPTH),
};

/** `user.session_context.attributes` is at three. A limit keeps an absurd value from ending the process. */
const MAX_USER_DEPTH = 10;

/** A value with the names in it as those of a trace are, and without those that are not set. */
function inCamelCase(value: unknown, depth: number): unknown {
  if (depth === 0 || typeof value !== "object" || value === null) {
    return value;
  }
  if (Array.isArray(value)) {
    return value.map((inner) => inCamelCase(inner, depth - 1));
  }
  const named: Record<string, unknown> = {};
  for (const wireName in value) {
    const inner: unknown = value[wireName as keyof typeof value];
    if (inner !== null && inner !== undefined) {
      named[fieldOf(wireName).name] = inCamelCase(inner, depth - 1);
    }
  }
  return named;
}

const fields = new Map<string, Field>();

/** Remembered: the same few names come with every trace. */
function fieldOf(wireName: string): Field {
  const known = fields.get(wireName);
  if (known) {
    return known;
  }
  const name = wireName.replace(/_+([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
  const normalize = Object.hasOwn(NORMAL_FORMS, wireName) ? NORMAL_FORMS[wireName] : undefined;
  const field = { name, normalize };
  if (fields.size < 1000) {
    fields.set(wireName, field);
  }
  return field;
}

const HOUR_MS = 60 * 60_000;
const UP_TO_59 = Array.from({ length: 60 }, (_, i) => `${i}`.padStart(2, "0"));
const UP_TO_999 = Array.from({ length: 1000 }, (_, i) => `${i}`.padStart(3, "0"));

/** The last hour that was written, since the epoch, and its text, for example `2026-01-31T23:`. */
const lastHour = { hour: Number.NaN, text: "" };

/** As `toISOString`, which takes several times as long: neighbouring traces are mostly of the same hour. */
function toIso(value: unknown): unknown {
  if (!isTime(value)) {
    return value;
  }
  const hour = Math.floor(value / HOUR_MS);
  if (hour !== lastHour.hour) {
    lastHour.hour = hour;
    lastHour.text = new Date(value).toISOString().slice(0, -"mm:ss.sssZ".length);
  }
  const ms = value - hour * HOUR_MS;
  const seconds = Math.floor(ms / 1000);
  return `${lastHour.text}${UP_TO_59[Math.floor(seconds / 60)]}:${UP_TO_59[seconds % 60]}.${UP_TO_999[ms % 1000]}Z`;
}

function parseUser(text: string): TraceUser {
  try {
    const user: unknown = JSON.parse(text);
    if (typeof user === "object" && user !== null) {
      return user as TraceUser;
    }
  } catch {
    // A name alone.
  }
  return { name: text };
}

/** The two fields that everything else rests on; any other may be missing, or of any type. */
export function isTrace(value: unknown): value is WireTrace {
  const { trace_id, time } = (value ?? {}) as Partial<WireTrace>;
  return typeof trace_id === "string" && trace_id !== "" && isTime(time);
}

/** Whole milliseconds, within what a date can hold. */
function isTime(value: unknown): value is number {
  return Number.isInteger(value) && Math.abs(value as number) <= 8.64e15;
}
