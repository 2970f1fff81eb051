import { createHash, createHmac } from "node:crypto";

/** A request exactly as it arrived: nothing decoded, nothing put right. */
export interface RawRequest {
  method: string;
  /** As it stands in the request line, without the query. */
  path: string;
  /** The text after the `?`; `""` without one. */
  query: string;
  /** Every value of every header, by lower-case name; a character is a byte. */
  headers: Readonly<NodeJS.Dict<string[]>>;
  body: Uint8Array;
}

/** An access key with its secret. */
export interface KeyPair {
  /** Who signs; sent with every call. */
  accessKey: string;
  /** The key to sign with; never sent. */
  secretKey: string;
  /** Must come with every call as `X-Security-Token`. Absent: the keys are permanent. */
  securityToken?: string;
}

/** The claims of an `Authorization` header. */
interface Authorization {
  accessKey: string;
  /** `YYYYMMDD/{region}/{service}/sdk_request`; region and service may be empty. Absent in the form of Huawei's SDKs. */
  scope?: string;
  /** In the header's order. */
  signedHeaders: string[];
  /** Hexadecimal. */
  signature: string;
}

const ALGORITHM = "SDK-HMAC-SHA256";
const MAX_SKEW_MS = 15 * 60 * 1000;

/** True if a request claims to be signed, well or not. */
export function isSigned({ headers }: RawRequest): boolean {
  return headers["authorization"]?.[0]?.startsWith(ALGORITHM) ?? false;
}

/** The `Authorization` of a signed request, in either form that the gateway takes; `undefined` when it is malformed. */
export function parseAuthorization({ headers }: RawRequest): Authorization | undefined {
  const form =
    /^SDK-HMAC-SHA256 (?:Credential=([^/,\s]+)\/(\d{8}\/[^/,\s]*\/[^/,\s]*\/sdk_request)|Access=([^/,\s]+)), ?SignedHeaders=([^,\s]+), ?Signature=([0-9a-f]{64})$/;
  const parts = form.exec(headers["authorization"]?.join() ?? "");
  if (parts === null) {
    return undefined;
  }
  const [, credential, scope, access = "", names = "", signature = ""] = parts;
  return {
    accessKey: credential ?? access,
    ...(scope !== undefined && { scope }),
    signedHeaders: names.split(";"),
    signature,
  };
}

/** A request, and the data to check it against. */
interface SignatureCheck {
  request: RawRequest;
  authorization: Authorization;
  keys: KeyPair;
  /** Milliseconds since 1970. */
  now: number;
}

/** The gateway's rules for a signed request, in the order in which it checks them. */
const RULES: { words: string; isKept(signed: SignatureCheck): boolean }[] = [
  {
    words: "host and x-sdk-date must be among the signed headers",
    isKept: ({ authorization }) =>
      ["host", "x-sdk-date"].every((name) => authorization.signedHeaders.includes(name)),
  },
  {
    words: "the signed headers must be sent, and be named once, in lower case and in order",
    isKept: ({ request, authorization: { signedHeaders } }) => {
      const ordered = [...new Set(signedHeaders.map((name) => name.toLowerCase()))].sort();
      return signedHeaders.every((name, i) => name === ordered[i] && request.headers[name]);
    },
  },
  {
    words: "X-Sdk-Date must be a time in UTC such as 20261122T100000Z",
    isKept: ({ request }) => !Number.isNaN(timeOf(request)),
  },
  {
    words: "signature expired: X-Sdk-Date is more than 15 minutes off the time of the service",
    isKept: ({ request, now }) => Math.abs(timeOf(request) - now) <= MAX_SKEW_MS,
  },
  {
    words: "the day of the credential is not the day of X-Sdk-Date",
    isKept: ({ request, authorization: { scope } }) =>
      scope === undefined || dateOf(request).slice(0, 8) === scope.slice(0, 8),
  },
  {
    words: "X-Security-Token is not the one that belongs to the access key",
    isKept: ({ request, keys }) => request.headers["x-security-token"]?.join() === keys.securityToken,
  },
  {
    words: "X-Sdk-Content-Sha256 is not the hash of the body",
    isKept: ({ request }) => {
      const declared = request.headers["x-sdk-content-sha256"]?.join();
      return declared === undefined || declared === sha256(request.body);
    },
  },
  { words: "", isKept: (signed) => expectedSignature(signed) === signed.authorization.signature },
];

/** The gateway's reason to refuse a signature; `undefined` if it is good. */
export function verifySignature(signed: SignatureCheck): string | undefined {
  const broken = RULES.find((rule) => !rule.isKept(signed));
  return broken && ["verify aksk signature fail", broken.words].filter(Boolean).join(", ");
}

function dateOf({ headers }: RawRequest): string {
  return headers["x-sdk-date"]?.join() ?? "";
}

/** Milliseconds since 1970; `NaN` if it is not a time. */
function timeOf(request: RawRequest): number {
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(dateOf(request));
  const [, year, month, day, hour, minute, second] = parts ?? [];
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}

function expectedSignature({ request, authorization, keys }: SignatureCheck): string {
  const { scope } = authorization;
  const canonical = sha256(canonicalRequest(request, authorization.signedHeaders));
  const text = [ALGORITHM, dateOf(request), scope, canonical].filter((line) => line !== undefined).join("\n");
  const key = scope
    ?.split("/")
    .reduce<string | Buffer>((outer, part) => hmac(outer, part), `SDK${keys.secretKey}`);
  return hmac(key ?? keys.secretKey, text).toString("hex");
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}

/** One character per byte, as in everything it is made of. */
function canonicalRequest({ method, path, query, headers, body }: RawRequest, names: string[]): Buffer {
  const lines = [
    method,
    canonicalPath(path),
    canonicalQuery(query),
    ...names.map((name) => `${name}:${(headers[name] ?? []).map(collapseSpaces).join(",")}`),
    "",
    names.join(";"),
    sha256(body),
  ];
  return Buffer.from(lines.join("\n"), "latin1");
}

function canonicalPath(path: string): string {
  const encoded = path.split("/").map(reencode).join("/");
  return encoded.endsWith("/") ? encoded : `${encoded}/`;
}

/** By name and then by value; a name without `=` has an empty value, and `+` is a space, as query parsers read it. */
function canonicalQuery(query: string): string {
  const pairs = query.split("&").filter((part) => part !== "");
  return pairs
    .map((part) => {
      const [name = "", ...value] = part.replaceAll("+", "%20").split("=");
      return [reencode(name), reencode(value.join("="))] as const;
    })
    .sort(([a, x], [b, y]) => Buffer.compare(Buffer.from(a), Buffer.from(b)) || (x < y ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`)
    .join("&");
}

/** Percent-encoded in canonical form: all but letters, digits and `-._~`, in upper case. */
function reencode(text: string): string {
  const bytes = text.replace(/%([0-9a-f]{2})/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return bytes.replace(
    /[^A-Za-z0-9\-._~]/g,
    (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`,
  );
}

function collapseSpaces(value: string): string {
  return value.trim().replace(/ +/g, " ");
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
