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
import {
  ApiError,
  ConflictError,
  type CtsError,
  isTransient,
  NotConvergedError,
  wasNotApplied,
} from "../../client/errors";
import type { Difference } from "../core/managedResource";
import { show } from "../core/validation";
import { fromWire, type NotificationSettings, settingDifferences, toWire } from "./settings";

/** The knowledge while a notification is brought to its settings, complete at every moment. */
export interface Progress {
  /** The service's last answer; undefined before the first. */
  seen: WireNotification | undefined;
  /** True if a call of ours may have changed something. */
  touched: boolean;
}

/** The most mutating calls whose answers were lost. */
const MAX_CALLS = 8;
/** No call begins later than this after the first. */
const BUDGET_MS = 5 * 60_000;
/** The most answers to a modify that do not show the wanted settings. */
const MAX_ANSWERS = 2;

/** Counts the calls whose answers are lost, and tells when it is time to give up. */
export class Attempts {
  readonly startedAt: number;
  #calls = 0;

  constructor(private readonly clock: Clock) {
    this.startedAt = clock.monotonic();
  }

  /** Counts a call. @returns true if it was the last one. */
  isLast(): boolean {
    this.#calls++;
    return this.#calls === MAX_CALLS || this.clock.monotonic() - this.startedAt > BUDGET_MS;
  }
}

/**
 * Sends modifies until an answer shows the wanted settings.
 *
 * @param progress is kept up to date, also when this fails.
 */
export async function converge(
  project: Project,
  notificationId: string,
  wanted: NotificationSettings,
  progress: Progress,
  clock: Clock,
): Promise<void> {
  const attempts = new Attempts(clock);
  for (let answers = 0; ; ) {
    const gaps = progress.seen && settingDifferences(fromWire(progress.seen), wanted);
    if (gaps?.length === 0) {
      return;
    }
    if (gaps && answers === MAX_ANSWERS) {
      throw notConverged(gaps);
    }
    try {
      progress.seen = await updateNotification(project, notificationId, toWire(wanted));
      progress.touched = true;
      answers++;
    } catch (error) {
      progress.touched ||= !wasNotApplied(error);
      if (wasNotApplied(error) || !isTransient(error) || attempts.isLast()) {
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
    try {
      await deleteNotification(project, notificationId);
      return;
    } catch (error) {
      if (!isTransient(error) || attempts.isLast()) {
        throw error;
      }
    }
  }
}

/** After a lost answer, a list that cannot be read either shows nothing: the next call tells more. Never of use to a read. */
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

function notConverged(gaps: readonly Difference[]): CtsError {
  const reasons = gaps.map(({ path, from, to }) => `${path} is still ${show(from)}, not ${show(to)}`);
  return new NotConvergedError("The service took the settings, but not all are in effect", reasons);
}
