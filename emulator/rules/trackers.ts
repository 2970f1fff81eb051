import { z } from "zod";
import type { Behaviour } from "../behaviour";
import { ServiceError } from "../http/errors";
import {
  DEFAULT_OBS_INFO,
  DEFAULT_SETTINGS,
  type WireObsInfo,
  type WireTrackerChanges,
  type WireTrackerSettings,
} from "../wire/trackers";

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

/** The service's rules for a body, in the order in which it checks them. */
const RULES: { errorCode: string; message: string; isKept(body: TrackerBody): boolean }[] = [
  {
    errorCode: "CTS.0202",
    message: "Invalid message body. The tracker_type must be system.",
    isKept: (body) => body.tracker_type === "system",
  },
  {
    errorCode: "CTS.0203",
    message:
      "Invalid message body. The tracker_name is a string of 1 to 32 letters, digits, underscores and hyphens that does not start with an underscore or hyphen.",
    isKept: (body) => /^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$/.test(body.tracker_name),
  },
  {
    errorCode: "CTS.0204",
    message: "Invalid message body. The tracker_name of a management tracker must be system.",
    isKept: (body) => body.tracker_name === "system",
  },
  {
    errorCode: "CTS.0205",
    message: "Invalid message body. The status must be enabled or disabled.",
    isKept: (body) => body.status === undefined || body.status === "enabled" || body.status === "disabled",
  },
  {
    errorCode: "CTS.0218",
    message:
      "Invalid message body. The file_prefix_name is a string of 0 to 64 letters, digits, hyphens, underscores and periods.",
    isKept: (body) => /^[A-Za-z0-9_.-]{0,64}$/.test(body.obs_info?.file_prefix_name ?? ""),
  },
  {
    errorCode: "CTS.0231",
    message:
      "Invalid message body. The bucket_name is a string of 3 to 63 lower-case letters, digits, hyphens and periods that starts with a letter or digit, without .., -. or .-, and no IP address.",
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
  const parsed = (call === "create" ? createBody : updateBody).safeParse(json);
  if (!parsed.success) {
    throw new ServiceError(400, "CTS.0003", "Invalid message body. The message body is empty or invalid.");
  }
  const body: TrackerBody = parsed.data;
  const broken = RULES.find((rule) => !rule.isKept(body));
  if (broken) {
    throw new ServiceError(400, broken.errorCode, broken.message);
  }
  const { tracker_type: _type, tracker_name: _name, ...settings } = body;
  return settings as WireTrackerChanges;
}

/** The settings of a tracker that a POST creates: always enabled. */
export function settingsOnCreate(body: WireTrackerChanges): WireTrackerSettings {
  return {
    status: "enabled",
    obs_info: mergeObsInfo(body.obs_info),
    is_lts_enabled: body.is_lts_enabled ?? DEFAULT_SETTINGS.is_lts_enabled,
    is_support_validate: body.is_support_validate ?? DEFAULT_SETTINGS.is_support_validate,
  };
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
  const left = behaviour.put === "keep" ? current : DEFAULT_SETTINGS;
  return {
    status,
    obs_info: obsInfoOnUpdate(current, body, behaviour),
    is_lts_enabled: body.is_lts_enabled ?? left.is_lts_enabled,
    is_support_validate: body.is_support_validate ?? left.is_support_validate,
  };
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
  const wanted = current ? obsInfoOnUpdate(current, body, behaviour) : mergeObsInfo(body.obs_info);
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

function obsInfoOnUpdate(
  current: WireTrackerSettings,
  body: WireTrackerChanges,
  behaviour: Behaviour,
): WireObsInfo | undefined {
  return mergeObsInfo(body.obs_info, behaviour.put === "keep" ? current.obs_info : undefined);
}

/**
 * A transfer from the request and, for omitted fields, from the current transfer or the defaults. Without a bucket
 * there is no transfer, whatever else the request has.
 */
export function mergeObsInfo(
  changes: WireTrackerChanges["obs_info"],
  before: WireObsInfo = DEFAULT_OBS_INFO,
): WireObsInfo | undefined {
  const transfer: WireObsInfo = {
    bucket_name: changes?.bucket_name ?? before.bucket_name,
    file_prefix_name: changes?.file_prefix_name ?? before.file_prefix_name,
    is_obs_created: changes?.is_obs_created ?? before.is_obs_created,
    compress_type: changes?.compress_type ?? before.compress_type,
    is_sort_by_service: changes?.is_sort_by_service ?? before.is_sort_by_service,
  };
  return transfer.bucket_name === "" ? undefined : transfer;
}
