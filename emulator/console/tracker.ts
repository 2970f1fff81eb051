import type { Place } from "../place";
import { type ConsoleAction, recordConsoleAction } from "../recording/auditTrail";
import { readTrackerBody, transferTo } from "../rules/trackers";
import { findPlace, type Where, type World } from "../state/state";
import type { StoredTracker } from "../state/trackers";
import { defaultSettings, type WireTrackerChanges, type WireTrackerSettings } from "../wire/trackers";
import { createNotificationConsole, type NotificationConsole } from "./notifications";

/**
 * Actions of a person in the web console. Changes are partial and take effect as the person expects, whatever the
 * {@link Behaviour} says about a PUT. Each leaves a trace. Each throws an Error if there is no such place, no tracker
 * there (for `create`: one already), or a value breaks one of the service's rules.
 */
export interface EmulatorConsole {
  /** Changes some settings and leaves the others; `obs_info: undefined` ends the transfer. */
  change(changes: WireTrackerChanges, where?: Where): void;
  /** Disables the tracker: operations are no longer recorded. */
  disable(where?: Where): void;
  /** Enables the tracker. */
  enable(where?: Where): void;
  /** Deletes the tracker. */
  delete(where?: Where): void;
  /** Creates the tracker at service defaults. */
  create(where?: Where): void;
  /** Actions on key event notifications. */
  readonly notifications: NotificationConsole;
}

/** The console of an emulator. */
export function createConsole(world: World): EmulatorConsole {
  const { store, account } = world;
  const record = (
    place: Place,
    action: Pick<ConsoleAction, "trace_name" | "code" | "request">,
    act: () => void,
  ): void => {
    const resource = () => {
      const tracker = store.current(place);
      return tracker && { place, resource_id: tracker.id, resource_name: "system" };
    };
    recordConsoleAction(world, place, { ...action, resource_type: "tracker", resource }, act);
  };
  const change = (changes: WireTrackerChanges, where?: Where): void => {
    const place = findPlace(account, where);
    const { settings } = existing(world, place);
    const next = applyChanges(settings, changes);
    const action = { trace_name: "updateTracker", code: "200", request: changes };
    record(place, action, () => store.write(place, next));
  };
  return {
    change,
    disable: (where) => change({ status: "disabled" }, where),
    enable: (where) => change({ status: "enabled" }, where),
    delete: (where) => {
      const place = findPlace(account, where);
      existing(world, place);
      const action = { trace_name: "deleteTracker", code: "204", request: { tracker_name: "system" } };
      record(place, action, () => store.remove(place));
    },
    create: (where) => {
      const place = findPlace(account, where);
      if (store.current(place)) {
        throw new Error(`There is a tracker already in ${describe(place)}.`);
      }
      const action = { trace_name: "createTracker", code: "201", request: { tracker_name: "system" } };
      record(place, action, () => store.write(place, defaultSettings));
    },
    notifications: createNotificationConsole(world),
  };
}

function existing({ store }: World, place: Place): StoredTracker {
  const tracker = store.current(place);
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

/** Fills omitted settings from others, by default from the service's defaults. */
export function completeSettings(
  some: WireTrackerChanges,
  others: Readonly<WireTrackerSettings> = defaultSettings,
): WireTrackerSettings {
  return {
    status: some.status ?? others.status,
    obs_info: some.obs_info ? transferTo(some.obs_info, others.obs_info) : others.obs_info,
    is_lts_enabled: some.is_lts_enabled ?? others.is_lts_enabled,
    is_support_validate: some.is_support_validate ?? others.is_support_validate,
  };
}
