import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { type Behaviour, type Emulator, startEmulator, type WireTrace } from "../../../emulator";
import { Traffic } from "../../../emulator/synthetic/traffic";
import { type Caller, pagesOf, type Reply, request, signIn, virtualClock } from "../../support/emulator";

const clock = virtualClock();
const hour = 3_600_000;
const day = 24 * hour;

let emulator: Emulator;
let cts: Caller;
let now: number;

beforeAll(async () => {
  emulator = await startEmulator({
    clock: clock.now,
    projects: [{ name: "eu-de_demo" }, { name: "eu-de_team" }],
  });
});
afterAll(() => emulator.close());
beforeEach(async () => {
  emulator.reset();
  emulator.traces.clear();
  cts = await signIn(emulator);
  now = clock.now();
});
afterEach(() => {
  vi.restoreAllMocks();
});

const get = (query = ""): Promise<Reply> => cts.call("GET", `/traces${query}`);
/** The traces of GET /traces, by id. */
const ids = async (query = ""): Promise<string[]> =>
  (await get(query)).json.traces.map(({ trace_id }) => trace_id);
/** Traces a, b, c…, a minute from one to the next, `a` the newest. */
function addTraces(count: number): void {
  emulator.traces.add(
    Array.from({ length: count }, (_, i) => ({ trace_id: nameOf(i), time: now - (i + 1) * 60_000 })),
  );
}
const nameOf = (i: number): string => String.fromCharCode(97 + i);
const refused = { status: 400, json: { error_code: "CTS.0003" } };

describe("GET /v3/{project_id}/traces", () => {
  it("shows every field as it was written down, newest first, with count and marker", async () => {
    const odd = {
      trace_id: "odd",
      time: now - 10,
      code: 200,
      response: { id: "x" },
      user: '{"name":"bob"}',
      request: undefined,
      future_field: { deep: [1] },
    };
    emulator.traces.add(odd);
    emulator.traces.add({ trace_id: "newer", time: now - 5, service_type: "OBS", message: "größer" });

    const reply = await get();

    expect(reply.status).toBe(200);
    expect(reply.json).toEqual({
      traces: [
        {
          trace_id: "newer",
          trace_name: "createServer",
          trace_rating: "normal",
          trace_type: "ApiCall",
          time: now - 5,
          record_time: now - 5,
          user: { id: expect.stringMatching(/^[0-9a-f]{32}$/), name: "demo", domain: expect.anything() },
          service_type: "OBS",
          resource_type: "ecs",
          message: "größer",
        },
        expect.objectContaining({
          code: 200,
          response: { id: "x" },
          user: '{"name":"bob"}',
          future_field: { deep: [1] },
        }),
      ],
      meta_data: { count: 2, marker: "odd" },
    });
    expect(reply.json.traces[1]).not.toHaveProperty("request");
  });

  it("is an empty page without a marker where there is nothing", async () => {
    expect((await get()).json).toEqual({ traces: [], meta_data: { count: 0, marker: null } });
  });

  it("shows 10 of the last hour, or up to 200", async () => {
    emulator.traces.add(Array.from({ length: 250 }, (_, i) => ({ time: now - i })));

    expect((await get()).json.meta_data.count).toBe(10);
    expect((await get("?limit=200")).json.meta_data.count).toBe(200);
    expect((await get("?limit=1")).json.meta_data.count).toBe(1);
  });

  it("goes back an hour and no further, up to this very millisecond", async () => {
    const times = { gone: now - hour, oldest: now - hour + 1, newest: now };
    emulator.traces.add(Object.entries(times).map(([trace_id, time]) => ({ trace_id, time })));

    expect(await ids()).toEqual(["newest", "oldest"]);
  });

  it("shows what lies between from and to, without the ends", async () => {
    emulator.traces.add([0, 1, 5, 9, 10].map((ms) => ({ trace_id: `${ms}`, time: now - 2 * hour + ms })));

    expect(await ids(`?from=${now - 2 * hour}&to=${now - 2 * hour + 10}`)).toEqual(["9", "5", "1"]);
  });

  it("forgets after seven days, to the millisecond, however it is asked", async () => {
    emulator.traces.add([
      { trace_id: "gone", time: now - 7 * day },
      { trace_id: "left", time: now - 7 * day + 1 },
    ]);

    expect(await ids(`?from=${now - 8 * day}&to=${now}`)).toEqual(["left"]);
    expect(await ids("?trace_id=gone")).toEqual([]);
    expect(await ids("?trace_id=left")).toEqual(["left"]);
    expect(emulator.traces.list().map(({ trace_id }) => trace_id)).toEqual(["left"]);
  });

  it("orders traces of one millisecond as they came, the last one first", async () => {
    emulator.traces.add(["a", "b", "c"].map((trace_id) => ({ trace_id, time: now - 1 })));
    emulator.traces.add({ trace_id: "d", time: now - 1 });

    expect(await ids()).toEqual(["d", "c", "b", "a"]);
    expect(await ids("?next=c")).toEqual(["b", "a"]);
  });

  it("keeps regions and projects apart", async () => {
    emulator.traces.add({ trace_id: "here", time: now });
    emulator.traces.add({ trace_id: "there", time: now }, { region: "eu-nl" });
    const there = await signIn(emulator, { region: "eu-nl" });

    expect(await ids()).toEqual(["here"]);
    expect((await there.call("GET", "/traces")).json.traces).toMatchObject([{ trace_id: "there" }]);
  });

  it("needs a token of the project", async () => {
    const other = `${emulator.endpoint()}/v3/${emulator.projectId("eu-nl_demo")}/traces`;

    expect((await request(other)).status).toBe(401);
    expect((await request(other, { headers: { "X-Auth-Token": cts.token } })).status).toBe(403);
  });

  it("has no traces of a tracker of another name, or answers 404 CTS.0214 with missing: notFound", async () => {
    addTraces(1);

    expect(await ids("?tracker_name=system")).toEqual(["a"]);
    expect((await get("?tracker_name=other")).json).toMatchObject({ traces: [] });
    emulator.behaviour.missing = "notFound";
    expect(await get("?tracker_name=other")).toMatchObject({ status: 404, json: { error_code: "CTS.0214" } });
  });

  it.each([
    "limit=0",
    "limit=201",
    "limit=x",
    "limit=1.5",
    "limit=-1",
    "from=1795305600000",
    "to=1795305600000",
    "from=1795305600&to=1795305600000",
    "from=1795305600000&to=17953056000000",
    "from=now&to=1795305600000",
    "from=1795305600001&to=1795305600000",
    "trace_rating=bad",
    "trace_type=data",
    "next=unknown",
  ])("refuses %s with 400 CTS.0003", async (query) => {
    expect(await get(`?${query}`)).toMatchObject(refused);
  });

  it.each(["limit=", "from=&to=", "trace_rating=", "trace_type=", "next=", "user=", "trace_id="])(
    "takes %s for not asked",
    async (query) => {
      addTraces(1);

      expect(await ids(`?${query}`)).toEqual(["a"]);
    },
  );
});

