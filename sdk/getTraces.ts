import type * as pulumi from "@pulumi/pulumi";
import { listTraces, type TraceList, type TraceQuery } from "../client/api/traces";
import { dataFunction, type Inputs } from "./internal/dataFunction";

const read = dataFunction<TraceQuery, TraceList>("getTraces", listTraces);

/**
 * The traces that match: what happened in a project within the last seven days. Reads several pages concurrently.
 *
 * Reads whenever the program runs, in a preview too, so that its result differs from run to run. The service takes one value
 * for each criterion: for a list of values, for `code` and for `failed`, the whole window is read.
 *
 * @param args what is searched by; everything of the last hour where nothing is given.
 * @param _opts taken for the sake of Pulumi's convention; none has an effect.
 * @throws ArgumentError where a criterion makes no sense; nothing is sent then.
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
 * The same, with arguments that may be outputs of other resources. What depends on an argument that is not known yet, in
 * a preview, is not known either; what comes of a secret argument is secret.
 *
 * @param opts `dependsOn` waits for resources, and for all in components.
 */
export function getTracesOutput(
  args?: Inputs<TraceQuery>,
  opts?: pulumi.InvokeOutputOptions,
): pulumi.Output<TraceList> {
  return read.output(args, opts);
}
