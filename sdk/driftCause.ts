import type { Connection } from "../client/connection";
import { type DriftInput, type DriftOptions, explainDrift } from "../drift/driftCause";
import type { DriftReport } from "../drift/report";

/**
 * Who changed what drifted: for each resource that a check found to differ from the state, of any provider, the operation that
 * explains it, from the traces of the last seven days. Changes nothing.
 *
 * @param connection by {@link connect}.
 * @param input Pulumi's event stream as text, or events as `onEvent` of the Automation API has them; Pulumi's digest; a plan of
 * Terraform or OpenTofu as JSON.
 * @throws Error where the input is no check, or the check itself failed; CtsError where no project could be looked at. Where only
 * some could not, `complete` is false.
 *
 * @example
 * ```ts
 * const events: EngineEvent[] = [];
 * await stack.previewRefresh({ onEvent: (event) => events.push(event) });
 * const { resources } = await cts.driftCause(cts.connect(), events, { state: JSON.stringify(await stack.exportStack()) });
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
