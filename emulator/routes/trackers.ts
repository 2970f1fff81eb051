import type { Answer, Call, Operation } from "../operation";
import { ServiceError } from "../operation";
import { checkBucket, readTrackerBody, settingsOnCreate, settingsOnUpdate } from "../rules/trackers";
import type { Place, StoredTracker } from "../store";
import { defaultObsInfo, type WireTracker } from "../wire";
import type { World } from "../world";

/** The tracker calls of API v3. */
export const trackerOperations: Operation[] = [
  {
    name: "createTracker",
    service: "cts",
    method: "POST",
    path: "/v3/:projectId/tracker",
    access: "project",
    handle: createTracker,
  },
  {
    name: "updateTracker",
    service: "cts",
    method: "PUT",
    path: "/v3/:projectId/tracker",
    access: "project",
    handle: updateTracker,
  },
  {
    name: "listTrackers",
    service: "cts",
    method: "GET",
    path: "/v3/:projectId/trackers",
    access: "project",
    handle: listTrackers,
  },
  {
    name: "deleteTrackers",
    service: "cts",
    method: "DELETE",
    path: "/v3/:projectId/trackers",
    access: "project",
    handle: deleteTrackers,
  },
];

function createTracker(world: World, call: Call): Answer {
  const { behaviour, store } = world;
  const body = readTrackerBody(call.json, "create");
  if (store.current(call)) {
    throw new ServiceError(400, behaviour.existsCode, "A management tracker has been created.");
  }
  checkBucket(body, undefined, behaviour, store.buckets);
  const created = store.write(call, settingsOnCreate(body));
  return { status: 201, body: toWireTracker(world, call, created) };
}

function updateTracker(world: World, call: Call): Answer {
  const { behaviour, store } = world;
  const body = readTrackerBody(call.json, "update");
  const current = store.current(call);
  if (current === undefined) {
    throw noTracker();
  }
  checkBucket(body, current.settings, behaviour, store.buckets);
  const updated = store.write(call, settingsOnUpdate(current.settings, body, behaviour));
  return behaviour.putAnswer === "tracker"
    ? { status: 200, body: toWireTracker(world, call, updated) }
    : { status: 200 };
}

function listTrackers(world: World, call: Call): Answer {
  const tracker = world.store.visible(call);
  if (tracker && matchesSystem(call.query["tracker_name"]) && matchesSystem(call.query["tracker_type"])) {
    return { status: 200, body: { trackers: [toWireTracker(world, call, tracker)] } };
  }
  if (world.behaviour.missing === "notFound") {
    throw noTracker();
  }
  return { status: 200, body: { trackers: [] } };
}

/** Without a name the real service deletes every tracker of the account, not only that of the path's project. */
function deleteTrackers({ store, behaviour }: World, call: Call): Answer {
  const name = call.query["tracker_name"];
  const meant: Place[] = name ? [call] : store.places().filter(({ region }) => region === call.region);
  const found = meant.filter((place) => matchesSystem(name) && store.current(place));
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

function noTracker(): ServiceError {
  return new ServiceError(404, "CTS.0214", "The tracker does not exist.");
}

/** How a tracker reads: its settings, what became of them, and everything else the service says about it. */
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
