import { getTracker, TRACKER_NAME } from "../../client/api/trackers";
import type { Connection } from "../../client/connection";
import { CtsError } from "../../client/errors";
import type { PlaceRef } from "../../client/place";
import { formatId } from "../core/place";
import { type TrackerState, toState } from "../tracker/state";

/** The tracker of a project and region, as the state of a declaration would have it. @throws CtsError where there is none. */
export async function readTracker(
  connection: Connection,
  ref: PlaceRef,
): Promise<TrackerState & { readonly id: string }> {
  const { region, projectId } = await connection.locate(ref);
  const id = formatId({ region, projectId }, TRACKER_NAME);
  const tracker = await getTracker(connection.project({ region, projectId }));
  if (!tracker) {
    throw new CtsError(`Tracker ${id} does not exist`);
  }
  return { id, ...toState(tracker, { region, projectId }) };
}
