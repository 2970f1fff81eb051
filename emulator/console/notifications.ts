import type { Resource } from "../http/operation";
import { findPlace, type Place, type PlaceRef } from "../place";
import { type ConsoleCall, recordConsoleAction } from "../recording/auditTrail";
import { createNotificationAt, toResource, updateNotificationAt } from "../routes/notifications";
import type { EmulatorState } from "../state/emulatorState";
import type { StoredNotification } from "../state/notifications";
import type { WireNotificationArgs, WireNotificationChanges } from "../wire/notifications";

/**
 * Actions of a person on key event notifications in the web console. Each leaves a trace. Each throws an Error if there
 * is no such place or notification, or a value breaks one of the service's rules.
 */
export interface NotificationConsole {
  /** Creates one that is about every operation, unless the settings say otherwise. It is enabled if it has a topic. */
  create(notification: WireNotificationArgs, place?: PlaceRef): void;
  /** Changes some settings and leaves the others; an `undefined` one is unset. */
  change(name: string, changes: WireNotificationChanges, place?: PlaceRef): void;
  /** Disables a notification, so that it sends no messages. */
  disable(name: string, place?: PlaceRef): void;
  /** Enables a notification that has a topic. */
  enable(name: string, place?: PlaceRef): void;
  /** Deletes a notification. */
  delete(name: string, place?: PlaceRef): void;
}

/** The part of an emulator's console that is about notifications. */
export function createNotificationConsole(state: EmulatorState, user: string): NotificationConsole {
  const { account, notifications } = state;
  const find = (place: Place, name: string): StoredNotification | undefined =>
    notifications.current(place).find(({ settings }) => settings.notification_name === name);
  const existing = (place: Place, name: string): StoredNotification => {
    const found = find(place, name);
    if (found === undefined) {
      const { region, projectId } = place;
      throw new Error(`There is no notification "${name}" in project ${projectId}, region ${region}.`);
    }
    return found;
  };
  const record = (place: Place, name: string, action: ConsoleCall, act: () => void): void => {
    const resource = (): Resource | undefined => {
      const found = find(place, name);
      return found && toResource(place, found);
    };
    recordConsoleAction(state, place, { ...action, user, resource_type: "notification", resource }, act);
  };
  const change = (name: string, changes: WireNotificationChanges, ref?: PlaceRef): void => {
    const place = findPlace(account, ref);
    const { id, settings } = existing(place, name);
    const action = { trace_name: "updateNotification", code: "200", request: changes };
    record(place, name, action, () =>
      updateNotificationAt(state, place, { notification_id: id, ...settings, ...changes }),
    );
  };
  return {
    create: (notification, ref) => {
      const place = findPlace(account, ref);
      const request = { operation_type: "complete", ...notification };
      const action = { trace_name: "createNotification", code: "201", request };
      record(place, notification.notification_name, action, () =>
        createNotificationAt(state, place, request),
      );
    },
    change,
    disable: (name, ref) => change(name, { status: "disabled" }, ref),
    enable: (name, ref) => change(name, { status: "enabled" }, ref),
    delete: (name, ref) => {
      const place = findPlace(account, ref);
      const found = existing(place, name);
      const request = { notification_id: found.id };
      const action = { trace_name: "deleteNotification", code: "204", request };
      record(place, name, action, () => notifications.remove(place, [found]));
    },
  };
}
