import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Emulator, startEmulator } from "../../../emulator";
import { type Caller, signIn, stoppedClock } from "../../support/emulator";

const clock = stoppedClock();
const bucket = { bucket_name: "audit-log" };
const fullBucket = {
  bucket_name: "audit-log",
  file_prefix_name: "prod_",
  is_obs_created: true,
  compress_type: "json",
  is_sort_by_service: false,
} as const;
const noTransfer = {
  bucket_name: "",
  file_prefix_name: "",
  is_obs_created: false,
  compress_type: "gzip",
  is_sort_by_service: true,
};

let emulator: Emulator;
let cts: Caller;

beforeAll(async () => {
  emulator = await startEmulator({
    clock: clock.now,
    projects: [{ name: "eu-de_demo" }, { name: "eu-de_team" }],
  });
});
afterAll(() => emulator.close());
beforeEach(async () => {
  emulator.reset();
  cts = await signIn(emulator);
});

describe("GET trackers", () => {
  it("shows a tracker that nobody has touched with every field, unset strings empty", async () => {
    const reply = await cts.get();

    expect(reply.status).toBe(200);
    expect(reply.json).toEqual({
      trackers: [
        {
          id: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
          create_time: clock.now(),
          tracker_type: "system",
          tracker_name: "system",
          domain_id: expect.stringMatching(/^[0-9a-f]{32}$/),
          project_id: emulator.projectId(),
          status: "enabled",
          is_support_validate: false,
          lts: { is_lts_enabled: false, log_group_name: "", log_topic_name: "" },
          obs_info: { ...noTransfer, is_authorized_bucket: false, bucket_lifecycle: 0, bucket_location: "" },
        },
      ],
    });
  });

  it("names group, topic and bucket location once they are in use", async () => {
    emulator.setTracker({ is_lts_enabled: true, obs_info: fullBucket });

    const [tracker] = (await cts.get()).json.trackers;

    expect(tracker?.lts).toEqual({
      is_lts_enabled: true,
      log_group_name: "CTS",
      log_topic_name: "system-trace",
    });
    expect(tracker?.obs_info).toEqual({
      ...fullBucket,
      is_authorized_bucket: true,
      bucket_lifecycle: 0,
      bucket_location: "eu-de",
    });
  });

  it.each(["?tracker_name=other", "?tracker_type=data"])("finds nothing with %s", async (query) => {
    expect((await cts.call("GET", `/trackers${query}`)).json).toEqual({ trackers: [] });
  });

  it("finds the tracker without a name", async () => {
    expect((await cts.call("GET", "/trackers")).json.trackers).toHaveLength(1);
  });

  it("answers an empty list, or 404 CTS.0214 with missing: notFound", async () => {
    emulator.setTracker(undefined);

    const empty = await cts.get();
    emulator.behaviour.missing = "notFound";
    const notFound = await cts.get();

    expect(empty).toMatchObject({ status: 200, json: { trackers: [] } });
    expect(notFound).toMatchObject({ status: 404, json: { error_code: "CTS.0214" } });
  });
});

describe("POST tracker", () => {
  beforeEach(() => emulator.setTracker(undefined));

  it("answers 201 with the tracker, at service defaults for what is left out", async () => {
    const reply = await cts.post({ obs_info: bucket });

    expect(reply.status).toBe(201);
    expect(reply.json).toEqual(emulator.tracker());
    expect(reply.json.obs_info).toMatchObject({ ...noTransfer, bucket_name: "audit-log" });
    expect(reply.json).toMatchObject({ status: "enabled", is_support_validate: false });
  });

  it("takes every setting, and ignores status whatever it is", async () => {
    const body = { obs_info: fullBucket, is_lts_enabled: true, is_support_validate: true };

    for (const status of ["disabled", "nonsense", 5]) {
      emulator.setTracker(undefined);
      const reply = await cts.post({ ...body, status });

      expect(reply.status).toBe(201);
      expect(emulator.tracker()).toMatchObject({
        status: "enabled",
        obs_info: fullBucket,
        lts: { is_lts_enabled: true },
        is_support_validate: true,
      });
    }
  });

  it("creates one without transfer when the bucket is empty", async () => {
    await cts.post({ obs_info: { ...fullBucket, bucket_name: "" } });

    expect(emulator.tracker()?.obs_info).toMatchObject(noTransfer);
  });

  it.each(["CTS.0201", "CTS.0208"] as const)(
    "answers 400 %s where there is a tracker",
    async (existsCode) => {
      emulator.behaviour.existsCode = existsCode;
      emulator.setTracker({ is_lts_enabled: true });
      const before = emulator.tracker();

      const reply = await cts.post();

      expect(reply).toMatchObject({ status: 400, json: { error_code: existsCode } });
      expect(emulator.tracker()).toEqual(before);
    },
  );

  it("gives a new tracker a new id and time", async () => {
    const first = (await cts.post()).json;
    await cts.delete();
    clock.advance(5000);

    const second = (await cts.post()).json;

    expect(second.id).not.toBe(first.id);
    expect(second.create_time).toBe(first.create_time + 5000);
  });
});

