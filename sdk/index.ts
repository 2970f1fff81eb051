/**
 * A Pulumi provider for the Cloud Trace Service (CTS) of Open Telekom Cloud.
 *
 * @packageDocumentation
 */
export type { Connection, PlaceRef } from "../provider/client/connection";
export type { Quota } from "../provider/client/quotas";
export {
  type Trace,
  type TraceList,
  type TraceQuery,
  type TraceUser,
  traces,
} from "../provider/client/traces";
export { type ConnectionArgs, connect } from "./connection";
export { getQuotas, getQuotasOutput, type QuotaList } from "./getQuotas";
export { getTraces, getTracesOutput } from "./getTraces";
export { getTracker, getTrackerOutput, type TrackerInfo } from "./getTracker";
export {
  type AdoptedSettings,
  type Lts,
  type ObsInfo,
  type ObsInfoArgs,
  Tracker,
  type TrackerArgs,
} from "./tracker";
