import { z } from "zod";
import type { Project } from "./connection";

const quotaList = z.looseObject({
  resources: z.array(z.looseObject({ type: z.string(), used: z.number(), quota: z.number() })),
});

/** How many of a kind of thing there are and may be: `system_tracker`, `smn_notification`. */
export interface Quota {
  readonly type: string;
  readonly used: number;
  readonly quota: number;
}

/** The project's quotas. */
export async function listQuotas(project: Project): Promise<Quota[]> {
  const { body } = await project.request({ method: "GET", path: "quotas" }, quotaList);
  return body.resources.map(({ type, used, quota }) => ({ type, used, quota }));
}
