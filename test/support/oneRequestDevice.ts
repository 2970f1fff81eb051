import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { type Connections, watchConnections } from "./tlsFront";

/** A device on the way to a server that lets one request through each connection. */
export interface OneRequestDevice extends Connections {
  readonly port: number;
  /** The first lines of the requests that it has cut off. */
  readonly cut: string[];
}

/**
 * @param end of a connection at its second request: it is reset, or, as by a firewall that has forgotten it, never answered.
 */
export async function startOneRequestDevice(
  target: string,
  end: "reset" | "silence" = "reset",
): Promise<OneRequestDevice> {
  const cut: string[] = [];
  const server = createServer((socket: Socket) => {
    const onward = connect(Number(new URL(target).port), "127.0.0.1");
    let isAnswered = false;
    onward.on("data", (chunk) => {
      isAnswered = true;
      socket.write(chunk);
    });
    socket.on("data", (chunk) => {
      if (!isAnswered) {
        return onward.write(chunk);
      }
      cut.push(String(chunk).split("\r\n", 1)[0] ?? "");
      onward.destroy();
      if (end === "reset") {
        socket.resetAndDestroy();
      }
    });
    for (const [one, other] of [
      [socket, onward],
      [onward, socket],
    ] as const) {
      one.on("error", () => other.destroy());
      one.on("end", () => other.end());
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { port: (server.address() as AddressInfo).port, cut, ...watchConnections(server) };
}
