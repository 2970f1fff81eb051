import { findPlace, type Place, type PlaceRef } from "../place";
import { type ConsoleCall, recordConsoleAction } from "../recording/auditTrail";
import { toResource } from "../routes/trackers";
import { completeSettings, readTrackerBody } from "../rules/trackers";
import type { EmulatorState } from "../state/emulatorState";
import type { StoredTracker } from "../state/trackers";
import { DEFAULT_SETTINGS, type WireTrackerChanges, type WireTrackerSettings } from "../wire/trackers";
import { createNotificationConsole, type NotificationConsole } from "./notifications";

/**
 * Actions of a person in the web console. Changes are partial and take effect as the person expects, whatever the
 * {@link Behaviour} says about a PUT. Each leaves a trace. Each throws an Error if there is no such place, no tracker
 * there (for `create`: one already), or a value breaks one of the service's rules. The person is the `consoleUser` of the
 * options, and not the user who signs in.
 */
export interface EmulatorConsole {
  /** Returns the console of another person, who need not be a user of the emulator: `console.as("bob").disable()`. */
  as(user: string): EmulatorConsole;
  /** Changes some settings and leaves the others; `obs_info: undefined` ends the transfer. */
  change(changes: WireTrackerChanges, place?: PlaceRef): void;
  /** Disables the tracker: operations are no longer recorded. */
  disable(place?: PlaceRef): void;
  /** Enables the tracker. */
  enable(place?: PlaceRef): void;
  /** Deletes the tracker. */
  delete(place?: PlaceRef): void;
  /** Creates the tracker at service defaults. */
  create(place?: PlaceRef): void;
  /** Actions on key event notifications. */
  readonly notifications: NotificationConsole;
}

/** The console of an emulator. */
export function createConsole(state: EmulatorState, user = state.account.consoleUser): EmulatorConsole {
  const { trackers, account } = state;
  if (user === "") {
    throw new Error("The person at the console needs a name.");
  }
  const record = (place: Place, action: ConsoleCall, act: () => void): void => {
    const resource = () => toResource(place, trackers.current(place));
    recordConsoleAction(state, place, { ...action, user, resource_type: "tracker", resource }, act);
  };
  const change = (changes: WireTrackerChanges, ref?: PlaceRef): void => {
    const place = findPlace(account, ref);
    const next = applyChanges(existingTracker(state, place).settings, changes);
    const action = { trace_name: "updateTracker", code: "200", request: changes };
    record(place, action, () => trackers.write(place, next));
  };
  return {
    as: (name) => createConsole(state, name),
    change,
    disable: (ref) => change({ status: "disabled" }, ref),
    enable: (ref) => change({ status: "enabled" }, ref),
    delete: (ref) => {
      const place = findPlace(account, ref);
      existingTracker(state, place);
      const action = { trace_name: "deleteTracker", code: "204", request: { tracker_name: "system" } };
      record(place, action, () => trackers.remove(place));
    },
    create: (ref) => {
      const place = findPlace(account, ref);
      if (trackers.current(place)) {
        throw new Error(`There is a tracker already in ${describe(place)}.`);
      }
      const action = { trace_name: "createTracker", code: "201", request: { tracker_name: "system" } };
      record(place, action, () => trackers.write(place, DEFAULT_SETTINGS));
    },
    notifications: createNotificationConsole(state, user),
  };
}

function existingTracker({ trackers }: EmulatorState, place: Place): StoredTracker {
  const tracker = trackers.current(place);
  if (tracker === undefined) {
    throw new Error(`There is no tracker in ${describe(place)}.`);
  }
  return tracker;
}

function describe({ region, projectId }: Place): string {
  return `project ${projectId}, region ${region}`;
}

function applyChanges(settings: WireTrackerSettings, changes: WireTrackerChanges): WireTrackerSettings {
  const valid = readTrackerBody({ tracker_type: "system", tracker_name: "system", ...changes }, "update");
  const next = completeSettings(valid, settings);
  if ("obs_info" in changes && !changes.obs_info) {
    return { ...next, obs_info: undefined };
  }
  if (valid.obs_info && valid.obs_info.bucket_name !== "" && next.obs_info === undefined) {
    throw new Error("The tracker has no bucket yet: obs_info needs a bucket_name.");
  }
  return next;
}
