/** Finds notifications in the service's list, which lags behind what was made, renamed or deleted just before. */
import {
  findById,
  listNotifications,
  type NotificationEntry,
  type WireNotification,
} from "../../client/api/notifications";
import type { Place } from "../../client/place";
import { LAG_WAITS_MS } from "../core/converging";
import { placeKey } from "../core/place";
import type { Run } from "../core/run";

/** After this age, absence from the list means deleted, not list lag. Clocks may differ by some of it. */
const NEW_MS = 10 * 60_000;

/**
 * The notification as a list shows it that may be some seconds old.
 *
 * @param mayLag whether it may be there though the list does not show it yet; asked only then.
 */
export async function findNotification(
  run: Run,
  place: Place,
  notificationId: string,
  mayLag: () => Promise<boolean> = async () => false,
): Promise<WireNotification | undefined> {
  const list = (lifeMs?: number) =>
    run.notifications.get(placeKey(place), () => listNotifications(run.connect().project(place)), lifeMs);
  const seen = findById(await list(), notificationId);
  if (seen || !(await mayLag())) {
    return seen;
  }
  const entry = await lookFor(run, list, LAG_WAITS_MS, ({ id }) => id === notificationId);
  return entry?.read();
}

/** True if the list may not show yet what was made then, by the service's clock. */
export async function isNew(run: Run, place: Place, createTime: string | undefined): Promise<boolean> {
  const clock = await run.connect().project(place).clock();
  return Math.abs(clock.now() - Date.parse(createTime ?? "")) < NEW_MS;
}

/** Looks into the list until an entry is there, or long enough. @param list is given the wait before it. */
export async function lookFor(
  { clock }: Run,
  list: (waitMs: number) => Promise<readonly NotificationEntry[]>,
  waitsMs: readonly number[],
  isIt: (one: NotificationEntry) => boolean,
): Promise<NotificationEntry | undefined> {
  for (const waitMs of waitsMs) {
    await clock.sleep(waitMs);
    const seen = (await list(waitMs)).find(isIt);
    if (seen) {
      return seen;
    }
  }
  return undefined;
}
