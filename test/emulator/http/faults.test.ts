import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Emulator, type Fault, startEmulator } from "../../../emulator";
import { type Caller, signIn } from "../../support/emulator";

let emulator: Emulator;
let cts: Caller;
let draws: number[] = [];
let waits: number[] = [];

beforeAll(async () => {
  emulator = await startEmulator({
    random: () => draws.shift() ?? 0.999,
    sleep: async (ms) => {
      waits.push(ms);
    },
  });
});
afterAll(() => emulator.close());
beforeEach(async () => {
  draws = [];
  waits = [];
  emulator.reset();
  cts = await signIn(emulator);
  emulator.journal.clear();
});

/** The outcome for a caller: a status, or a broken connection. */
async function outcome(call: Promise<{ status: number }>): Promise<number | string> {
  return call.then(
    ({ status }) => status,
    (error: Error) => error.message,
  );
}

const kinds: [Fault, number | string][] = [
  [{ kind: "status", status: 503 }, 503],
  [{ kind: "reset" }, "fetch failed"],
  [{ kind: "timeout", hangMs: 5 }, 504],
  [{ kind: "truncated" }, "terminated"],
  [{ kind: "wrongJson" }, 200],
  [{ kind: "html" }, 502],
];

describe("Faults.add", () => {
  it.each(kinds)("%j before: the call is not carried out", async (fault, expected) => {
    emulator.faults.add(fault);

    const seen = await outcome(cts.put({ is_lts_enabled: true }));

    expect(seen).toBe(expected);
    expect(emulator.tracker()?.lts.is_lts_enabled).toBe(false);
    expect(emulator.journal.entries).toMatchObject([{ fault: { kind: fault.kind, when: "before" } }]);
  });

  it.each(kinds)("%j after: the call is carried out and its answer lost", async (fault, expected) => {
    emulator.faults.add({ ...fault, when: "after" });

    const seen = await outcome(cts.put({ is_lts_enabled: true }));

    expect(seen).toBe(expected);
    expect(emulator.tracker()?.lts.is_lts_enabled).toBe(true);
    expect(emulator.journal.entries).toMatchObject([{ fault: { kind: fault.kind, when: "after" } }]);
  });

  it.each(kinds)("%j after a DELETE and a POST: each is carried out", async (fault, expected) => {
    emulator.faults.add({ ...fault, when: "after", times: 2 });

    const deleted = await outcome(cts.delete());
    const gone = emulator.tracker();
    const posted = await outcome(cts.post());

    expect(deleted).toBe(expected);
    expect(posted).toBe(fault.kind === "wrongJson" ? 201 : expected);
    expect(gone).toBeUndefined();
    expect(emulator.tracker()).toBeDefined();
  });

  it("hits one call, or the number in times", async () => {
    emulator.faults.add({ kind: "html", status: 502 });
    emulator.faults.add({ kind: "html", status: 503, times: 2 });

    const statuses = [];
    for (let call = 0; call < 4; call++) {
      statuses.push((await cts.get()).status);
    }

    expect(statuses).toEqual([502, 503, 503, 200]);
  });

  it.each([{ service: "iam" as const }, { operation: "createTracker" as const }, { method: "POST" }])(
    "leaves alone what does not match %j, and waits for what does",
    async (match) => {
      emulator.faults.add({ kind: "html", match });

      const get = await cts.get();
      const other = match.service
        ? await outcome(signIn(emulator).then((s) => s.get()))
        : (await cts.post()).status;

      expect(get.status).toBe(200);
      expect(other).toBe(match.service ? 401 : 502);
    },
  );

  it("answers 429 with the gateway's code and Retry-After as it is given", async () => {
    emulator.faults.add({ kind: "status", status: 429, retryAfter: 7 });
    emulator.faults.add({ kind: "status", status: 429, retryAfter: "Wed, 21 Oct 2026 07:28:00 GMT" });

    const seconds = await cts.get();
    const date = await cts.get();

    expect(seconds).toMatchObject({ status: 429, json: { error_code: "APIGW.0308" } });
    expect(seconds.headers.get("Retry-After")).toBe("7");
    expect(date.headers.get("Retry-After")).toBe("Wed, 21 Oct 2026 07:28:00 GMT");
  });

  it("takes an error code, and any body", async () => {
    emulator.faults.add({ kind: "status", status: 400, errorCode: "CTS.0300" });
    emulator.faults.add({ kind: "status", status: 400, body: { nested: "{}" } });
    emulator.faults.add({ kind: "status", status: 500, body: "plain" });
    emulator.faults.add({ kind: "wrongJson", body: '{"trackers": [' });

    expect((await cts.get()).json).toMatchObject({ error_code: "CTS.0300" });
    expect((await cts.get()).json).toEqual({ nested: "{}" });
    expect((await cts.get()).text).toBe("plain");
    expect(await cts.get()).toMatchObject({ status: 200, text: '{"trackers": [' });
  });

  it("answers HTML, and JSON that is not what was promised", async () => {
    emulator.faults.add({ kind: "html" });
    emulator.faults.add({ kind: "wrongJson" });

    const html = await cts.get();
    const wrong = await cts.get();

    expect(html.headers.get("Content-Type")).toContain("text/html");
    expect(html.text).toContain("<h1>502 Bad Gateway</h1>");
    expect(wrong).toMatchObject({ status: 200, text: '{"unexpected":true}' });
  });

  it("lets a timeout without hangMs end when the caller gives up", async () => {
    emulator.faults.add({ kind: "timeout", when: "after" });
    const givingUp = new AbortController();
    const answered = new Promise((resolve) =>
      emulator.journal.onRequest((entry, phase) => {
        if (phase === "applied") {
          givingUp.abort(new Error("gave up"));
        } else if (phase === "answered") {
          resolve(entry);
        }
      }),
    );

    const seen = await outcome(
      fetch(`${emulator.endpoint()}/v3/${emulator.projectId()}/trackers?tracker_name=system`, {
        method: "DELETE",
        headers: { "X-Auth-Token": cts.token },
        signal: givingUp.signal,
      }),
    );

    expect(seen).toContain("gave up");
    expect(emulator.tracker()).toBeUndefined();
    expect(await answered).not.toHaveProperty("status");
  });

  it("waits hangMs before the gateway answers 504", async () => {
    emulator.faults.add({ kind: "timeout", hangMs: 1234 });

    await cts.get();

    expect(waits).toEqual([1234]);
  });
});

