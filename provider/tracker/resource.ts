/**
 * The management tracker `system` of one project in one region, as a managed resource.
 *
 * There is one, it is often there before us, and it is the audit log: so whatever exists is looked at before it
 * is changed, everything that is wanted is read back before it counts, and what was found can be restored.
 * The settings are in `settings.ts`; `converge.ts` brings them about.
 */

import { z } from "zod";
import { deleteTracker, getTracker, TRACKER_NAME, type WireTracker } from "../../client/api/trackers";
import {
  ApiError,
  ConfigError,
  CtsError,
  isDeclined,
  isTransient,
  NotConvergedError,
} from "../../client/errors";
import type { Place, PlaceRef } from "../../client/place";
import { compact } from "../../client/values";
import { keepPartial, LAG_WAITS_MS } from "../core/converging";
import { differencesOf } from "../core/differences";
import type { Checked, Difference, ManagedResource, Preflight, Problem } from "../core/managedResource";
import { formatId, movesFrom, type PlaceArgs, parseId } from "../core/place";
import type { Run } from "../core/run";
import { hasUnknown } from "../core/unknown";
import { brokenRules, parseArgs, show } from "../core/validation";
import { converge, type Goal, startOf, type TrackerProgress } from "./converge";
import {
  completed,
  fromWire,
  isCondition,
  overwrittenSettings,
  settingDifferences,
  type TrackerSettings,
  unsupportedInV1,
  type WantedSettings,
} from "./settings";
import { trackerSpec } from "./spec";
import { lifecycleOptionsOf, type StateBase, type TrackerInputs, type TrackerState, toState } from "./state";

const argsSchema = z.strictObject(trackerSpec.arguments);

export class TrackerResource implements ManagedResource<TrackerInputs, TrackerState> {
  readonly spec = trackerSpec;

  constructor(private readonly run: Run) {}

  /** Reads a tracker ahead of its check, which then finds it in the cache. */
  async prefetch(ref: PlaceRef): Promise<void> {
    await this.#readTracker(await this.run.connect().locate(ref));
  }

  async check(
    args: unknown,
    olds: TrackerInputs | undefined,
    owner: string | undefined,
  ): Promise<Checked<TrackerInputs>> {
    const { inputs: given, problems } = parseArgs(
      argsSchema,
      withoutReadCondition(args, olds),
      contradictionsIn,
    );
    if (!given) {
      return { inputs: undefined, problems };
    }

    const { projectName: _, ...inputs } = { ...given, ...(await this.run.places.locate(given)) };
    const checked = inputs as TrackerInputs;
    const unsupported = this.run.connect().apiVersion === "v1" ? unsupportedInV1(checked) : [];
    return { inputs: checked, problems: [...unsupported, ...this.#declare(checked, given, olds, owner)] };
  }

  async preflight(inputs: TrackerInputs, owner: string | undefined): Promise<Preflight> {
    const { declarations } = this.run;
    const isNew =
      !hasUnknown([inputs.region, inputs.projectId]) &&
      declarations.declare(idOf(inputs), owner) === undefined &&
      !declarations.isReplacing(owner, idOf(inputs));
    const tracker = isNew ? await this.#readTracker(inputs) : undefined;
    return tracker
      ? { problems: adoptionConflicts(tracker, inputs), found: fromWire(tracker) }
      : { problems: [] };
  }

  diff(id: string, state: TrackerState, inputs: TrackerInputs): readonly Difference[] {
    return [
      ...movesFrom(parseTrackerId(id), inputs),
      ...settingDifferences(completed(state), inputs),
      ...differencesOf(["adopt", "onDestroy"], state, inputs),
    ];
  }

  create(inputs: TrackerInputs, owner: string | undefined) {
    const id = idOf(inputs);
    return this.#runExclusive(id, async () => {
      const other = this.run.declarations.declare(id, owner);
      if (other) {
        throw new ConfigError(declaredTwice(inputs, other));
      }
      const mayTakeOver = (found: WireTracker) => assertAdoptable(found, inputs);
      const goal = { ...this.#goal(inputs, inputs), mayTakeOver };
      const progress = startOf(await this.#startingPoint(inputs));
      return { id, state: await this.#settle(goal, progress, inputs) };
    });
  }

  async read(id: string, state: Partial<TrackerState> | undefined) {
    const place = id === TRACKER_NAME ? await this.run.places.locate({}) : parseTrackerId(id);
    const tracker = await getTracker(this.run.connect().project(place));
    if (!tracker && !state) {
      throw new CtsError(`Tracker ${idOf(place)} does not exist`);
    }
    if (!tracker) {
      return undefined;
    }
    const now = toState(tracker, { ...state, ...place });
    const inputs = { ...fromWire(tracker), ...place, ...lifecycleOptionsOf(now) } as TrackerInputs;
    return { id: idOf(place), inputs, state: now };
  }

  update(id: string, state: TrackerState, inputs: TrackerInputs): Promise<TrackerState> {
    return this.#runExclusive(id, async () => {
      const { projectName } = state;
      const place = parseTrackerId(id);
      const goal = this.#goal(place, inputs);
      const progress = startOf(await getTracker(goal.project), state.adopted);
      return this.#settle(goal, progress, { ...inputs, ...place, ...compact({ projectName }) });
    });
  }

  delete(id: string, state: TrackerState): Promise<void> {
    return this.#runExclusive(id, () => this.#delete(id, state));
  }

  async #delete(id: string, state: TrackerState): Promise<void> {
    if (this.run.declarations.isTaken(id)) {
      return;
    }
    const place = parseTrackerId(id);
    const onDestroy = state.onDestroy ?? "restore";
    if (onDestroy === "delete" || (onDestroy === "restore" && !state.adopted)) {
      return this.#remove(place, state.trackerId);
    }
    const seen = await getTracker(this.run.connect().project(place));
    if (!seen) {
      return;
    }
    const target = onDestroy === "restore" && state.adopted ? completed(state.adopted) : fromWire(seen);
    const wanted: WantedSettings = {
      ...target,
      status: onDestroy === "disable" || target.status === "disabled" ? "disabled" : "enabled",
    };
    const goal = { ...this.#goal(place, wanted), acceptUnhealthy: wanted.status === "enabled" };
    await (onDestroy === "restore" ? restore(goal, seen) : converge(goal, startOf(seen)));
  }

  /** Records whose tracker it is; two declarations of one tracker are a problem. */
  #declare(
    inputs: TrackerInputs,
    given: PlaceArgs,
    olds: TrackerInputs | undefined,
    owner: string | undefined,
  ): Problem[] {
    this.run.declarations.hold(owner, olds && idOf(olds));
    if (hasUnknown([inputs.region, inputs.projectId])) {
      return [];
    }
    const other = this.run.declarations.declare(idOf(inputs), owner);
    if (!other) {
      return [];
    }
    const path = (["projectId", "projectName", "region"] as const).find((key) => given[key] !== undefined);
    return [{ path: path ?? "", reason: declaredTwice(inputs, other) }];
  }

