import type { Answer } from "../http/errors";
import { ServiceError } from "../http/errors";
import type { Call, Operation, Resource } from "../http/operation";
import type { Place } from "../place";
import { checkBucket, readTrackerBody, settingsOnCreate, settingsOnUpdate } from "../rules/trackers";
import type { World } from "../state/state";
import type { StoredTracker } from "../state/trackers";
import { defaultObsInfo, type WireTracker, type WireTrackerChanges } from "../wire/trackers";

/** The tracker calls of API v3. */
export const trackerOperations: Operation[] = [
  {
    name: "createTracker",
    service: "cts",
    version: "v3",
    method: "POST",
    path: "/v3/:projectId/tracker",
    access: "project",
    records: { resource_type: "tracker", trace_name: "createTracker", resources: trackersMeant },
    handle: createTracker,
  },
  {
    name: "updateTracker",
    service: "cts",
    version: "v3",
    method: "PUT",
    path: "/v3/:projectId/tracker",
    access: "project",
    records: { resource_type: "tracker", trace_name: "updateTracker", resources: trackersMeant },
    handle: updateTracker,
  },
  {
    name: "listTrackers",
    service: "cts",
    version: "v3",
    method: "GET",
    path: "/v3/:projectId/trackers",
    access: "project",
    handle: listTrackers,
  },
  {
    name: "deleteTrackers",
    service: "cts",
    version: "v3",
    method: "DELETE",
    path: "/v3/:projectId/trackers",
    access: "project",
    records: { resource_type: "tracker", trace_name: "deleteTracker", resources: trackersMeant },
    handle: deleteTrackers,
  },
];

function createTracker(world: World, call: Call): Answer {
  const created = create(world, call, readTrackerBody(call.json, "create"));
  return { status: 201, body: toWireTracker(world, call, created) };
}

/**
 * Creates a tracker.
 *
 * @throws ServiceError if one exists, or if its bucket is refused
 */
export function create({ behaviour, store }: World, place: Place, body: WireTrackerChanges): StoredTracker {
  if (store.current(place)) {
    throw new ServiceError(400, behaviour.existsCode, "A management tracker has been created.");
  }
  checkBucket(body, undefined, behaviour, store.buckets);
  return store.write(place, settingsOnCreate(body));
}

function updateTracker(world: World, call: Call): Answer {
  const body = readTrackerBody(call.json, "update");
  const updated = update(world, call, () => body);
  return world.behaviour.putAnswer === "tracker"
    ? { status: 200, body: toWireTracker(world, call, updated) }
    : { status: 200 };
}

/**
 * Changes the tracker, as far as the {@link Behaviour} lets a PUT change it.
 *
 * @throws ServiceError if there is none, or if its bucket is refused
 */
export function update(
  { behaviour, store }: World,
  place: Place,
  bodyFor: (current: StoredTracker) => WireTrackerChanges,
): StoredTracker {
  const current = store.current(place);
  if (current === undefined) {
    throw noTracker();
  }
  const body = bodyFor(current);
  checkBucket(body, current.settings, behaviour, store.buckets);
  return store.write(place, settingsOnUpdate(current.settings, body, behaviour));
}

function listTrackers(world: World, call: Call): Answer {
  const tracker = findTracker(world, call);
  if (tracker) {
    return { status: 200, body: { trackers: [toWireTracker(world, call, tracker)] } };
  }
  if (world.behaviour.missing === "notFound") {
    throw noTracker();
  }
  return { status: 200, body: { trackers: [] } };
}

/** The tracker as a read shows it, if the query asks for it. */
export function findTracker({ store }: World, call: Call): StoredTracker | undefined {
  const isAskedFor = matchesSystem(call.query["tracker_name"]) && matchesSystem(call.query["tracker_type"]);
  return isAskedFor ? store.visible(call) : undefined;
}

/** The existing trackers that a changing call is about. */
export function trackersMeant({ store }: World, call: Call): Resource[] {
  return placesMeant(store, call).flatMap((place) => {
    const tracker = store.current(place);
    return tracker ? [{ place, resource_id: tracker.id, resource_name: "system" }] : [];
  });
}

/** Without a name the real service deletes every tracker of the account, not only that of the path's project. */
function placesMeant(store: World["store"], { entry, query, region, projectId }: Call): Place[] {
  const isEveryOne = entry.method === "DELETE" && !query["tracker_name"];
  return isEveryOne ? store.places().filter((place) => place.region === region) : [{ region, projectId }];
}

/** Deletes what {@link placesMeant} says, unless it has another name. */
export function deleteTrackers({ store, behaviour }: World, call: Call): Answer {
  const isName = matchesSystem(call.query["tracker_name"]);
  const found = placesMeant(store, call).filter((place) => isName && store.current(place));
  if (found.length === 0 && behaviour.missing === "notFound") {
    throw noTracker();
  }
  for (const place of found) {
    store.remove(place);
  }
  return { status: 204 };
}

function matchesSystem(asked: string | undefined): boolean {
  return !asked || asked === "system";
}

/** The refusal of a call that needs a tracker. */
export function noTracker(): ServiceError {
  return new ServiceError(404, "CTS.0214", "The tracker does not exist.");
}

/** A tracker as a read shows it: its settings, their effects, and everything else the service says about it. */
export function toWireTracker(world: World, place: Place, tracker: StoredTracker): WireTracker {
  const { settings } = tracker;
  const transfer = settings.obs_info ?? defaultObsInfo;
  const hasBucket = transfer.bucket_name !== "";
  const { obs } = world.behaviour;
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
    domain_id: world.account.domain.id,
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
  obs: World["behaviour"]["obs"],
): Pick<WireTracker, "status" | "detail"> {
  const isAffected = status === "enabled" && (hasBucket || obs === "arrears");
  return isAffected && obs !== "ok" ? { status: "error", detail: obs } : { status };
}
