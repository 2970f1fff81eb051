import { type Answer, ServiceError } from "../http/errors";
import { type Call, projectOperations, type Recorded, type Resource } from "../http/operation";
import { type Place, placesOf } from "../place";
import { invalidBody } from "../rules/body";
import { readCreateBody, readUpdateBody } from "../rules/notifications";
import type { EmulatorState } from "../state/emulatorState";
import { NOTIFICATION_QUOTA, type StoredNotification } from "../state/notifications";
import { parseTopicUrn } from "../state/topics";
import type { WireNotification, WireNotificationSettings } from "../wire/notifications";

/** The calls for key event notifications, which only API v3 has. */
export const notificationOperations = projectOperations("v3", [
  {
    name: "createNotification",
    method: "POST",
    path: "/notifications",
    records: recorded("createNotification", (state, call) => notificationTargets(state, call, byName(call))),
    handle: (state, call) => ({
      status: 201,
      body: toWireNotification(state, call, createNotificationAt(state, call, call.json)),
    }),
  },
  {
    name: "updateNotification",
    method: "PUT",
    path: "/notifications",
    records: recorded("updateNotification", (state, call) => notificationTargets(state, call, byId(call))),
    handle: (state, call) => ({
      status: 200,
      body: toWireNotification(state, call, updateNotificationAt(state, call, call.json)),
    }),
  },
  {
    name: "listNotifications",
    method: "GET",
    path: "/notifications/smn",
    handle: listNotifications,
  },
  {
    name: "deleteNotifications",
    method: "DELETE",
    path: "/notifications",
    records: recorded("deleteNotification", (state, call) =>
      targetPlaces(state, call).flatMap((place) => notificationTargets(state, place, byIds(call))),
    ),
    handle: deleteNotifications,
  },
]);

function recorded(trace_name: string, resources: Recorded["resources"]): Recorded {
  return { resource_type: "notification", trace_name, resources };
}

/**
 * Creates a notification.
 *
 * @throws ServiceError if the body breaks a rule, its name is taken, the quota is used up, or its topic does not exist
 */
export function createNotificationAt(state: EmulatorState, place: Place, json: unknown): StoredNotification {
  const settings = readCreateBody(json);
  checkName(state, place, settings);
  if (state.notifications.current(place).length >= NOTIFICATION_QUOTA) {
    // The reference has no code for this; it is the one for trackers.
    throw new ServiceError(
      400,
      "CTS.0200",
      "The number of key event notifications has reached the upper limit.",
    );
  }
  checkTopic(state, place, settings);
  return state.notifications.add(place, settings);
}

/**
 * Replaces all settings of a notification.
 *
 * @throws ServiceError if the body breaks a rule, or there is no such notification or topic, or its name is another's
 */
export function updateNotificationAt(state: EmulatorState, place: Place, json: unknown): StoredNotification {
  const { id, settings } = readUpdateBody(json);
  const current = state.notifications.current(place).find((one) => one.id === id);
  if (current === undefined) {
    throw noNotification();
  }
  checkName(state, place, settings, id);
  checkTopic(state, place, settings);
  return state.notifications.change(current, place, settings);
}

/** @param ownId of the notification that may have the name */
function checkName(
  { notifications }: EmulatorState,
  place: Place,
  { notification_name }: WireNotificationSettings,
  ownId?: string,
): void {
  const isTaken = notifications
    .current(place)
    .some(({ id, settings }) => id !== ownId && settings.notification_name === notification_name);
  if (isTaken) {
    throw new ServiceError(400, "CTS.0400", "NotificationV3 name is existed already.");
  }
}

/** The reference has no code for this; it is the one for bodies that are wrong. */
function checkTopic(
  { behaviour, topics }: EmulatorState,
  place: Place,
  { topic_id }: WireNotificationSettings,
): void {
  if (topic_id === undefined) {
    return;
  }
  const { region, projectId } = parseTopicUrn(topic_id) ?? {};
  if (region !== place.region || projectId !== place.projectId) {
    throw invalidBody("The topic_id must be urn:smn:{region}:{project_id}:{name}.");
  }
  if (behaviour.topics === "existing" && !topics.exists(topic_id)) {
    throw invalidBody("The topic does not exist.");
  }
}

/** A list without a name is never `notFound`, even if it is empty. */
function listNotifications(state: EmulatorState, call: Call): Answer {
  const name = call.query["notification_name"];
  const found = state.notifications
    .visible(call)
    .filter(({ settings }) => !name || settings.notification_name === name);
  if (name && found.length === 0 && state.behaviour.missing === "notFound") {
    throw noNotification();
  }
  return { status: 200, body: { notifications: found.map((one) => toWireNotification(state, call, one)) } };
}

/**
 * The reference does not say what this call does without ids. DELETE of trackers deletes everything in the account, so
 * this one does too: a client that forgets the ids learns it here. Existing ids are deleted even if others do not
 * exist.
 */
function deleteNotifications(state: EmulatorState, call: Call): Answer {
  const { notifications, behaviour } = state;
  let left = new Set(idsIn(call)).size;
  for (const place of targetPlaces(state, call)) {
    const found = notifications.current(place).filter(byIds(call));
    notifications.remove(place, found);
    left -= found.length;
  }
  if (left > 0 && behaviour.missing === "notFound") {
    throw noNotification();
  }
  return { status: 204 };
}

function idsIn({ query }: Call): string[] {
  return (query["notification_id"] ?? "").split(",").filter((id) => id !== "");
}

function targetPlaces({ account }: EmulatorState, call: Call): Place[] {
  const { region, projectId } = call;
  const isEveryOne = idsIn(call).length === 0;
  return isEveryOne ? placesOf(account).filter((place) => place.region === region) : [{ region, projectId }];
}

type Selection = (one: StoredNotification) => boolean;

/** The notifications that a DELETE is about. */
function byIds(call: Call): Selection {
  const ids = idsIn(call);
  return ({ id }) => ids.length === 0 || ids.includes(id);
}

/** The notification of a POST: one of that name may exist before. */
function byName({ json }: Call): Selection {
  const { notification_name } = (json ?? {}) as { notification_name?: unknown };
  return ({ settings }) => settings.notification_name === notification_name;
}

/** The notification of a PUT. */
function byId({ json }: Call): Selection {
  const { notification_id } = (json ?? {}) as { notification_id?: unknown };
  return ({ id }) => id === notification_id;
}

function notificationTargets(
  { notifications }: EmulatorState,
  place: Place,
  isSelected: Selection,
): Resource[] {
  return notifications
    .current(place)
    .filter(isSelected)
    .map((one) => toResource(place, one));
}

/** A notification as traces name it. */
export function toResource({ region, projectId }: Place, { id, settings }: StoredNotification): Resource {
  return { place: { region, projectId }, resource_id: id, resource_name: settings.notification_name };
}

function noNotification(): ServiceError {
  return new ServiceError(404, "CTS.0403", "The key event notification does not exist.");
}

/** A notification as a read shows it: a copy without the fields that are not set. */
export function toWireNotification(
  { account }: EmulatorState,
  { projectId }: Place,
  { id, createTime, settings }: StoredNotification,
): WireNotification {
  const { topic_id, filter, ...rest } = structuredClone(settings);
  return {
    notification_id: id,
    notification_type: "smn",
    ...rest,
    ...(topic_id !== undefined && { topic_id }),
    ...(filter && { filter }),
    create_time: createTime,
    domain_id: account.domain.id,
    project_id: projectId,
  };
}
