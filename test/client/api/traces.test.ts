import { beforeEach, describe, expect, it } from "vitest";
import type { Trace, TraceUser } from "../../../client/api/trace";
import type { TraceQuery } from "../../../client/api/traceQuery";
import { listTraces, type TraceReadOptions, traces } from "../../../client/api/traces";
import { failureOf } from "../../support/client";
import { useEmulated } from "../../support/emulated";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

const service = useEmulated();
let now: number;

beforeEach(() => {
  const { emulator, clock } = service;
  emulator.reset();
  emulator.traces.clear();
  now = Math.floor(clock.now());
});

const iso = (ms: number) => new Date(ms).toISOString();
const calls = () => service.emulator.journal.calls("cts");
const list = (query: TraceQuery = {}) => listTraces(service.connect(), query);
const idsOf = async (query: TraceQuery) => (await list(query)).traces.map(({ traceId }) => traceId);

describe("listTraces", () => {
  it("takes the last hour, by default, newest first, and says what it looked at", async () => {
    const [old, , newest] = service.emulator.traces.add([
      { time: now - HOUR + 1000 },
      { time: now - HOUR - 1000 },
      { time: now - 1000 },
    ]);

    const result = await list();

    expect(result).toMatchObject({ from: iso(now - HOUR), to: iso(now), truncated: false });
    expect(result).not.toHaveProperty("note");
    expect(result.traces.map(({ traceId }) => traceId)).toEqual([newest?.trace_id, old?.trace_id]);
  });

  it("gives every field in camelCase and one form, whatever form the service has it in", async () => {
    service.emulator.traces.add({
      trace_id: "t1",
      time: now - 5,
      record_time: now - 3,
      trace_name: "createServer",
      trace_rating: "warning",
      code: 403,
      user: JSON.stringify({ id: "u", name: "alice", domain: { id: "d", name: "D" } }),
      request: '{"a_b": 1}',
      response: { error_code: "X.1" },
      source_ip: "",
      not_yet_known: { inner_name: 1 },
    });

    expect((await list()).traces).toEqual([
      expect.objectContaining({
        traceId: "t1",
        time: iso(now - 5),
        recordTime: iso(now - 3),
        traceName: "createServer",
        traceRating: "warning",
        code: "403",
        user: { id: "u", name: "alice", domain: { id: "d", name: "D" } },
        request: '{"a_b": 1}',
        response: { error_code: "X.1" },
        sourceIp: "",
        notYetKnown: { inner_name: 1 },
      }),
    ]);
  });

  it("gives the names within a user in camelCase, whether it comes as an object or as text", async () => {
    const user = {
      type: "AssumedAgency",
      user_name: "alice",
      principal_is_root_user: "false",
      invoked_by: ["service.console"],
      domain: { id: "d", name: null },
      session_context: { attributes: { created_at: "1", mfa_authenticated: "true" } },
      OriginUser: { user_id: 1 },
    };
    const expected: TraceUser = {
      type: "AssumedAgency",
      userName: "alice",
      principalIsRootUser: "false",
      invokedBy: ["service.console"],
      domain: { id: "d" },
      sessionContext: { attributes: { createdAt: "1", mfaAuthenticated: "true" } },
      OriginUser: { userId: 1 },
    };
    service.emulator.traces.add({ time: now - 5, user: user as never });
    service.emulator.traces.add({ time: now - 6, user: JSON.stringify(user) });

    expect((await list()).traces.map((trace) => trace.user)).toEqual([expected, expected]);
  });

  it("bears a user nested without end", async () => {
    const user = `${'{"a_b":'.repeat(100_000)}1${"}".repeat(100_000)}`;
    service.emulator.traces.add({ time: now - 5, user });

    expect((await list()).traces[0]?.user).toEqual({ aB: "(left out: nested deeper than 100 levels)" });
  });

  it.each<[object, Trace["traceRating"]]>([
    [{ trace_rating: undefined, trace_status: "incident" }, "incident"],
    [{ trace_rating: "warning", trace_status: "incident" }, "warning"],
  ])("reads the rating of %j, as it was called in 2017 and is now", async (fields, expected) => {
    service.emulator.traces.add({ time: now - 5, ...fields });

    expect((await list()).traces[0]).toMatchObject({ traceRating: expected, traceStatus: "incident" });
  });

  it("knows the fields of newer regions by name and type", async () => {
    const fields: object = {
      trace_type: "Others",
      operation_id: "PutObject",
      read_only: true,
      total_time: 12,
      event_type: "data",
      tracker_name: "data-1",
    };
    const expected: Partial<Trace> = {
      traceType: "Others",
      operationId: "PutObject",
      readOnly: true,
      totalTime: 12,
      eventType: "data",
      trackerName: "data-1",
    };
    service.emulator.traces.add({ time: now - 5, ...fields });

    expect((await list()).traces[0]).toMatchObject(expected);
  });

  it.each([
    [undefined, undefined],
    ["somebody", { name: "somebody" }],
    ["17", { name: "17" }],
    [{ name: "bob" }, { name: "bob" }],
  ])("reads the user %j as %j", async (user, expected) => {
    service.emulator.traces.add({ time: now - 5, user: user as string });
    expect((await list()).traces[0]?.user).toEqual(expected);
  });

  it("passes every criterion on under the API's name, and the window with it", async () => {
    await list({
      serviceType: "ECS",
      user: "alice",
      resourceId: "r1",
      resourceName: "a b/ü",
      resourceType: "server",
      traceName: "createServer",
      traceRating: "incident",
      from: now - 2000,
      to: now - 1000,
    });
    expect(calls().at(-1)?.query).toEqual({
      trace_type: "system",
      service_type: "ECS",
      user: "alice",
      resource_id: "r1",
      resource_name: "a b/ü",
      resource_type: "server",
      trace_name: "createServer",
      trace_rating: "incident",
      // The service leaves out what is exactly at either end.
      from: `${now - 2001}`,
      to: `${now - 1000}`,
      limit: "200",
    });
  });

  it.each([
    ["a Date", new Date("2025-12-31T12:00:00Z")],
    ["ISO 8601", "2025-12-31T12:00:00Z"],
    ["ISO 8601 with an offset", "2025-12-31T13:00:00+01:00"],
    ["ISO 8601 without a zone, which is UTC,", "2025-12-31T12:00"],
    ["ISO 8601 as people write it", " 2025-12-31 12:00:00.000z"],
    ["milliseconds", Date.UTC(2025, 11, 31, 12)],
    ["milliseconds as text", `${Date.UTC(2025, 11, 31, 12)}`],
  ])("takes %s for a point in time", async (_, from) => {
    expect((await list({ from, to: "2025-12-31T18:00Z" })).from).toBe("2025-12-31T12:00:00.000Z");
  });

  it.each([
    ["90s", 90_000],
    ["5m", 300_000],
    ["1.5h", 1.5 * HOUR],
    ["2d", 2 * DAY],
  ])("takes %s for an age", async (from, ms) => {
    expect((await list({ from })).from).toBe(iso(now - ms));
  });

  it("has what is exactly at the window's beginning, and not what is exactly at its end", async () => {
    service.emulator.traces.add(
      [1000, 1001, 1999, 2000].map((age) => ({ time: now - age, trace_id: `${age}` })),
    );
    expect(await idsOf({ from: now - 2000, to: now - 1000 })).toEqual(["1001", "1999", "2000"]);
  });

  it("reads day by day what it reads of the week as a whole", async () => {
    const end = now - 60_000;
    const edges = Array.from({ length: 8 }, (_, day) => end - (6.9 * DAY * (7 - day)) / 7);
    const whole = edges.map(Math.round);
    service.emulator.traces.add(
      whole.flatMap((edge) => [-1, 0, 1].map((off) => ({ time: edge + off, trace_id: `${edge + off}` }))),
    );
    const days = [];
    for (let day = 6; day >= 0; day--) {
      days.push(await idsOf({ from: whole[day] as number, to: whole[day + 1] as number }));
    }
    const week = await idsOf({ from: whole[0] as number, to: whole[7] as number });
    expect(week).toHaveLength(21);
    expect(days.flat()).toEqual(week);
  });

  it.each([
    [{ limit: 3 }, 3, true],
    [{ limit: 250 }, 250, true],
    [{ limit: 299 }, 299, true],
    [{ limit: 300 }, 300, false],
    [{ limit: 400 }, 300, false],
    [{}, 300, false],
  ])("with %j finds %i of 300, truncated: %s", async (query, count, truncated) => {
    service.emulator.traces.add(Array.from({ length: 300 }, (_, i) => ({ time: now - 1 - i })));
    const result = await list(query);
    expect(result.traces).toHaveLength(count);
    expect(result.truncated).toBe(truncated);
  });

  it("asks for no more than the limit and one, which tells whether there are more", async () => {
    service.emulator.traces.add(Array.from({ length: 900 }, (_, i) => ({ time: now - 1 - i })));
    await list({ limit: 10 });
    expect(calls().map(({ query }) => query["limit"])).toEqual(["11"]);
    service.emulator.journal.clear();
    await list({ limit: 450 });
    expect(calls().map(({ query }) => query["limit"])).toEqual(["200", "200", "51"]);
  });

  it("asks for whole pages where the service looks at no more traces than it is asked for, whether they match or not", async () => {
    service.emulator.behaviour.pages = "scanned";
    service.emulator.traces.add(Array.from({ length: 1000 }, (_, i) => ({ time: now - 1 - i })));
    expect(await idsOf({ limit: 5, user: "nobody" })).toEqual([]);
    expect(calls().map(({ query }) => query["limit"])).toEqual(["6", ...new Array(5).fill("200")]);
  });

  it("finds one trace by its id, however old, with one call, also where the service repeats it on every page", async () => {
    service.emulator.behaviour.traceIdIgnoresNext = true;
    service.emulator.traces.add([
      { trace_id: "wanted", time: now - 2 * DAY },
      { trace_id: "other", time: now - 5 },
    ]);
    expect(await idsOf({ traceId: "wanted" })).toEqual(["wanted"]);
    expect(await idsOf({ traceId: "none" })).toEqual([]);
    expect(calls()).toHaveLength(2);
  });

  it("asks for everything of a day or more side by side at once, page by page for what is searched by or short", async () => {
    await list({ from: "24h" });
    expect(calls()).toHaveLength(6);

    for (const query of [{ from: "23h" }, { from: "7d", serviceType: "ECS" }, { from: "7d", limit: 5 }]) {
      service.emulator.journal.clear();
      await list(query);
      expect(calls()).toHaveLength(1);
    }
  });

  it("cuts a window that begins before what can be queried, and says so", async () => {
    service.emulator.behaviour.fromBeforeRetention = "rejected";
    const result = await list({ from: "4w" });
    const from = iso(now - 7 * DAY + 60_000);
    expect(result.from).toBe(from);
    expect(result.note).toBe(
      `traces can be queried for seven days: from was ${iso(now - 28 * DAY)}, and is taken as ${from}`,
    );
  });

  it("says nothing of the minute that is cut off the seven days", async () => {
    const result = await list({ from: "7d" });
    expect(result.from).toBe(iso(now - 7 * DAY + 60_000));
    expect(result).not.toHaveProperty("note");
  });

  it("finds one trace by its id outside the window, too, and looks at all there is", async () => {
    service.emulator.behaviour.fromBeforeRetention = "rejected";
    service.emulator.traces.add([{ trace_id: "wanted", time: now - 2 * DAY }]);
    for (const window of [
      { from: "30d" },
      { from: "30d", to: "20d" },
      { from: "1h", to: "2h" },
      { to: "3d" },
    ]) {
      const result = await list({ traceId: "wanted", ...window });
      expect(result).toMatchObject({ from: iso(now - 7 * DAY + 60_000), to: iso(now), traces: [{}] });
      expect(result).not.toHaveProperty("note");
    }
  });

  it("reads the project and region that it is told", async () => {
    const [there] = service.emulator.traces.add({ time: now - 5 }, { region: "eu-nl" });
    expect(await idsOf({ region: "eu-nl", projectName: "eu-nl_demo" })).toEqual([there?.trace_id]);
    expect(await idsOf({})).toEqual([]);
  });

  it("reads by API v1.0, where there is nothing else", async () => {
    Object.assign(service.emulator.behaviour, { v3: false, v2: false });
    const [trace] = service.emulator.traces.add({
      time: now - 5,
      trace_rating: "incident",
      user: { id: "u", name: "alice", domain: { id: "d", name: "D" } },
    });
    const connection = service.connect({ ...service.emulator.settings(), apiVersion: "v1" });
    const { traces: found } = await listTraces(connection, { traceRating: "incident" });
    expect(found).toMatchObject([{ traceId: trace?.trace_id, user: { name: "alice" } }]);
  });

  it.each([
    [{ traceRating: "bad" }, 'traceRating must be "normal", "warning" or "incident"'],
    [
      { from: "yesterday" },
      'from must be a Date, ISO 8601, milliseconds since the epoch, or an age such as "24h", got "yesterday"',
    ],
    [{ to: new Date(Number.NaN) }, "to must be a Date"],
    [{ from: "2026" }, "from must be a Date"],
    [{ from: "2025-12-32" }, "from must be a Date"],
    [{ from: "2025-11-31T10:00Z" }, "from must be a Date"],
    [{ from: "2025-12-31 noon" }, "from must be a Date"],
    [{ traceId: "t", from: "noon" }, "from must be a Date"],
    [{ to: true }, "to must be a Date"],
    [{ from: "1h", to: "2h" }, "must be earlier than to"],
    [{ from: 5000, to: 5000 }, "must be earlier than to"],
    [{ from: "10d", to: "8d" }, "too long ago: traces can be queried for seven days, now from"],
    [{ limit: 0 }, "limit must be 1 or more"],
    [{ limit: 1.5 }, "limit must be a whole number"],
    [{ limit: "5" }, "limit must be a whole number"],
    [{ user: 7 }, "user must be a string"],
    [{ serviceType: "" }, "serviceType must not be empty"],
    [{ service: "ECS" }, "service is not a known criterion"],
    ["ECS", "must be an object"],
  ])("refuses %j before any call", async (query, message) => {
    const failure = await failureOf(list(query as TraceQuery));
    expect(failure.name).toBe("ArgumentError");
    expect(failure.message).toContain(message);
    expect(service.emulator.journal.entries).toEqual([]);
  });

  it("names all that is wrong at once", async () => {
    const failure = await failureOf(list({ limit: -1, user: 7, more: 1 } as unknown as TraceQuery));
    expect(failure.message).toMatch(/limit must.*user must.*more is not|user must.*limit must.*more is not/);
    const times = await failureOf(list({ from: "noon", to: "2026-02-31", limit: 0 }));
    for (const part of ["from must be", 'got "noon"', "to must be", 'got "2026-02-31"', "limit must"]) {
      expect(times.message).toContain(part);
    }
    const order = await failureOf(list({ from: "1h", to: "2h", code: "9xx" }));
    expect(order.message).toMatch(/code must.*; from .* must be earlier than to/);
  });

  it.each([
    [{ traces: [{ trace_id: "t" }] }, "field traces.0"],
    [
      {
        traces: [
          { trace_id: "t", time: 1 },
          { trace_id: "", time: 1 },
        ],
      },
      "field traces.1",
    ],
    [{ traces: [{ trace_id: "t", time: "1" }] }, "field traces.0"],
    [{ traces: [null] }, "field traces.0"],
    [{ traces: {} }, "field traces"],
    [{}, "field traces"],
    [{ traces: [], meta_data: { marker: 7 } }, "field meta_data.marker"],
  ])("takes %j for malformed", async (body, field) => {
    service.emulator.faults.add({ kind: "status", status: 200, body, times: 6, match: { service: "cts" } });
    const failure = await failureOf(list());
    expect(failure).toMatchObject({ name: "MalformedAnswerError", message: expect.stringContaining(field) });
  });
});

