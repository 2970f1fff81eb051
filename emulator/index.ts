/**
 * A local emulator of the Cloud Trace Service and of the part of IAM that it needs, with the real service's quirks,
 * state in memory, and faults on request.
 *
 * @module pulumi-otc-cts/emulator
 */

export type { KeyPair } from "./auth/signature";
export type { SignInKind } from "./auth/signInSettings";
export type { Behaviour } from "./behaviour";
export type { NotificationConsole } from "./console/notifications";
export type { ForeignChange, ForeignResources } from "./console/otherServices";
export type { EmulatorConsole } from "./console/tracker";
export type { EmulatorEvents } from "./control/events";
export type { Emulator, EmulatorTraces } from "./emulator";
export type {
  Fault,
  Faults,
  HtmlFault,
  RandomFaults,
  ResetFault,
  StatusFault,
  TimeoutFault,
  TruncatedFault,
  WrongJsonFault,
} from "./http/faults";
export type { Journal, JournalEntry, Phase, RequestListener } from "./http/journal";
export type { OperationName, Service } from "./http/operationNames";
export type { EmulatorOptions } from "./options";
export type { PlaceRef } from "./place";
export { startEmulator } from "./server";
export type { Delivery } from "./state/topics";
export type { SpreadName } from "./synthetic/spreads";
export type {
  WireEvent,
  WireFilter,
  WireMessage,
  WireNotification,
  WireNotificationArgs,
  WireNotificationChanges,
  WireNotificationSettings,
  WireNotifyUsers,
  WireOperations,
} from "./wire/notifications";
export type { WireTrace, WireTraceUser } from "./wire/traces";
export type { WireObsInfo, WireTracker, WireTrackerChanges, WireTrackerSettings } from "./wire/trackers";
