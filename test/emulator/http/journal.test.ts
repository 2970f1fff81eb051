import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Emulator, type Phase, startEmulator } from "../../../emulator";
import { postToken, request, signIn, signInBody, stoppedClock } from "../../support/emulator";

const clock = stoppedClock();

let emulator: Emulator;

beforeAll(async () => {
  emulator = await startEmulator({ clock: clock.now });
});
afterAll(() => emulator.close());
beforeEach(() => emulator.reset());

describe("Journal.entries", () => {
  it("tells everything about a call", async () => {
    const cts = await signIn(emulator, { region: "eu-nl" });
    const body = { tracker_type: "system", tracker_name: "system", status: "disabled" };
    const reply = await cts.put({ status: "disabled" });
    await cts.get();

    const projectId = emulator.projectId("eu-nl_demo");
    expect(emulator.journal.entries).toMatchObject([
      {
        service: "iam",
        operation: "createToken",
        method: "POST",
        path: "/v3/auth/tokens",
        status: 201,
        projectId,
      },
      { operation: "updateTracker" },
      {
        operation: "listTrackers",
        query: { tracker_name: "system" },
        path: `/eu-nl/v3/${projectId}/trackers`,
      },
    ]);
    expect(emulator.journal.entries[1]).toEqual({
      at: clock.now(),
      service: "cts",
      operation: "updateTracker",
      method: "PUT",
      path: `/eu-nl/v3/${projectId}/tracker`,
      query: {},
      region: "eu-nl",
      projectId,
      body,
      auth: "token",
      status: 200,
      requestId: reply.headers.get("X-Request-Id"),
    });
    expect(emulator.journal.entries[0]).not.toHaveProperty("region");
  });

  it("names every operation", async () => {
    const cts = await signIn(emulator);
    await cts.delete();
    await cts.post();
    await cts.put();
    await cts.get();
    await cts.call("GET", "/traces");
    await cts.call("GET", "/quotas");
    await request(emulator.url);
    await request(`${emulator.authUrl}/projects`);
    await request(`${emulator.url}/nonsense`);

    expect(emulator.journal.entries.map(({ operation }) => operation)).toEqual([
      "createToken",
      "deleteTrackers",
      "createTracker",
      "updateTracker",
      "listTrackers",
      "listTraces",
      "listQuotas",
      "listVersions",
      "listProjects",
      "unknown",
    ]);
  });

  it("holds no password and no token", async () => {
    const cts = await signIn(emulator);
    await cts.get();
    await postToken(emulator, { auth: { identity: { methods: ["token"], token: { id: "other-token" } } } });
    await postToken(emulator, signInBody({ ...emulator.settings(), password: "wrong-password" }));

    const text = JSON.stringify(emulator.journal.entries);
    expect(text).toContain('"password":"***"');
    for (const secret of ["demo-password", "wrong-password", "other-token", cts.token]) {
      expect(text).not.toContain(secret);
    }
  });

  it("says so when a body is not JSON", async () => {
    await request(`${emulator.authUrl}/auth/tokens`, { method: "POST", body: "password=demo-password" });

    expect(emulator.journal.entries[0]?.body).toBe("(not JSON)");
  });

  it("does not hold calls of the emulator's own paths", async () => {
    await request(`${emulator.url}/_emulator/trackers`);
    await request(`${emulator.url}/_emulator/nonsense`);

    expect(emulator.journal.entries).toEqual([]);
  });
});

describe("Journal.calls and mutations", () => {
  it("pick the calls of a service, and those that could change something", async () => {
    const cts = await signIn(emulator);
    await cts.get();
    await cts.put();
    await cts.post();
    await cts.delete();

    const { journal } = emulator;
    expect(journal.calls()).toHaveLength(5);
    expect(journal.calls("iam").map(({ operation }) => operation)).toEqual(["createToken"]);
    expect(journal.calls("cts")).toHaveLength(4);
    expect(journal.mutations().map(({ method }) => method)).toEqual(["PUT", "POST", "DELETE"]);
  });

  it("forget with clear()", async () => {
    await signIn(emulator);
    emulator.journal.clear();

    expect(emulator.journal.calls()).toEqual([]);
  });
});

describe("Journal.onRequest", () => {
  it("is told of every phase, with the tracker as it is at that point", async () => {
    const cts = await signIn(emulator);
    const phases: [Phase, string | undefined, number | undefined][] = [];
    const answered = new Promise<void>((resolve) => {
      const stop = emulator.journal.onRequest((entry, phase) => {
        phases.push([phase, emulator.tracker()?.status, entry.status]);
        if (phase === "answered") {
          stop();
          resolve();
        }
      });
    });

    await cts.put({ status: "disabled" });
    await answered;
    await cts.get();

    expect(phases).toEqual([
      ["received", "enabled", undefined],
      ["applied", "disabled", undefined],
      ["answered", "disabled", 200],
    ]);
  });

  it.each([
    ["before", ["received", "answered"]],
    ["after", ["received", "applied", "answered"]],
  ] as const)("is told what a fault %s leaves of them", async (when, expected) => {
    const cts = await signIn(emulator);
    const phases: Phase[] = [];
    emulator.faults.add({ kind: "reset", when });
    const answered = new Promise<void>((resolve) => {
      const stop = emulator.journal.onRequest((_, phase) => {
        phases.push(phase);
        if (phase === "answered") {
          stop();
          resolve();
        }
      });
    });

    await cts.put().catch(() => undefined);
    await answered;

    expect(phases).toEqual(expected);
  });

  it("holds a call until the listener is done with it", async () => {
    const cts = await signIn(emulator);
    let release = (): void => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    let arrived = (): void => {};
    const arrival = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    const stop = emulator.journal.onRequest((_, phase) => {
      arrived();
      return phase === "received" ? held : undefined;
    });

    const call = cts.put({ status: "disabled" });
    await arrival;
    const whileHeld = emulator.tracker()?.status;
    release();
    await call;
    stop();

    expect(whileHeld).toBe("enabled");
    expect(emulator.tracker()?.status).toBe("disabled");
  });
});
