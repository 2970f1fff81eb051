import { projectRefOf } from "../client/config/credentials";
import type { Connection } from "../client/connection";
import type { Place, PlaceRef } from "../client/place";
import type { Drifted } from "./drifted";
import type { StackState } from "./input/state";

/** Finds out where the traces of resources are. */
export class TracePlaces {
  readonly #known = new Map<string, Promise<Place>>();

  constructor(
    private readonly connection: Connection,
    private readonly state: StackState | undefined,
  ) {}

  /** The place of a resource itself. */
  of(drifted: Drifted): Promise<Place> {
    return this.find(this.#refOf(drifted));
  }

  /** The other places to look in: each project in its region. */
  others(regions: readonly string[], projects: readonly string[]): Promise<Place>[] {
    if (projects.length === 0) {
      return regions.map((region) => this.find({ region }));
    }
    return projects.flatMap((project) => {
      // Names of projects begin with their region, and no project is in two.
      const home = regions.find((region) => project === region || project.startsWith(`${region}_`));
      const chosen = home === undefined ? regions : [home];
      if (chosen.length === 0) {
        return [this.find({ ...regionOf(project), ...projectRefOf(project) })];
      }
      return chosen.map((region) => this.find({ region, ...projectRefOf(project) }));
    });
  }

  /** A place as it is named; the same one each time. */
  find(ref: PlaceRef): Promise<Place> {
    const key = JSON.stringify([ref.region, ref.projectId, ref.projectName]);
    const found = this.#known.get(key) ?? this.#locate(ref);
    this.#known.set(key, found);
    // Callers still get the error; this avoids an unhandled rejection.
    found.catch(() => undefined);
    return found;
  }

  async #locate(ref: PlaceRef): Promise<Place> {
    if (ref.region && !ref.projectId && !ref.projectName) {
      const base = await this.connection.locate({});
      const { projectName } = base as { projectName?: string };
      if (base.region !== ref.region && projectName?.startsWith(base.region)) {
        return this.find({
          region: ref.region,
          projectName: ref.region + projectName.slice(base.region.length),
        });
      }
    }
    const { region, projectId } = await this.connection.locate(ref);
    return { region, projectId };
  }

  #refOf({ id, outputs, provider }: Drifted): PlaceRef {
    const [region, projectId, ...name] = id.split("/");
    // The ids of our own resources say where they are.
    if (region && projectId && name.length === 1 && /^[0-9a-f]{32}$/.test(projectId)) {
      return { region, projectId };
    }
    const settings = this.state?.resources.get(provider?.replace(/::[^:]*$/, "") ?? "")?.inputs ?? {};
    const text = (value: unknown) => (typeof value === "string" && value !== "" ? value : undefined);
    const where = text(outputs["region"]) ?? text(settings["region"]);
    const named = text(settings["tenantId"]) ?? text(settings["tenantName"]);
    return { ...(where && { region: where }), ...(named && projectRefOf(named)) };
  }
}

function regionOf(project: string): PlaceRef {
  const [, region] = /^([a-z]{2}-[a-z]+\d*)(?:_|$)/.exec(project) ?? [];
  return region === undefined ? {} : { region };
}