describe("PUT tracker", () => {
  const everything = {
    status: "enabled",
    obs_info: fullBucket,
    is_lts_enabled: true,
    is_support_validate: true,
  } as const;

  it("answers 200 with an empty body, or the tracker with putAnswer: tracker", async () => {
    const empty = await cts.put(everything);
    emulator.behaviour.putAnswer = "tracker";
    const tracker = await cts.put(everything);

    expect(empty).toMatchObject({ status: 200, text: "" });
    expect(tracker).toMatchObject({ status: 200, json: emulator.tracker() });
    expect(emulator.tracker()).toMatchObject({ obs_info: fullBucket, lts: { is_lts_enabled: true } });
  });

  it("keeps id and time of the tracker", async () => {
    const before = emulator.tracker();
    clock.advance(1000);

    await cts.put(everything);

    expect(emulator.tracker()).toMatchObject({ id: before?.id, create_time: before?.create_time });
  });

  it.each(["empty", "notFound"] as const)(
    "answers 404 CTS.0214 where there is none (missing: %s)",
    async (missing) => {
      emulator.behaviour.missing = missing;
      emulator.setTracker(undefined);

      expect(await cts.put()).toMatchObject({ status: 404, json: { error_code: "CTS.0214" } });
      expect(emulator.tracker()).toBeUndefined();
    },
  );

  it("resets what it leaves out, also inside obs_info", async () => {
    emulator.setTracker(everything);

    await cts.put({ is_support_validate: true, obs_info: { bucket_name: "other-log" } });

    expect(emulator.tracker()).toMatchObject({
      is_support_validate: true,
      lts: { is_lts_enabled: false },
      obs_info: { ...noTransfer, bucket_name: "other-log" },
    });
  });

  it("keeps what it leaves out with put: keep, also inside obs_info", async () => {
    emulator.behaviour.put = "keep";
    emulator.setTracker(everything);

    await cts.put({ is_support_validate: false, obs_info: { file_prefix_name: "new" } });

    expect(emulator.tracker()).toMatchObject({
      is_support_validate: false,
      lts: { is_lts_enabled: true },
      obs_info: { ...fullBucket, file_prefix_name: "new" },
    });
  });

  it.each([
    ["reset", "absent", undefined, ""],
    ["reset", "empty", {}, ""],
    ["reset", "without a bucket", { file_prefix_name: "p" }, ""],
    ["reset", "with an empty bucket", { bucket_name: "" }, ""],
    ["keep", "absent", undefined, "audit-log"],
    ["keep", "empty", {}, "audit-log"],
    ["keep", "without a bucket", { file_prefix_name: "p" }, "audit-log"],
    ["keep", "with an empty bucket", { bucket_name: "" }, ""],
  ] as const)(
    "put: %s, obs_info %s: the bucket is then as declared here",
    async (put, _, obsInfo, expected) => {
      emulator.behaviour.put = put;
      emulator.setTracker(everything);

      await cts.put(obsInfo === undefined ? {} : { obs_info: obsInfo });

      expect(emulator.tracker()?.obs_info.bucket_name).toBe(expected);
    },
  );

  it("takes only the status when it reaches a disabled tracker", async () => {
    emulator.setTracker({ status: "disabled", obs_info: bucket });

    await cts.put({ ...everything, status: "disabled" });
    const stillDisabled = emulator.tracker();
    await cts.put(everything);

    const unchanged = { obs_info: bucket, lts: { is_lts_enabled: false }, is_support_validate: false };
    expect(stillDisabled).toMatchObject({ status: "disabled", ...unchanged });
    expect(emulator.tracker()).toMatchObject({ status: "enabled", ...unchanged });
  });

  it("takes everything on a disabled tracker with disabledIgnoresChanges: false", async () => {
    emulator.behaviour.disabledIgnoresChanges = false;
    emulator.setTracker({ status: "disabled" });

    await cts.put({ ...everything, status: "disabled" });

    expect(emulator.tracker()).toMatchObject({
      status: "disabled",
      obs_info: fullBucket,
      lts: { is_lts_enabled: true },
    });
  });

  it("drops the other changes of a PUT that disables", async () => {
    emulator.setTracker({ obs_info: bucket });

    await cts.put({ status: "disabled", obs_info: {}, is_lts_enabled: true });

    expect(emulator.tracker()).toMatchObject({
      status: "disabled",
      obs_info: bucket,
      lts: { is_lts_enabled: false },
    });
  });

  it("takes them with disablingDropsChanges: false", async () => {
    emulator.behaviour.disablingDropsChanges = false;
    emulator.setTracker({ obs_info: bucket });

    await cts.put({ status: "disabled", obs_info: {}, is_lts_enabled: true });

    expect(emulator.tracker()).toMatchObject({
      status: "disabled",
      obs_info: noTransfer,
      lts: { is_lts_enabled: true },
    });
  });

  it.each([true, false])("keeps a status that is left out (disabledIgnoresChanges: %s)", async (ignores) => {
    emulator.behaviour.disabledIgnoresChanges = ignores;
    emulator.setTracker({ status: "disabled" });

    await cts.put({ is_lts_enabled: true });

    expect(emulator.tracker()?.status).toBe("disabled");
  });
});