  #goal(place: Place, wanted: WantedSettings): Goal {
    return { project: this.run.connect().project(place), wanted, clock: this.run.clock };
  }

  #readTracker(place: Place): Promise<WireTracker | undefined> {
    return this.run.trackers.get(idOf(place), () => getTracker(this.run.connect().project(place)));
  }

  /** Changes a tracker when all earlier work on it is done. What was seen before, or meanwhile, is no longer there. */
  #runExclusive<T>(id: string, work: () => Promise<T>): Promise<T> {
    return this.run.mutex.runExclusive(id, () => this.run.trackers.invalidateAfter(id, work));
  }

  /**
   * The tracker to start from. A cached read may decide which call to send, but "nothing to do" is concluded only from
   * a fresh read.
   */
  async #startingPoint(inputs: TrackerInputs): Promise<WireTracker | undefined> {
    const sighting = this.run.trackers.recent(idOf(inputs));
    const tracker = await sighting;
    if (sighting && (!tracker || settingDifferences(fromWire(tracker), inputs).length > 0)) {
      return tracker;
    }
    return getTracker(this.run.connect().project(inputs));
  }

  async #settle(goal: Goal, progress: TrackerProgress, base: StateBase): Promise<TrackerState> {
    const projectName = this.run.places.projectNameOf(base.projectId);
    const stateNow = () => {
      const { created, found, seen } = progress;
      return toState(seen, { ...base, ...projectName, ...compact({ adopted: created ? undefined : found }) });
    };
    try {
      return await keepPartial(idOf(base), progress, stateNow, () => converge(goal, progress));
    } finally {
      if (progress.touched || progress.found) {
        this.run.declarations.take(idOf(base));
      }
    }
  }

  /** Deletes the tracker, and sees to it that it is gone. Another one that the service has made since is not ours. */
  async #remove(place: Place, trackerId: string | undefined): Promise<void> {
    const project = this.run.connect().project(place);
    let failure: unknown;
    for (let calls = 0; calls < 2; calls++) {
      try {
        await deleteTracker(project);
      } catch (error) {
        if (!isTransient(error)) {
          throw error;
        }
        failure = error;
      }
      for (const waitMs of LAG_WAITS_MS) {
        await this.run.clock.sleep(waitMs);
        const seen = await getTracker(project);
        if (!seen || (trackerId !== undefined && seen.id !== trackerId)) {
          return;
        }
      }
    }
    throw (
      failure ??
      new NotConvergedError("The tracker was not deleted", ["the service still lists it after the call"])
    );
  }
}

