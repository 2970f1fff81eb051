import type { WireTracker } from "../../client/api/trackers";
import type { Place } from "../../client/place";
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
  return { ...(adopt !== undefined && { adopt }), ...(onDestroy !== undefined && { onDestroy }) };
}

export function toState(tracker: WireTracker | undefined, base: StateBase): TrackerState {
  const { region, projectId, projectName, adopted } = base;
  const kept = {
    region,
    projectId,
    ...(projectName && { projectName }),
    ...lifecycleOptionsOf(base),
    ...(adopted && { adopted }),
  };
  if (!tracker) {
    return kept as TrackerState;
  }
  const { obsInfo, ...settings } = fromWire(tracker);
  const { obs_info: obs, lts } = tracker;
  return {
    ...kept,
    ...settings,
    ...(obsInfo && {
      obsInfo: {
        ...obsInfo,
        ...(obs?.is_authorized_bucket != null && { isAuthorizedBucket: obs.is_authorized_bucket }),
        ...(obs?.bucket_lifecycle && { bucketLifecycle: obs.bucket_lifecycle }),
        ...(obs?.bucket_location && { bucketLocation: obs.bucket_location }),
      },
    }),
    trackerId: tracker.id,
    trackerName: tracker.tracker_name,
    trackerType: tracker.tracker_type ?? "system",
    ...(tracker.domain_id && { domainId: tracker.domain_id }),
    ...(tracker.create_time && { createTime: new Date(tracker.create_time).toISOString() }),
    ...(tracker.status === "error" && { detail: tracker.detail || unhealthyReason(tracker) }),
    lts: {
      isLtsEnabled: lts?.is_lts_enabled ?? false,
      ...(lts?.log_group_name && { logGroupName: lts.log_group_name }),
      ...(lts?.log_topic_name && { logTopicName: lts.log_topic_name }),
    },
  };
}
