import { z } from "zod";
import { answered } from "./answer";
import type { Project } from "./connection";
import { NotFoundError } from "./errors";

const wireNotification = z.looseObject({
  notification_id: z.string().min(1),
  notification_type: z.string().nullish(),
  notification_name: z.string(),
  operation_type: z.enum(["complete", "customized"]),
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
  status: z.enum(["enabled", "disabled"]),
  /** Milliseconds since the epoch, within what a date can hold. */
  create_time: z.number().min(0).max(8.64e15).nullish(),
  domain_id: z.string().nullish(),
  project_id: z.string().nullish(),
});

/** A key event notification as API v3 answers it. What is not set comes as `""`, `null`, an empty list or not at all. */
export type WireNotification = z.output<typeof wireNotification>;

/**
 * What API v3 takes to create or modify a key event notification. A modify is not a patch: what is left out is not set
 * afterwards.
 */
export interface WireNotificationBody {
  readonly notification_name: string;
  readonly operation_type: "complete" | "customized";
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
    readonly condition: "AND" | "OR";
    readonly is_support_filter: boolean;
    readonly rule: readonly string[];
  };
  /** Needed to modify. A create does not look at it: what has a topic is enabled, what has none disabled. */
  readonly status: "enabled" | "disabled";
}

// Only API v3 has key event notifications: these calls are v3 whatever trackers are managed by.

/**
 * Every key event notification of the project that has an SMN topic or none: the API does not page.
 *
 * @param name of the only one that is asked for.
 * @throws MalformedAnswerError
 */
export async function listNotifications(
  project: Project,
  name?: string,
): Promise<readonly WireNotification[]> {
  try {
    const list = z.looseObject({ notifications: z.array(wireNotification) });
    const query = name === undefined ? {} : { notification_name: name };
    const answer = await project.request({ method: "GET", path: "notifications/smn", query }, list);
    return answer.body.notifications;
  } catch (error) {
    if (error instanceof NotFoundError) return [];
    throw error;
  }
}

/**
 * @returns the notification, as the service says that it is now.
 * @throws ConflictError where there is one of that name (`CTS.0400`), or as many as there may be (`CTS.0200`); after any
 * error but a refusal it may have been made.
 */
export async function createNotification(
  project: Project,
  body: WireNotificationBody,
): Promise<WireNotification> {
  const answer = await project.request({ method: "POST", path: "notifications", body });
  return answered(wireNotification, answer.body, answer);
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
  return answered(wireNotification, answer.body, answer);
}

/** Succeeds where there is none. @throws MalformedAnswerError where the answer does not say that it is gone. */
export async function deleteNotification(project: Project, notificationId: string): Promise<void> {
  try {
    const query = { notification_id: notificationId };
    const answer = await project.request({ method: "DELETE", path: "notifications", query });
    answered(z.undefined(), answer.body, answer);
  } catch (error) {
    if (!(error instanceof NotFoundError)) throw error;
  }
}
