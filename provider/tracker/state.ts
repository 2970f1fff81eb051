import type { WireTracker } from "../../client/api/trackers";
import type { Place } from "../../client/place";
import { compact } from "../../client/values";
import { isoTime } from "../core/converging";
import { unhealthyReason } from "./converge";
import { fromWire, type TrackerSettings, type WantedSettings } from "./settings";

/** Options of the life cycle. */
export interface LifecycleOptions {
  adopt?: boolean;
  onDestroy?: "delete" | "disable" | "restore";
}

/** Checked arguments: every default filled in, the project by its id. In a preview, any value may be UNKNOWN. */
export interface TrackerInputs extends WantedSettings, LifecycleOptions, Place {}

/** The state of a tracker: its arguments as they are in effect, and the service's additions. */
export interface TrackerState extends TrackerSettings, LifecycleOptions, Place {
  projectName?: string;
  trackerId: string;
  trackerName: string;
  trackerType: string;
  domainId?: string;
  /** ISO 8601, UTC. */
  createTime?: string;
  detail?: string;
  lts: { isLtsEnabled: boolean; logGroupName?: string; logTopicName?: string };
  /** The settings at the take-over; absent if we made the tracker. */
  adopted?: TrackerSettings;
}

/** The parts of a state that the service does not report. */
export type StateBase = Place & LifecycleOptions & { projectName?: string; adopted?: TrackerSettings };

export function lifecycleOptionsOf({ adopt, onDestroy }: LifecycleOptions): LifecycleOptions {
  return compact({ adopt, onDestroy });
}

export function toState(tracker: WireTracker | undefined, base: StateBase): TrackerState {
  const { region, projectId, projectName, adopted } = base;
  const kept = compact({ region, projectId, projectName, ...lifecycleOptionsOf(base), adopted });
  if (!tracker) {
    return kept as TrackerState;
  }
  const { obsInfo, ...settings } = fromWire(tracker);
  const { obs_info: obs, lts } = tracker;
  const bucket = compact({
    isAuthorizedBucket: obs?.is_authorized_bucket,
    bucketLifecycle: obs?.bucket_lifecycle || undefined,
    bucketLocation: obs?.bucket_location,
  });
  return {
    ...kept,
    ...settings,
    ...compact({ obsInfo: obsInfo && { ...obsInfo, ...bucket } }),
    trackerId: tracker.id,
    trackerName: tracker.tracker_name,
    trackerType: tracker.tracker_type ?? "system",
    ...compact({
      domainId: tracker.domain_id,
      createTime: isoTime(tracker.create_time),
      detail: tracker.status === "error" ? tracker.detail || unhealthyReason(tracker) : undefined,
    }),
    lts: compact({
      isLtsEnabled: lts?.is_lts_enabled ?? false,
      logGroupName: lts?.log_group_name,
      logTopicName: lts?.log_topic_name,
    }),
  };
}
