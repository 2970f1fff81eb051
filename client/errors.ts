/**
 * The errors of this package. Each message says what failed, with what, and what to do about it.
 *
 * No header, token, key, password or foreign error object is ever part of one: they are printed, logged and
 * stored by others. Foreign words in them are made visible here, once for all messages.
 */
import { inspect } from "node:util";
import { visible } from "./visible";

/** Base of every error this package raises on purpose. Anything else that escapes is a bug. */
export class CtsError extends Error {
  override name = "CtsError";
  /** True if the call may have been carried out: the answer to an earlier attempt was lost. */
  mayHaveBeenApplied = false;
  /** True if signing in failed, so the call was not sent. */
  notSent = false;

  /** @param lines of a list, each on a line of its own below the message. Line breaks within them are made visible. */
  constructor(message: string, lines: readonly string[] = []) {
    super([message, ...lines].map(visible).join("\n  "));
  }

  /** Pulumi prints this for an error that a program does not catch: without the fields, and with later hints. */
  [inspect.custom](): string {
    const { name, message, stack = "" } = this;
    return `${name}: ${message}${stack.slice(stack.search(/\n {4}at |$/))}`;
  }
}

/** The connection's settings are missing, malformed or contradict each other. Nothing was sent. */
export class ConfigError extends CtsError {
  override name = "ConfigError";
}

/** An argument that makes no sense. Nothing was sent. */
export class ArgumentError extends CtsError {
  override name = "ArgumentError";
  /** One sentence for each mistake. */
  readonly problems: readonly string[];

  constructor(what: string, problems: readonly string[]) {
    super(`${what} is not valid: ${problems.join("; ")}`);
    this.problems = problems.map(visible);
  }
}

/**
 * The user has stopped the run. If a call was in flight, `mayHaveBeenApplied` leaves open whether it was carried out; no further
 * call was sent.
 */
export class CancelledError extends CtsError {
  override name = "CancelledError";
}

/** The facts of the request that failed. */
export interface RequestFacts {
  /** HTTP method, for example `PUT`. */
  readonly method: string;
  /** Host and path without query, for example `https://cts.eu-de.otc.t-systems.com/v3/0605…/tracker`. */
  readonly url: string;
  /** The proxy that it goes through, without credentials, for example `10.0.0.1:3128 of HTTPS_PROXY`. */
  readonly proxy?: string;
}

abstract class RequestError extends CtsError {
  readonly method: string;
  readonly url: string;

  constructor(what: string, facts: RequestFacts) {
    const way = facts.proxy ? ` (through the proxy ${facts.proxy})` : "";
    super(`${facts.method} ${facts.url}${way}: ${what}`);
    this.method = facts.method;
    this.url = facts.url;
  }
}

/** The connection could not be made, or broke. For a mutating call this leaves open whether it was carried out. */
export class NetworkError extends RequestError {
  override name = "NetworkError";
  /**
   * Node's code, such as `ECONNRESET`. `PROXY_` and such a code, or the status of a refusal as in `PROXY_407`, where
   * the proxy could not be used and nothing reached the service.
   */
  readonly code: string;

  constructor(code: string, facts: RequestFacts) {
    super(`${networkReason(code)} (${code})`, facts);
    this.code = code;
  }
}

/** No answer came in time. For a mutating call this leaves open whether it was carried out. */
export class TimeoutError extends RequestError {
  override name = "TimeoutError";

  constructor(timeoutMs: number, facts: RequestFacts) {
    super(`no answer within ${timeoutMs / 1000} s`, facts);
  }
}

/** The answer is not what the API promises: a gateway's page, cut-off or malformed JSON, a wrong type. */
export class MalformedAnswerError extends RequestError {
  override name = "MalformedAnswerError";

  constructor(what: string, facts: RequestFacts) {
    super(`${what}; is this the endpoint of the service?`, facts);
  }
}

/** The answer is about another object than the request. Nothing of it is used. */
export class MixedUpAnswerError extends RequestError {
  override name = "MixedUpAnswerError";

