import type * as pulumi from "@pulumi/pulumi";
import type { TraceQuery } from "../client/api/traceQuery";
import { listTraces, type TraceList } from "../client/api/traces";
import { dataFunction, type Inputs } from "./internal/dataFunction";

const read = dataFunction<TraceQuery, TraceList>("getTraces", listTraces);

/**
 * Reads the traces that match, newest first: what happened in a project within the last seven days. Reads several pages
 * concurrently.
 *
 * Reads whenever the program runs, also in a preview, so the result differs from run to run. The service takes one value for
 * each criterion: for a list of values, for `code` and for `failed`, the whole window is read.
 *
 * @param args the criteria and the window; everything of the last hour where nothing is given.
 * @param _opts accepted by Pulumi's convention; without effect.
 * @throws ArgumentError if a criterion makes no sense; nothing is sent then.
 *
 * @example
 * ```ts
 * const { traces } = await cts.getTraces({ from: "24h", serviceType: "IAM", traceName: "login" });
 * export const logins = traces.map(({ time, user, sourceIp }) => `${time} ${user?.name} from ${sourceIp}`);
 *
 * const failures = await cts.getTraces({ serviceType: ["IAM", "OBS"], failed: true });
 * ```
 */
export function getTraces(args?: TraceQuery, _opts?: pulumi.InvokeOptions): Promise<TraceList> {
  return read.now(args);
}

/**
 * Reads the traces that match, newest first, by arguments that may be outputs of other resources. While an argument is
 * unknown, in a preview, nothing is read and the result is unknown. A secret argument makes the result secret.
 *
 * @param args as of {@link getTraces}; any may be an output.
 * @param opts `dependsOn` waits for these resources, and for everything in a component.
 *
 * @example
 * ```ts
 * const audit = new cts.Tracker("audit");
 * const changes = cts.getTracesOutput({ from: "7d", resourceId: audit.trackerId });
 * export const changedBy = changes.traces.apply((traces) => traces.map(({ user }) => user?.name));
 * ```
 */
export function getTracesOutput(
  args?: Inputs<TraceQuery>,
  opts?: pulumi.InvokeOutputOptions,
): pulumi.Output<TraceList> {
  return read.output(args, opts);
}
