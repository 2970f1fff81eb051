import type { WireNotification } from "../../client/api/notifications";
import type { Place } from "../../client/place";
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

export function lifecycleOptionsOf({ adopt }: LifecycleOptions = {}): LifecycleOptions {
  return adopt === undefined ? {} : { adopt };
}

export function nameIn({ projectName }: { projectName?: string } = {}): { projectName?: string } {
  return projectName ? { projectName } : {};
}

/** @param words what says the same as before keeps its order. */
export function toState(
  wire: WireNotification,
  { region, projectId, projectName, adopt }: StateBase,
  words: Partial<NotificationSettings>,
): NotificationState {
  return {
    ...keepDeclaredOrder(words, fromWire(wire)),
    region,
    projectId,
    ...(projectName && { projectName }),
    ...(adopt !== undefined && { adopt }),
    notificationId: wire.notification_id,
    notificationType: wire.notification_type || "smn",
    ...(wire.domain_id && { domainId: wire.domain_id }),
    ...(wire.create_time && { createTime: new Date(wire.create_time).toISOString() }),
  };
}
