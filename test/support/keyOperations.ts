import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type EventOperations, events } from "../../sdk";

/** Operations as one guide says that they are recorded, and the helper of `events` that an alarm about them uses. */
export interface KeyOperation {
  /** For example `iam.login`. */
  readonly helper: string;
  readonly serviceType: string;
  readonly resourceType: string;
  readonly traceName: string;
}

/** Every row of `test/fixtures/keyOperations.csv`. No field of it holds a comma. */
export function keyOperations(): KeyOperation[] {
  const text = readFileSync(join(__dirname, "..", "fixtures", "keyOperations.csv"), "utf8");
  const [, ...rows] = text.trimEnd().split("\n");
  return rows.map((row) => {
    const [helper = "", serviceType = "", resourceType = "", traceName = ""] = row.split(",");
    return { helper, serviceType, resourceType, traceName };
  });
}

/** Every helper of `events` under its name, as it is: an entry, a list, or both. */
export function helpers(): [string, EventOperations | Iterable<EventOperations>][] {
  const { of: _, ...services } = events;
  return Object.entries(services).flatMap(([service, group]) =>
    Object.entries(group).map(([name, one]): [string, EventOperations | Iterable<EventOperations>] => [
      `${service}.${name}`,
      one,
    ]),
  );
}
