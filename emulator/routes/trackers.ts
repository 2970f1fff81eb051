import type { Answer } from "../http/errors";
import { ServiceError } from "../http/errors";
import { type Call, projectOperations, type Resource } from "../http/operation";
import type { Place } from "../place";
import { checkBucket, completeSettings, readTrackerBody, settingsOnUpdate } from "../rules/trackers";
import type { EmulatorState } from "../state/emulatorState";
import type { StoredTracker } from "../state/trackers";
import { DEFAULT_OBS_INFO, type WireTracker, type WireTrackerChanges } from "../wire/trackers";

/** The tracker calls of API v3. */
export const trackerOperations = projectOperations("v3", [
  {
    name: "createTracker",
    method: "POST",
    path: "/tracker",
    records: { resource_type: "tracker", trace_name: "createTracker", resources: trackerTargets },
    handle: createTracker,
  },
  {
    name: "updateTracker",
    method: "PUT",
    path: "/tracker",
    records: { resource_type: "tracker", trace_name: "updateTracker", resources: trackerTargets },
    handle: updateTracker,
  },
  {
    name: "listTrackers",
    method: "GET",
    path: "/trackers",
    handle: listTrackers,
  },
  {
    name: "deleteTrackers",
    method: "DELETE",
    path: "/trackers",
    records: { resource_type: "tracker", trace_name: "deleteTracker", resources: trackerTargets },
    handle: deleteTrackers,
  },
]);

function createTracker(state: EmulatorState, call: Call): Answer {
  const created = createTrackerAt(state, call, readTrackerBody(call.json, "create"));
  return { status: 201, body: toWireTracker(state, call, created) };
}

/**
 * Creates a tracker.
 *
 * @throws ServiceError if one exists, or if its bucket is refused
 */
export function createTrackerAt(
  { behaviour, trackers }: EmulatorState,
  place: Place,
  body: WireTrackerChanges,
): StoredTracker {
  if (trackers.current(place)) {
    throw new ServiceError(400, behaviour.existsCode, "A management tracker has been created.");
  }
  checkBucket(body, undefined, behaviour, trackers.buckets);
  return trackers.write(place, completeSettings(body));
}

function updateTracker(state: EmulatorState, call: Call): Answer {
  const body = readTrackerBody(call.json, "update");
  const updated = updateTrackerAt(state, call, () => body);
  return state.behaviour.putAnswer === "tracker"
    ? { status: 200, body: toWireTracker(state, call, updated) }
    : { status: 200 };
}

/**
 * Changes the tracker, as far as the {@link Behaviour} lets a PUT change it.
 *
 * @throws ServiceError if there is none, or if its bucket is refused
 */
export function updateTrackerAt(
  { behaviour, trackers }: EmulatorState,
  place: Place,
  bodyFor: (current: StoredTracker) => WireTrackerChanges,
): StoredTracker {
  const current = trackers.current(place);
  if (current === undefined) {
    throw noTracker();
  }
  const body = bodyFor(current);
  checkBucket(body, current.settings, behaviour, trackers.buckets);
  return trackers.write(place, settingsOnUpdate(current.settings, body, behaviour));
}

function listTrackers(state: EmulatorState, call: Call): Answer {
  const tracker = findTracker(state, call);
  if (tracker) {
    return { status: 200, body: { trackers: [toWireTracker(state, call, tracker)] } };
  }
  if (state.behaviour.missing === "notFound") {
    throw noTracker();
  }
  return { status: 200, body: { trackers: [] } };
}

/** The tracker as a read shows it, if the query asks for it. */
export function findTracker({ trackers }: EmulatorState, call: Call): StoredTracker | undefined {
  const isAskedFor = matchesSystem(call.query["tracker_name"]) && matchesSystem(call.query["tracker_type"]);
  return isAskedFor ? trackers.visible(call) : undefined;
}

/** The existing trackers that a changing call is about. */
export function trackerTargets({ trackers }: EmulatorState, call: Call): Resource[] {
  return targetPlaces(trackers, call).flatMap((place) => toResource(place, trackers.current(place)) ?? []);
}

/** A tracker as traces name it. */
export function toResource(place: Place, tracker: StoredTracker | undefined): Resource | undefined {
  return tracker && { place, resource_id: tracker.id, resource_name: "system" };
}

/** Without a name the real service deletes every tracker of the account, not only that of the path's project. */
function targetPlaces(
  trackers: EmulatorState["trackers"],
  { entry, query, region, projectId }: Call,
): Place[] {
  const isEveryOne = entry.method === "DELETE" && !query["tracker_name"];
  return isEveryOne ? trackers.places().filter((place) => place.region === region) : [{ region, projectId }];
}

/** Deletes what {@link targetPlaces} says, unless it has another name. */
export function deleteTrackers({ trackers, behaviour }: EmulatorState, call: Call): Answer {
  const isName = matchesSystem(call.query["tracker_name"]);
  const found = targetPlaces(trackers, call).filter((place) => isName && trackers.current(place));
  if (found.length === 0 && behaviour.missing === "notFound") {
    throw noTracker();
  }
  for (const place of found) {
    trackers.remove(place);
  }
  return { status: 204 };
}

function matchesSystem(name: string | undefined): boolean {
  return !name || name === "system";
}

/** The refusal of a call that needs a tracker. */
export function noTracker(): ServiceError {
  return new ServiceError(404, "CTS.0214", "The tracker does not exist.");
}

/** A tracker as a read shows it: its settings, their effects, and everything else the service says about it. */
export function toWireTracker(state: EmulatorState, place: Place, tracker: StoredTracker): WireTracker {
  const { settings } = tracker;
  const transfer = settings.obs_info ?? DEFAULT_OBS_INFO;
  const hasBucket = transfer.bucket_name !== "";
  const { obs } = state.behaviour;
  return {
    id: tracker.id,
    create_time: tracker.createTime,
    is_support_validate: settings.is_support_validate,
    lts: {
      is_lts_enabled: settings.is_lts_enabled,
      log_group_name: settings.is_lts_enabled ? "CTS" : "",
      log_topic_name: settings.is_lts_enabled ? "system-trace" : "",
    },
    tracker_type: "system",
    tracker_name: "system",
    domain_id: state.account.domain.id,
    project_id: place.projectId,
    ...health(settings.status, hasBucket, obs),
    obs_info: {
      ...transfer,
      is_authorized_bucket: hasBucket && obs !== "bucketPolicyError",
      bucket_lifecycle: 0,
      bucket_location: hasBucket ? place.region : "",
    },
  };
}

function health(
  status: "enabled" | "disabled",
  hasBucket: boolean,
  obs: EmulatorState["behaviour"]["obs"],
): Pick<WireTracker, "status" | "detail"> {
  const isAffected = status === "enabled" && (hasBucket || obs === "arrears");
  return isAffected && obs !== "ok" ? { status: "error", detail: obs } : { status };
}
