import { describe, expect, it } from "vitest";
import { TrackerResource } from "../../../provider/tracker/resource";
import { useResource } from "../../support/resourceBench";

const bench = useResource(TrackerResource);
const { service, checked } = bench;

/** The tracker that is there, as a refresh reads it. */
async function readTracker() {
  const found = await bench.resource.read(`eu-de/${service.emulator.projectId()}/system`, {});
  if (!found) {
    throw new Error("no tracker");
  }
  return found;
}

describe("TrackerResource.preflight", () => {
  const declared = { isSupportValidate: false };

  it("reads what check does not, and says what a create would take over", async () => {
    service.emulator.setTracker({ is_lts_enabled: true, obs_info: { bucket_name: "theirs" } });
    const inputs = await checked(declared, "audit");
    expect(service.emulator.journal.calls("cts")).toEqual([]);

    const preflight = await bench.resource.preflight(inputs, "audit");

    expect(preflight.problems.map(({ path }) => path)).toEqual(["isLtsEnabled", "obsInfo", "adopt"]);
    expect(preflight.found).toMatchObject({ isLtsEnabled: true, obsInfo: { bucketName: "theirs" } });
    expect(service.emulator.journal.calls("cts")).toHaveLength(1);
  });

  it("lists only what would be lost", async () => {
    service.emulator.setTracker({ is_lts_enabled: true });
    const args = { obsInfo: { bucketName: "ours" }, isSupportValidate: true };
    const inputs = await checked(args, "audit");

    const { problems } = await bench.resource.preflight(inputs, "audit");

    expect(problems.map(({ path }) => path)).toEqual(["isLtsEnabled", "adopt"]);
    expect(problems.at(-1)?.reason).toMatch(/^must be true for tracker .*, which exists already/);
  });

  it("leaves a second declaration of one tracker to check", async () => {
    await bench.resource.check({}, undefined, "one");
    const { inputs, problems } = await bench.resource.check({ projectName: "eu-de_demo" }, undefined, "two");
    expect(problems).toEqual([
      { path: "projectName", reason: expect.stringMatching(/^is about project .* declared by one already/) },
    ]);
    if (!inputs) {
      throw new Error("no inputs");
    }
    expect(await bench.resource.preflight(inputs, "two")).toEqual({ problems: [] });
  });
});

describe("TrackerResource", () => {
  it("does not delete what another declaration of the run has taken over", async () => {
    const inputs = await checked({}, "new");
    const { id, state } = await bench.resource.create(inputs, "new");
    await bench.resource.delete(id, { ...state, onDestroy: "delete" });
    expect(service.emulator.tracker()).toBeDefined();
  });

  it("does not take what check has seen before a delete for what is there after it", async () => {
    const inputs = await checked({}, "audit");
    const { id, state } = await readTracker();
    await bench.resource.delete(id, { ...state, onDestroy: "delete" });
    await bench.resource.create(inputs, "audit");
    expect(service.emulator.tracker()).toBeDefined();
  });

  it("does not take for its own a tracker that the service has made again by itself after the delete", async () => {
    const { id, state } = await readTracker();
    const stop = service.emulator.journal.onRequest(({ operation }, phase) => {
      if (operation === "deleteTrackers" && phase === "applied") {
        service.emulator.console.create();
      }
    });
    await bench.resource.delete(id, { ...state, onDestroy: "delete" });
    stop();
    expect(service.emulator.tracker()?.id).not.toBe(state.trackerId);
  });

  it.each([
    ["system/x", /is not the id of a tracker/],
    ["eu-de/p1/other", /is not the id of a tracker/],
  ])("refuses the id %s", async (id, message) => {
    await expect(bench.resource.read(id, undefined)).rejects.toThrow(message);
  });

  it("does not delete what another declaration has from an earlier run", async () => {
    const { id, inputs, state } = await readTracker();
    await bench.resource.check({}, inputs, "new name");

    await bench.resource.delete(id, { ...state, onDestroy: "delete" });

    expect(service.emulator.tracker()).toBeDefined();
  });

  it("deletes one's own for a replacement, which is checked as existing and then as new", async () => {
    const { id, inputs, state } = await readTracker();
    await bench.resource.check({ adopt: false }, inputs, "audit");
    const again = await checked({ adopt: false }, "audit");
    const { problems } = await bench.resource.preflight(again, "audit");

    await bench.resource.delete(id, { ...state, onDestroy: "delete" });

    expect(problems).toEqual([]);
    expect(service.emulator.tracker()).toBeUndefined();
  });

  it.each(["received", "applied"] as const)(
    "makes a create wait for a delete of the same tracker that is under way (%s)",
    async (when) => {
      const inputs = await checked({ isLtsEnabled: true, adopt: true }, "new");
      const { id, state } = await readTracker();
      let created: Promise<unknown> | undefined;
      const stop = service.emulator.journal.onRequest(({ operation }, phase) => {
        if (operation === "deleteTrackers" && phase === when) {
          created ??= bench.resource.create(inputs, "new");
        }
      });

      await bench.resource.delete(id, { ...state, onDestroy: "delete" });
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
    const inputs = await checked({ obsInfo: { bucketName: "ours" } });
    service.clock.advance(10_000);
    service.emulator.console.change({ obs_info: { bucket_name: "theirs" } });

    await expect(bench.resource.create(inputs, undefined)).rejects.toThrow(
      /obsInfo.bucketName is "theirs" on the tracker/,
    );

    expect(service.emulator.journal.mutations()).toEqual([]);
  });

  it("does not take what check has just seen for proof that all is in effect", async () => {
    const inputs = await checked({});
    service.emulator.console.disable();

    await expect(bench.resource.create(inputs, undefined)).rejects.toThrow(
      /status is "disabled" on the tracker/,
    );
  });
});
