/**
 * A Pulumi provider for the Cloud Trace Service (CTS) of Open Telekom Cloud.
 *
 * @packageDocumentation
 */
export {
  type AdoptedSettings,
  type Lts,
  type ObsInfo,
  type ObsInfoArgs,
  Tracker,
  type TrackerArgs,
} from "./tracker";
