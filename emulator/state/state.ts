import type { Keys } from "../auth/accessKeys";
import type { Tokens } from "../auth/tokens";
import type { Behaviour } from "../behaviour";
import type { EventLoopTurns } from "../http/eventLoopTurns";
import type { Faults } from "../http/faults";
import type { Journal } from "../http/journal";
import type { Throttle } from "../http/throttle";
import type { Account, Project } from "../options";
import { isPlace, type Place } from "../place";
import type { Notifications } from "./notifications";
import type { Topics } from "./topics";
import type { Traces } from "./traces";
import type { TrackerStore } from "./trackers";

/** Everything that an operation may read or change. */
export interface World {
  /** Without a slash at the end; set once the server listens. */
  url: string;
  readonly account: Account;
  readonly behaviour: Behaviour;
  readonly store: TrackerStore;
  readonly traces: Traces;
  readonly notifications: Notifications;
  readonly topics: Topics;
  readonly tokens: Tokens;
  readonly keys: Keys;
  readonly throttle: Throttle;
  readonly turns: EventLoopTurns;
  readonly faults: Faults;
  readonly journal: Journal;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** Waits this many milliseconds. */
  readonly sleep: (ms: number) => Promise<void>;
}

/** A project and region, either of which may be omitted. */
export interface Where {
  /** @defaultValue the region of the project; without one, the first region */
  region?: string;
  /** Name or id. @defaultValue the first project of the region */
  project?: string;
}

/** The CTS base of a region, without version and project. */
export function endpointOf(world: World, region: string): string {
  return `${world.url}/${region}`;
}

/** @throws Error that lists the regions, if it is not one of them */
export function findRegion(account: Account, region: string = account.regions[0]): string {
  if (!account.regions.includes(region)) {
    throw new Error(`The emulator has no region "${region}". It has: ${account.regions.join(", ")}.`);
  }
  return region;
}

/** @throws Error that lists the projects, if it is not one of them */
export function findProject({ projects }: Account, nameOrId: string): Project {
  const project = projects.find(({ name, id }) => name === nameOrId || id === nameOrId);
  if (project === undefined) {
    throw new Error(`The emulator has no project "${nameOrId}". It has: ${namesOf(projects)}.`);
  }
  return project;
}

/**
 * Fills in the omitted parts of a {@link Where}.
 *
 * @throws Error that lists the choices, if there is no such region or project, or the project is of another region
 */
export function findPlace(account: Account, where: Where = {}): Place & { project: Project } {
  const asked = where.project === undefined ? undefined : findProject(account, where.project);
  const region = findRegion(account, where.region ?? homeOf(account, asked));
  const project = asked ?? account.projects.find((each) => each.region === region) ?? account.projects[0];
  const place = { region, projectId: project.id };
  if (!isPlace(account, place)) {
    const here = account.projects.filter((each) => each.region === region);
    throw new Error(
      `The project "${project.name}" is of region "${project.region}", not of "${region}". It has: ${namesOf(here)}.`,
    );
  }
  return { ...place, project };
}

function homeOf(account: Account, project: Project | undefined): string | undefined {
  return account.projectsInEveryRegion ? undefined : project?.region;
}

function namesOf(projects: readonly Project[]): string {
  return projects.map(({ name }) => name).join(", ");
}
