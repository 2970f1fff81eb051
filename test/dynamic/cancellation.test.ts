import { once } from "node:events";
import { connect, createServer, type Http2Server } from "node:http2";
import type { AddressInfo } from "node:net";
import { setImmediate } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { engineCancellation } from "../../provider/dynamic/cancellation";

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

    for (let calls = 0; calls < 100; calls++) signal.addEventListener("abort", () => calls);
    // Node warns in a later turn.
    await setImmediate();
    process.off("warning", note);

    expect(warnings).toEqual([]);
  });
});