  /** @param kind of thing, for example `project`. */
  constructor(kind: string, wanted: string, told: string, facts: RequestFacts) {
    super(
      `the answer is about ${kind} ${told}, not ${wanted}: a proxy or cache on the way mixes up answers`,
      facts,
    );
  }
}

/** The service's refusal. */
export interface Refusal extends RequestFacts {
  /** HTTP status: 300–599, or 200–299 where an error came as the body of a success. */
  readonly status: number;
  /** The API's code in upper case, such as `CTS.0208` or `APIGW.0301`; undefined where the answer had none. */
  readonly errorCode: string | undefined;
  /** The API's own words, or a substitute. */
  readonly reason: string;
  /** The service's id of the request, for its support. */
  readonly requestId: string | undefined;
  /** The service's `Retry-After`, in milliseconds. */
  readonly retryAfterMs: number | undefined;
}

/** The service answered with an error. */
export class ApiError extends RequestError {
  override name = "ApiError";
  readonly status: number;
  readonly errorCode: string | undefined;
  readonly requestId: string | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(refusal: Refusal, advice?: string) {
    super(describe(refusal, advice), refusal);
    this.status = refusal.status;
    this.errorCode = refusal.errorCode;
    this.requestId = refusal.requestId;
    this.retryAfterMs = refusal.retryAfterMs;
  }

  /** Adds advice that only a caller knows. Added once: an error may be thrown several times. */
  advise(advice: string): this {
    const added = visible(`; ${advice}`);
    if (!this.message.endsWith(added)) {
      this.message += added;
    }
    return this;
  }
}

/** Signing in failed, or the service does not accept the credentials or their permissions. */
export class AuthError extends ApiError {
  override name = "AuthError";
}

/** The object does not exist: 404 with a code that says so. The only error that means "gone". */
export class NotFoundError extends ApiError {
  override name = "NotFoundError";
}

/** The object to create exists already. */
export class ConflictError extends ApiError {
  override name = "ConflictError";
}

/** Too many requests (429). */
export class ThrottledError extends ApiError {
  override name = "ThrottledError";
}

/** The service accepted every call, but the settings are not in effect. */
export class NotConvergedError extends CtsError {
  override name = "NotConvergedError";
  /** One sentence for each setting that is not in effect. */
  readonly reasons: readonly string[];

  constructor(what: string, reasons: readonly string[]) {
    super(`${what}: ${reasons.join("; ")}`);
    this.reasons = reasons.map(visible);
  }
}

/**
 * The class that fits a refusal, with advice where there is some. Codes and meanings: section "Errors" of the
 * API reference; codes come in either case.
 */
export function toApiError(refusal: Refusal): ApiError {
  const { status, errorCode: code = "" } = refusal;
  if (isSignIn(refusal.url)) {
    return toSignInError(refusal);
  }
  // A code of CTS proves that the address is right.
  const advice =
    ADVICE[code] ?? (status === 404 && code.startsWith("CTS.") ? undefined : STATUS_ADVICE[status]);
  if (status === 401 || status === 403) {
    return new AuthError(refusal, advice);
  }
  if (status === 404 && GONE.has(code)) {
    return new NotFoundError(refusal);
  }
  if (status === 429 || THROTTLED.has(code)) {
    return new ThrottledError(refusal, advice);
  }
  if (EXISTS.has(code)) {
    return new ConflictError(refusal, advice);
  }
  return new ApiError(refusal, advice);
}

/** True if a request asks IAM for a token. */
export function isSignIn(url: string): boolean {
  return url.endsWith("/auth/tokens");
}

/**
 * A refusal of IAM, which knows nothing of roles in CTS. Its own words for a 401 are not repeated: with a password that is
 * one of them, what is masked would tell the password.
 */
function toSignInError(refusal: Refusal): ApiError {
  const { status } = refusal;
  if (status === 401) {
    const reason = "IAM does not accept the credentials, or not for this project";
    return new AuthError({ ...refusal, reason });
  }
  if (status === 403) {
    return new AuthError(refusal);
  }
  return status === 429 ? new ThrottledError(refusal) : new ApiError(refusal, STATUS_ADVICE[status]);
}