describe("validation of POST and PUT", () => {
  const long = (length: number) => "a".repeat(length);

  it.each([
    ["CTS.0202", { tracker_type: "data" }],
    ["CTS.0203", { tracker_name: "" }],
    ["CTS.0203", { tracker_name: "_system" }],
    ["CTS.0203", { tracker_name: long(33) }],
    ["CTS.0204", { tracker_name: "other" }],
    ["CTS.0218", { obs_info: { bucket_name: "abc", file_prefix_name: "a/b" } }],
    ["CTS.0218", { obs_info: { bucket_name: "abc", file_prefix_name: long(65) } }],
    ["CTS.0231", { obs_info: { bucket_name: "ab" } }],
    ["CTS.0231", { obs_info: { bucket_name: long(64) } }],
    ["CTS.0231", { obs_info: { bucket_name: "Audit" } }],
    ["CTS.0231", { obs_info: { bucket_name: "-audit" } }],
    ["CTS.0231", { obs_info: { bucket_name: ".audit" } }],
    ["CTS.0231", { obs_info: { bucket_name: "audit_log" } }],
    ["CTS.0231", { obs_info: { bucket_name: "audit..log" } }],
    ["CTS.0231", { obs_info: { bucket_name: "audit-.log" } }],
    ["CTS.0231", { obs_info: { bucket_name: "audit.-log" } }],
    ["CTS.0231", { obs_info: { bucket_name: "192.168.0.1" } }],
    ["CTS.0003", { tracker_name: undefined }],
    ["CTS.0003", { tracker_type: undefined }],
    ["CTS.0003", { tracker_name: 5 }],
    ["CTS.0003", { is_lts_enabled: "true" }],
    ["CTS.0003", { is_support_validate: 1 }],
    ["CTS.0003", { obs_info: "audit-log" }],
    ["CTS.0003", { obs_info: { bucket_name: 5 } }],
    ["CTS.0003", { obs_info: { is_obs_created: "false" } }],
    ["CTS.0003", { obs_info: { is_sort_by_service: null } }],
    ["CTS.0003", { obs_info: { compress_type: "zip" } }],
  ])("is 400 %s for %j, and changes nothing", async (errorCode, body) => {
    const before = emulator.tracker();
    const put = await cts.put(body);
    const afterPut = emulator.tracker();
    emulator.setTracker(undefined);
    const post = await cts.post(body);

    expect(put).toMatchObject({
      status: 400,
      json: { error_code: errorCode, error_msg: expect.any(String) },
    });
    expect(post).toMatchObject({ status: 400, json: { error_code: errorCode } });
    expect(afterPut).toEqual(before);
    expect(emulator.tracker()).toBeUndefined();
  });

  it.each([
    ["CTS.0205", "error"],
    ["CTS.0205", ""],
    ["CTS.0003", false],
  ])("is 400 %s for a PUT with status %j", async (errorCode, status) => {
    expect(await cts.put({ status })).toMatchObject({ status: 400, json: { error_code: errorCode } });
  });

  it.each([undefined, [], "text", 5, null])("is 400 CTS.0003 for the body %j", async (body) => {
    expect(await cts.call("PUT", "/tracker", body)).toMatchObject({
      status: 400,
      json: { error_code: "CTS.0003" },
    });
  });

  it.each(["abc", long(63), "0-a.b", "1.2.3"])("accepts the bucket %s", async (bucketName) => {
    expect((await cts.put({ obs_info: { bucket_name: bucketName } })).status).toBe(200);
  });

  it("accepts prefixes of 0 and of 64 characters, and fields it does not know", async () => {
    for (const prefix of ["", "A-z_0.".padEnd(64, "x")]) {
      const reply = await cts.put({ extra: 1, obs_info: { ...bucket, file_prefix_name: prefix, more: {} } });

      expect(reply.status).toBe(200);
      expect(emulator.tracker()?.obs_info).not.toHaveProperty("more");
    }
  });
});

