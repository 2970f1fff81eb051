import * as pulumi from "@pulumi/pulumi";
import type { PlaceFields, PlaceRef } from "../../client/place";

/** The provider reads this many locations concurrently. */
const MAX_TOLD = 16;

/** The locations that each program has declared, by its stack: several programs may run in one process. */
const declared = new WeakMap<pulumi.Resource, PlaceRef[]>();

/**
 * The places of the next trackers that a program declares in one go after this one; undefined where there are none. The
 * engine asks the provider about one resource after another, and this lets it look ahead. A place that is an output is
 * left out: it may be secret, or known only later.
 */
export async function placesDeclaredNext(
  args: PlaceFields<pulumi.Input<string>>,
): Promise<PlaceRef[] | undefined> {
  const stack = pulumi.runtime.getStackResource();
  const { region, projectId, projectName } = args;
  const place = { region, projectId, projectName };
  if (!stack || !isPlain(place)) {
    return undefined;
  }
  const places = declared.get(stack) ?? [];
  declared.set(stack, places);
  const next = places.push(place);
  // By then the program has gone on as far as it could.
  await new Promise((resolve) => setImmediate(resolve));
  const after = places.slice(next, next + MAX_TOLD);
  return after.length > 0 ? after : undefined;
}

function isPlain(place: PlaceFields<pulumi.Input<string>>): place is PlaceRef {
  return Object.values(place).every((value) => value === undefined || typeof value === "string");
}