/**
 * True if the same call may succeed a moment later: throttling, trouble of the service or the network, and the API's
 * own transient codes (some of which come as 400).
 */
export function isTransient(error: unknown): boolean {
  if (error instanceof NetworkError) {
    return !isUntrusted(error.code) && !/^PROXY_4/.test(error.code);
  }
  if (error instanceof ApiError && !(error instanceof ThrottledError)) {
    return error.status >= 500 || error.status === 408 || TRANSIENT.has(error.errorCode ?? "");
  }
  return [ThrottledError, TimeoutError, MalformedAnswerError].some((kind) => error instanceof kind);
}

/**
 * True if a mutating call that failed with this error has certainly changed nothing. After any other failure only a
 * read tells.
 */
export function wasNotApplied(error: unknown): boolean {
  if (!(error instanceof CtsError) || error.mayHaveBeenApplied) {
    return false;
  }
  if (error.notSent || error instanceof ThrottledError) {
    return true;
  }
  if (error instanceof NetworkError) {
    return error.code.startsWith("PROXY_") || neverConnected(error.code);
  }
  if (error instanceof ApiError) {
    return error.status < 500 && !isTransient(error);
  }
  return error instanceof ConfigError || error instanceof CancelledError;
}

/**
 * True if the service itself rejects the request for good: the network, a transient failure or the credentials are not
 * the cause.
 */
export function isDeclined(error: unknown): boolean {
  if (error instanceof NotConvergedError) {
    return true;
  }
  if (!(error instanceof ApiError) || error instanceof AuthError || isTransient(error)) {
    return false;
  }
  return error.status === 400 || (error.errorCode ?? "").startsWith("CTS.");
}

/** True if a call found by one of these codes that the object does not exist. A sign-in before it proves nothing. */
export function isGone(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof NotFoundError && !error.notSent && codes.includes(error.errorCode ?? "");
}

/** True if the service refused the credentials. */
export function is401(error: unknown): error is ApiError {
  return error instanceof ApiError && error.status === 401;
}

const EXISTS = new Set(["CTS.0200", "CTS.0201", "CTS.0208", "CTS.0400", "CTS.0407"]);
const TRANSIENT = new Set(["CTS.0001", "CTS.0004", "CTS.0005", "CTS.0300"]);
const UNSENT = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH"]);
const THROTTLED = new Set(["APIGW.0308", "APIG.0308"]);
/** There is no such tracker (API reference, "Error Codes"). */
export const NO_TRACKER = "CTS.0214";
/** There is no such key event notification (likewise). */
export const NO_NOTIFICATION = "CTS.0403";
/**
 * Only these codes mean that an object is gone, and only with a 404. The 404 of a gateway (`APIGW.0101`), of IAM or of
 * any other server means a wrong address; an unknown code means nothing.
 */
const GONE = new Set([NO_TRACKER, NO_NOTIFICATION]);

const NO_SUCH_API =
  "this deployment does not have this API: check the endpoint (config otc-cts:endpoint), and use the version of the API that it has: v3 by default, or the legacy one with config otc-cts:apiVersion v1";

const STATUS_ADVICE: Record<number, string> = {
  403: "the user needs the role CTS Administrator in this project",
  404: "check authUrl and endpoint (config otc-cts:*, or OS_AUTH_URL, OS_CTS_ENDPOINT_OVERRIDE)",
};

