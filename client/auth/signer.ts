/**
 * Request signatures by access key and secret key: `SDK-HMAC-SHA256`, which is laid out as AWS' Signature Version 4
 * and differs from it only in what {@link SigningScheme} holds. So AWS' published vectors test this very code.
 */
import { createHash, createHmac } from "node:crypto";
import { encodeStrictly } from "../http/urlEncoding";

/** The differences between families of signatures. */
export interface SigningScheme {
  readonly algorithm: string;
  /** Precedes the secret key in the derivation of the signing key. */
  readonly keyPrefix: string;
  /** Ends the scope. */
  readonly terminator: string;
  /** The header that carries the time. */
  readonly dateHeader: string;
  /** True if the signed path always ends in a slash. */
  readonly endsInSlash: boolean;
}

/** Open Telekom Cloud's. */
export const otcScheme: SigningScheme = {
  algorithm: "SDK-HMAC-SHA256",
  keyPrefix: "SDK",
  terminator: "sdk_request",
  dateHeader: "X-Sdk-Date",
  endsInSlash: true,
};

/** A request as it will be sent. */
export interface SignableRequest {
  readonly method: string;
  /** Absolute, with its query. */
  readonly url: string;
  /** All that are to be signed; `Host` and the date are added. */
  readonly headers: Readonly<Record<string, string>>;
  /** Empty for none. */
  readonly body: string;
}

export interface SigningKeys {
  readonly accessKey: string;
  readonly secretKey: string;
}

/** The scope of a signature. Both may be empty: Open Telekom Cloud's own SDKs send them so. */
export interface SigningScope {
  readonly region: string;
  readonly service: string;
}

/** The headers that make a request a signed one: its date and `Authorization`. */
export function sign(
  request: SignableRequest,
  keys: SigningKeys,
  at: Date,
  scheme: SigningScheme = otcScheme,
  { region, service }: SigningScope = { region: "", service: "" },
): Record<string, string> {
  const time = basicTime(at);
  const scope = [time.slice(0, 8), region, service, scheme.terminator];
  const headers = canonicalHeaders({
    ...request.headers,
    host: new URL(request.url).host,
    [scheme.dateHeader]: time,
  });
  const names = headers.map(([name]) => name).join(";");
  const canonical = canonicalRequest(request, headers, scheme);
  const text = [scheme.algorithm, time, scope.join("/"), sha256(canonical)].join("\n");
  const key = scope.reduce<string | Buffer>(
    (outer, part) => hmac(outer, part),
    scheme.keyPrefix + keys.secretKey,
  );
  const credential = `${keys.accessKey}/${scope.join("/")}`;
  const signature = hmac(key, text).toString("hex");
  return {
    [scheme.dateHeader]: time,
    Authorization: `${scheme.algorithm} Credential=${credential}, SignedHeaders=${names}, Signature=${signature}`,
  };
}

type CanonicalHeaders = readonly (readonly [name: string, value: string])[];

/** The request in the one form that both sides hash. */
function canonicalRequest(
  request: SignableRequest,
  headers: CanonicalHeaders,
  scheme: SigningScheme,
): string {
  const { pathname, search } = new URL(request.url);
  return [
    request.method,
    canonicalPath(pathname, scheme),
    canonicalQuery(search),
    ...headers.map(([name, value]) => `${name}:${value}`),
    "",
    headers.map(([name]) => name).join(";"),
    sha256(request.body),
  ].join("\n");
}

function canonicalPath(pathname: string, { endsInSlash }: SigningScheme): string {
  const path = pathname
    .split("/")
    .map((segment) => encodeStrictly(decodeURIComponent(segment)))
    .join("/");
  return endsInSlash && !path.endsWith("/") ? `${path}/` : path;
}

function canonicalQuery(search: string): string {
  const parts = search.slice(1).split("&").filter(Boolean);
  const pairs = parts.map((part) => {
    const [key = "", value = ""] = part.split(/=(.*)/s);
    return [key, value].map((text) => encodeStrictly(decodeURIComponent(text))) as [string, string];
  });
  return pairs
    .sort(([a, x], [b, y]) => compare(a, b) || compare(x, y))
    .map((pair) => pair.join("="))
    .join("&");
}

function canonicalHeaders(headers: Readonly<Record<string, string>>): CanonicalHeaders {
  return Object.entries(headers)
    .map(([name, value]) => [name.toLowerCase(), value.trim().replace(/\s+/g, " ")] as const)
    .sort(([a], [b]) => compare(a, b));
}

/** `YYYYMMDDTHHMMSSZ` */
function basicTime(at: Date): string {
  return at.toISOString().replace(/[-:]|\.\d+/g, "");
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}

/** By code points, whatever the locale. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
