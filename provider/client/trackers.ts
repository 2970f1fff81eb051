import { z } from "zod";
import type { ApiVersion } from "./config";
import type { Call, Project } from "./connection";
import { NotFoundError } from "./errors";

/** The one tracker there is: the management tracker, which the service names so itself. */
export const TRACKER_NAME = "system";

/** What both versions of the API say of a tracker in the same words. */
const common = {
  id: z.string(),
  tracker_name: z.string(),
  tracker_type: z.string().optional(),
  domain_id: z.string().nullish(),
  project_id: z.string().nullish(),
  /** Milliseconds since the epoch, within what a date can hold. */
  create_time: z.number().min(0).max(8.64e15).nullish(),
  status: z.enum(["enabled", "disabled", "error"]),
  detail: z.string().nullish(),
  lts: z
    .looseObject({
      is_lts_enabled: z.boolean().nullish(),
      log_group_name: z.string().nullish(),
      log_topic_name: z.string().nullish(),
    })
    .nullish(),
};

const wireTracker = z.looseObject({
  ...common,
  is_support_validate: z.boolean().nullish(),
  obs_info: z
    .looseObject({
      bucket_name: z.string().nullish(),
      file_prefix_name: z.string().nullish(),
      /** Undefined where the API does not tell: v1.0. */
      is_obs_created: z
        .boolean()
        .nullish()
        .transform((value): boolean | undefined => value ?? false),
      is_authorized_bucket: z.boolean().nullish(),
      /** Days. */
      bucket_lifecycle: z.number().nullish(),
      compress_type: z.string().nullish(),
      is_sort_by_service: z.boolean().nullish(),
      bucket_location: z.string().nullish(),
    })
    .nullish(),
});

/** A tracker as API v3 answers it. Fields that are not set come as `""`, `null`, `0` or not at all. */
export type WireTracker = z.output<typeof wireTracker>;

/** What API v3 takes to create or modify a tracker. A modify is not a patch: what is left out may be lost. */
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

/** How a version of the API puts the four calls. All else is in the words of v3. */
interface Dialect {
  readonly version: NonNullable<Call["version"]>;
  readonly paths: Readonly<Record<"create" | "update" | "get" | "delete", string>>;
  toBody(body: WireTrackerBody): unknown;
  /** What the answer to a query holds. */
  readonly trackersIn: z.ZodType<readonly WireTracker[]>;
}

const v3: Dialect = {
  version: "v3",
  paths: { create: "tracker", update: "tracker", get: "trackers", delete: "trackers" },
  toBody: (body) => ({ tracker_type: "system", tracker_name: TRACKER_NAME, ...body }),
  trackersIn: z.looseObject({ trackers: z.array(wireTracker) }).transform(({ trackers }) => trackers),
};

const flatTracker = z.looseObject({
  ...common,
  bucket_name: z.string().nullish(),
  file_prefix_name: z.string().nullish(),
});

/** The legacy API v1.0: flat, and without what came with v3. */
const v1: Dialect = {
  version: "v1.0",
  paths: { create: "tracker", update: `tracker/${TRACKER_NAME}`, get: "tracker", delete: "tracker" },
  toBody: ({ obs_info: obs, is_lts_enabled, status }) => ({
    bucket_name: obs?.bucket_name ?? "",
    file_prefix_name: obs?.file_prefix_name ?? "",
    is_obs_created: obs?.is_obs_created ?? false,
    // The names are required even for `false`, and never used (tf#3192).
    lts: { is_lts_enabled, log_group_name: "CTS", log_topic_name: "system-trace" },
    ...(status && { status }),
  }),
  // Some deployments answer with the tracker, others with a list of it.
  trackersIn: z
    .preprocess((body) => [body].flat(), z.array(flatTracker))
    .transform((trackers) =>
      trackers.map(({ bucket_name, file_prefix_name, ...tracker }) => ({
        ...tracker,
        obs_info: { bucket_name, file_prefix_name, is_obs_created: undefined },
      })),
    ),
};

const DIALECTS: Record<ApiVersion, Dialect> = { v3, v1 };

/** The tracker, or undefined where there is none: the service says so by an empty list, or by 404 `CTS.0214`. */
export async function getTracker(project: Project): Promise<WireTracker | undefined> {
  const { paths, version, trackersIn } = DIALECTS[project.apiVersion];
  try {
    const query = { tracker_name: TRACKER_NAME };
    const answer = await project.request({ method: "GET", path: paths.get, version, query }, trackersIn);
    return answer.body.find((tracker) => tracker.tracker_name === TRACKER_NAME);
  } catch (error) {
    if (error instanceof NotFoundError) return undefined;
    throw error;
  }
}

/** @throws ConflictError where there is one already; after any error but a refusal it may have been made. */
export async function createTracker(project: Project, body: WireTrackerBody): Promise<void> {
  const { paths, version, toBody } = DIALECTS[project.apiVersion];
  await project.request({ method: "POST", path: paths.create, version, body: toBody(body) });
}

/** @throws NotFoundError where there is none. */
export async function updateTracker(project: Project, body: WireTrackerBody): Promise<void> {
  const { paths, version, toBody } = DIALECTS[project.apiVersion];
  await project.request({ method: "PUT", path: paths.update, version, body: toBody(body) });
}

/** Succeeds where there is none. Always names the tracker: without a name the API deletes every one there is. */
export async function deleteTracker(project: Project): Promise<void> {
  const { paths, version } = DIALECTS[project.apiVersion];
  try {
    const query = { tracker_name: TRACKER_NAME };
    await project.request({ method: "DELETE", path: paths.delete, version, query });
  } catch (error) {
    if (!(error instanceof NotFoundError)) throw error;
  }
}