describe("criteria", () => {
  it.each([
    ["service_type", "OBS", "obs"],
    ["resource_type", "bucket", "Bucket"],
    ["resource_id", "id 1&2", "id"],
    ["resource_name", "Büro/1", "büro/1"],
    ["trace_name", "deleteBucket", "DeleteBucket"],
    ["trace_rating", "warning", undefined],
  ])("%s: finds what is just so, lower and upper case apart", async (field, value, other) => {
    emulator.traces.add([
      { trace_id: "hit", time: now - 2, [field]: value },
      { trace_id: "miss", time: now - 1 },
      { trace_id: "without", time: now - 3, [field]: undefined },
    ]);

    expect(await ids(`?${field}=${encodeURIComponent(value)}`)).toEqual(["hit"]);
    if (other) {
      expect(await ids(`?${field}=${encodeURIComponent(other)}`)).toEqual([]);
    }
  });

  it("user: finds the name in an object, in JSON, and where it is the whole text", async () => {
    const user = { id: "1", name: "alice", domain: { id: "2", name: "d" } };
    emulator.traces.add([
      { trace_id: "object", time: now - 1, user },
      { trace_id: "json", time: now - 2, user: JSON.stringify(user) },
      { trace_id: "text", time: now - 3, user: "alice" },
      { trace_id: "null", time: now - 4, user: "null" },
      { trace_id: "none", time: now - 5, user: undefined },
      { trace_id: "other", time: now - 6, user: { ...user, name: "Alice" } },
    ]);

    expect(await ids("?user=alice")).toEqual(["object", "json", "text"]);
  });

  it("must all hold", async () => {
    emulator.traces.add([
      { trace_id: "both", time: now - 1, service_type: "OBS", trace_name: "x" },
      { trace_id: "one", time: now - 2, service_type: "OBS" },
    ]);

    expect(await ids("?service_type=OBS&trace_name=x")).toEqual(["both"]);
  });

  it("do not count beside a trace_id, nor does anything else", async () => {
    emulator.traces.add({ trace_id: "a", time: now - 2 * day });

    const reply = await get("?trace_id=a&service_type=OBS&limit=5000&from=1&trace_rating=bad&tracker_name=x");

    expect(reply.json).toMatchObject({ traces: [{ trace_id: "a" }], meta_data: { count: 1, marker: "a" } });
    expect((await get("?trace_id=a&next=a")).json).toEqual({
      traces: [],
      meta_data: { count: 0, marker: null },
    });
    expect((await get("?trace_id=unknown")).json.traces).toEqual([]);
  });
});

