import { once } from "node:events";
import {
  createServer,
  type IncomingHttpHeaders,
  type RequestListener,
  request,
  STATUS_CODES,
} from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { type Connections, joinSockets, watchConnections } from "./tlsFront";

/** A request to a proxy. */
export interface ProxiedRequest {
  readonly method: string;
  /** `host:port` of a tunnel, or a whole URL. */
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
}

/** A proxy as companies have them: tunnels by CONNECT, and plain http by whole URLs. */
export interface ProxyServer extends Connections {
  readonly url: string;
  readonly port: number;
  /** In order. What is in a tunnel is not among them. */
  readonly requests: ProxiedRequest[];
  /** Every byte that came from clients, what is in tunnels included. */
  seen(): string;
  /** Refuses with this status from now on; `"silence"` never answers, `"hang up"` ends the connection. */
  refuse: number | "silence" | "hang up" | undefined;
}

/** @param portOf where a host that exists nowhere leads on this machine */
export async function startProxyServer(portOf: (host: string) => number): Promise<ProxyServer> {
  const chunks: Buffer[] = [];
  const refused = (socket: Socket): boolean => {
    const { refuse } = proxy;
    socket.once("end", () => socket.destroy());
    if (refuse === "hang up") {
      socket.destroy();
    }
    if (typeof refuse === "number") {
      // As proxies do that keep the connection for another try.
      socket.write(`HTTP/1.1 ${refuse} ${STATUS_CODES[refuse]}\r\nContent-Length: 12\r\n\r\n<html>no</ht`);
    }
    return refuse !== undefined;
  };
  const forward: RequestListener = (incoming, response) => {
    const { method = "", url = "", headers, socket } = incoming;
    proxy.requests.push({ method, target: url, headers });
    if (refused(socket)) {
      return;
    }
    const { hostname, pathname, search } = new URL(url);
    const { "proxy-authorization": _, ...rest } = headers;
    const onward = { port: portOf(hostname), path: pathname + search, method, headers: rest };
    incoming.pipe(
      request({ host: "127.0.0.1", ...onward }, (answer) => {
        response.writeHead(answer.statusCode ?? 0, answer.headers);
        answer.pipe(response);
      }),
    );
  };
  const server = createServer(forward);
  const connections = watchConnections(server);
  server.on("connection", (socket: Socket) => {
    socket.on("data", (chunk: Buffer) => chunks.push(chunk));
  });
  server.on("connect", ({ method = "", url = "", headers }, socket: Socket) => {
    proxy.requests.push({ method, target: url, headers });
    if (refused(socket)) {
      return;
    }
    const { hostname } = new URL(`http://${url}`);
    const onward = connect(portOf(hostname), "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
      joinSockets(socket, onward);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const proxy: ProxyServer = {
    url: `http://127.0.0.1:${port}`,
    port,
    requests: [],
    seen: () => Buffer.concat(chunks).toString("latin1"),
    refuse: undefined,
    ...connections,
  };
  return proxy;
}
