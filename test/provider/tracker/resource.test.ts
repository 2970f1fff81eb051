import { beforeEach, describe, expect, it } from "vitest";
import { UNKNOWN } from "../../../provider/core/managedResource";
import { TrackerResource } from "../../../provider/tracker/resource";
import type { TrackerState } from "../../../provider/tracker/state";
import { useEmulated } from "../../support/emulated";

const service = useEmulated();
let tracker: TrackerResource;

beforeEach(() => {
  service.emulator.reset();
  const connection = service.connect();
  tracker = new TrackerResource(() => connection, service.clock);
});

const problemsWith = async (args: object) => {
  const { problems } = await tracker.check(args, undefined, undefined);
  return Object.fromEntries(problems.map(({ path, reason }) => [path, reason]));
};

describe("TrackerResource.check", () => {
  it("fills in every default, the region, and the project by its id", async () => {
    const { inputs, problems } = await tracker.check(
      { obsInfo: { bucketName: "audit-files" } },
      undefined,
      undefined,
    );
    expect(problems).toEqual([]);
    expect(inputs).toEqual({
      status: "enabled",
      obsInfo: {
        bucketName: "audit-files",
        isObsCreated: false,
        compressType: "gzip",
        isSortByService: true,
      },
      isLtsEnabled: false,
      isSupportValidate: false,
      region: "eu-de",
      projectId: service.emulator.projectId(),
    });
  });

  it.each([
    ["ab", "3 to 63"],
    ["a".repeat(64), "3 to 63"],
    ["UPPER", "lower-case"],
    ["under_score", "lower-case"],
    ["-begins", "begin with"],
    ["ends-", "end with"],
    ["two..dots", "two dots"],
    ["dot.-hyphen", "two dots"],
    ["hyphen-.dot", "two dots"],
    ["192.168.0.1", "IP address"],
  ])("refuses the bucket name %s by the rule it breaks", async (bucketName, rule) => {
    const { "obsInfo.bucketName": reason } = await problemsWith({ obsInfo: { bucketName } });
    expect(reason).toContain(rule);
    expect(reason).toContain(`got "${bucketName}"`);
  });

  it.each(["abc", "a".repeat(63), "0-9.a"])("takes the bucket name %s", async (bucketName) => {
    expect(await problemsWith({ obsInfo: { bucketName } })).toEqual({});
  });

  it.each([["a".repeat(65)], ["a/b"], ["ä"]])("refuses the prefix %s", async (filePrefixName) => {
    const problems = await problemsWith({ obsInfo: { bucketName: "abc", filePrefixName } });
    expect(problems["obsInfo.filePrefixName"]).toContain("at most 64 letters");
  });

  it("reports wrong types, missing and contradictory settings together, each on its path", async () => {
    expect(await problemsWith({ status: 7, isSupportValidate: true, adopt: "yes", other: 1 })).toEqual({
      status: 'must be "enabled" or "disabled", got 7',
      isSupportValidate: expect.stringContaining("needs obsInfo"),
      adopt: 'must be true or false, got "yes"',
      other: "is not a known property",
    });
    expect(await problemsWith({ obsInfo: {} })).toEqual({
      "obsInfo.bucketName": "is required: must be a string",
    });
    expect(await problemsWith({ obsInfo: { bucketName: "" } })).toEqual({
      "obsInfo.bucketName": "is required: must not be empty",
    });
    expect(await problemsWith({ obsInfo: "audit" })).toEqual({
      obsInfo: 'must be an object with at least bucketName, got "audit"',
    });
  });

  it("takes empty strings and nulls as left out", async () => {
    expect(await problemsWith({ status: null, obsInfo: null, region: "" })).toEqual({});
    expect(await problemsWith({ obsInfo: { bucketName: "abc", filePrefixName: "" } })).toEqual({});
  });

  it("lets pass what is not known yet, and judges the rest", async () => {
    const obsInfo = { bucketName: UNKNOWN, filePrefixName: "a/b" };
    expect(Object.keys(await problemsWith({ obsInfo, isSupportValidate: true }))).toEqual([
      "obsInfo.filePrefixName",
    ]);
    const { inputs } = await tracker.check({ obsInfo: UNKNOWN, projectId: UNKNOWN }, undefined, undefined);
    expect(inputs).toMatchObject({ obsInfo: UNKNOWN, projectId: UNKNOWN, region: UNKNOWN });
    expect(service.emulator.journal.entries).toEqual([]);
  });

  it("refuses what API v1.0 has no words for, all at once, where that is what the connection uses", async () => {
    const connection = service.connect({ ...service.emulator.settings(), apiVersion: "v1" });
    const byV1 = new TrackerResource(() => connection, service.clock);
    const problemsByV1 = async (args: object) =>
      (await byV1.check(args, undefined, undefined)).problems.map(({ path, reason }) => `${path} ${reason}`);
    const obsInfo = { bucketName: "audit-files", compressType: "json", isSortByService: false };

    expect(await problemsByV1({ obsInfo, isSupportValidate: true })).toEqual([
      "isSupportValidate cannot be true with otc-cts:apiVersion v1",
      'obsInfo.compressType cannot be "json" with otc-cts:apiVersion v1',
      "obsInfo.isSortByService cannot be false with otc-cts:apiVersion v1",
    ]);
    expect(await problemsByV1({})).toEqual(["obsInfo is required with otc-cts:apiVersion v1"]);
    expect(await problemsByV1({ obsInfo: { bucketName: "audit-files" } })).toEqual([]);
    expect(await problemsByV1({ obsInfo: UNKNOWN, isSupportValidate: UNKNOWN })).toEqual([]);
    expect(await problemsWith({ obsInfo, isSupportValidate: true })).toEqual({});
  });

  it("refuses a project name and a project id that are not of one project", async () => {
    const args = { projectName: "eu-de_demo", projectId: service.emulator.projectId("eu-nl_demo") };
    await expect(tracker.check(args, undefined, undefined)).rejects.toThrow(/give one of them/);
  });
});

