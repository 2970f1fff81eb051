import fc from "fast-check";
import type { Behaviour, WireTracker, WireTrackerSettings } from "../../emulator";

/** A tracker as a program declares it. */
export interface DeclaredTracker {
  status?: "enabled" | "disabled";
  obsInfo?: {
    bucketName: string;
    filePrefixName?: string;
    isObsCreated?: boolean;
    compressType?: "gzip" | "json";
    isSortByService?: boolean;
  };
  isLtsEnabled?: boolean;
  isSupportValidate?: boolean;
  adopt?: boolean;
  onDestroy?: "delete" | "disable" | "restore";
}

const bucketName = fc.constantFrom("audit-files", "audit-files.eu", "other-bucket");
const prefix = fc.constantFrom("p1", "some_prefix-2.x");
const status = fc.constantFrom("enabled" as const, "disabled" as const);

/** Any tracker that a program may declare. */
export const declaredTracker: fc.Arbitrary<DeclaredTracker> = fc
  .record(
    {
      status,
      obsInfo: fc.record(
        {
          bucketName,
          filePrefixName: prefix,
          isObsCreated: fc.boolean(),
          compressType: fc.constantFrom("gzip" as const, "json" as const),
          isSortByService: fc.boolean(),
        },
        { requiredKeys: ["bucketName"] },
      ),
      isLtsEnabled: fc.boolean(),
      isSupportValidate: fc.boolean(),
      adopt: fc.boolean(),
      onDestroy: fc.constantFrom("delete" as const, "disable" as const, "restore" as const),
    },
    { requiredKeys: [] },
  )
  .filter(({ obsInfo, isSupportValidate }) => obsInfo !== undefined || !isSupportValidate);

/** Any tracker that may be there already. */
export const foundTracker: fc.Arbitrary<WireTrackerSettings> = fc.record({
  status,
  obs_info: fc.option(
    fc.record({
      bucket_name: bucketName,
      file_prefix_name: fc.oneof(fc.constant(""), prefix),
      is_obs_created: fc.boolean(),
      compress_type: fc.constantFrom("gzip" as const, "json" as const),
      is_sort_by_service: fc.boolean(),
    }),
    { nil: undefined },
  ),
  is_lts_enabled: fc.boolean(),
  is_support_validate: fc.boolean(),
});

/**
 * The longest lag of reads behind writes. A run waits until its own writes show before it ends; a killed or failed run
 * does not, and no provider can tell a stale first read of the next run from the truth. So time passes after such a
 * run: the engine needs seconds to start again.
 */
export const LONGEST_LAG_MS = 3000;

/** Every way in which the service may work, all of them healthy. */
export const behaviour: fc.Arbitrary<Partial<Behaviour>> = fc.record({
  put: fc.constantFrom("reset" as const, "keep" as const),
  missing: fc.constantFrom("empty" as const, "notFound" as const),
  putAnswer: fc.constantFrom("empty" as const, "tracker" as const),
  disabledIgnoresChanges: fc.boolean(),
  disablingDropsChanges: fc.boolean(),
  existsCode: fc.constantFrom("CTS.0201" as const, "CTS.0208" as const),
  lagMs: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: LONGEST_LAG_MS })),
});

/** The settings of a tracker in the words of a program, everything filled in: written down anew, on purpose. */
export function settingsOf(tracker: WireTracker | WireTrackerSettings | undefined) {
  if (!tracker) {
    return undefined;
  }
  const obs = tracker.obs_info;
  return {
    status: tracker.status,
    isLtsEnabled: "lts" in tracker ? tracker.lts.is_lts_enabled : tracker.is_lts_enabled,
    isSupportValidate: tracker.is_support_validate,
    obsInfo: obs?.bucket_name
      ? [obs.bucket_name, obs.file_prefix_name, obs.is_obs_created, obs.compress_type, obs.is_sort_by_service]
      : undefined,
  };
}

/** The same of a declaration. */
export function settingsDeclaredBy(declared: DeclaredTracker) {
  const obs = declared.obsInfo;
  return {
    status: declared.status ?? "enabled",
    isLtsEnabled: declared.isLtsEnabled ?? false,
    isSupportValidate: declared.isSupportValidate ?? false,
    obsInfo: obs && [
      obs.bucketName,
      obs.filePrefixName ?? "",
      obs.isObsCreated ?? false,
      obs.compressType ?? "gzip",
      obs.isSortByService ?? true,
    ],
  };
}

export type Settings = ReturnType<typeof settingsOf>;

/** A declaration without what v1.0 has no words for. */
export function toV1({ isSupportValidate: _, obsInfo, ...declared }: DeclaredTracker): DeclaredTracker {
  const { compressType: _compress, isSortByService: _sort, ...obs } = obsInfo ?? { bucketName: "" };
  return { ...declared, obsInfo: obs };
}

/** An oracle of the losses of a takeover without `adopt`, written independently of the code under test. */
export function wouldLose(found: Settings, wanted: Settings): boolean {
  const initial = [undefined, "", false, "gzip", true];
  if (!found || !wanted) {
    return false;
  }
  if (found.status === "disabled" && wanted.status === "enabled") {
    return true;
  }
  if (found.isLtsEnabled && !wanted.isLtsEnabled) {
    return true;
  }
  if (found.isSupportValidate && !wanted.isSupportValidate) {
    return true;
  }
  if (found.obsInfo && !wanted.obsInfo) {
    return true;
  }
  return (found.obsInfo ?? []).some((value, i) => value !== initial[i] && value !== wanted.obsInfo?.[i]);
}

/** The settings of a tracker after a destroy, declared and found like this. */
export function settingsLeftBy(declared: DeclaredTracker, found: WireTrackerSettings | undefined) {
  return {
    delete: undefined,
    disable: { ...settingsDeclaredBy(declared), status: "disabled" as const },
    restore: settingsOf(found),
  }[declared.onDestroy ?? "restore"];
}
