import type { Place } from "../place";
import { recordConsoleAction } from "../recording/auditTrail";
import { create, toResource, update } from "../routes/notifications";
import type { StoredNotification } from "../state/notifications";
import { findPlace, type Where, type World } from "../state/state";
import type { WireNotificationArgs, WireNotificationChanges } from "../wire/notifications";

/**
 * Actions of a person on key event notifications in the web console. Each leaves a trace. Each throws an Error if there
 * is no such place or notification, or a value breaks one of the service's rules.
 */
export interface NotificationConsole {
  /** Creates one that is about every operation, unless the settings say otherwise. It is enabled if it has a topic. */
  create(notification: WireNotificationArgs, where?: Where): void;
  /** Changes some settings and leaves the others; an `undefined` one is unset. */
  change(name: string, changes: WireNotificationChanges, where?: Where): void;
  /** Disables a notification, so that it sends no messages. */
  disable(name: string, where?: Where): void;
  /** Enables a notification that has a topic. */
  enable(name: string, where?: Where): void;
  /** Deletes a notification. */
  delete(name: string, where?: Where): void;
}

/** The part of an emulator's console that is about notifications. */
export function createNotificationConsole(world: World): NotificationConsole {
  const record = (
    place: Place,
    name: string,
    action: { trace_name: string; code: string; request: unknown },
    act: () => void,
  ): void => {
    const resource = () => {
      const found = find(world, place, name);
      return found && toResource(place, found);
    };
    recordConsoleAction(world, place, { ...action, resource_type: "notification", resource }, act);
  };
  const change = (name: string, changes: WireNotificationChanges, where?: Where): void => {
    const place = findPlace(world.account, where);
    const { id, settings } = existing(world, place, name);
    const action = { trace_name: "updateNotification", code: "200", request: changes };
    record(place, name, action, () => update(world, place, { notification_id: id, ...settings, ...changes }));
  };
  return {
    create: (notification, where) => {
      const place = findPlace(world.account, where);
      const request = { operation_type: "complete", ...notification };
      const action = { trace_name: "createNotification", code: "201", request };
      record(place, notification.notification_name, action, () => create(world, place, request));
    },
    change,
    disable: (name, where) => change(name, { status: "disabled" }, where),
    enable: (name, where) => change(name, { status: "enabled" }, where),
    delete: (name, where) => {
      const place = findPlace(world.account, where);
      const found = existing(world, place, name);
      const request = { notification_id: found.id };
      const action = { trace_name: "deleteNotification", code: "204", request };
      record(place, name, action, () => world.notifications.remove(place, [found]));
    },
  };
}

function find({ notifications }: World, place: Place, name: string): StoredNotification | undefined {
  return notifications.current(place).find(({ settings }) => settings.notification_name === name);
}

function existing(world: World, place: Place, name: string): StoredNotification {
  const found = find(world, place, name);
  if (found === undefined) {
    const { region, projectId } = place;
    throw new Error(`There is no notification "${name}" in project ${projectId}, region ${region}.`);
  }
  return found;
}