describe("TrackerResource.preflight", () => {
  const declared = { isSupportValidate: false };

  it("reads what check does not, and says what a create would take over", async () => {
    service.emulator.setTracker({ is_lts_enabled: true, obs_info: { bucket_name: "theirs" } });
    const { inputs, problems } = await tracker.check(declared, undefined, "audit");
    if (!inputs) {
      throw new Error("no inputs");
    }
    expect(problems).toEqual([]);
    expect(service.emulator.journal.calls("cts")).toEqual([]);

    const preflight = await tracker.preflight(inputs, "audit");

    expect(preflight.problems.map(({ path }) => path)).toEqual(["isLtsEnabled", "obsInfo", "adopt"]);
    expect(preflight.found).toMatchObject({ isLtsEnabled: true, obsInfo: { bucketName: "theirs" } });
    expect(service.emulator.journal.calls("cts")).toHaveLength(1);
  });

  it("lists only what would be lost", async () => {
    service.emulator.setTracker({ is_lts_enabled: true });
    const args = { obsInfo: { bucketName: "ours" }, isSupportValidate: true };
    const { inputs } = await tracker.check(args, undefined, "audit");
    if (!inputs) {
      throw new Error("no inputs");
    }

    const { problems } = await tracker.preflight(inputs, "audit");

    expect(problems.map(({ path }) => path)).toEqual(["isLtsEnabled", "adopt"]);
    expect(problems.at(-1)?.reason).toMatch(/^must be true for tracker .*, which exists already/);
  });

  it("leaves a second declaration of one tracker to check", async () => {
    await tracker.check({}, undefined, "one");
    const { inputs, problems } = await tracker.check({ projectName: "eu-de_demo" }, undefined, "two");
    expect(problems).toEqual([
      { path: "projectName", reason: expect.stringMatching(/^is about project .* declared by one already/) },
    ]);
    if (!inputs) {
      throw new Error("no inputs");
    }
    expect(await tracker.preflight(inputs, "two")).toEqual({ problems: [] });
  });
});

