import type { Place } from "../place";
import type { WireNotificationSettings } from "../wire/notifications";
import { LaggedHistory } from "./laggedHistory";

/** A project may have this many key event notifications in a region. */
export const NOTIFICATION_QUOTA = 100;

/** A key event notification as the service keeps it. */
export interface StoredNotification {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly createTime: number;
  readonly settings: WireNotificationSettings;
}

type NotificationList = readonly StoredNotification[];

/** The key event notifications of every project and region with their recent past, the newest first. */
export class NotificationStore extends LaggedHistory<NotificationList> {
  protected override readonly initial: NotificationList = [];

  add(place: Place, settings: WireNotificationSettings): StoredNotification {
    const added = this.#toStored(place, settings);
    this.append(place, [added, ...this.current(place)]);
    return added;
  }

  change(
    { id, createTime }: StoredNotification,
    place: Place,
    settings: WireNotificationSettings,
  ): StoredNotification {
    const changed = { id, createTime, settings };
    this.append(
      place,
      this.current(place).map((one) => (one.id === id ? changed : one)),
    );
    return changed;
  }

  remove(place: Place, gone: NotificationList): void {
    this.append(
      place,
      this.current(place).filter(({ id }) => !gone.some((one) => one.id === id)),
    );
  }

  /** Sets a notification as if it had always been there, in place of another of its name. */
  backdate(place: Place, settings: WireNotificationSettings): void {
    const name = settings.notification_name;
    const old = this.current(place).find((one) => one.settings.notification_name === name);
    const put = old ? { ...old, settings } : this.#toStored(place, settings);
    this.amend(place, (list) => [put, ...without(list, name)]);
  }

  /** Removes a notification as if it had never been there. */
  backdateRemoval(place: Place, name: string): void {
    this.amend(place, (list) => without(list, name));
  }

  #toStored(place: Place, settings: WireNotificationSettings): StoredNotification {
    return { id: this.newId("notification", place), createTime: this.clock(), settings };
  }
}

function without(list: NotificationList, name: string): NotificationList {
  return list.filter(({ settings }) => settings.notification_name !== name);
}
