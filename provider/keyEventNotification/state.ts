import type { WireNotification } from "../../client/api/notifications";
import type { Place } from "../../client/place";
import { compact } from "../../client/values";
import { isoTime } from "../core/converging";
import { fromWire, keepDeclaredOrder, type NotificationSettings } from "./settings";

/** Options of the life cycle. */
export interface LifecycleOptions {
  adopt?: boolean;
}

/** Checked arguments: every default filled in, the project by its id. In a preview, any value may be UNKNOWN. */
export interface NotificationInputs extends NotificationSettings, LifecycleOptions, Place {}

/** The state of a notification: its arguments as they are in effect, and the service's additions. */
export interface NotificationState extends NotificationSettings, LifecycleOptions, Place {
  projectName?: string;
  notificationId: string;
  notificationType: string;
  domainId?: string;
  /** ISO 8601, UTC. */
  createTime?: string;
}

export type StateBase = Place & LifecycleOptions & { projectName?: string };

/** @param words what says the same as before keeps its order. */
export function toState(
  wire: WireNotification,
  { region, projectId, projectName, adopt }: StateBase,
  words: Partial<NotificationSettings>,
): NotificationState {
  return {
    ...keepDeclaredOrder(words, fromWire(wire)),
    ...compact({ region, projectId, projectName, adopt }),
    notificationId: wire.notification_id,
    notificationType: wire.notification_type || "smn",
    ...compact({ domainId: wire.domain_id, createTime: isoTime(wire.create_time) }),
  };
}
