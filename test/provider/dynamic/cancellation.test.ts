import { once } from "node:events";
import { connect, createServer, type Http2Server, type ServerHttp2Session } from "node:http2";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { engineCancellation, onEngineGone } from "../../../provider/dynamic/cancellation";
import { endOf, spawnCommand } from "../../support/processes";

let server: Http2Server;
beforeAll(async () => {
  server = createServer((_, response) => response.end());
  await once(server.listen(0, "127.0.0.1"), "listening");
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

/** Calls a method of the server that runs in this process, as the engine calls that of dynamic providers. */
async function call(path: string): Promise<void> {
  const client = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const stream = client.request({ ":method": "POST", ":path": path });
  stream.resume();
  await once(stream.end(), "close");
  client.close();
}

describe("engineCancellation", () => {
  it("hears the engine's Cancel, and nothing else", async () => {
    const signal = engineCancellation();

    await call("/pulumirpc.ResourceProvider/Create");
    expect(signal.aborted).toBe(false);
    await call("/pulumirpc.ResourceProvider/Cancel");

    expect(signal.aborted).toBe(true);
  });

  it("lets many calls listen without a warning of Node's", async () => {
    const warnings: Error[] = [];
    const note = (warning: Error) => warnings.push(warning);
    process.on("warning", note);
    const signal = engineCancellation();

    for (let calls = 0; calls < 100; calls++) {
      signal.addEventListener("abort", () => calls);
    }
    // Node warns in a later turn.
    await setImmediate();
    process.off("warning", note);

    expect(warnings).toEqual([]);
  });
});

describe("onEngineGone", () => {
  /** An engine's server; `drop` ends its connections, and `end` the server too, as the end of its process does. */
  async function startEngine() {
    const engine = createServer();
    const sessions = new Set<ServerHttp2Session>();
    engine.on("session", (session) => sessions.add(session));
    const drop = () => {
      for (const session of sessions) {
        session.destroy();
      }
    };
    await once(engine.listen(0, "127.0.0.1"), "listening");
    const end = () => {
      engine.close();
      drop();
    };
    return { engine, address: `127.0.0.1:${(engine.address() as AddressInfo).port}`, drop, end };
  }

  it("reports when the engine's process ends", async () => {
    const { engine, address, end } = await startEngine();
    const gone = new Promise<void>((resolve) => onEngineGone(address, server, resolve));
    await once(engine, "session");
    end();
    await gone;
  });

  it("stays with an engine that breaks off the connection and lives, as often as it does", async () => {
    const { engine, address, drop, end } = await startEngine();
    let reports = 0;
    const gone = new Promise<void>((resolve) => {
      onEngineGone(address, server, () => {
        reports++;
        resolve();
      });
    });
    for (let times = 0; times < 3; times++) {
      await once(engine, "session");
      expect(reports).toBe(0);
      drop();
    }
    await once(engine, "session");
    end();
    await gone;
    expect(reports).toBe(1);
  });

  it("reports an engine that ended before it could be reached", async () => {
    const { address, end } = await startEngine();
    end();
    await new Promise<void>((resolve) => onEngineGone(address, server, resolve));
  });

  it("stays where an engine calls from elsewhere than the address", async () => {
    const { address, end } = await startEngine();
    end();
    const client = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    await once(client, "connect");
    const connectionsAsked = new Promise<number>((resolve) => {
      const { getConnections } = server;
      server.getConnections = (callback) =>
        getConnections.call(server, (error, calls) => {
          callback(error, calls);
          resolve(calls);
        });
    });
    let reports = 0;
    onEngineGone(address, server, () => reports++);
    expect(await connectionsAsked).toBe(1);
    expect(reports).toBe(0);
    client.close();
  });

  it("keeps no process alive", async () => {
    const { address } = await startEngine();
    const module = join(__dirname, "..", "..", "..", "provider", "dynamic", "cancellation.ts");
    const script = `require(${JSON.stringify(module)}).onEngineGone("${address}", undefined, () => {});`;
    const child = spawnCommand(process.execPath, ["--import", "tsx", "--eval", script]);
    expect(await endOf(child)).toEqual({ code: 0, output: "" });
  });
});
