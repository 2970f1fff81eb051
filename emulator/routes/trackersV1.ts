import type { Answer } from "../http/errors";
import { type Call, projectOperations } from "../http/operation";
import { hexId } from "../options";
import { keepV3Settings, readTrackerBodyV1 } from "../rules/trackersV1";
import type { EmulatorState } from "../state/emulatorState";
import type { StoredTracker } from "../state/trackers";
import type { WireFlatTracker, WireNestedTracker, WireTracker } from "../wire/trackers";
import {
  createTrackerAt,
  deleteTrackers,
  findTracker,
  noTracker,
  toWireTracker,
  trackerTargets,
  updateTrackerAt,
} from "./trackers";

/** The tracker calls of the legacy API v1.0: other shapes, and the same trackers. */
export const trackerV1Operations = projectOperations("v1", [
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
    path: "/tracker/:trackerName",
    records: { resource_type: "tracker", trace_name: "updateTracker", resources: trackerTargets },
    handle: updateTracker,
  },
  {
    name: "listTrackers",
    method: "GET",
    path: "/tracker",
    handle: getTracker,
  },
  {
    name: "deleteTrackers",
    method: "DELETE",
    path: "/tracker",
    records: { resource_type: "tracker", trace_name: "deleteTracker", resources: trackerTargets },
    handle: deleteTrackers,
  },
]);

function createTracker(state: EmulatorState, call: Call): Answer {
  const created = createTrackerAt(state, call, readTrackerBodyV1(call.json, "create"));
  return { status: 201, body: toNested(toWireTracker(state, call, created)) };
}

function updateTracker(state: EmulatorState, call: Call): Answer {
  const body = readTrackerBodyV1(call.json, "update", call.param("trackerName"));
  const updated = updateTrackerAt(state, call, ({ settings }) => keepV3Settings(body, settings));
  return state.behaviour.putAnswer === "tracker"
    ? { status: 200, body: toFlat(state, call, updated) }
    : { status: 200 };
}

/** A list can be empty, an object cannot. */
function getTracker(state: EmulatorState, call: Call): Answer {
  const { missing, v1Answer } = state.behaviour;
  const tracker = findTracker(state, call);
  if (v1Answer === "list" && (tracker || missing === "empty")) {
    return { status: 200, body: tracker ? [toFlat(state, call, tracker)] : [] };
  }
  if (tracker === undefined) {
    throw noTracker();
  }
  return { status: 200, body: toFlat(state, call, tracker) };
}

function toFlat(state: EmulatorState, call: Call, tracker: StoredTracker): WireFlatTracker {
  const { obs_info, ...rest } = toNested(toWireTracker(state, call, tracker));
  const { bucket_name, file_prefix_name } = obs_info;
  return { ...rest, bucket_name, file_prefix_name };
}

/** A tracker without the fields that are new in v3, and with the ids that only v1.0 has. */
function toNested({ obs_info, is_support_validate: _, ...rest }: WireTracker): WireNestedTracker {
  const { compress_type: _compress, is_sort_by_service: _sort, ...obs } = obs_info;
  const idOf = (kind: string): string => (rest.lts.is_lts_enabled ? hexId(`${kind} ${rest.project_id}`) : "");
  return { ...rest, group_id: idOf("log group"), stream_id: idOf("log stream"), obs_info: obs };
}
