/**
 * Brings a tracker to the settings that are wanted, by what the service says, never by what was sent.
 *
 * Handles these quirks of the service: a modify is no patch, a disabled tracker ignores other changes, a PUT that
 * disables may drop what else it carries, a create where there is a tracker fails, a new one is enabled whatever
 * was asked for, settings that do not stick, a tracker that vanishes.
 */

import { createTracker, getTracker, updateTracker, type WireTracker } from "../../client/api/trackers";
import type { Clock } from "../../client/clock";
import type { Project } from "../../client/connection";
import {
  ConflictError,
  type CtsError,
  isTransient,
  NotConvergedError,
  NotFoundError,
  wasNotApplied,
} from "../../client/errors";
import { Attempts, LAG_WAITS_MS, LOST_CALL_WAITS_MS, notInEffect, stillDiffers } from "../core/converging";
import type { Difference } from "../core/managedResource";
import {
  fromWire,
  isCondition,
  overwrittenSettings,
  settingDifferences,
  type TrackerSettings,
  toWire,
  type WantedSettings,
} from "./settings";

/** The knowledge of converging, complete at every moment, also when it fails. */
export interface TrackerProgress {
  /** The tracker as last read; undefined where there was none. */
  seen: WireTracker | undefined;
  /** True if a call of ours may have changed something. */
  touched: boolean;
  /** True if we made the tracker; `perhaps` until it is seen, if the answer to our POST was lost. */
  created: boolean | "perhaps";
  /** The settings that the tracker had when we took it over. */
  found: TrackerSettings | undefined;
}

export interface Goal {
  readonly project: Project;
  readonly wanted: WantedSettings;
  readonly clock: Clock;
  /**
   * Is asked before the first change to a tracker that somebody else made; throws where it must be left alone.
   * Absent: the tracker is ours.
   */
  readonly mayTakeOver?: (found: WireTracker) => void;
  /** True if a tracker that is neither enabled nor disabled will do, if all else is in effect. @defaultValue false */
  readonly acceptUnhealthy?: boolean;
}

/** Calls in a row without any visible effect, at most. */
const MAX_IDLE_CALLS = 2;
export function startOf(seen: WireTracker | undefined, found?: TrackerSettings): TrackerProgress {
  return { seen, found, touched: false, created: false };
}

/** Works on `progress` until all that is wanted is in effect. @throws CtsError */
export async function converge(goal: Goal, progress: TrackerProgress): Promise<WireTracker> {
  const attempts = new Attempts(goal.clock);
  let failure: unknown;
  for (let idle = 0; ; ) {
    noteFound(goal, progress);
    const gaps = gapsOf(goal, progress.seen);
    if (progress.seen && gaps.length === 0) {
      return progress.seen;
    }
    if (attempts.areOver || idle === (onlyHealthDiffers(gaps) ? 1 : MAX_IDLE_CALLS)) {
      throw failure ?? notConverged(progress.seen, gaps);
    }
    const before = progress.seen;
    const isInsisting = idle > 0 && gaps.some(({ path }) => path === "obsInfo");
    attempts.count();
    failure = await sendNext(goal, progress, gaps, isInsisting);
    const isLost = isTransient(failure);
    progress.seen = await readBack(goal, before, isLost ? LOST_CALL_WAITS_MS : LAG_WAITS_MS);
    idle = isSame(before, progress.seen) && !isLost ? idle + 1 : 0;
  }
}

/** Whose tracker it is that is there now: ours, or one that is to be looked at before it is changed. */
function noteFound({ mayTakeOver, wanted }: Goal, progress: TrackerProgress): void {
  const { seen } = progress;
  if (!seen) {
    return;
  }
  if (progress.created === "perhaps") {
    progress.created = isMadeAs(wanted, seen);
  }
  if (!mayTakeOver || progress.created || progress.found) {
    return;
  }
  mayTakeOver(seen);
  progress.found = fromWire(seen);
}

