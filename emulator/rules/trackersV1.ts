import { z } from "zod";
import type { WireTrackerChanges, WireTrackerSettings } from "../wire/trackers";
import { invalidBody, readBody } from "./body";
import { readTrackerBody } from "./trackers";

const updateBody = z.object({
  bucket_name: z.string().optional(),
  file_prefix_name: z.string().optional(),
  is_obs_created: z.boolean().optional(),
  status: z.unknown().optional(),
  lts: z
    .object({
      is_lts_enabled: z.boolean(),
      log_group_name: z.string().optional(),
      log_topic_name: z.string().optional(),
    })
    .optional(),
});

const createBody = updateBody.extend({ bucket_name: z.string() });

/**
 * Reads the body of a POST (`create`) or PUT (`update`) of v1.0. Its values must keep the same rules as those of v3.
 *
 * @param name of the tracker, as the path has it
 * @throws ServiceError with the code of the first broken rule
 */
export function readTrackerBodyV1(
  json: unknown,
  call: "create" | "update",
  name = "system",
): WireTrackerChanges {
  const { status, lts, ...obs_info } = readBody<z.infer<typeof updateBody>>(
    call === "create" ? createBody : updateBody,
    json,
  );
  if (lts && !(isLtsName(lts.log_group_name) && isLtsName(lts.log_topic_name))) {
    throw invalidBody("The log_group_name and log_topic_name have 1 to 63 characters.", "cts.0007");
  }
  if (call === "create" && obs_info.bucket_name === "") {
    throw invalidBody("The bucket_name must not be empty.", "CTS.0231");
  }
  const identity = { tracker_type: "system", tracker_name: name };
  return readTrackerBody({ ...identity, status, obs_info, is_lts_enabled: lts?.is_lts_enabled }, call);
}

/** The service requires the names even without a transfer, and never uses them. */
function isLtsName(name: string | undefined): boolean {
  return name !== undefined && name !== "" && name.length < 64;
}

/** Adds the settings that v1.0 does not have, unchanged: a PUT of v1.0 changes none of them. */
export function keepV3Settings(
  changes: WireTrackerChanges,
  current: WireTrackerSettings,
): WireTrackerChanges {
  return {
    ...changes,
    obs_info: {
      ...changes.obs_info,
      compress_type: current.obs_info?.compress_type,
      is_sort_by_service: current.obs_info?.is_sort_by_service,
    },
    is_support_validate: current.is_support_validate,
  };
}