describe("next", () => {
  beforeEach(() => addTraces(5));

  it("goes on with what is older than the trace it names", async () => {
    const first = await get("?limit=2");
    const second = await get(`?limit=2&next=${first.json.meta_data.marker}`);

    expect(first.json.meta_data.marker).toBe("b");
    expect(second.json.traces.map(({ trace_id }) => trace_id)).toEqual(["c", "d"]);
  });

  it("may name a trace that the criteria or the window leave out", async () => {
    emulator.traces.add({ trace_id: "other", time: now - 150_000, service_type: "OBS" });

    expect(await ids("?next=other&service_type=ECS")).toEqual(["c", "d", "e"]);
    expect(await ids(`?next=a&from=${now - 5 * 60_000}&to=${now - 120_000}`)).toEqual(["other", "c", "d"]);
  });

  it("is not disturbed by new traces, and misses a late one that is newer than the marker", async () => {
    const { marker } = (await get("?limit=2")).json.meta_data;
    emulator.traces.add([
      { trace_id: "new", time: now },
      { trace_id: "late, passed", time: now - 90_000 },
      { trace_id: "late, ahead", time: now - 150_000 },
    ]);

    expect(await ids(`?limit=200&next=${marker}`)).toEqual(["late, ahead", "c", "d", "e"]);
    expect(await ids("?limit=200")).toEqual(["new", "a", "late, passed", "b", "late, ahead", "c", "d", "e"]);
  });
});

describe("Behaviour of traces", () => {
  const sizes = async (query: string): Promise<number[]> =>
    (await pagesOf(cts, `/traces?${query}`)).map(({ length }) => length);

  it.each([
    [{}, "limit=2", [2, 2, 1, 0]],
    [{}, "limit=5", [5, 0]],
    [{ marker: "full" }, "limit=2", [2, 2, 1]],
    [{ marker: "full" }, "limit=5", [5, 0]],
    [{ noMarker: "absent" }, "limit=5", [5, 0]],
    [{ pages: "scanned" }, "limit=2&resource_name=odd", [1, 0, 1, 0]],
    [{ pages: "scanned", marker: "full" }, "limit=2&resource_name=odd", [1, 0, 1]],
    [{ pages: "scanned" }, "limit=2", [2, 2, 1, 0]],
    [{ repeatsMarked: true }, "limit=3", [3, 3, 0]],
    [{ repeatsMarked: true }, "limit=1", [1, 1, 1, 1, 1, 0]],
    [{ repeatsMarked: true }, "limit=3&resource_name=odd", [2, 0]],
  ] satisfies [Partial<Behaviour>, string, number[]][])(
    "%j: pages for %s are %j long",
    async (on, query, expected) => {
      emulator.traces.add(
        ["a", "b", "c", "d", "e"].map((trace_id, i) => ({
          trace_id,
          time: now - i - 1,
          ...((trace_id === "a" || trace_id === "e") && { resource_name: "odd" }),
        })),
      );
      Object.assign(emulator.behaviour, on);

      expect(await sizes(query)).toEqual(expected);
    },
  );

  it("marker and noMarker say how an end looks", async () => {
    emulator.behaviour.marker = "full";
    const asNull = (await get()).json.meta_data;
    emulator.behaviour.noMarker = "absent";

    expect(asNull).toEqual({ count: 0, marker: null });
    expect((await get()).json.meta_data).toEqual({ count: 0 });
  });

  it("pages: short makes pages of any length, none empty but the last", async () => {
    emulator.traces.add(Array.from({ length: 100 }, (_, i) => ({ time: now - i })));
    emulator.behaviour.pages = "short";

    const lengths = await sizes("limit=20");

    expect(new Set(lengths).size).toBeGreaterThan(3);
    expect(lengths.slice(0, -1).every((length) => length >= 1 && length <= 20)).toBe(true);
    expect(lengths.reduce((sum, length) => sum + length)).toBe(100);
  });

  it("repeatsMarked: true shows the last trace of a page again at the beginning of the next", async () => {
    addTraces(4);
    emulator.behaviour.repeatsMarked = true;

    expect(await ids("?limit=2&next=b")).toEqual(["b", "c"]);
  });

  it("repeatsMarked: true does not show a trace that the query would not show", async () => {
    addTraces(3);
    emulator.traces.add({ trace_id: "to come", time: now, record_time: now + 1 });
    emulator.behaviour.repeatsMarked = true;

    expect(await ids("?next=to%20come")).toEqual(["a", "b", "c"]);
    expect(await ids(`?next=a&from=${now - 4 * 60_000}&to=${now - 60_000}`)).toEqual(["b", "c"]);
    expect(await ids(`?next=c&from=${now - 3 * 60_000}&to=${now}`)).toEqual([]);
  });

  it("windowOfNext says what next goes through without from and to", async () => {
    emulator.traces.add([
      { trace_id: "fresh", time: now - 1 },
      { trace_id: "old", time: now - 2 * hour },
    ]);

    expect(await ids("?next=fresh")).toEqual([]);
    emulator.behaviour.windowOfNext = "all";
    expect(await ids("?next=fresh")).toEqual(["old"]);
    expect(await ids()).toEqual(["fresh"]);
  });

  it("unknownMarker: empty answers an empty page", async () => {
    addTraces(1);
    emulator.behaviour.unknownMarker = "empty";

    expect((await get("?next=unknown")).json).toEqual({ traces: [], meta_data: { count: 0, marker: null } });
  });

  it("fromBeforeRetention: rejected refuses a from of more than seven days ago", async () => {
    emulator.behaviour.fromBeforeRetention = "rejected";

    expect(await get(`?from=${now - 7 * day - 1}&to=${now}`)).toMatchObject(refused);
    expect((await get(`?from=${now - 7 * day}&to=${now}`)).status).toBe(200);
    expect((await get()).status).toBe(200);
  });

  it("traceTypeRequired: true refuses a query without trace_type, in v3 only", async () => {
    emulator.behaviour.traceTypeRequired = true;
    const v1 = `${emulator.endpoint()}/v1.0/${emulator.projectId()}/system/trace`;

    expect(await get()).toMatchObject(refused);
    expect((await get("?trace_type=system")).status).toBe(200);
    expect((await request(v1, { headers: { "X-Auth-Token": cts.token } })).status).toBe(200);
  });

  it("traceIdIgnoresNext: true shows the same trace for ever", async () => {
    addTraces(1);
    emulator.behaviour.traceIdIgnoresNext = true;

    expect(await ids("?trace_id=a&next=a")).toEqual(["a"]);
    expect(await ids("?trace_id=a&next=unknown")).toEqual(["a"]);
    expect(await ids("?next=a")).toEqual([]);
  });
});

