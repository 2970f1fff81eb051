import { beforeEach, describe, expect, it } from "vitest";
import { Run } from "../../../provider/core/run";
import { TrackerResource } from "../../../provider/tracker/resource";
import { useEmulated } from "../../support/emulated";

const service = useEmulated();
let tracker: TrackerResource;

beforeEach(() => {
  service.emulator.reset();
  const connection = service.connect();
  tracker = new TrackerResource(new Run(() => connection, service.clock));
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
});
