import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { isIPv4 } from "node:net";

/** The most bytes that the body of a call may have; the real API gateway also stops at 12 MB. */
const MAX_BODY_BYTES = 12 * 1024 * 1024;
/** The rest of a refused body is read and thrown away for this time. */
const LINGER_MS = 1000;

const bodies = new WeakMap<IncomingMessage, Buffer>();

/** The whole body of a call that {@link guard} has let in. */
export function bodyOf(incoming: IncomingMessage): Buffer {
  return bodies.get(incoming) ?? Buffer.alloc(0);
}

/**
 * Serves only calls of programs on this machine. A web page reaches every port of the machine that shows it: by calls
 * of its own, which browsers mark by `Origin` and `Sec-Fetch-Site`, and under a name of its owner that leads to
 * 127.0.0.1, which is then in `Host` (DNS rebinding). Reads the body of every call, within a limit.
 *
 * @param allowedHosts names, without port, that `Host` may have besides those of this machine
 */
export function guard(serve: RequestListener, allowedHosts: readonly string[]): RequestListener {
  return async (incoming, outgoing) => {
    const objection = reasonToRefuse(incoming, allowedHosts);
    if (objection !== undefined) {
      refuse(outgoing, 403, objection).end();
      return;
    }
    const body = await readBody(incoming);
    if (body === undefined) {
      hangUp(incoming, refuse(outgoing, 413, `The body is longer than ${MAX_BODY_BYTES} bytes: send less.`));
      return;
    }
    bodies.set(incoming, body);
    serve(incoming, outgoing);
  };
}

/**
 * The reason to refuse a call, and the remedy; `undefined` if it is accepted. Every value of a repeated header counts.
 */
function reasonToRefuse(
  { headersDistinct, socket }: IncomingMessage,
  allowedHosts: readonly string[],
): string | undefined {
  const { host = [""], origin = [], "sec-fetch-site": site = [] } = headersDistinct;
  const address = `http://127.0.0.1:${socket.localPort}`;
  const alien = host.find((value) => !isLoopback(value) && !allowedHosts.includes(nameOf(value)));
  if (alien !== undefined) {
    return `The Host header is "${alien}", which is not a name of this machine. Call the emulator by ${address}, or start it with the name in its option allowedHosts.`;
  }
  const page =
    origin.find((value) => !isOwnOrigin(value, socket.localPort)) ??
    site.find((value) => value !== "none" && value !== "same-origin");
  return page === undefined
    ? undefined
    : `The call comes from a web page ("${page}"), and web pages must not use the emulator. Call it from a program, or open ${address} by hand.`;
}

/** `localhost`, `[::1]` or an address from 127.0.0.0 to 127.255.255.255, with any port or none. */
function isLoopback(authority: string): boolean {
  const name = nameOf(authority);
  return name === "localhost" || name === "[::1]" || (name.startsWith("127.") && isIPv4(name));
}

function nameOf(authority: string): string {
  return authority.replace(/:\d{1,5}$/, "").toLowerCase();
}

function isOwnOrigin(origin: string, port: number | undefined): boolean {
  const authority = /^http:\/\/(.+)$/.exec(origin)?.[1] ?? "";
  return isLoopback(authority) && authority === `${nameOf(authority)}${port === 80 ? "" : `:${port}`}`;
}

/** `undefined` as soon as it is known to be too long; the rest is discarded. Never ends if the caller hangs up. */
function readBody(incoming: IncomingMessage): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    if (Number(incoming.headers["content-length"]) > MAX_BODY_BYTES) {
      resolve(undefined);
    }
    let chunks: Buffer[] = [];
    let length = 0;
    incoming.on("data", (chunk: Buffer) => {
      length += chunk.length;
      if (length > MAX_BODY_BYTES) {
        chunks = [];
        resolve(undefined);
      } else {
        chunks.push(chunk);
      }
    });
    incoming.once("end", () => resolve(Buffer.concat(chunks)));
  });
}

/** Answers, but does not end the answer yet. */
function refuse(outgoing: ServerResponse, status: 403 | 413, error: string): ServerResponse {
  const bytes = Buffer.from(JSON.stringify({ error }));
  outgoing.writeHead(status, {
    "Content-Type": "application/json",
    "Content-Length": bytes.length,
    ...(status === 413 && { Connection: "close" }),
  });
  outgoing.write(bytes);
  return outgoing;
}

/** Without the delay, a caller that still sends gets a reset, and may never see the answer. */
function hangUp(incoming: IncomingMessage, outgoing: ServerResponse): void {
  const timer = setTimeout(() => outgoing.end(), LINGER_MS);
  incoming.once("close", () => {
    clearTimeout(timer);
    outgoing.end();
  });
}
