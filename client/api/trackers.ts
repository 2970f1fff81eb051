import { z } from "zod";
import type { ApiVersion } from "../config/settings";
import type { Call, Project } from "../connection";
import { isGone, NO_TRACKER } from "../errors";
import { aboutThe } from "../http/parseResponse";

/** The only tracker: the management tracker, which the service names itself. */
export const TRACKER_NAME = "system";

/** Fields that are the same in both versions of the API. */
const common = {
  id: z.string(),
  tracker_name: z.string(),
  tracker_type: z.string().optional(),
  domain_id: z.string().nullish(),
  project_id: z.string().nullish(),
  /** Milliseconds since the epoch, within what a date can hold. */
  create_time: z.number().min(0).max(8.64e15).nullish(),
  /** `enabled`, `disabled`, `error`; any other one is kept, so that it shows as drift. */
  status: z.string().min(1),
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
      /** Undefined if the API does not report it: v1.0. */
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

/** The body of API v3 to create or modify a tracker. A modify is not a patch: an omitted field may be lost. */
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
  /** Accepted by modify only: a new tracker is always enabled. */
  readonly status?: "enabled" | "disabled";
}

/** The four calls in one version of the API. All other code uses the words of v3. */
interface Dialect {
  readonly version: NonNullable<Call["version"]>;
  readonly paths: Readonly<Record<"create" | "update" | "get" | "delete", string>>;
  toBody(body: WireTrackerBody): unknown;
  /** The tracker in the answer to a query; undefined if there is none. */
  readonly trackerIn: z.ZodType<WireTracker | undefined>;
}

const named = z.looseObject({ tracker_name: z.string() });

/** True if an entry of a list is the management tracker; undefined if it has no name. */
function isOurs(entry: unknown): boolean | undefined {
  const { success, data } = named.safeParse(entry);
  return success ? data.tracker_name === TRACKER_NAME : undefined;
}

/**
 * The management tracker in a list. Other trackers only need a name: an odd one is not our affair. An entry without a
 * name must not count as "none" if ours is missing.
 */
function ourTracker<T extends z.ZodType>(shape: T) {
  return z.array(z.unknown()).transform((entries, context): z.output<T> | undefined => {
    const wanted = entries.some(isOurs) || undefined;
    const found = entries.flatMap((entry, index) => {
      if (isOurs(entry) !== wanted) {
        return [];
      }
      const { success, data, error } = shape.safeParse(entry);
      for (const issue of error?.issues ?? []) {
        context.issues.push({ ...issue, path: [index, ...issue.path], input: entry } as never);
      }
      return success ? [data] : [];
    });
    return found[0];
  });
}

const v3: Dialect = {
  version: "v3",
  paths: { create: "tracker", update: "tracker", get: "trackers", delete: "trackers" },
  toBody: (body) => ({ tracker_type: "system", tracker_name: TRACKER_NAME, ...body }),
  trackerIn: z.looseObject({ trackers: ourTracker(wireTracker) }).transform(({ trackers }) => trackers),
};

const flatTracker = z.looseObject({
  ...common,
  bucket_name: z.string().nullish(),
  file_prefix_name: z.string().nullish(),
});

/** The legacy API v1.0: flat, and without the settings that are new in v3. */
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
  trackerIn: z.preprocess(entriesOfV1, ourTracker(flatTracker)).transform((found) => {
    if (!found) {
      return undefined;
    }
    const { bucket_name, file_prefix_name, ...tracker } = found;
    return { ...tracker, obs_info: { bucket_name, file_prefix_name, is_obs_created: undefined } };
  }),
};

const nothing = z.strictObject({});

/** Deployments answer with the tracker, a list of it, or v3's body; and with nothing or `{}` where there is none. */
function entriesOfV1(body: unknown): unknown[] {
  const { trackers } = Object(body) as { trackers?: unknown };
  const entries = [Array.isArray(trackers) ? trackers : (body ?? [])].flat();
  return entries.filter((entry) => !nothing.safeParse(entry).success);
}

const DIALECTS: Record<ApiVersion, Dialect> = { v3, v1 };

/**
 * The tracker, or undefined if there is none: the service answers a list without it, or 404 `CTS.0214`.
 *
 * @throws MalformedAnswerError, MixedUpAnswerError
 */
export async function getTracker(project: Project): Promise<WireTracker | undefined> {
  const { paths, version, trackerIn } = DIALECTS[project.apiVersion];
  try {
    const query = { tracker_name: TRACKER_NAME };
    const answer = await project.request({ method: "GET", path: paths.get, version, query }, trackerIn);
    aboutThe("project", project.projectId, answer.body?.project_id, answer);
    return answer.body;
  } catch (error) {
    if (isGone(error, NO_TRACKER)) {
      return undefined;
    }
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
    if (!isGone(error, NO_TRACKER)) {
      throw error;
    }
  }
}