function idOf(place: Place): string {
  return formatId(place, TRACKER_NAME);
}

function parseTrackerId(id: string): Place {
  const parsed = parseId(id);
  if (parsed?.name === TRACKER_NAME) {
    return parsed.place;
  }
  throw new ConfigError(
    `${show(id)} is not the id of a tracker: it is {region}/{projectId}/${TRACKER_NAME}, or just "${TRACKER_NAME}" for the connection's own`,
  );
}

function contradictionsIn(given: Readonly<Record<string, unknown>>): Problem[] {
  const isBroken = given["isSupportValidate"] === true && given["obsInfo"] === undefined;
  const reason = "needs obsInfo: digest files are stored in its bucket, beside the trace files they prove";
  return brokenRules([isBroken, "isSupportValidate", reason]);
}

function declaredTwice(place: Place, other: string): string {
  return `is about project ${place.projectId} in region ${place.region}, whose one tracker is declared by ${other} already: declare it once`;
}

/** Before a replacement the resource's own tracker is still there. */
const REPLACED = "If this is a replacement of the resource itself, adopt: true lets it go on";

/** The reasons against taking over an existing tracker: each setting that would be lost. */
function adoptionConflicts(tracker: WireTracker, inputs: TrackerInputs): Problem[] {
  if (inputs.adopt === true || hasUnknown(inputs.adopt)) {
    return [];
  }
  if (inputs.adopt === false) {
    const reason = `is false, and tracker ${idOf(inputs)} exists already: set it to true to take it over, or delete that tracker. ${REPLACED}`;
    return [{ path: "adopt", reason }];
  }
  const changes = settingDifferences(fromWire(tracker), inputs).filter(({ to }) => !hasUnknown(to));
  const losses = overwrittenSettings(changes);
  if (losses.length === 0) {
    return [];
  }
  const listed = losses.map(({ path, from, to }) => ({
    path,
    reason: `is ${show(from)} on the tracker that exists already, and would become ${show(to)}`,
  }));
  const cure = `must be true for tracker ${idOf(inputs)}, which exists already with settings that would be lost: declare them, or set adopt: true to take it over and change them (destroy then restores them). ${REPLACED}`;
  return [...listed, { path: "adopt", reason: cure }];
}

/**
 * A refresh puts the status into the inputs also where it is `error` or one that cannot be declared, and `ignoreChanges`
 * may bring it back from there as if it were declared.
 */
function withoutReadCondition(args: unknown, olds: TrackerInputs | undefined): unknown {
  const { status } = (olds ?? {}) as Partial<TrackerSettings>;
  const isRead = typeof status === "string" && isCondition("status", status);
  const isBack = isRead && (args as Partial<TrackerSettings>).status === status;
  return isBack ? { ...(args as object), status: undefined } : args;
}

/** Puts back what was found, or says why that cannot be and what else can. */
async function restore(goal: Goal, seen: WireTracker): Promise<void> {
  try {
    await converge(goal, startOf(seen)).catch((error: unknown) => {
      const { obsInfo } = goal.wanted;
      if (!(error instanceof ApiError) || error.errorCode !== BUCKET_EXISTS || !obsInfo) {
        throw error;
      }
      // CTS made that bucket at some time; what is to be restored is that its files go there.
      const wanted = { ...goal.wanted, obsInfo: { ...obsInfo, isObsCreated: false } };
      return converge({ ...goal, wanted }, startOf(seen));
    });
  } catch (error) {
    // Another `onDestroy` would meet the same trouble on the way to the service.
    if (!(error instanceof CtsError) || !isDeclined(error)) {
      throw error;
    }
    throw new CtsError(
      `The settings that were found when the tracker was taken over cannot be put back: ${error.message}; mend that, or set onDestroy to "disable" or "delete", run up, and then destroy`,
    );
  }
}

const BUCKET_EXISTS = "CTS.0215";

function assertAdoptable(tracker: WireTracker, inputs: TrackerInputs): void {
  const objections = adoptionConflicts(tracker, inputs);
  if (objections.length > 0) {
    throw new CtsError(objections.map(({ path, reason }) => `${path} ${reason}`).join("; "));
  }
}