describe("Faults.random", () => {
  it("hits the share of calls in the rate", async () => {
    emulator.faults.random({ rate: 0.3, kinds: ["status"] });
    draws = [0.29, 0, 0.3, 0.29, 0.99];

    const statuses = [];
    for (let call = 0; call < 3; call++) {
      statuses.push((await cts.get()).status);
    }

    expect(statuses).toEqual([429, 200, 400]);
  });

  it("mixes its ways, without timeouts and wrong JSON unless they are asked for", () => {
    const taken = (kinds?: Fault["kind"][]): Fault[] => {
      emulator.faults.random({ rate: 1, ...(kinds && { kinds }) });
      draws = Array.from({ length: 200 }, (_, draw) => (draw % 2 === 0 ? 0 : draw / 200));
      return Array.from({ length: 100 }, () =>
        emulator.faults.take({ service: "cts", operation: "listTrackers", method: "GET" }),
      ).filter((fault) => fault !== undefined);
    };

    const usual = taken();
    const timeouts = taken(["timeout", "wrongJson"]);

    const ways = usual.map((fault) =>
      fault.kind === "status"
        ? `${fault.status} ${fault.retryAfter ?? ""}`
        : `${fault.kind} ${fault.when ?? ""}`,
    );
    expect(new Set(ways)).toEqual(
      new Set([
        "429 0",
        "429 1",
        "500 ",
        "503 ",
        "400 ",
        "reset before",
        "reset after",
        "truncated after",
        "html ",
      ]),
    );
    expect(new Set(timeouts.map(({ kind }) => kind))).toEqual(new Set(["timeout", "wrongJson"]));
  });

  it("lets the gateway answer a call that hangs when it is told", async () => {
    emulator.faults.random({ rate: 1, kinds: ["timeout"], hangMs: 4321 });
    draws = [0, 0];

    expect((await cts.get()).status).toBe(504);

    expect(waits).toEqual([4321]);
  });

  it("hits only the services it is told", async () => {
    emulator.faults.random({ rate: 1, kinds: ["html"], services: ["cts"] });
    draws = [0, 0];

    const signedIn = await signIn(emulator);

    expect(signedIn.token).not.toBe("");
    expect((await signedIn.get()).status).toBe(502);
  });

  it("comes after planned faults, and ends with rate 0", async () => {
    emulator.faults.random({ rate: 1, kinds: ["html"] });
    emulator.faults.add({ kind: "status", status: 418 });
    draws = [0, 0];

    const planned = await cts.get();
    const random = await cts.get();
    emulator.faults.random({ rate: 0 });

    expect([planned.status, random.status, (await cts.get()).status]).toEqual([418, 502, 200]);
  });
});

describe("Faults.clear", () => {
  it("ends planned and random faults", async () => {
    emulator.faults.add({ kind: "html", times: 9 });
    emulator.faults.random({ rate: 1 });

    emulator.faults.clear();

    expect((await cts.get()).status).toBe(200);
  });
});

describe("any fault", () => {
  it("leaves the emulator answering, and the tracker either as it was or as it was asked to be", async () => {
    const fault = fc.record({ fault: fc.constantFrom(...kinds), when: fc.constantFrom("before", "after") });
    await fc.assert(
      fc.asyncProperty(fault, async ({ fault: [fault], when }) => {
        emulator.setTracker({});
        emulator.faults.add({ ...fault, when: when as "before" | "after" });
        await outcome(cts.put({ is_support_validate: true }));

        expect((await cts.get()).json.trackers[0]?.is_support_validate).toBe(when === "after");
      }),
      { numRuns: 50 },
    );
  });
});
