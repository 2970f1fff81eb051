/** The location of a resource: its arguments and its id. The same for every kind of resource. */
import type { Connection } from "../../client/connection";
import { CtsError } from "../../client/errors";
import type { Place, PlaceFields } from "../../client/place";
import { compact } from "../../client/values";
import { visible } from "../../client/visible";
import { differencesOf } from "./differences";
import type { Difference } from "./managedResource";
import { UNKNOWN, type Unknown } from "./unknown";
import { orUnknown, text, textLike } from "./validation";

/** Rules of the arguments; what they leave out comes from the connection. */
export const placeShape = {
  region: textLike(/^[\w-]+$/, "a name such as eu-de").optional(),
  projectId: textLike(/^[\w-]+$/, "the id of a project").optional(),
  projectName: orUnknown(text).optional(),
};

/** The arguments of a resource's location. */
export type PlaceArgs = PlaceFields<string | Unknown>;

/** Settles the locations of resources, and remembers the names of projects that were given by name. */
export class PlaceResolver {
  readonly #projectNames = new Map<string, string>();

  constructor(private readonly connect: () => Connection) {}

  /**
   * Region and project of the arguments, from the connection where they name none. In a preview, either may be
   * UNKNOWN.
   *
   * @throws ConfigError as {@link Connection.locate} does.
   */
  async locate({ region, projectId, projectName }: PlaceArgs): Promise<Place> {
    if (region === UNKNOWN || projectId === UNKNOWN || projectName === UNKNOWN) {
      return { region: region ?? UNKNOWN, projectId: projectId ?? UNKNOWN } as Place;
    }
    const place = await this.connect().locate(compact({ region, projectId, projectName }));
    if (place.projectName) {
      this.#projectNames.set(place.projectId, place.projectName);
    }
    return { region: place.region, projectId: place.projectId };
  }

  /** The project's name, as what a state holds of it; nothing where it is not known. */
  projectNameOf(projectId: string): { projectName?: string } {
    return compact({ projectName: this.#projectNames.get(projectId) });
  }
}

/** The key of a place in maps. */
export function placeKey({ region, projectId }: Place): string {
  return `${region}/${projectId}`;
}

/** `{region}/{projectId}/{name}`. @throws CtsError where a terminal would obey it: Pulumi shows ids as they are. */
export function formatId(place: Place, name: string): string {
  const id = `${placeKey(place)}/${name}`;
  if (visible(id) === id) {
    return id;
  }
  throw new CtsError(
    `${id} cannot be an id: check region and projectId, and whether this is the service itself`,
  );
}

/** Parses an id; undefined if it is none. */
export function parseId(id: string): { place: Place; name: string } | undefined {
  const [region, projectId, name, ...more] = id.split("/");
  return region && projectId && name && more.length === 0
    ? { place: { region, projectId }, name }
    : undefined;
}

/** The differences that a move to another location makes. Only a new resource can be there. */
export function movesFrom(here: Place, to: Place): Difference[] {
  return differencesOf(["region", "projectId"], here, to).map((one) => ({ ...one, replaces: true }));
}
