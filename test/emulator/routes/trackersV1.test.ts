import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Emulator, startEmulator } from "../../../emulator";
import { type Reply, request, stoppedClock } from "../../support/emulator";

const clock = stoppedClock();
const lts = { is_lts_enabled: true, log_group_name: "CTS", log_topic_name: "system-trace" };
const noLts = { is_lts_enabled: false, log_group_name: "", log_topic_name: "" };
/** Settings that v3 has, and v1.0 does not. */
const onlyV3 = { compress_type: "json", is_sort_by_service: false } as const;

let emulator: Emulator;
let token: string;

beforeAll(async () => {
  emulator = await startEmulator({
    clock: clock.now,
    projects: [{ name: "eu-de_demo" }, { name: "eu-de_team" }],
  });
});
afterAll(() => emulator.close());
beforeEach(() => {
  emulator.reset();
  token = emulator.settings({}, "token")["token"] ?? "";
});

function call(method: string, path = "/tracker", json?: unknown, base = emulator.endpoint()): Promise<Reply> {
  const url = `${base}/v1.0/${emulator.projectId()}${path}`;
  return request(url, { method, headers: { "X-Auth-Token": token }, json });
}
const get = (): Promise<Reply> => call("GET", "/tracker?tracker_name=system");
const post = (body: object): Promise<Reply> => call("POST", "/tracker", body);
const put = (body: object): Promise<Reply> => call("PUT", "/tracker/system", body);

describe("GET /v1.0/{project_id}/tracker", () => {
  it("shows the tracker of v3, flat", async () => {
    emulator.setTracker({
      obs_info: { bucket_name: "audit-log", file_prefix_name: "p", ...onlyV3 },
      is_lts_enabled: true,
    });
    const tracker = emulator.tracker();

    const reply = await get();

    expect(reply.status).toBe(200);
    expect(reply.json).toEqual({
      id: tracker?.id,
      create_time: tracker?.create_time,
      tracker_type: "system",
      tracker_name: "system",
      domain_id: tracker?.domain_id,
      project_id: emulator.projectId(),
      status: "enabled",
      bucket_name: "audit-log",
      file_prefix_name: "p",
      lts,
      group_id: expect.stringMatching(/^[0-9a-f]{32}$/),
      stream_id: expect.stringMatching(/^[0-9a-f]{32}$/),
    });
  });

  it("has empty strings for what is not set, and a detail in an error", async () => {
    const bare = await get();
    emulator.setTracker({ obs_info: { bucket_name: "audit-log" } });
    emulator.behaviour.obs = "noBucket";

    expect(bare.json).toMatchObject({ bucket_name: "", file_prefix_name: "", lts: noLts, group_id: "" });
    expect((await get()).json).toMatchObject({ status: "error", detail: "noBucket" });
  });

  it("shows what there was lagMs ago", async () => {
    emulator.behaviour.lagMs = 1000;
    emulator.console.disable();

    expect((await get()).json.status).toBe("enabled");
  });

  it("is served without a region, too", async () => {
    expect((await call("GET", "/tracker", undefined, emulator.url)).json.status).toBe("enabled");
  });

  it("answers a list of one with v1Answer: list", async () => {
    const tracker = (await get()).json;
    emulator.behaviour.v1Answer = "list";

    expect((await get()).json).toEqual([tracker]);
  });

  it.each([
    ["object", "empty", 404],
    ["object", "notFound", 404],
    ["list", "empty", 200],
    ["list", "notFound", 404],
  ] as const)("answers as %s, missing: %s, %d where there is none", async (v1Answer, missing, status) => {
    Object.assign(emulator.behaviour, { v1Answer, missing });
    emulator.setTracker(undefined);

    const reply = await get();

    expect(reply.status).toBe(status);
    expect(reply.json).toMatchObject(status === 200 ? [] : { error_code: "CTS.0214" });
  });
});

describe("POST /v1.0/{project_id}/tracker", () => {
  beforeEach(() => emulator.setTracker(undefined));

  it("creates it at the defaults of what it cannot express, and nests obs_info in the answer", async () => {
    const reply = await post({ bucket_name: "audit-log", file_prefix_name: "p", is_obs_created: true, lts });

    const tracker = emulator.tracker();
    expect(tracker).toMatchObject({
      status: "enabled",
      is_support_validate: false,
      lts,
      obs_info: { compress_type: "gzip", is_sort_by_service: true, is_obs_created: true },
    });
    expect(reply).toMatchObject({ status: 201, json: { id: tracker?.id, lts } });
    expect(reply.json.obs_info).toEqual({
      bucket_name: "audit-log",
      file_prefix_name: "p",
      is_obs_created: true,
      is_authorized_bucket: true,
      bucket_lifecycle: 0,
      bucket_location: "eu-de",
    });
    expect(reply.json).not.toHaveProperty("bucket_name");
    expect(reply.json).not.toHaveProperty("is_support_validate");
  });

  it.each([
    [{}, "CTS.0003"],
    [{ bucket_name: "" }, "CTS.0231"],
  ])("needs a bucket: %j is 400 %s", async (body, errorCode) => {
    expect(await post(body)).toMatchObject({ status: 400, json: { error_code: errorCode } });
    expect(emulator.tracker()).toBeUndefined();
  });

  it("is enabled whatever status says", async () => {
    expect((await post({ bucket_name: "audit-log", status: "disabled" })).status).toBe(201);
    expect(emulator.tracker()?.status).toBe("enabled");
  });

  it.each(["CTS.0201", "CTS.0208"] as const)("is 400 %s where there is one", async (existsCode) => {
    emulator.behaviour.existsCode = existsCode;
    emulator.setTracker({});

    expect((await post({ bucket_name: "audit-log" })).json.error_code).toBe(existsCode);
  });
});