describe("traces", () => {
  it("reads on only as long as somebody wants more", async () => {
    service.emulator.traces.add(Array.from({ length: 1000 }, (_, i) => ({ time: now - 1 - i })));
    const found: string[] = [];
    for await (const { traceId } of traces(service.connect(), { limit: 5 })) {
      found.push(traceId);
    }
    expect(found).toHaveLength(5);
    expect(calls().map(({ query }) => query["limit"])).toEqual(["5"]);
  });

  it("asks for whole pages to the end, where there is no limit", async () => {
    service.emulator.traces.add(Array.from({ length: 1000 }, (_, i) => ({ time: now - 1 - i })));
    let count = 0;
    for await (const _ of traces(service.connect())) {
      count++;
    }
    expect(count).toBe(1000);
    expect(new Set(calls().map(({ query }) => query["limit"]))).toEqual(new Set(["200"]));
  });

  it("finds the same with little memory to wait in, and reads less ahead", async () => {
    service.emulator.traces.add(Array.from({ length: 3000 }, (_, i) => ({ time: now - 1000 * (i + 1) })));
    const read = async (options?: TraceReadOptions) => {
      service.emulator.journal.clear();
      const reader = traces(service.connect(), {}, options);
      await reader.next();
      let rest = 0;
      for await (const _ of reader) {
        rest++;
      }
      return rest;
    };
    expect(await read()).toBe(2999);
    expect(await read({ maxBufferedBytes: 1 })).toBe(2999);
    expect(calls().filter(({ query }) => query["next"] === undefined)).toHaveLength(1);
  });

  it.each([0, -1, Number.NaN])("refuses %s bytes to wait in before any call", async (maxBufferedBytes) => {
    const failure = await failureOf(traces(service.connect(), {}, { maxBufferedBytes }).next());
    expect(failure.name).toBe("ArgumentError");
    expect(failure.message).toContain("maxBufferedBytes must be 1 or more, got");
    expect(service.emulator.journal.entries).toEqual([]);
  });

  it("ends where a reader has paused until the rest is too old to be queried", async () => {
    service.emulator.behaviour.fromBeforeRetention = "rejected";
    service.emulator.traces.add(Array.from({ length: 3000 }, (_, i) => ({ time: now - 1 - i })));
    // With a limit, nothing is read ahead.
    const reader = traces(service.connect(), { limit: 3000 });
    await reader.next();
    service.clock.advance(8 * DAY);
    let rest = 0;
    for await (const _ of reader) {
      rest++;
    }
    expect(rest).toBe(199);
  });

  it("refuses a query that makes no sense before any call", async () => {
    const failure = await failureOf(traces(service.connect(), { limit: 0 }).next());
    expect(failure.name).toBe("ArgumentError");
    expect(service.emulator.journal.entries).toEqual([]);
  });

  it("finds out for all queries of a connection and a region how fast the service lets it ask", async () => {
    service.emulator.traces.add(Array.from({ length: 8000 }, (_, i) => ({ time: now - 1000 * (i + 1) })));
    service.emulator.behaviour.requestsPerSecond = 20;
    const connection = service.connect();
    const isKnownIn = (region: string) =>
      connection.project({ region, projectId: "any" }).limiter.isLimitKnown;
    expect(isKnownIn("eu-de")).toBe(false);
    expect((await listTraces(connection, { from: "6h" })).traces).toHaveLength(8000);
    expect(isKnownIn("eu-de")).toBe(true);
    expect(isKnownIn("eu-nl")).toBe(false);
  });

  it("waits and asks again where the call for one trace is throttled", async () => {
    service.emulator.traces.add({ trace_id: "t1", time: now - 5 });
    service.emulator.faults.add({
      kind: "status",
      status: 429,
      retryAfter: 1,
      match: { operation: "listTraces" },
    });
    expect(await idsOf({ traceId: "t1" })).toEqual(["t1"]);
    expect(calls()).toHaveLength(2);
  });
});
