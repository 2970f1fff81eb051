import type { Account, Project } from "./options";

/** One project in one region: where there is one management tracker or none. */
export interface Place {
  region: string;
  /** 32 hexadecimal digits. */
  projectId: string;
}

/** A project and region, either of which may be omitted. */
export interface PlaceRef {
  /** @defaultValue the region of the project; without one, the first region */
  region?: string;
  /** Name or id. @defaultValue the first project of the region */
  project?: string;
}

/** Every place, the projects of the first region first. */
export function placesOf(account: Account): Place[] {
  return account.regions.flatMap((region) =>
    account.projects
      .filter((project) => isInRegion(account, project, region))
      .map(({ id }) => ({ region, projectId: id })),
  );
}

/** True if there is such a project in the region. */
export function isPlace(account: Account, { region, projectId }: Place): boolean {
  return account.projects.some((project) => project.id === projectId && isInRegion(account, project, region));
}

function isInRegion({ projectsInEveryRegion }: Account, project: Project, region: string): boolean {
  return projectsInEveryRegion || project.region === region;
}

/** A place as the key of a map. */
export function placeKey({ region, projectId }: Place): string {
  return `${region}/${projectId}`;
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
 * Fills in the omitted parts of a {@link PlaceRef}.
 *
 * @throws Error that lists the choices, if there is no such region or project, or the project is of another region
 */
export function findPlace(account: Account, ref: PlaceRef = {}): Place & { project: Project } {
  const requested = ref.project === undefined ? undefined : findProject(account, ref.project);
  const region = findRegion(account, ref.region ?? homeOf(account, requested));
  const project = requested ?? account.projects.find((each) => each.region === region) ?? account.projects[0];
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