describe("GET /v2.0 and /v1.0/{project_id}/{tracker_name}/trace", () => {
  const older = (version: string, query = "", name = "system"): Promise<Reply> =>
    request(`${emulator.endpoint()}/${version}/${emulator.projectId()}/${name}/trace${query}`, {
      headers: { "X-Auth-Token": cts.token },
    });
  beforeEach(() => {
    emulator.traces.add([
      { trace_id: "a", time: now - 1, trace_rating: "warning" },
      { trace_id: "b", time: now - 2 },
    ]);
  });

  it("v2.0 shows the rating as trace_status", async () => {
    const { trace_rating, ...trace } = (await get()).json.traces[0] as WireTrace;

    expect((await older("v2.0")).json.traces[0]).toEqual({ ...trace, trace_status: trace_rating });
  });

  it("v1.0 shows the user as JSON", async () => {
    const trace = (await get()).json.traces[0] as WireTrace;

    expect((await older("v1.0")).json.traces[0]).toEqual({ ...trace, user: JSON.stringify(trace.user) });
  });

  it.each(["v1.0", "v2.0"])("%s takes the same query, and trace_status", async (version) => {
    const found = async (query: string) => (await older(version, query)).json;

    expect(await found("?trace_status=warning")).toMatchObject({ traces: [{ trace_id: "a" }] });
    expect(await found("?trace_rating=warning")).toMatchObject({ meta_data: { count: 1, marker: "a" } });
    expect(await found("?limit=1&next=a")).toMatchObject({ traces: [{ trace_id: "b" }] });
    expect(await older(version, "?limit=0")).toMatchObject(refused);
    expect((await older(version, "", "other")).json.traces).toEqual([]);
  });

  it("v3 does not know trace_status", async () => {
    expect(await ids("?trace_status=warning")).toEqual(["a", "b"]);
  });
});

