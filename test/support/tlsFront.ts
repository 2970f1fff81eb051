import { once } from "node:events";
import { readFileSync } from "node:fs";
import { type AddressInfo, connect, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { createServer } from "node:tls";

/** The certificates of `certificates/make.sh`, which explains them. */
type CertificateName = "ca" | "server" | "expired" | "selfSigned" | "key";

/** The path of a file of `certificates/`. */
export function certificateFile(name: CertificateName): string {
  return join(__dirname, "certificates", `${name}.pem`);
}

/** A server that takes TLS off and hands all on to another one. */
export interface TlsFront {
  readonly port: number;
  /** By a name that the usual certificate is for; for `127.0.0.1` it is not. */
  readonly url: string;
  close(): Promise<void>;
}

/** A server's connections, which would keep it open. */
export interface Connections {
  /** The number of open connections. */
  connections(): number;
  /** Closes them; new ones are accepted. */
  dropConnections(): void;
  /** Ends the server with them. */
  close(): Promise<void>;
}

/** @param chain what it shows: its own certificate, and those above. */
export async function startTlsFront(
  target: string,
  chain: readonly CertificateName[] = ["server"],
): Promise<TlsFront> {
  const cert = chain.map((name) => readFileSync(certificateFile(name), "utf8")).join("");
  const server = createServer({ cert, key: readFileSync(certificateFile("key")) }, (socket) =>
    joinSockets(socket, connect(Number(new URL(target).port), "127.0.0.1")),
  );
  const { close } = watchConnections(server);
  // A client that does not trust it hangs up.
  server.on("tlsClientError", () => {});
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return { port, url: `https://localhost:${port}`, close };
}

/** Hands all on in both directions; both end together. */
export function joinSockets(one: Socket, other: Socket): void {
  for (const [from, to] of [
    [one, other],
    [other, one],
  ] as const) {
    from.pipe(to);
    from.on("error", () => to.destroy());
    from.on("close", () => to.destroy());
  }
}

/** Begins to keep account of a server's connections. */
export function watchConnections(server: Server): Connections {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  const dropConnections = () => {
    for (const socket of sockets) {
      socket.destroy();
    }
  };
  return {
    connections: () => sockets.size,
    dropConnections,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        dropConnections();
      }),
  };
}
