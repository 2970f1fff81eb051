import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { afterAll } from "vitest";
import type { WireMessage, WireTrace } from "../../emulator";

const cleanups: (() => Promise<unknown>)[] = [];
afterAll(async () => {
  for (const cleanUp of cleanups) {
    await cleanUp();
  }
});

/** An HTTP subscriber of SMN topics on this machine. */
export interface Subscriber {
  readonly url: string;
  /** The traces of all messages that have arrived, and who sent each. */
  readonly received: { trace: WireTrace; subject: string }[];
}

export async function startSubscriber(): Promise<Subscriber> {
  const received: Subscriber["received"] = [];
  const server = createServer(async (incoming, outgoing) => {
    const { message, subject } = (await json(incoming)) as WireMessage;
    received.push({ trace: JSON.parse(message) as WireTrace, subject });
    outgoing.end();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  cleanups.push(() => new Promise((resolve) => server.close(resolve)));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, received };
}