describe("what CTS writes down itself", () => {
  const seen = (): WireTrace[] => emulator.traces.list();
  const body = { tracker_type: "system", tracker_name: "system", is_lts_enabled: true };

  it("tells who changed the tracker, from where, when, with which request and answer", async () => {
    const reply = await cts.call("PUT", "/tracker", body);

    const tracker = emulator.tracker();
    expect(seen()).toEqual([
      {
        trace_id: expect.stringMatching(
          /^[0-9a-f]{8}-[0-9a-f]{4}-1[0-9a-f]{3}-[89][0-9a-f]{3}-[0-9a-f]{12}$/,
        ),
        trace_name: "updateTracker",
        trace_rating: "normal",
        trace_type: "ApiCall",
        time: now,
        record_time: now,
        user: {
          id: expect.stringMatching(/^[0-9a-f]{32}$/),
          name: "demo",
          domain: { id: tracker?.domain_id, name: "OTC-EU-DE-00000000001000000001" },
        },
        service_type: "CTS",
        resource_type: "tracker",
        resource_name: "system",
        resource_id: tracker?.id,
        source_ip: "127.0.0.1",
        code: "200",
        api_version: "v3",
        request: JSON.stringify(body),
        response: "",
        request_id: reply.headers.get("X-Request-Id"),
        tracker_name: "system",
      },
    ]);
    expect((await get()).json.traces).toEqual(seen());
  });

  it("has every change, refused ones as warnings, and no reads", async () => {
    const before = emulator.tracker()?.id;
    await cts.post();
    await cts.put({ obs_info: { bucket_name: "-" } });
    await cts.delete();
    const created = await cts.post();
    await cts.get();
    await get();

    expect(seen()).toMatchObject([
      {
        trace_name: "createTracker",
        trace_rating: "normal",
        code: "201",
        response: created.text,
        resource_id: created.json.id,
      },
      {
        trace_name: "deleteTracker",
        code: "204",
        request: '{"tracker_name":"system"}',
        response: "",
        resource_id: before,
      },
      {
        trace_name: "updateTracker",
        trace_rating: "warning",
        code: "400",
        response: expect.stringContaining("CTS.0231"),
      },
      { trace_name: "createTracker", trace_rating: "warning", code: "400", resource_id: before },
    ]);
    expect(seen()).toHaveLength(4);
  });

  it("has the changes by v1.0, too", async () => {
    const v1 = (method: string, path: string, json?: unknown): Promise<Reply> =>
      request(`${emulator.endpoint()}/v1.0/${emulator.projectId()}${path}`, {
        method,
        headers: { "X-Auth-Token": cts.token },
        json,
      });
    await v1("PUT", "/tracker/system", {});
    await v1("DELETE", "/tracker?tracker_name=system");
    await v1("POST", "/tracker", { bucket_name: "audit-log" });

    const names = seen().map(({ trace_name, api_version }) => `${api_version} ${trace_name}`);
    expect(names).toEqual(["v1.0 createTracker", "v1.0 deleteTracker", "v1.0 updateTracker"]);
  });

  it("has a trace in every project whose tracker a DELETE without a name takes", async () => {
    const there = { project: "eu-de_team" };

    await cts.call("DELETE", "/trackers");

    expect(seen()).toMatchObject([{ trace_name: "deleteTracker" }]);
    expect(emulator.traces.list(there)).toMatchObject([{ trace_name: "deleteTracker" }]);
    expect(emulator.traces.list({ region: "eu-nl" })).toEqual([]);
  });

  it("has no trace of a call that the gateway has refused", async () => {
    await request(`${emulator.endpoint()}/v3/${emulator.projectId()}/tracker`, { method: "PUT", json: body });
    emulator.behaviour.requestsPerSecond = 1;
    await cts.get();
    await cts.put();
    emulator.behaviour.requestsPerSecond = 0;
    emulator.faults.add({ kind: "status", status: 503 });
    await cts.put();
    emulator.faults.add({ kind: "html" });
    await cts.put();

    expect(seen()).toEqual([]);
  });

  it("has what was carried out though its answer was lost, and what failed in CTS as an incident", async () => {
    emulator.faults.add({ kind: "status", status: 503, when: "after" });
    await cts.put();
    emulator.faults.add({ kind: "status", status: 500 });
    await cts.put({ status: "disabled" });
    emulator.faults.add({ kind: "status", status: 500 });
    await request(`${emulator.endpoint()}/v3/${emulator.projectId()}/tracker`, { method: "PUT", json: body });

    expect(seen()).toMatchObject([
      { trace_rating: "incident", code: "500", response: expect.stringContaining("CTS.0004") },
      { trace_rating: "normal", code: "200" },
    ]);
    expect(seen()).toHaveLength(2);
  });

  it("holds no secret", async () => {
    await cts.put({ password: "hidden-1", nested: { token: "hidden-2" } });
    await cts.call("DELETE", "/trackers?tracker_name=system&token=hidden-3");

    expect(JSON.stringify(seen())).toContain("***");
    expect(JSON.stringify(seen())).not.toMatch(/hidden-/);
    expect(JSON.stringify(seen())).not.toContain(cts.token);
  });

  it("has what is done in the console as such", () => {
    emulator.console.change({ is_lts_enabled: true });
    emulator.console.delete();
    emulator.console.create();

    expect(seen()).toMatchObject([
      {
        trace_name: "createTracker",
        trace_type: "ConsoleAction",
        code: "201",
        resource_id: emulator.tracker()?.id,
      },
      { trace_name: "deleteTracker", trace_type: "ConsoleAction", code: "204" },
      {
        trace_name: "updateTracker",
        trace_type: "ConsoleAction",
        code: "200",
        user: { name: "demo" },
        source_ip: "127.0.0.1",
        request: '{"is_lts_enabled":true}',
      },
    ]);
  });

  it("has what is done to notifications, by the API and in the console, whichever projects they are in", async () => {
    const notification = { notification_name: "all", operation_type: "complete" };
    const post = await cts.call("POST", "/notifications", notification);
    await cts.call("POST", "/notifications", notification);
    const { notification_id } = post.json;
    await cts.call("PUT", "/notifications", {
      ...notification,
      notification_id,
      notification_name: "renamed",
      status: "disabled",
    });
    await cts.call("PUT", "/notifications", {
      ...notification,
      notification_id: "nobody's",
      status: "disabled",
    });
    emulator.console.notifications.create({ notification_name: "second" });
    emulator.console.notifications.change("second", { filter: undefined });
    emulator.console.notifications.delete("second");
    emulator.setNotification({ notification_name: "there" }, { project: "eu-de_team" });
    await cts.call("GET", "/notifications/smn");
    await cts.call("DELETE", "/notifications");

    const resource_id = notification_id;
    const shown = (where?: object) =>
      emulator.traces
        .list(where)
        .filter(({ resource_type }) => resource_type === "notification")
        .map(({ trace_name, trace_type, code, resource_name }) => [
          trace_name,
          trace_type,
          code,
          resource_name,
        ])
        .reverse();
    expect(shown()).toEqual([
      ["createNotification", "ApiCall", "201", "all"],
      ["createNotification", "ApiCall", "400", "all"],
      ["updateNotification", "ApiCall", "200", "all"],
      ["updateNotification", "ApiCall", "404", undefined],
      ["createNotification", "ConsoleAction", "201", "second"],
      ["updateNotification", "ConsoleAction", "200", "second"],
      ["deleteNotification", "ConsoleAction", "204", "second"],
      ["deleteNotification", "ApiCall", "204", "renamed"],
    ]);
    expect(shown({ project: "eu-de_team" })).toEqual([["deleteNotification", "ApiCall", "204", "there"]]);
    expect(emulator.traces.list().at(-1)).toMatchObject({ resource_id, response: post.text });
  });

  it("tells of the trackers that the service has made by itself, by nobody from nowhere", async () => {
    emulator.reset();
    const atStart = seen();
    emulator.behaviour.trackerExists = false;
    const bare = await startEmulator({ behaviour: { trackerExists: false } });
    await bare.close();

    expect(atStart).toMatchObject([
      {
        trace_name: "createTracker",
        trace_type: "SystemAction",
        source_ip: "",
        user: { name: "" },
        resource_id: emulator.tracker()?.id,
      },
    ]);
    expect(bare.traces.list()).toEqual([]);
  });

  it("does not go on while the tracker is disabled or not there, but for what switches it", async () => {
    await cts.put({ status: "disabled" });
    await cts.put({ is_lts_enabled: true });
    emulator.console.change({ is_lts_enabled: true });
    await cts.put({ status: "enabled" });
    emulator.setTracker(undefined);
    await cts.put();

    expect(seen().map(({ request }) => JSON.parse(String(request)))).toMatchObject([
      { status: "enabled" },
      { status: "disabled" },
    ]);
    expect(seen()).toHaveLength(2);
  });

  it("goes on all the same with recordsAlways: true", async () => {
    emulator.behaviour.recordsAlways = true;
    emulator.console.disable();
    emulator.console.change({ is_lts_enabled: true });
    emulator.setTracker(undefined);
    await cts.put();

    expect(seen()).toMatchObject([{ trace_rating: "warning", code: "404" }, {}, {}]);
    expect(seen()[0]).not.toHaveProperty("resource_id");
  });

  it("has whole milliseconds, whatever the clock has", async () => {
    const fine = await startEmulator({ clock: () => now + 0.75 });
    fine.console.disable();
    fine.traces.add({});
    await fine.close();

    expect(fine.traces.list().map(({ time, record_time }) => [time, record_time])).toEqual([
      [now, now],
      [now, now],
      [now, now],
    ]);
  });

  it("can be queried recordLagMs later, as of the time when it happened", async () => {
    emulator.behaviour.recordLagMs = 1000;
    await cts.put();
    clock.advance(999);
    const before = (await get()).json.traces;
    clock.advance(1);

    expect(before).toEqual([]);
    expect((await get()).json.traces).toMatchObject([{ time: now, record_time: now + 1000 }]);
  });
});

