import type { Faults } from "./faults";
import type { Journal } from "./journal";
import type { Keys } from "./keys";
import type { Notifications } from "./notifications";
import type { Account, Behaviour, Project } from "./options";
import type { Place, Store } from "./store";
import type { Throttle } from "./throttle";
import type { Tokens } from "./tokens";
import type { Topics } from "./topics";
import type { Traces } from "./traces";
import type { Turns } from "./turns";

/** Everything an operation may look at or change. */
export interface World {
  /** Without a slash at the end; set once the server listens. */
  url: string;
  readonly account: Account;
  readonly behaviour: Behaviour;
  readonly store: Store;
  readonly traces: Traces;
  readonly notifications: Notifications;
  readonly topics: Topics;
  readonly tokens: Tokens;
  readonly keys: Keys;
  readonly throttle: Throttle;
  readonly turns: Turns;
  readonly faults: Faults;
  readonly journal: Journal;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** Waits so many milliseconds. */
  readonly sleep: (ms: number) => Promise<void>;
}

/** Which project and region is meant. */
export interface Where {
  /** Default: the first region. */
  region?: string;
  /** Name or id. Default: the first project; with a `region`, the first whose name begins with it. */
  project?: string;
}

/** The CTS base of a region, without version and project. */
export function endpointOf(world: World, region: string): string {
  return `${world.url}/${region}`;
}

/** @throws Error that lists the regions there are, if it is not one of them. */
export function findRegion(account: Account, region: string = account.regions[0]): string {
  if (!account.regions.includes(region)) {
    throw new Error(`The emulator has no region "${region}". It has: ${account.regions.join(", ")}.`);
  }
  return region;
}

/** @throws Error that lists the projects there are, if it is not one of them. */
export function findProject(account: Account, nameOrId: string): Project {
  const project = account.projects.find(({ name, id }) => name === nameOrId || id === nameOrId);
  if (project === undefined) {
    const names = account.projects.map(({ name }) => name).join(", ");
    throw new Error(`The emulator has no project "${nameOrId}". It has: ${names}.`);
  }
  return project;
}

/** Fills in what a {@link Where} leaves out. */
export function findPlace(account: Account, where: Where = {}): Place & { project: Project } {
  const region = findRegion(account, where.region);
  const project =
    where.project === undefined ? projectOfRegion(account, region) : findProject(account, where.project);
  return { region, projectId: project.id, project };
}

/** The names of the real service's projects begin with their region: `eu-de`, `eu-de_team`. */
function projectOfRegion(account: Account, region: string): Project {
  const ofRegion = account.projects.find(({ name }) => name === region || name.startsWith(`${region}_`));
  return ofRegion ?? account.projects[0];
}
