import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A request as it came over the wire. */
export interface RawRequest {
  readonly method: string;
  /** Path and query, byte for byte. */
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** The caller's port: the same for requests over one connection. */
  readonly port: number | undefined;
}

/** Answers a request, or not, in any way that Node can. */
export type RawAnswer = (response: ServerResponse, request: RawRequest) => void;

/** A server that can be as broken as a test wants it. */
export interface RawServer {
  readonly url: string;
  readonly requests: RawRequest[];
  /** The answer from now on. */
  answer: RawAnswer;
  close(): Promise<void>;
}

export async function startRawServer(answer: RawAnswer = json(200, {})): Promise<RawServer> {
  const server = createServer(async (incoming, response) => {
    const { method = "", url: target = "", headers, socket } = incoming;
    let body = "";
    for await (const chunk of incoming.setEncoding("utf8")) {
      body += chunk;
    }
    const request = { method, target, headers, body, port: socket.remotePort };
    raw.requests.push(request);
    // The real time would contradict the virtual clocks of tests.
    response.sendDate = false;
    raw.answer(response, request);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const raw: RawServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: [],
    answer,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return raw;
}

/** A URL on this machine where nothing listens. */
export async function unusedUrl(): Promise<string> {
  const server = await startRawServer();
  await server.close();
  return server.url;
}

/** Answers with JSON. */
export function json(status: number, body: unknown, headers: Record<string, string> = {}): RawAnswer {
  return text(status, JSON.stringify(body), { "Content-Type": "application/json", ...headers });
}

/** Answers with this body as it is. */
export function text(status: number, body: string | Buffer, headers: Record<string, string> = {}): RawAnswer {
  return (response) => response.writeHead(status, headers).end(body);
}