describe("Emulator.traces", () => {
  it("adds traces in any order, and lists copies of all, newest first", () => {
    const added = emulator.traces.add([
      { trace_id: "old", time: now - day },
      { trace_id: "new", time: now - 1, resource_name: "r" },
      { trace_id: "later", time: now - 1, record_time: now + 1 },
    ]);
    for (const trace of [...added, ...emulator.traces.list()]) {
      trace.resource_name = "changed";
    }

    expect(added.map(({ trace_id }) => trace_id)).toEqual(["old", "new", "later"]);
    expect(emulator.traces.list().map(({ trace_id }) => trace_id)).toEqual(["later", "new", "old"]);
    expect(emulator.traces.list()[1]).toMatchObject({ resource_name: "r" });
  });

  it("shows a trace without record_time from its time on", async () => {
    emulator.traces.add({ trace_id: "a", time: now + 10, record_time: undefined });
    const window = `?from=${now}&to=${now + 20}`;
    const before = await ids(window);
    clock.advance(10);

    expect(before).toEqual([]);
    expect(await ids(window)).toEqual(["a"]);
  });

  it("does not keep what it was given", () => {
    const operation = { step: 1 };
    emulator.traces.add({ operation });
    operation.step = 2;

    expect(emulator.traces.list()).toMatchObject([{ operation: { step: 1 } }]);
  });

  it("shows a trace once it is written down, by id as well", async () => {
    emulator.traces.add({ trace_id: "a", time: now - 5, record_time: now + 10 });
    const before = [await ids(), await ids("?trace_id=a")];
    clock.advance(10);

    expect(before).toEqual([[], []]);
    expect(await ids()).toEqual(["a"]);
    expect(await ids("?trace_id=a")).toEqual(["a"]);
  });

  it.each([
    [[{ trace_id: "taken" }], "There is a trace taken already."],
    [[{ trace_id: "twice" }, { trace_id: "twice" }], "There is a trace twice already."],
    [[{ time: 1.5 }], "not 1.5"],
    [[{ time: -1 }], "not -1"],
  ])("refuses %j and writes nothing down", (traces, message) => {
    emulator.traces.add({ trace_id: "taken" });

    expect(() => emulator.traces.add([{ trace_id: "fine" }, ...traces])).toThrow(message);
    expect(emulator.traces.list()).toHaveLength(1);
  });

  it("gives every trace an id of its own that begins with its time", () => {
    const places = [{ region: "eu-de" }, { region: "eu-nl" }];
    const all = places.flatMap((where) => emulator.traces.add([{ time: now }, { time: now }], where));

    expect(new Set(all.map(({ trace_id }) => trace_id)).size).toBe(4);
    for (const { trace_id } of all) {
      const [low = "", middle = "", high = ""] = trace_id.split("-");
      const ticks = BigInt(`0x${high.slice(1)}${middle}${low}`);
      expect(Number(ticks / 10_000n) - 12_219_292_800_000).toBe(now);
    }
  });

  it("clears all places", () => {
    emulator.traces.add({}, { region: "eu-nl" });
    emulator.traces.add({});

    emulator.traces.clear();

    expect(emulator.traces.list()).toEqual([]);
    expect(emulator.traces.list({ region: "eu-nl" })).toEqual([]);
  });

  it("is there over HTTP", async () => {
    const url = `${emulator.url}/_emulator/traces`;
    const one = await request(`${url}/eu-de/eu-de_demo`, { method: "POST", json: { trace_id: "a" } });
    const two = await request(`${url}/eu-de/eu-de_demo`, { method: "POST", json: [{}, { trace_id: "b" }] });
    const wrong = await request(`${url}/eu-de/eu-de_demo`, { method: "POST", json: [1] });
    const listed = await request(`${url}/eu-de/${emulator.projectId()}`);
    const cleared = await request(url, { method: "DELETE" });

    expect(one).toMatchObject({ status: 201, json: [{ trace_id: "a", service_type: "ECS" }] });
    expect(two.json).toHaveLength(2);
    expect(wrong).toMatchObject({ status: 400, json: { error: expect.stringContaining("JSON object") } });
    expect(listed.json).toHaveLength(3);
    expect(cleared.status).toBe(204);
    expect(emulator.traces.list()).toEqual([]);
  });
});

