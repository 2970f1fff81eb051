import { createHash, createHmac } from "node:crypto";
import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { text } from "node:stream/consumers";
import type { Emulator, KeyPair } from "../../emulator";

/** A request before it is signed and encoded. */
export interface Draft {
  method: string;
  /** Of the path, decoded. */
  segments: string[];
  query: [name: string, value: string][];
  /** All are signed; lower-case names. */
  headers: Record<string, string>;
  body: string;
  region: string;
  service: string;
  /** `Access` is that of Huawei's SDKs: without a scope, and with the secret key itself. */
  form: "Credential" | "Access";
}

/** A request as it goes over the wire. */
export interface Message {
  method: string;
  target: string;
  headers: Record<string, string>;
  body: string;
}

/** An answer to a {@link Message}. */
interface Answer {
  status: number;
  headers: IncomingMessage["headers"];
  json: { error_code?: string; error_msg?: string };
}

/** `GET` of the first project's trackers, as a draft that a test changes. */
export function draftOf(emulator: Emulator, changes: Partial<Draft> = {}): Draft {
  return {
    method: "GET",
    segments: ["eu-de", "v3", emulator.projectId(), "trackers"],
    query: [],
    headers: {},
    body: "",
    region: "",
    service: "",
    form: "Credential",
    ...changes,
  };
}

/** Signs a draft. The security token, if the keys have one, is added after signing. */
export function signed(emulator: Emulator, draft: Draft, keys: KeyPair, atMs: number): Message {
  const date = new Date(atMs).toISOString().replaceAll(/[-:]|\.\d{3}/g, "");
  const headers: Record<string, string> = {
    ...draft.headers,
    host: new URL(emulator.url).host,
    "x-sdk-date": date,
  };
  const names = Object.keys(headers).sort();
  const path = `/${draft.segments.map(encode).join("/")}`;
  const pairs = draft.query.map((pair) => pair.map(encode).join("="));
  const scope = `${date.slice(0, 8)}/${draft.region}/${draft.service}/sdk_request`;
  const canonical = `${draft.method}\n${path}/\n${sorted(pairs)}\n${names
    .map((name) => `${name}:${headers[name]}\n`)
    .join("")}\n${names.join(";")}\n${hash(draft.body)}`;
  const dayKey = hmac(`SDK${keys.secretKey}`, date.slice(0, 8));
  const scopedKey = hmac(hmac(hmac(dayKey, draft.region), draft.service), "sdk_request");
  const [claim, signature] =
    draft.form === "Access"
      ? [keys.accessKey, hmac(keys.secretKey, `SDK-HMAC-SHA256\n${date}\n${hash(canonical)}`)]
      : [
          `${keys.accessKey}/${scope}`,
          hmac(scopedKey, `SDK-HMAC-SHA256\n${date}\n${scope}\n${hash(canonical)}`),
        ];
  const authorization = `SDK-HMAC-SHA256 ${draft.form}=${claim}, SignedHeaders=${names.join(
    ";",
  )}, Signature=${signature.toString("hex")}`;
  return {
    method: draft.method,
    target: path + (pairs.length > 0 ? `?${pairs.join("&")}` : ""),
    headers: {
      ...headers,
      authorization,
      ...(keys.securityToken !== undefined && { "x-security-token": keys.securityToken }),
    },
    body: draft.body,
  };
}

/** Sends a message as it is: nothing is encoded, completed or put right. */
export async function send(emulator: Emulator, { method, target, headers, body }: Message): Promise<Answer> {
  const { hostname, port } = new URL(emulator.url);
  const length = { "content-length": `${Buffer.byteLength(body)}` };
  const outgoing = request({ hostname, port, method, path: target, headers: { ...headers, ...length } });
  outgoing.end(body);
  const [incoming] = (await once(outgoing, "response")) as [IncomingMessage];
  const received = await text(incoming);
  const json = received.startsWith("{") ? JSON.parse(received) : {};
  return { status: incoming.statusCode ?? 0, headers: incoming.headers, json };
}

function encode(part: string): string {
  return encodeURIComponent(part).replaceAll(/[!'()*]/g, (sign) =>
    `%${sign.charCodeAt(0).toString(16)}`.toUpperCase(),
  );
}

/** By name, then by value. */
function sorted(pairs: string[]): string {
  const split = pairs.map((pair) => pair.split("="));
  split.sort(([a = "", x = ""], [b = "", y = ""]) =>
    a === b ? Number(x > y) - Number(x < y) : a > b ? 1 : -1,
  );
  return split.map((pair) => pair.join("=")).join("&");
}

function hash(content: string): string {
  return createHash("sha256").update(content).digest("hex");
}

function hmac(key: string | Buffer, content: string): Buffer {
  return createHmac("sha256", key).update(content).digest();
}