/** True if a tracker can be the one that our POST made: it has no setting that the POST did not ask for. */
function isMadeAs(wanted: WantedSettings, seen: WireTracker): boolean {
  return (
    overwrittenSettings(settingDifferences(fromWire(seen), { ...wanted, status: "enabled" })).length === 0
  );
}

function gapsOf({ wanted, acceptUnhealthy }: Goal, seen: WireTracker | undefined): Difference[] {
  const gaps = settingDifferences(seen ? fromWire(seen) : {}, wanted);
  return gaps.filter(({ path, from }) => !(acceptUnhealthy && seen && isCondition(path, from)));
}

/** Sends what brings the tracker nearer. Returns a failure after which only reading tells what happened. */
async function sendNext(goal: Goal, progress: TrackerProgress, gaps: readonly Difference[], insist: boolean) {
  const { project, wanted } = goal;
  try {
    if (!progress.seen) {
      await createTracker(project, toWire(wanted));
      progress.created = true;
    } else {
      // Everything else is applied to an enabled tracker before it is disabled.
      const status = gaps.some(({ path }) => path !== "status") ? "enabled" : wanted.status;
      const body = { ...toWire(wanted), status };
      await updateTracker(project, insist ? withExplicitNone(body) : body);
    }
    progress.touched = true;
    return undefined;
  } catch (error) {
    const isPerhapsApplied = !wasNotApplied(error);
    progress.touched ||= isPerhapsApplied;
    if (!progress.seen && isPerhapsApplied) {
      progress.created = "perhaps";
    }
    const isOvertaken = error instanceof NotFoundError || error instanceof ConflictError;
    if (!isOvertaken && !(isPerhapsApplied && isTransient(error))) {
      throw error;
    }
    return error;
  }
}

/** Says in so many words that there is no transfer, for a service that did not take its absence to mean so. */
function withExplicitNone<T extends object>(body: T): T {
  return "obs_info" in body ? body : { ...body, obs_info: { bucket_name: "" } };
}

/** Reads until the last call shows, or long enough. */
async function readBack(
  { project, clock }: Goal,
  before: WireTracker | undefined,
  waitsMs: readonly number[],
) {
  let seen = before;
  for (const waitMs of waitsMs) {
    await clock.sleep(waitMs);
    seen = await getTracker(project);
    if (!isSame(before, seen)) {
      break;
    }
  }
  return seen;
}

/** Everything is in effect, and the tracker is unhealthy: no call of ours mends that. */
function onlyHealthDiffers(gaps: readonly Difference[]): boolean {
  return gaps.every(({ from }) => from === "error");
}

function isSame(a: WireTracker | undefined, b: WireTracker | undefined): boolean {
  if (!a || !b) {
    return a === b;
  }
  return a.id === b.id && a.detail === b.detail && settingDifferences(fromWire(a), fromWire(b)).length === 0;
}

function notConverged(seen: WireTracker | undefined, gaps: readonly Difference[]): CtsError {
  if (!seen) {
    return new NotConvergedError("The tracker was not made", ["the service lists none after the call"]);
  }
  // The reasons are kept in the state, in plain text: what may be a secret is not repeated.
  return notInEffect(gaps, (gap) => {
    if (gap.from === "error") {
      return unhealthyReason(seen);
    }
    return gap.path.startsWith("obsInfo") ? `${gap.path} is not what is declared` : stillDiffers(gap);
  });
}

/** The reason why a tracker is unhealthy, and the cure. */
export function unhealthyReason({ detail }: WireTracker): string {
  const bucket = "the bucket of obsInfo.bucketName";
  switch (detail) {
    case "noBucket":
      return `no trace files are stored, because ${bucket} does not exist: create it, or change obsInfo.bucketName`;
    case "bucketPolicyError":
      return `no trace files are stored, because the policy of ${bucket} does not let CTS write: grant CTS access to it`;
    case "arrears":
      return "traces are not recorded, because the account is in arrears: settle its bill";
    default:
      return `the service reports the tracker as unhealthy${detail ? ` (${detail})` : ""}: see it in the CTS console`;
  }
}
