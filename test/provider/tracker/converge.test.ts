import { describe, expect, it } from "vitest";
import { getTracker, type WireTracker } from "../../../client/api/trackers";
import type { Behaviour, WireTrackerChanges } from "../../../emulator";
import { converge, type Goal, startOf, type TrackerProgress } from "../../../provider/tracker/converge";
import { TrackerResource } from "../../../provider/tracker/resource";
import type { WantedSettings } from "../../../provider/tracker/settings";
import { setScene } from "../../support/emulated";
import { useResource } from "../../support/resourceBench";

const bench = useResource(TrackerResource);
const { service, checked } = bench;
const wanted: WantedSettings = { status: "enabled", isLtsEnabled: false, isSupportValidate: false };
const files = {
  bucketName: "ours",
  isObsCreated: false,
  compressType: "gzip",
  isSortByService: true,
} as const;
const mutations = () => service.emulator.journal.mutations().map(({ operation }) => operation);

interface Case {
  readonly found?: WireTrackerChanges | undefined;
  readonly switches?: Partial<Behaviour>;
  readonly goal?: Partial<Goal>;
}

/** Converges from what is there. */
async function convergeTo(settings: Partial<WantedSettings>, { found, switches = {}, goal = {} }: Case = {}) {
  setScene(service, found, switches);
  const place = { region: "eu-de", projectId: service.emulator.projectId() };
  const project = service.connect().project(place);
  const progress: TrackerProgress = startOf(await getTracker(project));
  const end = converge(
    { project, wanted: { ...wanted, ...settings }, clock: service.clock, ...goal },
    progress,
  );
  const outcome = await end.catch((error: unknown) => error as Error);
  return { outcome, progress };
}

describe("converge", () => {
  it("sends nothing where all is in effect", async () => {
    const { outcome, progress } = await convergeTo({}, { found: {} });

    expect(outcome).toMatchObject({ status: "enabled" });
    expect(progress).toMatchObject({ touched: false, created: false });
    expect(mutations()).toEqual([]);
  });

  it("makes a tracker where there is none", async () => {
    const { progress } = await convergeTo({ obsInfo: files });

    expect(progress).toMatchObject({ touched: true, created: true, found: undefined });
    expect(mutations()).toEqual(["createTracker"]);
  });

  it("disables a new tracker by a second call, because the service enables every new one", async () => {
    const { outcome } = await convergeTo({ status: "disabled" });

    expect(outcome).toMatchObject({ status: "disabled" });
    expect(mutations()).toEqual(["createTracker", "updateTracker"]);
  });

  it("changes a disabled tracker while it is enabled, and disables it last", async () => {
    const { outcome } = await convergeTo(
      { status: "disabled", isLtsEnabled: true },
      { found: { status: "disabled" } },
    );

    expect(outcome).toMatchObject({ status: "disabled", lts: { is_lts_enabled: true } });
    const states = service.emulator.journal.mutations().map(({ body }) => (body as WireTracker).status);
    expect(states.at(-1)).toBe("disabled");
    expect(states[0]).toBe("enabled");
  });

  it("asks before the first change to what somebody else made, and changes nothing after a no", async () => {
    const mayTakeOver = () => {
      throw new Error("not this one");
    };
    const { outcome } = await convergeTo({ isLtsEnabled: true }, { found: {}, goal: { mayTakeOver } });

    expect(String(outcome)).toContain("not this one");
    expect(mutations()).toEqual([]);
  });

  it("keeps what was found where it takes a tracker over", async () => {
    const { progress } = await convergeTo(
      { obsInfo: files },
      { found: { obs_info: { bucket_name: "theirs" } }, goal: { mayTakeOver: () => {} } },
    );

    expect(progress.found?.obsInfo).toMatchObject({ bucketName: "theirs" });
  });

  it.each([0, 3000])("waits until a change shows, however reads lag (%i ms)", async (lagMs) => {
    const { outcome } = await convergeTo({ isLtsEnabled: true }, { found: {}, switches: { lagMs } });

    expect(outcome).toMatchObject({ lts: { is_lts_enabled: true } });
  });

  it("accepts an unhealthy tracker only where that will do", async () => {
    const found = { obs_info: { bucket_name: "ours" } };
    const unhealthy = { found, switches: { obs: "noBucket" } } as const;

    const { outcome: refused } = await convergeTo({ obsInfo: files }, unhealthy);
    const accepted = await convergeTo({ obsInfo: files }, { ...unhealthy, goal: { acceptUnhealthy: true } });

    expect(String(refused)).toMatch(/no trace files are stored, because the bucket .* does not exist/);
    expect(accepted.outcome).toMatchObject({ status: "error" });
  });
});

