import type * as pulumi from "@pulumi/pulumi";
import { listQuotas, type Quota } from "../client/api/quotas";
import type { PlaceRef } from "../client/connection";
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
 * How many trackers (`system_tracker`) and key event notifications (`smn_notification`) a project has and may have.
 *
 * @param args region and project; the connection's where nothing is given.
 * @param _opts taken for the sake of Pulumi's convention; none has an effect.
 */
export function getQuotas(args?: PlaceRef, _opts?: pulumi.InvokeOptions): Promise<QuotaList> {
  return read.now(args);
}

/** The same, with arguments that may be outputs. @param opts `dependsOn` waits for resources, and for all in components. */
export function getQuotasOutput(
  args?: Inputs<PlaceRef>,
  opts?: pulumi.InvokeOutputOptions,
): pulumi.Output<QuotaList> {
  return read.output(args, opts);
}
