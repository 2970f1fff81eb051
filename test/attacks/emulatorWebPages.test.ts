/**
 * Attack: a web page on the machine of an emulator: DNS rebinding, cross-site calls, bodies without end.
 *
 * Alone: `npx vitest run test/attacks/emulatorWebPages`
 */
import { once } from "node:events";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Emulator, startEmulator } from "../../emulator";
import { signIn, signInBody } from "../support/emulator";

let emulator: Emulator;
let port: number;
let topic: string;
beforeAll(async () => {
  emulator = await startEmulator();
  port = Number(new URL(emulator.url).port);
});
afterAll(() => emulator.close());
beforeEach(() => {
  emulator.reset();
  topic = emulator.createTopic("alarm");
});

interface Answer {
  status: number;
  headers: string;
  body: string;
}

/** Sends a request byte for byte, and reads until the connection is closed. */
async function raw(lines: readonly string[], body = ""): Promise<Answer> {
  const socket = connect(port, "127.0.0.1");
  socket.write([...lines, "Connection: close", "", body].join("\r\n"));
  const answer = await text(socket);
  const [headers = "", ...rest] = answer.split("\r\n\r\n");
  return { status: Number(headers.split(" ")[1]), headers, body: rest.join("\r\n\r\n") };
}

const own = (): string => `127.0.0.1:${port}`;

/** Every kind of call that reads or changes something: of the control routes, of IAM and of CTS. */
const calls = (): [line: string, body?: unknown][] => [
  ["GET /_emulator/journal"],
  ["GET /_emulator/trackers"],
  ["GET /_emulator/overview"],
  ["GET /_emulator/faults"],
  ["GET /_emulator/page.js"],
  ["GET /%5Femulator/journal"],
  ["HEAD /_emulator/journal"],
  ["OPTIONS /_emulator/reset"],
  ["POST /_emulator/reset"],
  ["DELETE /_emulator/journal"],
  ["PATCH /_emulator/behaviour", { obs: "noBucket" }],
  ["POST /_emulator/faults", { kind: "status", status: 503 }],
  ["POST /_emulator/console/eu-de/eu-de_demo/tracker/disable"],
  ["POST /_emulator/subscriptions", { topic_urn: topic, url: "http://127.0.0.1:1/" }],
  ["POST /v3/auth/tokens", signInBody(emulator.settings())],
  ["GET /v3/projects"],
  ["GET /"],
  [`DELETE /eu-de/v3/${emulator.projectId()}/trackers?tracker_name=system`],
  ["GET /nonsense"],
];

async function tryAll(...headers: string[]): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (const [line, json] of calls()) {
    const body = json === undefined ? "" : JSON.stringify(json);
    const length = `Content-Length: ${Buffer.byteLength(body)}`;
    answers.push(await raw([`${line} HTTP/1.1`, ...headers, "Content-Type: text/plain", length], body));
  }
  return answers;
}

/** The state that a page could have changed, or could read later. */
const state = (): unknown => [
  emulator.trackers().map(({ tracker }) => ({ ...tracker, create_time: 0 })),
  emulator.behaviour,
  emulator.topics(),
  emulator.journal.entries,
];

async function expectRefused(headers: string[]): Promise<void> {
  const before = structuredClone(state());

  const answers = await tryAll(...headers);

  for (const [i, { status, headers, body }] of answers.entries()) {
    expect([calls()[i]?.[0], status]).toEqual([calls()[i]?.[0], 403]);
    expect(headers).not.toMatch(/access-control|cross-origin/i);
    if (!calls()[i]?.[0].startsWith("HEAD")) {
      expect(JSON.parse(body)).toEqual({ error: expect.stringContaining(`http://${own()}`) });
    }
  }
  expect(state()).toEqual(before);
}

