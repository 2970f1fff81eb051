import { z } from "zod";
import type { Behaviour } from "../behaviour";
import { ServiceError } from "../http/errors";
import { withoutUndefined } from "../parse";
import {
  DEFAULT_OBS_INFO,
  DEFAULT_SETTINGS,
  type WireObsInfo,
  type WireTrackerChanges,
  type WireTrackerSettings,
} from "../wire/trackers";
import { type Rule, readBody } from "./body";

const obsInfoBody = z.object({
  bucket_name: z.string().optional(),
  file_prefix_name: z.string().optional(),
  is_obs_created: z.boolean().optional(),
  compress_type: z.enum(["gzip", "json"]).optional(),
  is_sort_by_service: z.boolean().optional(),
});

const createBody = z.object({
  tracker_type: z.string(),
  tracker_name: z.string(),
  obs_info: obsInfoBody.optional(),
  is_lts_enabled: z.boolean().optional(),
  is_support_validate: z.boolean().optional(),
});

const updateBody = createBody.extend({ status: z.string().optional() });

/** A body of which only the types are checked. */
type TrackerBody = z.infer<typeof updateBody>;

/** The service's rules for a body. */
const RULES: Rule<TrackerBody>[] = [
  {
    errorCode: "CTS.0202",
    message: "The tracker_type must be system.",
    isKept: (body) => body.tracker_type === "system",
  },
  {
    errorCode: "CTS.0203",
    message:
      "The tracker_name is a string of 1 to 32 letters, digits, underscores and hyphens that does not start with an underscore or hyphen.",
    isKept: (body) => /^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$/.test(body.tracker_name),
  },
  {
    errorCode: "CTS.0204",
    message: "The tracker_name of a management tracker must be system.",
    isKept: (body) => body.tracker_name === "system",
  },
  {
    errorCode: "CTS.0205",
    message: "The status must be enabled or disabled.",
    isKept: (body) => body.status === undefined || body.status === "enabled" || body.status === "disabled",
  },
  {
    errorCode: "CTS.0218",
    message: "The file_prefix_name is a string of 0 to 64 letters, digits, hyphens, underscores and periods.",
    isKept: (body) => /^[A-Za-z0-9_.-]{0,64}$/.test(body.obs_info?.file_prefix_name ?? ""),
  },
  {
    errorCode: "CTS.0231",
    message:
      "The bucket_name is a string of 3 to 63 lower-case letters, digits, hyphens and periods that starts with a letter or digit, without .., -. or .-, and no IP address.",
    isKept: (body) => !body.obs_info?.bucket_name || isBucketName(body.obs_info.bucket_name),
  },
];

function isBucketName(name: string): boolean {
  const isIpAddress = /^\d{1,3}(\.\d{1,3}){3}$/.test(name);
  return /^[a-z0-9][a-z0-9.-]{2,62}$/.test(name) && !/\.\.|-\.|\.-/.test(name) && !isIpAddress;
}

/**
 * Reads the body of a POST (`create`) or PUT (`update`). Ignores the `status` of a POST: it exists on modify only.
 *
 * @throws ServiceError with the code of the first broken rule
 */
export function readTrackerBody(json: unknown, call: "create" | "update"): WireTrackerChanges {
  const body: TrackerBody = readBody(call === "create" ? createBody : updateBody, json, RULES);
  const { tracker_type: _type, tracker_name: _name, ...settings } = body;
  return settings as WireTrackerChanges;
}

/** Fills omitted settings from others, by default from the service's defaults. */
export function completeSettings(
  some: WireTrackerChanges,
  others: Readonly<WireTrackerSettings> = DEFAULT_SETTINGS,
): WireTrackerSettings {
  const obs_info = some.obs_info ? mergeObsInfo(some.obs_info, others.obs_info) : others.obs_info;
  return { ...others, ...withoutUndefined(some), obs_info } as WireTrackerSettings;
}

/** The settings of a tracker after a PUT. An omitted `status` is always kept: enabling and disabling are explicit. */
export function settingsOnUpdate(
  current: WireTrackerSettings,
  body: WireTrackerChanges,
  behaviour: Behaviour,
): WireTrackerSettings {
  const status = body.status ?? current.status;
  const disables = current.status === "enabled" && status === "disabled";
  if (behaviour.disabledIgnoresChanges && current.status === "disabled") {
    return { ...current, status };
  }
  if (behaviour.disablingDropsChanges && disables) {
    return { ...current, status };
  }
  return completeSettings({ ...body, status }, behaviour.put === "keep" ? current : DEFAULT_SETTINGS);
}

/**
 * Refuses a bucket that is missing, or that exists although it is to be created, if the switches say so.
 *
 * @param current the existing tracker, if any: its own bucket may always be named again
 * @throws ServiceError CTS.0211 or CTS.0215
 */
export function checkBucket(
  body: WireTrackerChanges,
  current: WireTrackerSettings | undefined,
  behaviour: Behaviour,
  buckets: ReadonlySet<string>,
): void {
  const wanted = mergeObsInfo(body.obs_info, behaviour.put === "keep" ? current?.obs_info : undefined);
  if (wanted === undefined || !body.obs_info?.bucket_name) {
    return;
  }
  if (behaviour.rejectMissingBucket && behaviour.obs === "noBucket") {
    throw new ServiceError(400, "CTS.0211", "The OBS bucket does not exist.");
  }
  const isOwn = current?.obs_info?.bucket_name === wanted.bucket_name;
  if (behaviour.rejectExistingBucket && wanted.is_obs_created && !isOwn && buckets.has(wanted.bucket_name)) {
    throw new ServiceError(400, "CTS.0215", "The OBS bucket already exists.");
  }
}

/**
 * A transfer from the request and, for omitted fields, from the current transfer or the defaults. Without a bucket
 * there is no transfer, whatever else the request has.
 */
function mergeObsInfo(
  changes: WireTrackerChanges["obs_info"] = {},
  before: WireObsInfo = DEFAULT_OBS_INFO,
): WireObsInfo | undefined {
  const transfer = { ...before, ...withoutUndefined(changes) } as WireObsInfo;
  return transfer.bucket_name === "" ? undefined : transfer;
}