const ADVICE: Record<string, string> = {
  "CTS.0209": "check the bucket in obsInfo.bucketName",
  "CTS.0210": "check the bucket in obsInfo.bucketName",
  "CTS.0211":
    "the bucket of obsInfo.bucketName does not exist: create it first, or let CTS do so with obsInfo.isObsCreated: true",
  "CTS.0212": "check the bucket in obsInfo.bucketName",
  "CTS.0213": "check the bucket in obsInfo.bucketName",
  "CTS.0215": "the bucket exists already: set obsInfo.isObsCreated to false to use it",
  "CTS.0216": "CTS could not create the bucket: choose another obsInfo.bucketName, or create it yourself",
  "CTS.0228": "trust CTS in the service Organizations first",
  "CTS.0012": "check projectId (config otc-cts:projectId or OS_PROJECT_ID)",
  "CTS.0100": NO_SUCH_API,
  "APIGW.0101": NO_SUCH_API,
  "APIG.0101": NO_SUCH_API,
};

function describe(refusal: Refusal, advice: string | undefined): string {
  const code = refusal.errorCode ? ` ${refusal.errorCode}` : "";
  const id = refusal.requestId ? ` [request ${refusal.requestId}]` : "";
  const cure = advice ? `; ${advice}` : "";
  const reason = advice ? refusal.reason.replace(/\.$/, "") : refusal.reason;
  return `${refusal.status}${code} ${reason}${cure}${id}`;
}

/** True if a code of Node's means that there was no connection. */
export function neverConnected(code: string): boolean {
  return UNSENT.has(code);
}

function networkReason(code: string): string {
  if (code.startsWith("PROXY_")) {
    return proxyReason(code.slice("PROXY_".length));
  }
  switch (code) {
    case "ECONNREFUSED":
      return "nothing listens there: check authUrl and endpoint";
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return "the host name is not known: check region, authUrl and endpoint";
    default:
      return certificateReason(code) ?? "the connection broke";
  }
}

function proxyReason(code: string): string {
  if (code === "407") {
    return "the proxy refuses the user and password, or asks for them: http://user:password@host:port, percent-encoded, in its variable";
  }
  if (/^4\d\d$/.test(code)) {
    return "the proxy does not allow this host: ask who runs it, or exempt the host by NO_PROXY";
  }
  if (/^\d+$/.test(code)) {
    return "the proxy cannot reach this host: check region, authUrl and endpoint, or exempt the host by NO_PROXY";
  }
  if (code === "EPROTO" || code.startsWith("ERR_SSL_")) {
    return "the proxy does not speak TLS: its variable must begin with http://";
  }
  return (
    certificateReason(code) ?? "the proxy cannot be used: check its variable, or exempt the host by NO_PROXY"
  );
}

const CA_CERT_FILE = "caCertFile (config otc-cts:caCertFile or OS_CACERT)";

/** The fault of a certificate, and its remedy; undefined for other codes. */
function certificateReason(code: string): string | undefined {
  switch (code) {
    case "SELF_SIGNED_CERT_IN_CHAIN":
      return `its certificate is from an authority that is not known here: if that is your company's, put the authority's certificate into ${CA_CERT_FILE}`;
    case "UNABLE_TO_VERIFY_LEAF_SIGNATURE":
    case "UNABLE_TO_GET_ISSUER_CERT":
    case "UNABLE_TO_GET_ISSUER_CERT_LOCALLY":
      return `its certificate is from an authority that is not known here, or the server leaves out those in between: put what is missing into ${CA_CERT_FILE}`;
    case "DEPTH_ZERO_SELF_SIGNED_CERT":
      return `its certificate is signed by no authority, only by itself: if it is the one that you expect, put it into ${CA_CERT_FILE}`;
    case "CERT_HAS_EXPIRED":
      return "its certificate, or one above it, has expired: who runs the server must renew it, unless the clock of this machine is off";
    case "CERT_NOT_YET_VALID":
      return "its certificate, or one above it, is not valid yet: check the clock of this machine";
    case "ERR_TLS_CERT_ALTNAME_INVALID":
      return "its certificate is for other host names: check authUrl and endpoint";
    default:
      return isUntrusted(code) ? `its certificate is not to be trusted: see ${CA_CERT_FILE}` : undefined;
  }
}

/** Node's codes for an invalid certificate. */
function isUntrusted(code: string): boolean {
  return /CERT|SELF_SIGNED|UNABLE_TO_(GET_ISSUER|VERIFY)/.test(code);
}