describe("PUT /v1.0/{project_id}/tracker/{tracker_name}", () => {
  const before = {
    obs_info: { bucket_name: "audit-log", file_prefix_name: "p", ...onlyV3 },
    is_lts_enabled: true,
    is_support_validate: true,
  };

  it("resets what it leaves out, and keeps what it cannot express", async () => {
    emulator.setTracker(before);

    const reply = await put({ bucket_name: "other-log" });

    expect(reply).toMatchObject({ status: 200, text: "" });
    expect(emulator.tracker()).toMatchObject({
      obs_info: { bucket_name: "other-log", file_prefix_name: "", ...onlyV3 },
      lts: { is_lts_enabled: false },
      is_support_validate: true,
    });
  });

  it("keeps what it leaves out with put: keep", async () => {
    emulator.setTracker(before);
    emulator.behaviour.put = "keep";

    await put({ file_prefix_name: "new" });

    expect(emulator.tracker()).toMatchObject({
      obs_info: { bucket_name: "audit-log", file_prefix_name: "new", ...onlyV3 },
      lts: { is_lts_enabled: true },
    });
  });

  it("ends the transfer without a bucket", async () => {
    emulator.setTracker(before);

    await put({ lts });

    expect(emulator.tracker()).toMatchObject({
      obs_info: { bucket_name: "", compress_type: "gzip" },
      lts: { is_lts_enabled: true },
    });
  });

  it("disables and enables, and drops other changes as a PUT of v3 does", async () => {
    emulator.setTracker(before);

    await put({ status: "disabled", bucket_name: "other-log" });
    const disabled = emulator.tracker();
    await put({ status: "enabled", bucket_name: "other-log" });

    expect(disabled).toMatchObject({ status: "disabled", obs_info: { bucket_name: "audit-log" } });
    expect(emulator.tracker()).toMatchObject({ status: "enabled", obs_info: { bucket_name: "audit-log" } });
  });

  it("answers the tracker, flat, with putAnswer: tracker", async () => {
    emulator.behaviour.putAnswer = "tracker";

    const reply = await put({ bucket_name: "audit-log" });

    expect(reply.json).toMatchObject({ bucket_name: "audit-log" });
    expect(reply.json).toEqual((await get()).json);
  });

  it("is 404 CTS.0214 where there is none, and 400 CTS.0204 for another name", async () => {
    const other = await call("PUT", "/tracker/other", {});
    emulator.setTracker(undefined);

    expect(other).toMatchObject({ status: 400, json: { error_code: "CTS.0204" } });
    expect(await put({})).toMatchObject({ status: 404, json: { error_code: "CTS.0214" } });
  });
});

describe("validation of v1.0", () => {
  it.each([
    ["cts.0007", { lts: { is_lts_enabled: false } }],
    ["cts.0007", { lts: { ...lts, log_group_name: undefined } }],
    ["cts.0007", { lts: noLts }],
    ["cts.0007", { lts: { ...lts, log_group_name: "a".repeat(64) } }],
    ["cts.0007", { lts: { ...lts, log_topic_name: "a".repeat(64) } }],
    ["CTS.0003", { lts: { log_group_name: "CTS", log_topic_name: "system-trace" } }],
    ["CTS.0003", { lts: true }],
    ["CTS.0003", { bucket_name: 5 }],
    ["CTS.0003", { is_obs_created: "true" }],
    ["CTS.0218", { file_prefix_name: "a/b" }],
    ["CTS.0231", { bucket_name: "Audit" }],
  ])("is 400 %s for %j, in POST and PUT, and changes nothing", async (errorCode, body) => {
    const before = emulator.tracker();
    const changed = await put({ bucket_name: "audit-log", ...body });
    const afterPut = emulator.tracker();
    emulator.setTracker(undefined);
    const created = await post({ bucket_name: "audit-log", ...body });

    expect(changed).toMatchObject({ status: 400, json: { error_code: errorCode } });
    expect(created).toMatchObject({ status: 400, json: { error_code: errorCode } });
    expect(afterPut).toEqual(before);
    expect(emulator.tracker()).toBeUndefined();
  });

  it("is 400 CTS.0205 for a status that is none", async () => {
    expect((await put({ status: "error" })).json.error_code).toBe("CTS.0205");
  });

  it("accepts names of 63 characters, and never uses them", async () => {
    const names = { log_group_name: "a".repeat(63), log_topic_name: "b" };

    expect((await put({ lts: { is_lts_enabled: true, ...names } })).status).toBe(200);
    expect((await put({ lts: { is_lts_enabled: true, ...names } })).status).toBe(200);
    expect((await get()).json.lts).toEqual(lts);
  });
});

describe("DELETE /v1.0/{project_id}/tracker", () => {
  it("deletes the named tracker, or those of all projects in the region", async () => {
    const named = await call("DELETE", "/tracker?tracker_name=system");
    const left = emulator.trackers().length;
    await call("DELETE", "/tracker");

    expect(named).toMatchObject({ status: 204, text: "" });
    expect(left).toBe(2);
    expect(emulator.trackers().map(({ region }) => region)).toEqual(["eu-nl"]);
  });
});

describe("the journal", () => {
  it("names the calls of v1.0 as those of v3", async () => {
    await call("DELETE", "/tracker?tracker_name=system");
    await post({ bucket_name: "audit-log" });
    await put({});
    await get();

    const { entries } = emulator.journal;
    const names = ["deleteTrackers", "createTracker", "updateTracker", "listTrackers"];
    expect(entries.map(({ operation }) => operation)).toEqual(names);
    expect(entries.every(({ path }) => path.startsWith("/eu-de/v1.0/"))).toBe(true);
  });
});
