/**
 * Brings a notification to the settings that are wanted, or removes it, whatever answers are lost. The answer to a call
 * proves its effect: the list lags behind.
 */
import {
  deleteNotification,
  findById,
  listNotifications,
  updateNotification,
  type WireNotification,
} from "../../client/api/notifications";
import type { Clock } from "../../client/clock";
import type { Project } from "../../client/connection";
import { ApiError, ConflictError, isTransient, wasNotApplied } from "../../client/errors";
import { Attempts, notInEffect } from "../core/converging";
import { fromWire, type NotificationSettings, settingDifferences, toWire } from "./settings";

/** The knowledge while a notification is brought to its settings, complete at every moment. */
export interface NotificationProgress {
  /** The service's last answer; undefined before the first. */
  seen: WireNotification | undefined;
  /** True if a call of ours may have changed something. */
  touched: boolean;
}

/** The most answers to a modify that do not show the wanted settings. */
const MAX_ANSWERS = 2;

/**
 * Sends modifies until an answer shows the wanted settings.
 *
 * @param progress is kept up to date, also when this fails.
 */
export async function converge(
  project: Project,
  notificationId: string,
  wanted: NotificationSettings,
  progress: NotificationProgress,
  clock: Clock,
): Promise<void> {
  const attempts = new Attempts(clock);
  for (let answers = 0; ; ) {
    const gaps = progress.seen && settingDifferences(fromWire(progress.seen), wanted);
    if (gaps?.length === 0) {
      return;
    }
    if (gaps && answers === MAX_ANSWERS) {
      throw notInEffect(gaps);
    }
    attempts.count();
    try {
      progress.seen = await updateNotification(project, notificationId, toWire(wanted));
      progress.touched = true;
      answers++;
    } catch (error) {
      progress.touched ||= !wasNotApplied(error);
      if (wasNotApplied(error) || !isTransient(error) || attempts.areOver) {
        throw withTopicHint(error, wanted);
      }
      // The list may lag; the answer to the next call does not.
      const list = listNotifications(project).then((all) => findById(all, notificationId));
      progress.seen = (await list.catch(undefinedIfTransient)) ?? progress.seen;
    }
  }
}

/** Only the answer to a delete proves it: the list may not show yet what was made just before. */
export async function remove(project: Project, notificationId: string, clock: Clock): Promise<void> {
  const attempts = new Attempts(clock);
  for (;;) {
    attempts.count();
    try {
      await deleteNotification(project, notificationId);
      return;
    } catch (error) {
      if (!isTransient(error) || attempts.areOver) {
        throw error;
      }
    }
  }
}

/** Only after a lost change: a list that cannot be read either shows nothing, and the next call tells more. */
export function undefinedIfTransient(error: unknown): undefined {
  if (isTransient(error)) {
    return undefined;
  }
  throw error;
}

/** The service does not say which code means the topic; all else that is declared was checked before. */
export function withTopicHint(error: unknown, { topicId }: NotificationSettings): unknown {
  const isOfBody = error instanceof ApiError && error.status === 400 && !(error instanceof ConflictError);
  return topicId && isOfBody && !isTransient(error)
    ? error.advise(`check that the topic ${topicId} exists, and that its policy lets CTS publish to it`)
    : error;
}
