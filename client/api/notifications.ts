import { z } from "zod";
import type { Project } from "../connection";
import { isGone, NO_NOTIFICATION, NO_TRACKER, type RequestFacts } from "../errors";
import { aboutThe, parseResponse } from "../http/parseResponse";

const wireNotification = z.looseObject({
  notification_id: z.string().min(1),
  notification_type: z.string().nullish(),
  notification_name: z.string(),
  /** `complete`, `customized`; any other one is kept, so that it shows as drift, and so is any other `status`. */
  operation_type: z.string().min(1),
  operations: z
    .array(
      z.looseObject({
        service_type: z.string(),
        resource_type: z.string(),
        trace_names: z.array(z.string()),
      }),
    )
    .nullish(),
  notify_user_list: z
    .array(z.looseObject({ user_group: z.string(), user_list: z.array(z.string()) }))
    .nullish(),
  topic_id: z.string().nullish(),
  filter: z
    .looseObject({
      condition: z.string().nullish(),
      is_support_filter: z.boolean().nullish(),
      rule: z.array(z.string()).nullish(),
    })
    .nullish(),
  status: z.string().min(1),
  /** Milliseconds since the epoch, within what a date can hold. */
  create_time: z.number().min(0).max(8.64e15).nullish(),
  domain_id: z.string().nullish(),
  project_id: z.string().nullish(),
});

/** A key event notification as API v3 answers it. Unset fields come as `""`, `null`, an empty list or not at all. */
export type WireNotification = z.output<typeof wireNotification>;

/** The body of API v3 to create or modify a key event notification. A modify is not a patch: it unsets omitted fields. */
export interface WireNotificationBody {
  readonly notification_name: string;
  /** `complete` or `customized`. */
  readonly operation_type: string;
  /** Not allowed with `complete`. */
  readonly operations?: readonly {
    readonly service_type: string;
    readonly resource_type: string;
    readonly trace_names: readonly string[];
  }[];
  readonly notify_user_list?: readonly {
    readonly user_group: string;
    readonly user_list: readonly string[];
  }[];
  readonly topic_id?: string;
  readonly filter?: {
    /** `AND` or `OR`. */
    readonly condition: string;
    readonly is_support_filter: boolean;
    readonly rule: readonly string[];
  };
  /**
   * `enabled` or `disabled`. Needed to modify; ignored by a create: a notification with a topic is enabled, others
   * disabled.
   */
  readonly status: string;
}

/** An entry of the list, and its id. The rest is checked when it is read, so that an odd entry spoils no other. */
export interface NotificationEntry {
  /** Undefined where the entry does not say. */
  readonly id: string | undefined;
  readonly name: string | undefined;
  /** @throws MalformedAnswerError, MixedUpAnswerError */
  read(): WireNotification;
}

const identity = {
  notification_id: wireNotification.shape.notification_id.optional().catch(undefined),
  notification_name: wireNotification.shape.notification_name.optional().catch(undefined),
};
const listedNotification = z.object(identity).catch({});
const notificationList = z.looseObject({ notifications: z.array(z.unknown()) });

// Only API v3 has key event notifications: these calls are v3 whichever version trackers use.

/**
 * Every key event notification of the project that has an SMN topic or none: the API does not page.
 *
 * @param name of the only one that is asked for.
 * @throws MalformedAnswerError
 */
export async function listNotifications(
  project: Project,
  name?: string,
): Promise<readonly NotificationEntry[]> {
  try {
    const query = name === undefined ? {} : { notification_name: name };
    const call = { method: "GET", path: "notifications/smn", query } as const;
    const answer = await project.request(call, notificationList);
    return answer.body.notifications.map((entry, index) => {
      const { notification_id: id, notification_name: name } = listedNotification.parse(entry);
      return { id, name, read: () => notificationIn(project, entry, answer, ["notifications", index]) };
    });
  } catch (error) {
    if (isGone(error, ...GONE)) {
      return [];
    }
    throw error;
  }
}

/**
 * The notification with this id; undefined if there is none.
 *
 * @throws MalformedAnswerError if an entry without an id may be it
 */
export function findById(list: readonly NotificationEntry[], id: string): WireNotification | undefined {
  return (list.find((one) => one.id === id) ?? list.find((one) => one.id === undefined))?.read();
}

/** The codes by which the service says that there is no notification, in newer and older deployments. */
const GONE = [NO_NOTIFICATION, NO_TRACKER];

function notificationIn(
  { projectId }: Project,
  body: unknown,
  answer: RequestFacts,
  at?: readonly PropertyKey[],
): WireNotification {
  const notification = parseResponse(wireNotification, body, answer, at);
  aboutThe("project", projectId, notification.project_id, answer);
  return notification;
}

/**
 * @returns the notification, as the service says that it is now.
 * @throws ConflictError where there is one of that name (`CTS.0400`), or as many as there may be (`CTS.0200`, `CTS.0407`);
 * after any error but a refusal it may have been made.
 */
export async function createNotification(
  project: Project,
  body: WireNotificationBody,
): Promise<WireNotification> {
  const answer = await project.request({ method: "POST", path: "notifications", body });
  const notification = notificationIn(project, answer.body, answer);
  aboutThe("notification", body.notification_name, notification.notification_name, answer);
  return notification;
}

/**
 * @returns the notification, as the service says that it is now.
 * @throws NotFoundError where there is none of that id, ConflictError where another one has the name.
 */
export async function updateNotification(
  project: Project,
  notificationId: string,
  body: WireNotificationBody,
): Promise<WireNotification> {
  const answer = await project.request({
    method: "PUT",
    path: "notifications",
    body: { notification_id: notificationId, ...body },
  });
  const notification = notificationIn(project, answer.body, answer);
  aboutThe("notification", notificationId, notification.notification_id, answer);
  return notification;
}

/** Succeeds where there is none. @throws MalformedAnswerError where the answer does not say that it is gone. */
export async function deleteNotification(project: Project, notificationId: string): Promise<void> {
  try {
    const query = { notification_id: notificationId };
    const answer = await project.request({ method: "DELETE", path: "notifications", query });
    parseResponse(z.undefined(), answer.body, answer);
  } catch (error) {
    if (!isGone(error, ...GONE)) {
      throw error;
    }
  }
}