describe("DELETE trackers", () => {
  it("deletes the named tracker of the path's project and region only", async () => {
    const reply = await cts.delete();

    expect(reply).toMatchObject({ status: 204, text: "" });
    expect(emulator.tracker()).toBeUndefined();
    expect(emulator.trackers()).toHaveLength(2);
  });

  it.each(["", "?tracker_name="])("deletes those of all projects in the region with %j", async (query) => {
    const reply = await cts.call("DELETE", `/trackers${query}`);

    expect(reply.status).toBe(204);
    expect(emulator.trackers().map(({ region }) => region)).toEqual(["eu-nl"]);
  });

  it("answers 204 where there is none, or 404 CTS.0214 with missing: notFound", async () => {
    emulator.setTracker(undefined);

    const gone = await cts.delete();
    emulator.behaviour.missing = "notFound";
    const notFound = await cts.delete();

    expect(gone.status).toBe(204);
    expect(notFound).toMatchObject({ status: 404, json: { error_code: "CTS.0214" } });
  });

  it("leaves the tracker alone when another name is given", async () => {
    await cts.call("DELETE", "/trackers?tracker_name=other");

    expect(emulator.tracker()).toBeDefined();
  });
});

describe("Behaviour.obs", () => {
  it.each(["noBucket", "bucketPolicyError", "arrears"] as const)(
    "%s makes a transferring tracker read as error",
    async (obs) => {
      emulator.setTracker({ obs_info: bucket });
      emulator.behaviour.obs = obs;

      const [tracker] = (await cts.get()).json.trackers;

      expect(tracker).toMatchObject({ status: "error", detail: obs });
      expect(tracker?.obs_info.is_authorized_bucket).toBe(obs !== "bucketPolicyError");
      expect(emulator.tracker()).toEqual(tracker);
    },
  );

  it.each([
    ["noBucket", "enabled"],
    ["bucketPolicyError", "enabled"],
    ["arrears", "error"],
  ] as const)("%s leaves a tracker without a bucket %s", async (obs, status) => {
    emulator.behaviour.obs = obs;

    expect((await cts.get()).json.trackers[0]?.status).toBe(status);
  });

  it("does not show on a disabled tracker, and heals", async () => {
    emulator.setTracker({ obs_info: bucket, status: "disabled" });
    emulator.behaviour.obs = "noBucket";
    const disabled = emulator.tracker();
    emulator.console.enable();
    const enabled = emulator.tracker();
    emulator.behaviour.obs = "ok";

    expect(disabled).toMatchObject({ status: "disabled" });
    expect(disabled).not.toHaveProperty("detail");
    expect(enabled).toMatchObject({ status: "error", detail: "noBucket" });
    expect(emulator.tracker()).toMatchObject({ status: "enabled" });
  });
});