describe("EmulatorOptions.traces", () => {
  const running: Emulator[] = [];
  const start = async (traces: number, seed?: number): Promise<Emulator> => {
    const started = await startEmulator({ traces, clock: clock.now, ...(seed !== undefined && { seed }) });
    running.push(started);
    return started;
  };
  afterEach(async () => {
    await Promise.all(running.splice(0).map((each) => each.close()));
  });

  it("makes exactly this number in every place, others in each, the same for the same seed", async () => {
    const [first, same, other] = [await start(300, 5), await start(300, 5), await start(300, 6)];

    const traces = first.traces.list();
    expect(traces).toHaveLength(300);
    expect(same.traces.list()).toEqual(traces);
    expect(other.traces.list()).not.toEqual(traces);
    const there = first.traces.list({ region: "eu-nl" });
    expect(there).toHaveLength(300);
    expect(there.some(({ trace_id }) => traces.some((trace) => trace.trace_id === trace_id))).toBe(false);
  });

  it("makes the same again with reset(), and none after clear()", async () => {
    const started = await start(20);
    const traces = started.traces.list();
    await (await signIn(started)).put();
    started.reset();
    const again = started.traces.list();
    started.traces.clear();

    expect(again).toEqual(traces);
    expect(started.traces.list()).toEqual([]);
  });

  it("bunches them as people and machines do", async () => {
    const traces = (await start(20_000)).traces.list();
    const times = traces.map(({ time }) => time);
    const inHours = (hours: number[]): number =>
      times.filter((time) => time < now - hour && hours.includes(new Date(time).getUTCHours())).length;
    const within = (ms: number): number =>
      Math.max(...times.map((time, i) => times.findIndex((other, j) => j > i && other < time - ms) - i));

    expect(times.every((time) => time < now && time > now - 7 * day + hour)).toBe(true);
    expect(inHours([20, 21, 22, 23, 0, 1, 2, 3, 4])).toBe(0);
    expect(inHours([8, 9, 10, 11])).toBeGreaterThan(5000);
    expect(times.filter((time) => time > now - hour).length).toBeGreaterThan(300);
    expect(within(20_000)).toBeGreaterThan(300);
    expect(within(0)).toBeGreaterThan(5);
  });

  it("has all the shapes that a reader must be ready for", async () => {
    const traces = (await start(5000)).traces.list();
    const share = (holds: (trace: WireTrace) => boolean): number =>
      traces.filter(holds).length / traces.length;

    const between = (value: number, min: number, max: number): void => {
      expect(value).toBeGreaterThan(min);
      expect(value).toBeLessThan(max);
    };
    between(
      share(({ code }) => typeof code === "number"),
      0.04,
      0.15,
    );
    between(
      share(({ response }) => typeof response === "object"),
      0.04,
      0.15,
    );
    between(
      share(({ user }) => typeof user === "string"),
      0.01,
      0.1,
    );
    between(
      share((trace) => !("resource_id" in trace)),
      0.01,
      0.1,
    );
    between(
      share((trace) => !("code" in trace)),
      0.01,
      0.1,
    );
    between(
      share(({ message }) => message !== undefined),
      0.02,
      0.2,
    );
    between(
      share((trace) => "read_only" in trace),
      0.005,
      0.1,
    );
    between(
      share(({ request }) => String(request).length > 4000),
      0.002,
      0.05,
    );
    between(
      share(({ trace_rating }) => trace_rating === "warning"),
      0.01,
      0.1,
    );
    between(
      share(({ trace_rating }) => trace_rating === "incident"),
      0.001,
      0.02,
    );
    between(
      share(({ trace_rating }) => trace_rating === "normal"),
      0.9,
      1,
    );
    for (const type of ["ApiCall", "ConsoleAction", "SystemAction"]) {
      expect(share(({ trace_type }) => trace_type === type)).toBeGreaterThan(0.02);
    }
    expect(share(({ trace_type, source_ip }) => (trace_type === "SystemAction") === (source_ip === ""))).toBe(
      1,
    );
    expect(
      share(({ source_ip }) =>
        /^(192\.0\.2|198\.51\.100|203\.0\.113)\.|^2001:db8:|^$/.test(source_ip ?? "-"),
      ),
    ).toBe(1);
    expect(share(({ record_time = 0, time }) => record_time >= time && record_time <= now)).toBe(1);
    expect(new Set(traces.map(({ service_type }) => service_type)).size).toBeGreaterThan(8);
    expect(new Set(traces.map(({ trace_id }) => trace_id)).size).toBe(5000);
  });

  it("are found by every criterion, by id, and page by page, among what is written down", async () => {
    const started = await start(2000);
    const caller = await signIn(started);
    await caller.put();
    started.traces.add({ time: now - day });
    const truth = started.traces.list();
    const window = `from=${now - 7 * day}&to=${now + 1}`;

    const all = (await pagesOf(caller, `/traces?limit=200&${window}`)).flat();
    expect(all).toEqual(truth);
    expect(truth).toHaveLength(2002);
    const sample = truth.find(({ trace_rating, resource_id }) => trace_rating === "warning" && resource_id);
    for (const field of [
      "service_type",
      "resource_type",
      "resource_id",
      "resource_name",
      "trace_name",
      "trace_rating",
    ]) {
      const found = (
        await pagesOf(
          caller,
          `/traces?limit=200&${window}&${field}=${encodeURIComponent(String(sample?.[field]))}`,
        )
      ).flat();
      expect(found).toEqual(truth.filter((trace) => trace[field] === sample?.[field]));
    }
    const byUser = (await pagesOf(caller, `/traces?limit=200&${window}&user=terraform`)).flat();
    expect(byUser).toEqual(truth.filter(({ user }) => JSON.stringify(user).includes("terraform")));
    const byId = await caller.call("GET", `/traces?trace_id=${sample?.trace_id}`);
    expect(byId.json.traces).toEqual([sample]);
  });

  it("makes no more of 200,000 traces than a page shows, and finds its way in some steps", async () => {
    const started = await start(200_000);
    const caller = await signIn(started);
    const window = `from=${now - 7 * day}&to=${now + 1}`;
    const first = await caller.call("GET", `/traces?limit=200&${window}`);
    const made = vi.spyOn(Traffic.prototype, "trace");
    const outlined = vi.spyOn(Traffic.prototype, "outline");
    const looked = vi.spyOn(Traffic.prototype, "timeAt");

    const second = await caller.call("GET", `/traces?limit=50&${window}&next=${first.json.meta_data.marker}`);

    expect(second.json.traces).toHaveLength(50);
    expect(first.json.traces.every(({ record_time = 0 }) => record_time <= now)).toBe(true);
    expect(made).toHaveBeenCalledTimes(50);
    expect(outlined).not.toHaveBeenCalled();
    expect(looked.mock.calls.length).toBeLessThan(400);
    await caller.call("GET", `/traces?limit=5&${window}&resource_name=nobody`);
    expect(made).toHaveBeenCalledTimes(50);
    expect(outlined).toHaveBeenCalledTimes(200_000);
  });

  it("does not let an id be taken again", async () => {
    const started = await start(10);
    const [{ trace_id = "" } = {}] = started.traces.list();

    expect(() => started.traces.add({ trace_id })).toThrow(`There is a trace ${trace_id} already.`);
  });

  it("has no tracker of its own to tell of, which is older than the traffic", async () => {
    expect((await start(10)).traces.list().every(({ service_type }) => service_type !== "CTS")).toBe(true);
  });
});
