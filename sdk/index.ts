/**
 * A Pulumi provider for the Cloud Trace Service (CTS) of Open Telekom Cloud.
 *
 * @module pulumi-otc-cts
 */

export type { Quota } from "../client/api/quotas";
export type { Trace, TraceUser } from "../client/api/trace";
export type { TraceQuery } from "../client/api/traceQuery";
export { type TraceList, type TraceReadOptions, traces } from "../client/api/traces";
export type { Connection } from "../client/connection";
export type { PlaceRef } from "../client/place";
export type { DriftInput, DriftOptions } from "../drift/driftCause";
export type { Change } from "../drift/drifted";
export type { ResourceKind } from "../drift/kinds/resourceKind";
export type { Cause, DriftReport, ExplainedResource, Reason, SearchedPlace } from "../drift/report";
export {
  type AuditAlarm,
  AuditBaseline,
  type AuditBaselineArgs,
  type AuditedPlace,
} from "./auditBaseline";
export { type ConnectionArgs, connect } from "./connection";
export { driftCause } from "./driftCause";
export { type EventOperations, events, type SpelledOperations } from "./events";
export {
  getNotifications,
  getNotificationsOutput,
  type NotificationInfo,
  type NotificationList,
  type NotificationQuery,
} from "./getNotifications";
export { getQuotas, getQuotasOutput, type QuotaList } from "./getQuotas";
export { getTraces, getTracesOutput } from "./getTraces";
export { getTracker, getTrackerOutput, type TrackerInfo } from "./getTracker";
export {
  type Filter,
  type FilterArgs,
  KeyEventNotification,
  type KeyEventNotificationArgs,
  type NotifyUser,
  type NotifyUserArgs,
  type Operation,
  type OperationArgs,
} from "./keyEventNotification";
export {
  type AdoptedSettings,
  type Lts,
  type ObsInfo,
  type ObsInfoArgs,
  type Reported,
  Tracker,
  type TrackerArgs,
} from "./tracker";