describe("Behaviour.rejectMissingBucket", () => {
  it("refuses a bucket with 400 CTS.0211 while there is none", async () => {
    Object.assign(emulator.behaviour, { rejectMissingBucket: true, obs: "noBucket" });

    const put = await cts.put({ obs_info: bucket });
    const withoutBucket = await cts.put({ obs_info: { bucket_name: "" } });
    emulator.setTracker(undefined);
    const post = await cts.post({ obs_info: bucket });

    expect(put).toMatchObject({ status: 400, json: { error_code: "CTS.0211" } });
    expect(post).toMatchObject({ status: 400, json: { error_code: "CTS.0211" } });
    expect(withoutBucket.status).toBe(200);
    expect(emulator.tracker()).toBeUndefined();
  });

  it.each([{ rejectMissingBucket: true }, { obs: "noBucket" as const }])(
    "accepts it with only %j",
    async (behaviour) => {
      Object.assign(emulator.behaviour, behaviour);

      expect((await cts.put({ obs_info: bucket })).status).toBe(200);
    },
  );
});

describe("Behaviour.rejectExistingBucket", () => {
  const create = { bucket_name: "audit-log", is_obs_created: true };

  it("refuses to create a bucket that is known, with 400 CTS.0215", async () => {
    emulator.behaviour.rejectExistingBucket = true;
    await cts.put({ obs_info: bucket });
    await cts.put({ obs_info: { bucket_name: "other-log" } });

    const put = await cts.put({ obs_info: create });
    await cts.delete();
    const post = await cts.post({ obs_info: create });

    expect(put).toMatchObject({ status: 400, json: { error_code: "CTS.0215" } });
    expect(post).toMatchObject({ status: 400, json: { error_code: "CTS.0215" } });
  });

  it("creates an unknown bucket, and takes the tracker's own again", async () => {
    emulator.behaviour.rejectExistingBucket = true;

    const first = await cts.put({ obs_info: create });
    const again = await cts.put({ obs_info: create });

    expect([first.status, again.status]).toEqual([200, 200]);
  });

  it("accepts any bucket by default", async () => {
    await cts.put({ obs_info: bucket });
    await cts.put({ obs_info: { bucket_name: "other-log" } });

    expect((await cts.put({ obs_info: create })).status).toBe(200);
  });
});

describe("Behaviour.lagMs", () => {
  const ltsOf = async (): Promise<boolean | undefined> =>
    (await cts.get()).json.trackers[0]?.lts.is_lts_enabled;

  beforeEach(() => {
    emulator.behaviour.lagMs = 1000;
  });

  it("shows the state of lagMs ago to reads, and the real one to tracker()", async () => {
    await cts.put({ is_lts_enabled: true });
    clock.advance(999);
    const early = await ltsOf();
    clock.advance(1);

    expect(emulator.tracker()?.lts.is_lts_enabled).toBe(true);
    expect(early).toBe(false);
    expect(await ltsOf()).toBe(true);
  });

  it("shows each of several changes in its time", async () => {
    for (const isLtsEnabled of [true, false, true]) {
      await cts.put({ is_lts_enabled: isLtsEnabled });
      clock.advance(400);
    }
    const seen: (boolean | undefined)[] = [];
    for (let step = 0; step < 4; step++) {
      seen.push(await ltsOf());
      clock.advance(400);
    }

    expect(seen).toEqual([true, false, true, true]);
  });

  it("shows a deleted tracker for a while, and hides a created one", async () => {
    await cts.delete();
    const afterDelete = await cts.get();
    clock.advance(1000);
    await cts.post();
    const afterPost = await cts.get();
    clock.advance(1000);

    expect(afterDelete.json.trackers).toHaveLength(1);
    expect(afterPost.json.trackers).toHaveLength(0);
    expect((await cts.get()).json.trackers).toHaveLength(1);
  });

  it("does not delay writes: they work on what there is", async () => {
    await cts.delete();

    expect((await cts.post()).status).toBe(201);
  });
});

describe("GET quotas", () => {
  it("counts the tracker of the project", async () => {
    const one = await cts.call("GET", "/quotas");
    emulator.setTracker(undefined);
    const none = await cts.call("GET", "/quotas");

    expect(one.json).toEqual({
      resources: [
        { type: "system_tracker", used: 1, quota: 1 },
        { type: "smn_notification", used: 0, quota: 100 },
      ],
    });
    expect(none.json.resources[0]).toMatchObject({ used: 0 });
  });
});
