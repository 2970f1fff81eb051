import type * as pulumi from "@pulumi/pulumi";
import type { PlaceRef } from "../client/place";
import { readNotifications } from "../provider/functions/getNotifications";
import { dataFunction, type Inputs } from "./internal/dataFunction";
import type { Filter, NotifyUser, Operation } from "./keyEventNotification";
import type { Reported } from "./tracker";

/** The notifications to read. */
export interface NotificationQuery extends PlaceRef {
  /** Only the one of this name: 1 to 64 letters, digits and underscores. */
  readonly notificationName?: string;
}

/** A key event notification as it is now, whoever manages it. */
export interface NotificationInfo {
  /** `{region}/{projectId}/{notificationId}`. */
  readonly id: string;
  readonly notificationName: string;
  readonly operationType: Reported<"complete" | "customized">;
  /** Absent where it is about every operation. */
  readonly operations?: Operation[];
  /** Absent where it is about everybody's operations. */
  readonly notifyUserList?: NotifyUser[];
  /** The URN of the topic that messages go to. */
  readonly topicId?: string;
  readonly filter?: Filter;
  readonly status: Reported<"enabled" | "disabled">;
  readonly region: string;
  readonly projectId: string;
  /** Known where the project was given by name. */
  readonly projectName?: string;
  /** The service's own id. */
  readonly notificationId: string;
  /** `smn`. */
  readonly notificationType: string;
  /** The account. */
  readonly domainId?: string;
  /** When the notification was made: ISO 8601, UTC. */
  readonly createTime?: string;
  /**
   * Why its settings are not there, `operationType` and `status` included: the service did not answer them as its API
   * promises. Absent where they are.
   */
  readonly problem?: string;
}

/** The project's key event notifications. */
export interface NotificationList {
  readonly notifications: readonly NotificationInfo[];
}

const read = dataFunction<NotificationQuery, NotificationList>(
  "getNotifications",
  async (connection, args) => ({
    notifications: (await readNotifications(connection, args)) as NotificationInfo[],
  }),
);

/**
 * Reads the key event notifications of a project in a region as they are now, whoever manages them. With a name, the list
 * has that one, or none.
 *
 * @param args region and project, the connection's where nothing is given; and a name, if only that one is meant.
 * @param _opts accepted by Pulumi's convention; without effect.
 * @throws ArgumentError for a name that no notification can have; nothing is sent then. MalformedAnswerError if an entry
 * of the service's list is no notification at all.
 *
 * @example
 * ```ts
 * const { notifications } = await cts.getNotifications({ projectName: "eu-de_production" });
 * export const silent = notifications.filter(({ status }) => status === "disabled").map(({ id }) => id);
 * ```
 */
export function getNotifications(
  args?: NotificationQuery,
  _opts?: pulumi.InvokeOptions,
): Promise<NotificationList> {
  return read.now(args);
}

/**
 * Reads the key event notifications of a project in a region as they are now, by arguments that may be outputs. While an
 * argument is unknown, in a preview, nothing is read and the result is unknown.
 *
 * @param args as of {@link getNotifications}; any may be an output.
 * @param opts `dependsOn` waits for these resources, and for everything in a component.
 *
 * @example
 * ```ts
 * const audit = new cts.Tracker("audit");
 * export const names = cts
 *   .getNotificationsOutput({ projectId: audit.projectId })
 *   .notifications.apply((all) => all.map(({ notificationName }) => notificationName));
 * ```
 */
export function getNotificationsOutput(
  args?: Inputs<NotificationQuery>,
  opts?: pulumi.InvokeOutputOptions,
): pulumi.Output<NotificationList> {
  return read.output(args, opts);
}
