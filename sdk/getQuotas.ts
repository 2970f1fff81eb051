import type * as pulumi from "@pulumi/pulumi";
import { listQuotas, type Quota } from "../client/api/quotas";
import type { PlaceRef } from "../client/place";
import { dataFunction, type Inputs } from "./internal/dataFunction";

/** The project's quotas. */
export interface QuotaList {
  readonly quotas: readonly Quota[];
}

const read = dataFunction<PlaceRef, QuotaList>("getQuotas", async (connection, args) => {
  const project = connection.project(await connection.locate(args));
  return { quotas: await listQuotas(project) };
});

/**
 * Reads how many trackers (`system_tracker`) and key event notifications (`smn_notification`) a project has and may have.
 *
 * @param args region and project; the connection's where nothing is given.
 * @param _opts accepted by Pulumi's convention; without effect.
 *
 * @example
 * ```ts
 * const { quotas } = await cts.getQuotas();
 * export const alarmsLeft = quotas
 *   .filter(({ type }) => type === "smn_notification")
 *   .map(({ quota, used }) => quota - used);
 * ```
 */
export function getQuotas(args?: PlaceRef, _opts?: pulumi.InvokeOptions): Promise<QuotaList> {
  return read.now(args);
}

/**
 * Reads how many trackers and key event notifications a project has and may have, by arguments that may be outputs. While an
 * argument is unknown, in a preview, nothing is read and the result is unknown.
 *
 * @param args as of {@link getQuotas}; any may be an output.
 * @param opts `dependsOn` waits for these resources, and for everything in a component.
 */
export function getQuotasOutput(
  args?: Inputs<PlaceRef>,
  opts?: pulumi.InvokeOutputOptions,
): pulumi.Output<QuotaList> {
  return read.output(args, opts);
}
