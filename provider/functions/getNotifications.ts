import { listNotifications, type NotificationEntry } from "../../client/api/notifications";
import type { Connection } from "../../client/connection";
import { ArgumentError, MalformedAnswerError } from "../../client/errors";
import type { Place, PlaceRef } from "../../client/place";
import { formatId } from "../core/place";
import { show } from "../core/validation";
import { settingsShape } from "../keyEventNotification/settings";
import { type NotificationState, toState } from "../keyEventNotification/state";

/**
 * The key event notifications of a project and region, each as the state of a declaration would have it.
 *
 * @throws ArgumentError for a name that no notification can have; nothing is sent then. MalformedAnswerError where an entry
 * of the list is none.
 */
export async function readNotifications(
  connection: Connection,
  { notificationName: name, ...ref }: PlaceRef & { readonly notificationName?: string },
): Promise<ListedNotification[]> {
  const issue = settingsShape.notificationName.optional().safeParse(name).error?.issues[0];
  if (issue) {
    throw new ArgumentError("The query of notifications", [
      `notificationName ${issue.message}, got ${show(name)}`,
    ]);
  }
  const place = await connection.locate(ref);
  const list = await listNotifications(connection.project(place), name);
  // Deployments may not look at the name. An entry that does not say its name may be it.
  const isMeant = (one: NotificationEntry) => name === undefined || name === (one.name ?? name);
  return list.filter(isMeant).map((one) => listed(place, one));
}

/** With the id that a declaration of it would have; without settings, but a problem, where they cannot be read. */
export type ListedNotification = { id: string } & (
  | NotificationState
  | (Pick<NotificationState, "notificationId"> & Place & { notificationName?: string; problem: string })
);

/** An odd one must neither be missing from the list, where nobody would miss it, nor hide the others. */
function listed(place: Place & { projectName?: string }, entry: NotificationEntry): ListedNotification {
  const { id: notificationId = "", name } = entry;
  const id = formatId(place, notificationId);
  try {
    return { id, ...toState(entry.read(), place, {}) };
  } catch (error) {
    if (!(error instanceof MalformedAnswerError) || notificationId === "") {
      throw error;
    }
    const named = name === undefined ? {} : { notificationName: name };
    return { id, notificationId, ...named, ...place, problem: error.message };
  }
}
