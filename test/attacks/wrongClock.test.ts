/**
 * Attack: the clock of the machine is wrong, or is set while the program runs. A window such as "the last ten minutes" must
 * be that of the service, or the program must say that it cannot tell.
 *
 * Alone: `npx vitest run test/attacks/wrongClock`
 */
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openTraceLog } from "../../client/api/traceLog";
import type { TraceQuery } from "../../client/api/traceQuery";
import { listTraces, traces } from "../../client/api/traces";
import { resolveSettings } from "../../client/config/settings";
import { pulumiSource } from "../../client/config/sources";
import { Connection } from "../../client/connection";
import { type Emulator, startEmulator } from "../../emulator";
import { Run } from "../../provider/core/run";
import { TrackerResource } from "../../provider/tracker/resource";
import type { TrackerInputs } from "../../provider/tracker/state";
import { environmentOf, otcCts, until } from "../support/cli";
import { failureOf } from "../support/client";
import { startEmulated, useEmulated } from "../support/emulated";
import { json, startRawServer } from "../support/rawServer";
import { virtualClock } from "../support/virtualClock";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const AHEAD = [20 * MINUTE, -20 * MINUTE, 3 * DAY, -3 * DAY, 30 * DAY, -30 * DAY];

describe("listTraces, traces and getTraces with a wrong clock", () => {
  const service = useEmulated();
  let warnings: string[];
  let aheadMs: number;

  beforeEach(() => {
    service.emulator.reset();
    service.emulator.traces.clear();
    warnings = [];
    aheadMs = 0;
  });

  const reads = () => service.emulator.journal.calls("cts").length;
  const now = () => Math.floor(service.clock.now());
  const addAt = (...times: number[]) =>
    service.emulator.traces.add(times.map((time) => ({ time, trace_id: `at ${time}` })));
  const idsOf = (found: readonly { traceId: string }[]) => found.map(({ traceId }) => traceId);

  function connect(
    kind: "password" | "keys" | "token" = "password",
    settings: Record<string, string> = {},
  ): Connection {
    const all: Record<string, string> = { ...service.emulator.settings({}, kind), ...settings };
    return new Connection(resolveSettings([pulumiSource((key) => all[key.replace("otc-cts:", "")])]), {
      clock: { ...service.clock, now: () => service.clock.now() + aheadMs },
      warn: (message) => warnings.push(message),
    });
  }

  /** Its first call is the reading: nothing has told the time before. */
  const unheard = () => connect("token", { projectId: service.emulator.projectId(), projectName: "" });

  describe.each(AHEAD)("of %i ms ahead", (ms) => {
    beforeEach(() => {
      aheadMs = ms;
    });

    it.each(["password", "keys"] as const)("finds the last ten minutes, signed in by %s", async (kind) => {
      addAt(now() - 9 * MINUTE, now() - 5 * SECOND, now() - 11 * MINUTE);

      const { traces: found, note } = await listTraces(connect(kind), { from: "10m" });

      expect(idsOf(found)).toEqual([`at ${now() - 5 * SECOND}`, `at ${now() - 9 * MINUTE}`]);
      expect(note).toMatch(/the clock of this machine is \d+ s (ahead of|behind) the service's/);
      expect(warnings).toHaveLength(1);
    });

    it.each(["ignored", "rejected"] as const)(
      "finds all seven days, where older ones are %s",
      async (rule) => {
        service.emulator.behaviour.fromBeforeRetention = rule;
        const times = [0, 1, 2, 3, 4, 5, 6].map((days) => now() - days * DAY - HOUR);
        addAt(...times);

        const { traces: found } = await listTraces(connect(), { from: "7d" });

        expect(idsOf(found)).toEqual(times.map((time) => `at ${time}`));
      },
    );

    it("yields the last hour, which is the default", async () => {
      addAt(now() - 59 * MINUTE, now() - SECOND * 5, now() - 61 * MINUTE);
      const found: string[] = [];
      for await (const { traceId } of traces(connect())) {
        found.push(traceId);
      }
      expect(found).toEqual([`at ${now() - 5 * SECOND}`, `at ${now() - 59 * MINUTE}`]);
    });

    it.each<[string, () => TraceQuery]>([
      ["both absolute", () => ({ from: now() - 10 * MINUTE, to: new Date(now() - MINUTE) })],
      ["from absolute", () => ({ from: new Date(now() - 10 * MINUTE).toISOString() })],
      ["to absolute", () => ({ from: "20m", to: now() - MINUTE })],
      ["to absolute, from by default", () => ({ to: now() - MINUTE })],
    ])("does not shift absolute times: %s", async (_, query) => {
      addAt(now() - 9 * MINUTE);
      const result = await listTraces(unheard(), query());
      expect(idsOf(result.traces)).toEqual([`at ${now() - 9 * MINUTE}`]);
    });

    it("refuses what makes no sense by the service's time", async () => {
      for (const query of [{ from: now() + MINUTE }, { from: now() - 9 * DAY, to: now() - 8 * DAY }]) {
        expect((await failureOf(listTraces(unheard(), query))).name).toBe("ArgumentError");
      }
    });

    it("reads twice at first, and once as soon as the service's time is known", async () => {
      const connection = unheard();
      await listTraces(connection);
      expect(reads()).toBe(2);
      service.emulator.journal.clear();
      await listTraces(connection);
      expect(reads()).toBe(1);
    });
  });

  it("costs no call more where the clock is right, or nearly", async () => {
    for (const ms of [0, 900, -900, 2000, -2000]) {
      aheadMs = ms;
      service.emulator.journal.clear();
      await listTraces(connect(), { from: "10m" });
      expect([ms, reads()]).toEqual([ms, 1]);
    }
    expect(warnings).toEqual([]);
  });

  it("does not go on reading the wrong window", async () => {
    aheadMs = -20 * MINUTE;
    addAt(now() - 9 * MINUTE, ...Array.from({ length: 10_000 }, (_, i) => now() - 21 * MINUTE - i * 10));
    expect((await listTraces(unheard(), { from: "10m" })).traces).toHaveLength(1);
    // The requests that were under way end meanwhile; all of the wrong window is 50 pages.
    await listTraces(unheard(), { from: "10m" });
    expect(reads()).toBeLessThan(30);
  });

  it("learns from an answer that is an error", async () => {
    aheadMs = 20 * MINUTE;
    addAt(now() - 9 * MINUTE);
    service.emulator.faults.add({ kind: "status", status: 503, match: { operation: "listTraces" } });
    expect((await listTraces(unheard(), { from: "10m" })).traces).toHaveLength(1);
  });

  it("stays right where the clock is set between two queries", async () => {
    const connection = connect();
    await listTraces(connection);
    addAt(now() - 9 * MINUTE);
    for (const ms of [3 * HOUR, -3 * HOUR, 0]) {
      aheadMs = ms;
      expect((await listTraces(connection, { from: "10m" })).traces).toHaveLength(1);
    }
  });

  it.each([DAY, -DAY])(
    "waits no longer, and no less, where the clock is set %i ms ahead in each wait",
    async (jumpMs) => {
      const machine = {
        ...service.clock,
        now: () => service.clock.now() + aheadMs,
        async sleep(ms: number) {
          await service.clock.sleep(ms);
          aheadMs += jumpMs;
        },
      };
      const match = { operation: "listTraces" } as const;
      service.emulator.faults.add({ kind: "status", status: 429, retryAfter: 2, times: 3, match });
      service.emulator.faults.add({ kind: "status", status: 503, times: 3, match });
      addAt(now() - MINUTE);
      const startedAt = service.clock.now();

      const { traces: found } = await listTraces(service.connect(undefined, machine), { from: "10m" });
      const tracker = new TrackerResource(new Run(() => service.connect(undefined, machine), machine));
      // As often as a call is tried.
      service.emulator.faults.add({ kind: "reset", times: 6, match: { operation: "updateTracker" } });
      const { inputs } = await tracker.check({ status: "disabled", adopt: true }, undefined, undefined);
      const made = await tracker.create(inputs as TrackerInputs, undefined);

      expect(found).toHaveLength(1);
      expect(made.state.status).toBe("disabled");
      expect(service.clock.now() - startedAt).toBeLessThan(MINUTE);
    },
  );

  it("goes by the clock of CTS, whatever time it is at IAM", async () => {
    const iam = await startEmulated();
    iam.clock.advance(now() - iam.clock.now() - 40 * MINUTE);
    addAt(now() - 9 * MINUTE);
    for (const ms of [0, 20 * MINUTE, -40 * MINUTE]) {
      aheadMs = ms;
      const connection = connect("keys", { authUrl: iam.emulator.authUrl });
      expect((await listTraces(connection, { from: "10m" })).traces).toHaveLength(1);
    }
    await iam.emulator.close();
  });
});

describe("what cannot be known", () => {
  const place = { token: "t", projectId: "p", region: "eu-de" };

  it.each([
    [20, undefined],
    [4000, undefined],
    [8000, /took so long that the service's time is known only to 5 s/],
    ["no Date", /no answer of the service said what time it is/],
    ["contradictions", /contradict each other/],
  ])("is said of answers that take, in ms: %s", async (how, expected) => {
    const clock = virtualClock();
    let count = 0;
    const server = await startRawServer((response, request) => {
      if (typeof how === "number") {
        clock.advance(how);
      }
      const aheadMs = how === "contradictions" ? count++ * HOUR : 0;
      const date = { Date: new Date(clock.now() + aheadMs).toUTCString() };
      const entries = request.target.includes("next=") ? [] : [{ trace_id: "t", time: clock.now() - MINUTE }];
      const body = { traces: entries, meta_data: { marker: entries.length ? "t" : null } };
      json(200, body, how === "no Date" ? {} : date)(response, request);
    });
    const settings: Record<string, string> = { ...place, endpoint: server.url };
    const source = pulumiSource((key) => settings[key.replace("otc-cts:", "")]);
    const connection = new Connection(resolveSettings([source]), { clock, warn: () => {} });

    const { note } = await listTraces(connection, { from: "10m", limit: 1 });

    expect(note).toEqual(expected === undefined ? undefined : expect.stringMatching(expected));
    // One trace is the same at any time.
    const one = await openTraceLog(connection, { traceId: "t" });
    expect((await one.begin(undefined)).doubt()).toBeUndefined();
    await server.close();
  });
});

describe("otc-cts traces with a wrong clock", () => {
  let emulator: Emulator;

  beforeAll(async () => {
    emulator = await startEmulator({ regions: ["eu-de"] });
  });
  beforeEach(() => {
    emulator.reset();
    emulator.traces.clear();
  });
  afterAll(() => emulator.close());

  const skew = pathToFileURL(join(__dirname, "..", "support", "skewedClock.mjs")).href;
  const start = (aheadMs: number, args: string[], env: Record<string, string> = {}) =>
    otcCts(["traces", ...args], {
      ...environmentOf(emulator.settings()),
      NODE_OPTIONS: `--import ${skew}`,
      CLOCK_AHEAD_MS: String(aheadMs),
      ...env,
    });
  const add = (name: string, agoMs: number) =>
    emulator.traces.add({ trace_name: name, time: Date.now() - agoMs });
  const names = (text: string) => [...text.matchAll(/act[A-Z]\w*/g)].map(([name]) => name);

  it.each([20 * MINUTE, -20 * MINUTE, 30 * DAY])(
    "of %i ms finds what --expect none denies",
    async (aheadMs) => {
      add("actRecent", 9 * MINUTE);
      add("actOld", 29 * MINUTE);
      const { status, stdout, stderr } = start(aheadMs, ["--since", "10m", "--expect", "none"]);

      expect(await status).toBe(3);
      expect(names(stdout())).toEqual(["actRecent"]);
      expect(stderr()).toMatch(
        /^warning: otc-cts: the clock of this machine is \d+ s .*\n.*found 1, expected none\n$/,
      );
    },
  );

  it("of a minute behind does not refuse a --from of just now, and finds nothing before it", async () => {
    add("actOld", 10 * MINUTE);
    const from = new Date(Date.now() - 9 * MINUTE).toISOString();
    const { status, stdout } = start(-20 * MINUTE, ["--from", from, "--expect", "none"]);
    expect([await status, names(stdout())]).toEqual([0, []]);
  });

  it("draws the chart of the service's window", async () => {
    add("actRecent", 2 * MINUTE);
    const { status, stdout } = start(20 * MINUTE, ["--chart", "--since", "10m"]);
    expect(await status).toBe(0);
    expect(stdout()).toMatch(/^TOTAL +1 /m);
  });

  it.each(["none", "some"])(
    "fails under --expect %s where the service does not say its time",
    async (expectation) => {
      const found = expectation === "some" ? [{ trace_id: "t", time: Date.now() - MINUTE }] : [];
      const server = await startRawServer(json(200, { traces: found, meta_data: {} }));
      const settings = { token: "t", projectId: "p", region: "eu-de", endpoint: server.url };
      const { status, stderr } = otcCts(["traces", "--expect", expectation], environmentOf(settings));

      expect(await status).toBe(1);
      expect(stderr()).toMatch(
        /^otc-cts: --expect \w+ cannot be judged: no answer of the service said what time it is there/,
      );
      await server.close();
    },
  );

  it.each([
    [20 * MINUTE, 3 * HOUR],
    [-20 * MINUTE, -3 * HOUR],
    [0, 10 * DAY],
    [0, -10 * DAY],
  ])("of %i ms, then set %i ms ahead, loses nothing of --follow", async (aheadMs, jumpMs) => {
    for (let i = 0; i < 158; i++) {
      add(`actPast${i}`, 59 * MINUTE - i * 20 * SECOND);
    }
    const { child, status, stdout, stderr } = start(
      aheadMs,
      ["--follow", "--interval", "0.1s", "--output", "ndjson"],
      { CLOCK_JUMP_MS: String(jumpMs) },
    );
    await until(() => names(stdout()).length >= 158);

    child.kill("SIGUSR2");
    for (let i = 0; i < 3; i++) {
      add(`actNew${i}`, 0);
      await until(() => names(stdout()).length >= 159 + i);
    }
    child.kill("SIGINT");

    expect(await status).toBe(0);
    const past = Array.from({ length: 158 }, (_, i) => `actPast${i}`);
    expect(names(stdout())).toEqual([...past, "actNew0", "actNew1", "actNew2"]);
    expect(stderr().match(/the clock of this machine is/g)).toHaveLength(1);
  });

  it("says so where --follow can only go by this machine's clock", async () => {
    const server = await startRawServer(json(200, { traces: [], meta_data: {} }));
    const settings = { token: "t", projectId: "p", region: "eu-de", endpoint: server.url };
    const { child, status, stderr } = otcCts(["traces", "--follow"], environmentOf(settings));
    await until(() => stderr() !== "");
    child.kill("SIGINT");
    expect(await status).toBe(0);
    expect(stderr()).toMatch(
      /^otc-cts: no answer of the service said what time it is there .* may be off\n$/,
    );
    await server.close();
  });
});
