/**
 * Names of notifications, which are unique in a project and region. A create and a rename wait where another
 * declaration of the run has the name: it may be about to give it up.
 */
import { createNotification, listNotifications, type WireNotification } from "../../client/api/notifications";
import type { Project } from "../../client/connection";
import { ApiError, CtsError, isTransient, wasNotApplied } from "../../client/errors";
import type { Place } from "../../client/place";
import { Attempts, LAG_WAITS_MS, LOST_CALL_WAITS_MS } from "../core/converging";
import { formatId, placeKey } from "../core/place";
import type { Run } from "../core/run";
import { show } from "../core/validation";
import { undefinedIfTransient, withTopicHint } from "./converge";
import { lookFor } from "./lookup";
import { fromWire, type NotificationSettings, settingDifferences, toWire } from "./settings";
import type { NotificationInputs } from "./state";

/** The waits before a name that is taken is asked for again. */
const NAME_WAITS_MS: readonly number[] = [100, 200, 400, 800, 1600, 3200];
/**
 * A notification that is older than our first call by this much was not made by us. Clocks may differ by as much.
 */
const CLOCKS_DIFFER_MS = 15 * 60_000;
const NAME_EXISTS = "CTS.0400";

/** The key of a name among the declarations of a run. It is no id, nor that of a tracker. */
export function nameKey(inputs: Place & Pick<NotificationSettings, "notificationName">): string {
  return `${placeKey(inputs)}/name ${String(inputs.notificationName)}`;
}

/** Creates and renames the notifications of a run. */
export class NotificationMaker {
  /** The ids of those that this run has renamed: a list that lags shows their old names. */
  readonly #renamed = new Set<string>();

  constructor(private readonly run: Run) {}

  /** Makes the notification, or finds the one that is there if it is ours, or may be taken over. */
  async create(project: Project, inputs: NotificationInputs): Promise<WireNotification> {
    const { clock, declarations } = this.run;
    const attempts = new Attempts(clock);
    const nameWaitsMs = NAME_WAITS_MS.values();
    let isPerhapsMade = false;
    let found: WireNotification | undefined;
    for (;;) {
      attempts.count();
      try {
        return await createNotification(project, toWire(inputs));
      } catch (error) {
        const isTaken = isNameTaken(error);
        if (!isTaken && (wasNotApplied(error) || !isTransient(error))) {
          throw withTopicHint(error, inputs);
        }
        isPerhapsMade ||= !wasNotApplied(error);
        // Another declaration's notification is never adopted: it may be about to be renamed.
        if (!found && !declarations.isHeld(nameKey(inputs))) {
          found = await this.#findByName(project, inputs, isTaken ? LAG_WAITS_MS : LOST_CALL_WAITS_MS);
        }
        // By the service's clock, as is the time when it was made.
        const startedAt = (await project.clock()).now() - (clock.monotonic() - attempts.startedAt);
        if (found && (inputs.adopt || (isPerhapsMade && isMadeBy(inputs, found, startedAt)))) {
          // Immediately: from now on it is no other declaration's.
          declarations.take(formatId(inputs, found.notification_id));
          return found;
        }
        if (isTaken) {
          const { value: waitMs } = nameWaitsMs.next();
          if (waitMs === undefined) {
            throw new CtsError(this.#whyTaken(inputs, exists(inputs, found)));
          }
          await clock.sleep(waitMs);
        } else if (found) {
          throw new CtsError(exists(inputs, found));
        } else if (attempts.areOver) {
          throw error;
        }
      }
    }
  }

  /**
   * Does work that renames a notification; waits where the new name is still another's.
   *
   * @param before its name until now.
   */
  async rename(
    id: string,
    inputs: NotificationInputs,
    before: Parameters<typeof nameKey>[0],
    work: () => Promise<void>,
  ): Promise<void> {
    for (const waitMs of [...NAME_WAITS_MS, undefined]) {
      try {
        await work();
        this.#renamed.add(id);
        this.run.declarations.release(nameKey(before));
        return;
      } catch (error) {
        if (!isNameTaken(error)) {
          throw error;
        }
        if (waitMs === undefined) {
          throw new CtsError(this.#whyTaken(inputs, isAnothersName(inputs)));
        }
      }
      await this.run.clock.sleep(waitMs);
    }
  }

  async #findByName(
    project: Project,
    { notificationName }: NotificationInputs,
    waitsMs: readonly number[],
  ): Promise<WireNotification | undefined> {
    const entry = await lookFor(
      this.run,
      async () => (await listNotifications(project).catch(undefinedIfTransient)) ?? [],
      waitsMs,
      ({ id = "", name }) => name === notificationName && !this.#renamed.has(formatId(project, id)),
    );
    return entry?.read();
  }

  /** @param otherwise the reason where no declaration of this run has had the name. */
  #whyTaken(inputs: NotificationInputs, otherwise: string): string {
    return this.run.declarations.isHeld(nameKey(inputs)) ? isDeclaredName(inputs) : otherwise;
  }
}

/** True if a notification can be the one that our POST made. */
function isMadeBy(inputs: NotificationInputs, found: WireNotification, startedAt: number): boolean {
  const asMade = { ...inputs, status: inputs.topicId ? ("enabled" as const) : ("disabled" as const) };
  const isOld = (found.create_time ?? startedAt) < startedAt - CLOCKS_DIFFER_MS;
  return !isOld && settingDifferences(fromWire(found), asMade).length === 0;
}

function isNameTaken(error: unknown): boolean {
  return error instanceof ApiError && error.errorCode === NAME_EXISTS;
}

/** The sentences below begin with the name of the argument. */
function subject({ notificationName, region, projectId }: NotificationInputs, id = ""): string {
  return `notificationName: a key event notification ${show(notificationName)}${id} exists already in project ${projectId}, region ${region}`;
}

function exists(inputs: NotificationInputs, found: WireNotification | undefined): string {
  const id = found ? ` (${found.notification_id})` : "";
  return `${subject(inputs, id)}: choose another name, or set adopt: true to take it over and set it as declared, also where a run that was killed has made it`;
}

function isAnothersName(inputs: NotificationInputs): string {
  return `${subject(inputs)}: choose another name, or rename or delete that one first`;
}

function isDeclaredName({ notificationName, region, projectId }: NotificationInputs): string {
  return `notificationName: ${show(notificationName)} in project ${projectId}, region ${region}, is still the name of another notification of this program: names cannot be swapped in one up; rename in two ups, by way of a free name`;
}