describe("a page under a name that leads to 127.0.0.1", () => {
  it.each([
    "evil.example",
    "evil.example:4510",
    "127.0.0.1.evil.example",
    "localhost.evil.example",
    "evil.example.localhost",
    "127.evil.example",
    "127.0.0.1@evil.example",
    "evil.example@127.0.0.1",
    "127.0.0.999",
    "128.0.0.1",
    "10.0.0.1:80",
    "0.0.0.0",
    "[::]",
    "[::2]",
    "[::ffff:10.0.0.1]",
    "::1",
    "0x7f000001",
    "evil.example/localhost",
    "localhost, evil.example",
    "",
  ])("is refused: Host %j", (host) => expectRefused([`Host: ${host}`]));

  it("is refused where a name of this machine comes as well", async () => {
    await expectRefused(["Host: localhost", "Host: evil.example"]);
    await expectRefused(["Host: evil.example", "Host: localhost"]);
  });

  it("is refused the emulator's own page", () =>
    expectRefused(["Host: evil.example", "Accept: text/html,*/*", "Sec-Fetch-Site: none"]));

  it("is refused without Host, which HTTP/1.0 allows", async () => {
    const { status } = await raw(["POST /_emulator/reset HTTP/1.0"]);

    expect(status).toBe(403);
  });

  it.each(["localhost", "LocalHost:1", "127.0.0.1", "127.1.2.3:65535", "[::1]", "[::1]:80"])(
    "is not who calls %s",
    async (host) => {
      expect((await raw(["GET /_emulator/journal HTTP/1.1", `Host: ${host}`])).status).toBe(200);
    },
  );
});

describe("a page of another origin", () => {
  it.each([
    "https://evil.example",
    "null",
    "",
    "http://localhost:3000",
    "http://localhost",
    "file://",
    "chrome-extension://abcdefgh",
    "http://127.0.0.1.evil.example",
  ])("is refused: Origin %j", (origin) => expectRefused([`Host: ${own()}`, `Origin: ${origin}`]));

  it("is refused whatever is around the emulator's own origin", async () => {
    for (const origin of [
      `https://${own()}`,
      `http://${own()}0`,
      `http://${own()}, https://evil.example`,
      `http://evil.example@${own()}`,
      `http://${own()}.evil.example`,
      `http://evil.example:${port}`,
      `http://127.0.0.1`,
    ]) {
      await expectRefused([`Host: ${own()}`, `Origin: ${origin}`]);
    }
    await expectRefused([`Host: ${own()}`, `Origin: http://${own()}`, "Origin: https://evil.example"]);
  });

  it.each(["cross-site", "same-site", "CROSS-SITE", "anything"])("is refused: Sec-Fetch-Site %s", (site) =>
    expectRefused([`Host: ${own()}`, `Sec-Fetch-Site: ${site}`]),
  );

  it("is refused where the browser claims two things", () =>
    expectRefused([`Host: ${own()}`, "Sec-Fetch-Site: none", "Sec-Fetch-Site: cross-site"]));

  it("is not the emulator's own, nor a person who types the address", async () => {
    const origins = ["localhost", "127.0.0.1", "[::1]"].map((name) => `Origin: http://${name}:${port}`);
    for (const header of [...origins, "Sec-Fetch-Site: same-origin", "Sec-Fetch-Site: none"]) {
      const answer = await raw(["POST /_emulator/reset HTTP/1.1", `Host: ${own()}`, header]);
      expect([header, answer.status]).toEqual([header, 204]);
      expect(answer.headers).not.toMatch(/access-control/i);
    }
  });
});

describe("a name that the user allows", () => {
  it("is taken with any port, and no other is", async () => {
    const fronted = await startEmulator({ allowedHosts: ["cts.example.test"] });
    port = Number(new URL(fronted.url).port);
    const statuses = [];
    for (const host of ["cts.example.test", "CTS.example.test:443", "other.example.test"]) {
      statuses.push((await raw(["GET / HTTP/1.1", `Host: ${host}`])).status);
    }
    await fronted.close();
    port = Number(new URL(emulator.url).port);

    expect(statuses).toEqual([200, 200, 403]);
  });
});