describe("TrackerResource.diff", () => {
  const id = "eu-de/p1/system";
  const state = {
    status: "enabled",
    obsInfo: { bucketName: "abc", isObsCreated: false, compressType: "gzip", isSortByService: true },
    isLtsEnabled: false,
    isSupportValidate: false,
    region: "eu-de",
    projectId: "p1",
    trackerId: "t1",
    trackerName: "system",
    trackerType: "system",
    lts: { isLtsEnabled: false },
  } satisfies TrackerState;
  const { trackerId: _1, trackerName: _2, trackerType: _3, lts: _4, ...same } = state;
  const inputs = { ...same, status: "enabled" as const };

  it.each([
    ["nothing", {}, []],
    ["status", { status: "disabled" as const }, ["status"]],
    ["the prefix", { obsInfo: { ...state.obsInfo, filePrefixName: "p" } }, ["obsInfo.filePrefixName"]],
    ["no transfer", { obsInfo: undefined }, ["obsInfo"]],
    ["a flag", { isLtsEnabled: true }, ["isLtsEnabled"]],
    ["what destroy does", { onDestroy: "disable" as const }, ["onDestroy"]],
    ["the region", { region: "eu-nl" }, ["region!"]],
    ["the project", { projectId: "p2" }, ["projectId!"]],
    ["a project not known yet", { projectId: UNKNOWN as never }, ["projectId!"]],
  ])("of %s", (_, change, expected) => {
    const { obsInfo, ...rest } = { ...inputs, ...change };
    const differences = tracker.diff(id, state, { ...rest, ...(obsInfo && { obsInfo }) });
    expect(differences.map(({ path, replaces }) => path + (replaces ? "!" : ""))).toEqual(expected);
  });

  it("takes an unhealthy tracker for one that differs from any that is wanted", () => {
    const differences = tracker.diff(id, { ...state, status: "error" }, inputs);
    expect(differences).toEqual([{ path: "status", from: "error", to: "enabled" }]);
  });
});

