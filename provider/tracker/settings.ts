/**
 * The settings of a tracker, in one place: the rules and defaults of each, how it is written to the API and how it is
 * read from there. CONTRIBUTING.md lists what else a new setting needs.
 */

import { z } from "zod";
import type { WireTracker, WireTrackerBody } from "../../client/api/trackers";
import { compact, isRecord } from "../../client/values";
import { differencesOf } from "../core/differences";
import type { Difference, Problem } from "../core/managedResource";
import { brokenRules, flag, oneOf, orUnknown, text, textLike } from "../core/validation";

const bucketName = text
  .regex(/^[a-z0-9.-]{3,63}$/, "must be 3 to 63 lower-case letters, digits, hyphens and dots")
  .regex(/^[a-z0-9]/, "must begin with a lower-case letter or a digit")
  .regex(/[a-z0-9]$/, "must end with a lower-case letter or a digit")
  .refine((name) => !/\.\.|-\.|\.-/.test(name), "must not contain two dots, or a dot beside a hyphen")
  .refine((name) => !/^\d+\.\d+\.\d+\.\d+$/.test(name), "must not look like an IP address");

const filePrefixName = textLike(
  /^[\w.-]{0,64}$/,
  "at most 64 letters, digits, underscores, hyphens and dots",
);

const obsInfo = z.strictObject(
  {
    bucketName: orUnknown(bucketName),
    filePrefixName: filePrefixName.optional(),
    isObsCreated: flag.default(false),
    compressType: oneOf("gzip", "json").default("gzip"),
    isSortByService: flag.default(true),
  },
  "must be an object with at least bucketName",
);

/** Rules and defaults of every setting (API reference, "Creating a tracker" and "Modifying a tracker"). */
export const settingsShape = {
  status: oneOf("enabled", "disabled").default("enabled"),
  obsInfo: orUnknown(obsInfo).optional(),
  isLtsEnabled: flag.default(false),
  isSupportValidate: flag.default(false),
};

/** The transfer of trace files. */
export interface ObsInfo {
  bucketName: string;
  filePrefixName?: string;
  /** Absent where the service does not tell: API v1.0. */
  isObsCreated?: boolean;
  compressType: string;
  isSortByService: boolean;
}

/** All that can be set on a tracker. Every setting is there; only what has no value is absent. */
export interface TrackerSettings {
  /** `enabled`, `disabled`, `error`, or what else the service says. */
  status: string;
  obsInfo?: ObsInfo;
  isLtsEnabled: boolean;
  isSupportValidate: boolean;
}

/** Settings as they can be asked for: nobody wants a tracker to be unhealthy. */
export interface WantedSettings extends TrackerSettings {
  status: "enabled" | "disabled";
}

/** Every setting, whole: a modify loses what it leaves out. */
export function toWire(settings: WantedSettings): WireTrackerBody {
  const { obsInfo: obs } = settings;
  return {
    is_lts_enabled: settings.isLtsEnabled,
    is_support_validate: settings.isSupportValidate,
    ...(obs && {
      obs_info: {
        bucket_name: obs.bucketName,
        file_prefix_name: obs.filePrefixName ?? "",
        is_obs_created: obs.isObsCreated ?? false,
        compress_type: obs.compressType,
        is_sort_by_service: obs.isSortByService,
      },
    }),
  };
}

/** Reads the settings of a tracker; `""`, null and absent are the same. */
export function fromWire(tracker: WireTracker): TrackerSettings {
  const obs = tracker.obs_info;
  return {
    status: tracker.status,
    ...(obs?.bucket_name && {
      obsInfo: compact({
        bucketName: obs.bucket_name,
        filePrefixName: obs.file_prefix_name,
        isObsCreated: obs.is_obs_created,
        compressType: obs.compress_type || "gzip",
        isSortByService: obs.is_sort_by_service ?? true,
      }),
    }),
    isLtsEnabled: tracker.lts?.is_lts_enabled ?? false,
    isSupportValidate: tracker.is_support_validate ?? false,
  };
}

/**
 * Finds settings that API v1.0 cannot express. It always transfers to a bucket, and leaves the rest at the service's
 * defaults.
 */
export function unsupportedInV1({ obsInfo, isSupportValidate }: WantedSettings): Problem[] {
  return brokenRules(
    [obsInfo === undefined, "obsInfo", "is required"],
    [isSupportValidate === true, "isSupportValidate", "cannot be true"],
    [obsInfo?.compressType === "json", "obsInfo.compressType", 'cannot be "json"'],
    [obsInfo?.isSortByService === false, "obsInfo.isSortByService", "cannot be false"],
  ).map(({ path, reason }) => ({ path, reason: `${reason} with otc-cts:apiVersion v1` }));
}

/** Setting by setting, what would have to change. A transfer that begins or ends is one difference. */
export function settingDifferences(
  from: Partial<TrackerSettings>,
  to: Partial<TrackerSettings>,
): Difference[] {
  return differencesOf(KEYS, from, to, {
    within: { obsInfo: OBS_KEYS },
    // API v1.0 does not report isObsCreated: ignore it unless both sides have a value.
    isSame: (key, a, b) => a === b || (key === "isObsCreated" && (a === undefined || b === undefined)),
  });
}

/** The differences that would lose what somebody set: those from what is not the service's own default. */
export function overwrittenSettings(differences: readonly Difference[]): Difference[] {
  return differences.filter(({ path, from }) => {
    return from !== undefined && !isCondition(path, from) && from !== SERVICE_DEFAULTS.get(path);
  });
}

/** True if a status says how the tracker is, which nobody has set: `error`, or one that only the service knows. */
export function isCondition(path: string, value: unknown): boolean {
  return path === "status" && value !== "enabled" && value !== "disabled";
}

const OBS_KEYS = Object.keys(obsInfo.shape);
const KEYS = Object.keys(settingsShape);

/** The service's own defaults. Ours are the same on purpose. */
const DEFAULTS = z.object(settingsShape).parse({});
const OBS_DEFAULTS = obsInfo.parse({ bucketName: "any" });
/** The same, by path. */
const SERVICE_DEFAULTS = new Map<string, unknown>([
  ...Object.entries(DEFAULTS),
  ...Object.entries(OBS_DEFAULTS).map(([k, v]) => [`obsInfo.${k}`, v] as const),
]);
SERVICE_DEFAULTS.delete("obsInfo.bucketName");

/** The settings in a state, complete: what an earlier release did not know was at the service's default. */
export function completed<Settings extends TrackerSettings>(settings: Settings): Settings {
  const { obsInfo } = settings;
  // API v1.0 does not report isObsCreated: its absence is no default.
  const { bucketName: _name, isObsCreated: _created, ...obsDefaults } = OBS_DEFAULTS;
  const obs = isRecord(obsInfo) ? { obsInfo: { ...obsDefaults, ...obsInfo } } : {};
  return { ...DEFAULTS, ...settings, ...obs };
}
