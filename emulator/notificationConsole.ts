import type { StoredNotification } from "./notifications";
import { create, update } from "./routes/notifications";
import type { Place } from "./store";
import type { WireNotificationArgs, WireNotificationChanges } from "./wireNotifications";
import { findPlace, type Where, type World } from "./world";

/**
 * What a person does with key event notifications in the web console. Each throws an Error if there is no such place,
 * no notification of that name there, or one of the service's rules is broken.
 */
export interface NotificationConsole {
  /** Creates one that is about every operation, unless told otherwise. It is enabled if it has a topic. */
  create(notification: WireNotificationArgs, where?: Where): void;
  /** Changes some settings and leaves the others; what is `undefined` is not set afterwards. */
  change(name: string, changes: WireNotificationChanges, where?: Where): void;
  disable(name: string, where?: Where): void;
  enable(name: string, where?: Where): void;
  delete(name: string, where?: Where): void;
}

/** The part of an emulator's console that is about notifications. */
export function createNotificationConsole(world: World): NotificationConsole {
  const change = (name: string, changes: WireNotificationChanges, where?: Where): void => {
    const place = findPlace(world.account, where);
    const { id, settings } = existing(world, place, name);
    update(world, place, { notification_id: id, ...settings, ...changes });
  };
  return {
    create: (notification, where) => {
      create(world, findPlace(world.account, where), { operation_type: "complete", ...notification });
    },
    change,
    disable: (name, where) => change(name, { status: "disabled" }, where),
    enable: (name, where) => change(name, { status: "enabled" }, where),
    delete: (name, where) => {
      const place = findPlace(world.account, where);
      world.notifications.remove(place, [existing(world, place, name)]);
    },
  };
}

function existing({ notifications }: World, place: Place, name: string): StoredNotification {
  const found = notifications.current(place).find(({ settings }) => settings.notification_name === name);
  if (found === undefined) {
    const { region, projectId } = place;
    throw new Error(`There is no notification "${name}" in project ${projectId}, region ${region}.`);
  }
  return found;
}
