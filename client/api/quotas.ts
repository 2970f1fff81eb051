import { z } from "zod";
import type { Project } from "../connection";
import { parseResponse } from "../http/parseResponse";

const wireQuota = z.looseObject({ type: z.string(), used: z.number(), quota: z.number() });
const quotaList = z.looseObject({ resources: z.array(z.unknown()) });
const ofOurs = z.looseObject({ type: z.enum(["system_tracker", "smn_notification"]) });

/** The used and the allowed number of a kind of resource: `system_tracker`, `smn_notification`. */
export interface Quota {
  readonly type: string;
  readonly used: number;
  readonly quota: number;
}

/**
 * The project's quotas. Malformed quotas of other kinds are left out.
 *
 * @throws MalformedAnswerError if one of a tracker or a notification is malformed
 */
export async function listQuotas(project: Project): Promise<Quota[]> {
  const answer = await project.request({ method: "GET", path: "quotas" }, quotaList);
  return answer.body.resources.flatMap((entry, index) => {
    if (!ofOurs.safeParse(entry).success && !wireQuota.safeParse(entry).success) {
      return [];
    }
    const { type, used, quota } = parseResponse(wireQuota, entry, answer, ["resources", index]);
    return [{ type, used, quota }];
  });
}
