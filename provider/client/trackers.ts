import { z } from "zod";
import type { Project } from "./connection";
import { NotFoundError } from "./errors";

/** The one tracker there is: the management tracker, which the service names so itself. */
export const TRACKER_NAME = "system";

const wireTracker = z.looseObject({
  id: z.string(),
  tracker_name: z.string(),
  tracker_type: z.string().optional(),
  domain_id: z.string().nullish(),
  project_id: z.string().nullish(),
  /** Milliseconds since the epoch, within what a date can hold. */
  create_time: z.number().min(0).max(8.64e15).nullish(),
  status: z.enum(["enabled", "disabled", "error"]),
  detail: z.string().nullish(),
  is_support_validate: z.boolean().nullish(),
  lts: z
    .looseObject({
      is_lts_enabled: z.boolean().nullish(),
      log_group_name: z.string().nullish(),
      log_topic_name: z.string().nullish(),
    })
    .nullish(),
  obs_info: z
    .looseObject({
      bucket_name: z.string().nullish(),
      file_prefix_name: z.string().nullish(),
      is_obs_created: z.boolean().nullish(),
      is_authorized_bucket: z.boolean().nullish(),
      /** Days. */
      bucket_lifecycle: z.number().nullish(),
      compress_type: z.string().nullish(),
      is_sort_by_service: z.boolean().nullish(),
      bucket_location: z.string().nullish(),
    })
    .nullish(),
});

const trackerList = z.looseObject({ trackers: z.array(wireTracker) });

/** A tracker as the API answers it. Fields that are not set come as `""`, `null`, `0` or not at all. */
export type WireTracker = z.output<typeof wireTracker>;

/** What the API takes to create or modify a tracker. A modify is not a patch: what is left out may be lost. */
export interface WireTrackerBody {
  readonly is_lts_enabled: boolean;
  readonly is_support_validate: boolean;
  /** Absent: no transfer. `bucket_name: ""` says so explicitly. */
  readonly obs_info?: {
    readonly bucket_name: string;
    readonly file_prefix_name?: string;
    readonly is_obs_created?: boolean;
    readonly compress_type?: string;
    readonly is_sort_by_service?: boolean;
  };
  /** Taken by modify only: a new tracker is always enabled. */
  readonly status?: "enabled" | "disabled";
}

const identity = { tracker_type: "system", tracker_name: TRACKER_NAME } as const;

/** The tracker, or undefined where there is none: the service says so by an empty list, or by 404 `CTS.0214`. */
export async function getTracker(project: Project): Promise<WireTracker | undefined> {
  try {
    const call = { method: "GET", path: "trackers", query: { tracker_name: TRACKER_NAME } } as const;
    const { trackers } = (await project.request(call, trackerList)).body;
    return trackers.find((tracker) => tracker.tracker_name === TRACKER_NAME);
  } catch (error) {
    if (error instanceof NotFoundError) return undefined;
    throw error;
  }
}

/** @throws ConflictError where there is one already; after any error but a refusal it may have been made. */
export async function createTracker(project: Project, body: WireTrackerBody): Promise<void> {
  await project.request({ method: "POST", path: "tracker", body: { ...identity, ...body } });
}

/** @throws NotFoundError where there is none. */
export async function updateTracker(project: Project, body: WireTrackerBody): Promise<void> {
  await project.request({ method: "PUT", path: "tracker", body: { ...identity, ...body } });
}

/** Succeeds where there is none. Always names the tracker: without a name the API deletes every one there is. */
export async function deleteTracker(project: Project): Promise<void> {
  try {
    await project.request({ method: "DELETE", path: "trackers", query: { tracker_name: TRACKER_NAME } });
  } catch (error) {
    if (!(error instanceof NotFoundError)) throw error;
  }
}
