/**
 * A Pulumi provider for the Cloud Trace Service (CTS) of Open Telekom Cloud.
 *
 * @packageDocumentation
 */
export {
  type AuditAlarm,
  AuditBaseline,
  type AuditBaselineArgs,
  type AuditedPlace,
} from "./auditBaseline";
export { type EventOperations, events } from "./events";
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
  Tracker,
  type TrackerArgs,
} from "./tracker";
