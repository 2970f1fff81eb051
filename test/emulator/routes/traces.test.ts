import { beforeEach, describe, expect, it } from "vitest";
import type { WireTrace } from "../../../emulator";
import { emulateTraces, refused } from "../../support/emulatedTraces";
import { type Reply, request, signIn } from "../../support/emulator";

const { emulator, cts, now, get, ids, addTraces } = await emulateTraces();

describe("GET /v3/{project_id}/traces", () => {
  it("shows each field as it was recorded, newest traces first, with count and marker", async () => {
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

  it("answers an empty page without a marker if there are no traces", async () => {
    expect((await get()).json).toEqual({ traces: [], meta_data: { count: 0, marker: null } });
  });

  it("shows 10 traces without limit, and up to 200 with it", async () => {
    emulator.traces.add(Array.from({ length: 250 }, (_, i) => ({ time: now - i })));

    expect((await get()).json.meta_data.count).toBe(10);
    expect((await get("?limit=200")).json.meta_data.count).toBe(200);
    expect((await get("?limit=1")).json.meta_data.count).toBe(1);
  });

  it("orders traces of the same millisecond by arrival, the latest first", async () => {
    emulator.traces.add(["a", "b", "c"].map((trace_id) => ({ trace_id, time: now - 1 })));
    emulator.traces.add({ trace_id: "d", time: now - 1 });

    expect(await ids()).toEqual(["d", "c", "b", "a"]);
    expect(await ids("?next=c")).toEqual(["b", "a"]);
  });

  it("shows only traces of the region and project of the call", async () => {
    emulator.traces.add({ trace_id: "here", time: now });
    emulator.traces.add({ trace_id: "there", time: now }, { region: "eu-nl" });
    const there = await signIn(emulator, { region: "eu-nl" });

    expect(await ids()).toEqual(["here"]);
    expect((await there.call("GET", "/traces")).json.traces).toMatchObject([{ trace_id: "there" }]);
  });

  it("requires a token of the project", async () => {
    const other = `${emulator.endpoint()}/v3/${emulator.projectId("eu-nl_demo")}/traces`;

    expect((await request(other)).status).toBe(401);
    expect((await request(other, { headers: { "X-Auth-Token": cts.token } })).status).toBe(403);
  });

  it("answers an empty page for another tracker name, and 404 CTS.0214 with missing: notFound", async () => {
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
    "ignores the empty value of %s",
    async (query) => {
      addTraces(1);

      expect(await ids(`?${query}`)).toEqual(["a"]);
    },
  );

  it("traceTypeRequired: true refuses a query without trace_type in v3 only", async () => {
    emulator.behaviour.traceTypeRequired = true;
    const v1 = `${emulator.endpoint()}/v1.0/${emulator.projectId()}/system/trace`;

    expect(await get()).toMatchObject(refused);
    expect((await get("?trace_type=system")).status).toBe(200);
    expect((await request(v1, { headers: { "X-Auth-Token": cts.token } })).status).toBe(200);
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

  it("v1.0 shows the user as JSON text", async () => {
    const trace = (await get()).json.traces[0] as WireTrace;

    expect((await older("v1.0")).json.traces[0]).toEqual({ ...trace, user: JSON.stringify(trace.user) });
  });

  it.each(["v1.0", "v2.0"])("%s takes the query of v3, and trace_status", async (version) => {
    const found = async (query: string) => (await older(version, query)).json;

    expect(await found("?trace_status=warning")).toMatchObject({ traces: [{ trace_id: "a" }] });
    expect(await found("?trace_rating=warning")).toMatchObject({ meta_data: { count: 1, marker: "a" } });
    expect(await found("?limit=1&next=a")).toMatchObject({ traces: [{ trace_id: "b" }] });
    expect(await older(version, "?limit=0")).toMatchObject(refused);
    expect((await older(version, "", "other")).json.traces).toEqual([]);
  });

  it("v3 ignores trace_status", async () => {
    expect(await ids("?trace_status=warning")).toEqual(["a", "b"]);
  });
});