describe("TrackerResource", () => {
  it("does not delete what another declaration of the run has taken over", async () => {
    const { inputs } = await tracker.check({}, undefined, "new");
    if (!inputs) {
      throw new Error("no inputs");
    }
    const { id, state } = await tracker.create(inputs, "new");
    await tracker.delete(id, { ...state, onDestroy: "delete" });
    expect(service.emulator.tracker()).toBeDefined();
  });

  it("does not take what check has seen before a delete for what is there after it", async () => {
    const { inputs } = await tracker.check({}, undefined, "audit");
    if (!inputs) {
      throw new Error("no inputs");
    }
    const id = `eu-de/${inputs.projectId}/system`;
    const { state } = (await tracker.read(id, {})) ?? {};
    if (!state) {
      throw new Error("no state");
    }
    await tracker.delete(id, { ...state, onDestroy: "delete" });
    await tracker.create(inputs, "audit");
    expect(service.emulator.tracker()).toBeDefined();
  });

  it("does not take for its own a tracker that the service has made again by itself after the delete", async () => {
    const id = `eu-de/${service.emulator.projectId()}/system`;
    const { state } = (await tracker.read(id, {})) ?? {};
    if (!state) {
      throw new Error("no state");
    }
    const stop = service.emulator.journal.onRequest(({ operation }, phase) => {
      if (operation === "deleteTrackers" && phase === "applied") {
        service.emulator.console.create();
      }
    });
    await tracker.delete(id, { ...state, onDestroy: "delete" });
    stop();
    expect(service.emulator.tracker()?.id).not.toBe(state.trackerId);
  });

  it.each([
    ["system/x", /is not the id of a tracker/],
    ["eu-de/p1/other", /is not the id of a tracker/],
  ])("refuses the id %s", async (id, message) => {
    await expect(tracker.read(id, undefined)).rejects.toThrow(message);
  });

  it("names each setting that the service does not take", async () => {
    const { inputs } = await tracker.check({ isLtsEnabled: true }, undefined, undefined);
    if (!inputs) {
      throw new Error("no inputs");
    }
    const stop = service.emulator.journal.onRequest(({ operation }, phase) => {
      if (operation === "updateTracker" && phase === "applied") {
        service.emulator.setTracker({});
      }
    });
    await expect(tracker.create(inputs, undefined)).rejects.toThrow("isLtsEnabled is still false, not true");
    stop();
  });

  it("does not delete what another declaration has from an earlier run", async () => {
    const id = `eu-de/${service.emulator.projectId()}/system`;
    const { inputs, state } = (await tracker.read(id, {})) ?? {};
    if (!inputs || !state) {
      throw new Error("no tracker");
    }
    await tracker.check({}, inputs, "new name");

    await tracker.delete(id, { ...state, onDestroy: "delete" });

    expect(service.emulator.tracker()).toBeDefined();
  });

  it("deletes one's own for a replacement, which is checked as existing and then as new", async () => {
    const id = `eu-de/${service.emulator.projectId()}/system`;
    const { inputs, state } = (await tracker.read(id, {})) ?? {};
    if (!inputs || !state) {
      throw new Error("no tracker");
    }
    await tracker.check({ adopt: false }, inputs, "audit");
    const again = await tracker.check({ adopt: false }, undefined, "audit");
    if (!again.inputs) {
      throw new Error("no inputs");
    }
    const preflight = await tracker.preflight(again.inputs, "audit");

    await tracker.delete(id, { ...state, onDestroy: "delete" });

    expect([...again.problems, ...preflight.problems]).toEqual([]);
    expect(service.emulator.tracker()).toBeUndefined();
  });

  it.each(["received", "applied"] as const)(
    "makes a create wait for a delete of the same tracker that is under way (%s)",
    async (when) => {
      const { inputs } = await tracker.check({ isLtsEnabled: true, adopt: true }, undefined, "new");
      const id = `eu-de/${service.emulator.projectId()}/system`;
      const { state } = (await tracker.read(id, {})) ?? {};
      if (!inputs || !state) {
        throw new Error("no tracker");
      }
      let created: Promise<unknown> | undefined;
      const stop = service.emulator.journal.onRequest(({ operation }, phase) => {
        if (operation === "deleteTrackers" && phase === when) {
          created ??= tracker.create(inputs, "new");
        }
      });

      await tracker.delete(id, { ...state, onDestroy: "delete" });
      stop();
      await created;

      expect(service.emulator.tracker()?.lts.is_lts_enabled).toBe(true);
      expect(service.emulator.journal.mutations().map(({ operation }) => operation)).toEqual([
        "deleteTrackers",
        "createTracker",
      ]);
    },
  );

  it("looks again where check was a while ago", async () => {
    const { inputs } = await tracker.check({ obsInfo: { bucketName: "ours" } }, undefined, undefined);
    if (!inputs) {
      throw new Error("no inputs");
    }
    service.clock.advance(10_000);
    service.emulator.console.change({ obs_info: { bucket_name: "theirs" } });

    await expect(tracker.create(inputs, undefined)).rejects.toThrow(
      /obsInfo.bucketName is "theirs" on the tracker/,
    );

    expect(service.emulator.journal.mutations()).toEqual([]);
  });

  it("does not take what check has just seen for proof that all is in effect", async () => {
    const { inputs } = await tracker.check({}, undefined, undefined);
    if (!inputs) {
      throw new Error("no inputs");
    }
    service.emulator.console.disable();

    await expect(tracker.create(inputs, undefined)).rejects.toThrow(/status is "disabled" on the tracker/);
  });

  it("does not take somebody else's tracker for the one that its lost POST made", async () => {
    service.emulator.setTracker(undefined);
    const { inputs } = await tracker.check({ obsInfo: { bucketName: "ours" } }, undefined, undefined);
    if (!inputs) {
      throw new Error("no inputs");
    }
    service.emulator.faults.add({ kind: "status", status: 503, match: { operation: "createTracker" } });
    const stop = service.emulator.journal.onRequest(({ operation }, phase) => {
      if (operation !== "createTracker" || phase !== "received") {
        return;
      }
      service.emulator.setTracker({ obs_info: { bucket_name: "theirs" } });
    });

    const failure = await tracker.create(inputs, undefined).catch((error: unknown) => error);
    stop();

    expect(String(failure)).toContain("would be lost");
    expect(service.emulator.tracker()?.obs_info.bucket_name).toBe("theirs");
  });

  it.each([
    ["disable", "enabled"],
    ["restore", "disabled"],
  ] as const)(
    "disables an unhealthy tracker where destroy is to %s (found %s)",
    async (onDestroy, status) => {
      service.emulator.setTracker({ status, obs_info: { bucket_name: "audit-files" } });
      const { inputs } = await tracker.check(
        { obsInfo: { bucketName: "audit-files" }, adopt: true, onDestroy },
        undefined,
        undefined,
      );
      if (!inputs) {
        throw new Error("no inputs");
      }
      const { id, state } = await tracker.create(inputs, undefined);
      service.emulator.behaviour.obs = "noBucket";
      const connection = service.connect();

      await new TrackerResource(() => connection, service.clock).delete(id, state);

      expect(service.emulator.tracker()?.status).toBe("disabled");
    },
  );

  it("restores a transfer to a bucket that CTS once made and will not make again", async () => {
    service.emulator.setTracker({ obs_info: { bucket_name: "theirs", is_obs_created: true } });
    service.emulator.behaviour.rejectExistingBucket = true;
    const args = { obsInfo: { bucketName: "ours" }, adopt: true };
    const { inputs } = await tracker.check(args, undefined, undefined);
    if (!inputs) {
      throw new Error("no inputs");
    }
    const { id, state } = await tracker.create(inputs, undefined);
    const connection = service.connect();

    await new TrackerResource(() => connection, service.clock).delete(id, state);

    expect(service.emulator.tracker()?.obs_info.bucket_name).toBe("theirs");
  });

  it("says what else destroy can do where what was found cannot be restored", async () => {
    service.emulator.setTracker({ obs_info: { bucket_name: "theirs" } });
    const { inputs } = await tracker.check({ adopt: true }, undefined, undefined);
    if (!inputs) {
      throw new Error("no inputs");
    }
    const { id, state } = await tracker.create(inputs, undefined);
    Object.assign(service.emulator.behaviour, { obs: "noBucket", rejectMissingBucket: true });
    const connection = service.connect();

    const destroyed = new TrackerResource(() => connection, service.clock).delete(id, state);

    await expect(destroyed).rejects.toThrow(
      /cannot be put back: .*CTS.0211.*set onDestroy to "disable" or "delete"/,
    );
  });

  it("does not say that there is no bucket where the bucket is not what is amiss", async () => {
    service.emulator.behaviour.lagMs = 8000;
    const { inputs } = await tracker.check({ isLtsEnabled: true }, undefined, undefined);
    if (!inputs) {
      throw new Error("no inputs");
    }

    await tracker.create(inputs, undefined);

    for (const { body } of service.emulator.journal.mutations()) {
      expect(body).not.toHaveProperty("obs_info");
    }
  });

  it("takes an unhealthy status that a refresh has read, and nobody declared, for none", async () => {
    const { inputs } = await tracker.check({}, undefined, undefined);
    const { inputs: now, problems } = await tracker.check(
      { status: "error" },
      { ...inputs, status: "error" } as never,
      undefined,
    );
    expect(problems).toEqual([]);
    expect(now?.status).toBe("enabled");
    expect(await problemsWith({ status: "error" })).toHaveProperty("status");
  });
});
