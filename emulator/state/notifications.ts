import { keyOf, type Place, placesOf } from "../location";
import { type Account, type Behaviour, dashedId } from "../options";
import type { WireNotificationSettings } from "../wire/notifications";
import { Histories } from "./laggedHistory";

/** How many key event notifications a project may have in a region. */
export const notificationQuota = 100;

/** A key event notification as the service keeps it. */
export interface StoredNotification {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly createTime: number;
  readonly settings: WireNotificationSettings;
}

type List = readonly StoredNotification[];

/** The key event notifications of every project and region with their recent past, the newest first. */
export class Notifications {
  readonly #histories: Histories<List>;
  #created = 0;

  constructor(
    private readonly account: Account,
    behaviour: Behaviour,
    private readonly clock: () => number,
  ) {
    this.#histories = new Histories(behaviour, clock);
    this.reset();
  }

  /** Back to how an account starts: there are none. */
  reset(): void {
    this.#created = 0;
    for (const place of placesOf(this.account)) {
      this.#histories.start(place, []);
    }
  }

  /** Those there are now. */
  current(place: Place): List {
    return this.#histories.current(place);
  }

  /** Those that a read shows: what there was `lagMs` ago. */
  visible(place: Place): List {
    return this.#histories.visible(place);
  }

  /** Creates one. */
  add(place: Place, settings: WireNotificationSettings): StoredNotification {
    const added = this.#toStored(place, settings);
    this.#histories.append(place, [added, ...this.current(place)]);
    return added;
  }

  /** Gives one other settings. */
  change(
    { id, createTime }: StoredNotification,
    place: Place,
    settings: WireNotificationSettings,
  ): StoredNotification {
    const changed = { id, createTime, settings };
    this.#histories.append(
      place,
      this.current(place).map((one) => (one.id === id ? changed : one)),
    );
    return changed;
  }

  /** Takes some away. */
  remove(place: Place, gone: List): void {
    this.#histories.append(
      place,
      this.current(place).filter(({ id }) => !gone.some((one) => one.id === id)),
    );
  }

  /** Makes it as if there had always been this one, in place of any other of its name. */
  put(place: Place, settings: WireNotificationSettings): void {
    const name = settings.notification_name;
    const old = this.current(place).find((one) => one.settings.notification_name === name);
    const put = old ? { ...old, settings } : this.#toStored(place, settings);
    this.#histories.rewrite(place, (list) => [put, ...without(list, name)]);
  }

  /** Makes it as if there had never been one of that name. */
  drop(place: Place, name: string): void {
    this.#histories.rewrite(place, (list) => without(list, name));
  }

  #toStored(place: Place, settings: WireNotificationSettings): StoredNotification {
    this.#created += 1;
    const id = dashedId(`notification ${this.#created} ${keyOf(place)}`);
    return { id, createTime: this.clock(), settings };
  }
}

function without(list: List, name: string): List {
  return list.filter(({ settings }) => settings.notification_name !== name);
}
