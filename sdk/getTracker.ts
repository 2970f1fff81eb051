import type * as pulumi from "@pulumi/pulumi";
import type { PlaceRef } from "../client/place";
import { readTracker } from "../provider/functions/getTracker";
import { dataFunction, type Inputs } from "./internal/dataFunction";
import type { Lts, ObsInfo, Reported } from "./tracker";

/** A tracker as it is now, whoever manages it. */
export interface TrackerInfo {
  /** `{region}/{projectId}/system`. */
  readonly id: string;
  /** `"enabled"`, `"disabled"`, or `"error"`: then {@link detail} says why. */
  readonly status: Reported<"enabled" | "disabled" | "error">;
  /** The transfer of trace files; absent if they go nowhere. */
  readonly obsInfo?: ObsInfo;
  readonly isLtsEnabled: boolean;
  readonly isSupportValidate: boolean;
  readonly region: string;
  readonly projectId: string;
  readonly trackerId: string;
  /** Always `system`. */
  readonly trackerName: string;
  /** Always `system`. */
  readonly trackerType: string;
  /** The account. */
  readonly domainId?: string;
  /** When the tracker was made: ISO 8601, UTC. */
  readonly createTime?: string;
  /** Why the status is `"error"`: `noBucket`, `bucketPolicyError` or `arrears`. */
  readonly detail?: string;
  /** Transfer to the log tank service. */
  readonly lts: Lts;
}

const read = dataFunction<PlaceRef, TrackerInfo>("getTracker", async (connection, args) => {
  return (await readTracker(connection, args)) as TrackerInfo;
});

/**
 * Reads the tracker `system` of a project in a region as it is now, whoever manages it.
 *
 * @param args region and project; the connection's where nothing is given.
 * @param _opts accepted by Pulumi's convention; without effect.
 * @throws CtsError if there is no tracker.
 *
 * @example
 * ```ts
 * const { status } = await cts.getTracker({ projectName: "eu-de_production" });
 * if (status !== "enabled") throw new Error("the audit log is off");
 * ```
 */
export function getTracker(args?: PlaceRef, _opts?: pulumi.InvokeOptions): Promise<TrackerInfo> {
  return read.now(args);
}

/**
 * Reads the tracker `system` of a project in a region as it is now, by arguments that may be outputs. While an argument is
 * unknown, in a preview, nothing is read and the result is unknown.
 *
 * @param args as of {@link getTracker}; any may be an output.
 * @param opts `dependsOn` waits for these resources, and for everything in a component.
 * @throws CtsError if there is no tracker: the output fails.
 *
 * @example
 * ```ts
 * import * as pulumi from "@pulumi/pulumi";
 * import * as cts from "pulumi-otc-cts";
 *
 * const projectName = new pulumi.StackReference("projects").getOutput("auditedProject");
 * export const status = cts.getTrackerOutput({ projectName }).status;
 * ```
 */
export function getTrackerOutput(
  args?: Inputs<PlaceRef>,
  opts?: pulumi.InvokeOutputOptions,
): pulumi.Output<TrackerInfo> {
  return read.output(args, opts);
}
