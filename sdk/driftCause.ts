import type { Connection } from "../client/connection";
import { type DriftInput, type DriftOptions, explainDrift } from "../drift/driftCause";
import type { DriftReport } from "../drift/report";

/**
 * Finds out who changed the drifted resources of a check: for each resource, of any provider, the operation that explains it,
 * from the traces of the last seven days. Changes nothing.
 *
 * @param connection by {@link connect}.
 * @param input Pulumi's event stream as text, or events as `onEvent` of the Automation API has them; Pulumi's digest; a plan of
 * Terraform or OpenTofu as JSON.
 * @param options of the search.
 * @throws Error where the input is no check, or the check itself failed; CtsError where no project could be looked at. Where only
 * some could not, `complete` is false.
 *
 * @example
 * ```ts
 * import { type EngineEvent, LocalWorkspace } from "@pulumi/pulumi/automation";
 * import * as cts from "pulumi-otc-cts";
 *
 * const stack = await LocalWorkspace.selectStack({ stackName: "prod", workDir: "." });
 * const events: EngineEvent[] = [];
 * await stack.previewRefresh({ onEvent: (event) => events.push(event) });
 * const state = JSON.stringify(await stack.exportStack());
 * const { resources } = await cts.driftCause(cts.connect(), events, { state });
 * for (const { urn, verdict, cause } of resources) console.log(urn, verdict, cause?.user.name);
 * ```
 */
export async function driftCause(
  connection: Connection,
  input: DriftInput,
  options: DriftOptions = {},
): Promise<DriftReport> {
  return (await explainDrift(connection, input, options)).report;
}