describe("a body that is too long", () => {
  const paths = ["/_emulator/faults", "/v3/auth/tokens", "/nonsense"];
  const MiB = 1024 * 1024;

  it.each(paths)("is refused by %s before it is sent, and the connection is closed", async (path) => {
    const answer = await raw([`POST ${path} HTTP/1.1`, `Host: ${own()}`, `Content-Length: ${12 * MiB + 1}`]);

    expect(answer).toMatchObject({ status: 413, headers: expect.stringContaining("Connection: close") });
    expect(JSON.parse(answer.body)).toEqual({ error: expect.stringContaining("send less") });
    expect(emulator.journal.entries).toEqual([]);
  });

  it.each(paths)("is refused by %s while it comes in chunks, and memory does not grow", async (path) => {
    const socket = connect(port, "127.0.0.1");
    const closed = new Promise((resolve) => socket.once("close", resolve));
    let answer = "";
    socket.on("data", (data) => {
      answer += String(data);
    });
    // Either side may find first that the connection is gone.
    socket.on("error", () => {});
    socket.write(`POST ${path} HTTP/1.1\r\nHost: ${own()}\r\nTransfer-Encoding: chunked\r\n\r\n`);
    const chunk = Buffer.concat([
      Buffer.from(`${MiB.toString(16)}\r\n`),
      Buffer.alloc(MiB, "x"),
      Buffer.from("\r\n"),
    ]);
    const before = process.memoryUsage().arrayBuffers;
    let peak = 0;
    // It has no end: only the emulator can end this.
    while (!socket.destroyed) {
      if (!socket.write(chunk)) {
        await Promise.race([once(socket, "drain").catch(() => {}), closed]);
      }
      peak = Math.max(peak, process.memoryUsage().arrayBuffers - before);
    }

    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    expect(peak).toBeLessThan(100 * MiB);
    expect(emulator.journal.entries).toEqual([]);
  });

  it("is refused in a way that a client sees, which sends it all first", async () => {
    for (const path of paths) {
      const body = Buffer.alloc(40 * MiB);
      expect((await fetch(emulator.url + path, { method: "PUT", body })).status).toBe(413);
    }
  });

  it("is longer than 12 MiB", async () => {
    const body = Buffer.alloc(12 * MiB, " ");
    const answer = await fetch(`${emulator.url}/_emulator/faults`, { method: "POST", body });

    expect([answer.status, await answer.text()]).toEqual([400, expect.stringContaining("must be JSON")]);
  });
});

describe("the journal of an emulator that is called without end", () => {
  it("keeps the newest calls, with bodies that are not too long", async () => {
    const cts = await signIn(emulator);
    await cts.put({ obs_info: { bucket_name: "x".repeat(64 * 1024) } });
    const { journal } = emulator;
    const entry = journal.entries.at(-1);
    if (entry === undefined) {
      throw new Error("The call is not in the journal.");
    }
    journal.clear();
    for (let i = 0; i < 1000; i += 1) {
      await journal.received({ ...entry, at: i, body: "x".repeat(60 * 1024) });
    }

    expect(entry.body).toMatch(/^\(\d+ bytes\)$/);
    expect(journal.entries.length).toBeLessThan(560);
    expect(journal.entries.length).toBeGreaterThan(490);
    expect(journal.entries.at(-1)?.at).toBe(999);
    expect(journal.entries.map(({ at }) => at)).toEqual(
      journal.entries.map((_, i) => 1000 - journal.entries.length + i),
    );
  });

  it("holds 100,000 calls at most, and forgets with clear() how many there were", async () => {
    const { journal } = emulator;
    for (const round of [0, 1]) {
      journal.clear();
      await signIn(emulator);
      const [entry] = journal.entries;
      if (entry === undefined) {
        throw new Error("The call is not in the journal.");
      }
      const lengths = [];
      for (let i = 0; i < 100_000; i += 1) {
        await journal.received({ ...entry, at: i });
        lengths.push(journal.entries.length);
      }

      expect([round, Math.max(...lengths.slice(0, 1000)), lengths.at(-2), lengths.at(-1)]).toEqual([
        round,
        1001,
        100_000,
        90_000,
      ]);
    }
  });
});