describe("a tracker brought to its declaration", () => {
  it("names each setting that the service does not take", async () => {
    const inputs = await checked({ isLtsEnabled: true });
    const stop = service.emulator.journal.onRequest(({ operation }, phase) => {
      if (operation === "updateTracker" && phase === "applied") {
        service.emulator.setTracker({});
      }
    });
    await expect(bench.resource.create(inputs, undefined)).rejects.toThrow(
      "isLtsEnabled is still false, not true",
    );
    stop();
  });

  it("does not take somebody else's tracker for the one that its lost POST made", async () => {
    service.emulator.setTracker(undefined);
    const inputs = await checked({ obsInfo: { bucketName: "ours" } });
    service.emulator.faults.add({ kind: "status", status: 503, match: { operation: "createTracker" } });
    const stop = service.emulator.journal.onRequest(({ operation }, phase) => {
      if (operation !== "createTracker" || phase !== "received") {
        return;
      }
      service.emulator.setTracker({ obs_info: { bucket_name: "theirs" } });
    });

    const failure = await bench.resource.create(inputs, undefined).catch((error: unknown) => error);
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
      const inputs = await checked({ obsInfo: { bucketName: "audit-files" }, adopt: true, onDestroy });
      const { id, state } = await bench.resource.create(inputs, undefined);
      service.emulator.behaviour.obs = "noBucket";

      await bench.anew().delete(id, state);

      expect(service.emulator.tracker()?.status).toBe("disabled");
    },
  );

  it("restores a transfer to a bucket that CTS once made and will not make again", async () => {
    service.emulator.setTracker({ obs_info: { bucket_name: "theirs", is_obs_created: true } });
    service.emulator.behaviour.rejectExistingBucket = true;
    const args = { obsInfo: { bucketName: "ours" }, adopt: true };
    const inputs = await checked(args);
    const { id, state } = await bench.resource.create(inputs, undefined);

    await bench.anew().delete(id, state);

    expect(service.emulator.tracker()?.obs_info.bucket_name).toBe("theirs");
  });

  it("restores what an earlier release has found, which did not know all settings", async () => {
    service.emulator.setTracker({ is_lts_enabled: true });
    const inputs = await checked({ adopt: true });
    const { id, state } = await bench.resource.create(inputs, undefined);
    const { isSupportValidate: _, ...adopted } = state.adopted ?? {};

    await bench.anew().delete(id, {
      ...state,
      adopted: adopted as NonNullable<typeof state.adopted>,
    });

    expect(service.emulator.tracker()?.lts.is_lts_enabled).toBe(true);
  });

  it("says what else destroy can do where what was found cannot be restored", async () => {
    service.emulator.setTracker({ obs_info: { bucket_name: "theirs" } });
    const inputs = await checked({ adopt: true });
    const { id, state } = await bench.resource.create(inputs, undefined);
    Object.assign(service.emulator.behaviour, { obs: "noBucket", rejectMissingBucket: true });

    const destroyed = bench.anew().delete(id, state);

    await expect(destroyed).rejects.toThrow(
      /cannot be put back: .*CTS.0211.*set onDestroy to "disable" or "delete"/,
    );
  });

  it("does not say that there is no bucket where the bucket is not what is amiss", async () => {
    service.emulator.behaviour.lagMs = 8000;
    const inputs = await checked({ isLtsEnabled: true });

    await bench.resource.create(inputs, undefined);

    for (const { body } of service.emulator.journal.mutations()) {
      expect(body).not.toHaveProperty("obs_info");
    }
  });
});
