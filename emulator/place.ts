import type { Account, Project } from "./options";

/** One project in one region: where there is one management tracker or none. */
export interface Place {
  region: string;
  /** 32 hexadecimal digits. */
  projectId: string;
}

/** Every place, the projects of the first region first. */
export function placesOf(account: Account): Place[] {
  return account.regions.flatMap((region) =>
    account.projects
      .filter((project) => isThere(account, project, region))
      .map(({ id }) => ({ region, projectId: id })),
  );
}

/** True if there is such a project in the region. */
export function isPlace(account: Account, { region, projectId }: Place): boolean {
  return account.projects.some((project) => project.id === projectId && isThere(account, project, region));
}

function isThere({ projectsInEveryRegion }: Account, project: Project, region: string): boolean {
  return projectsInEveryRegion || project.region === region;
}

/** A place as the key of a map. */
export function keyOf({ region, projectId }: Place): string {
  return `${region}/${projectId}`;
}
