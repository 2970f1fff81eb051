/**
 * A local emulator of the Cloud Trace Service and of the part of IAM that it needs, with the real service's quirks,
 * state in memory, and faults on request.
 *
 * @packageDocumentation
 */

export type { KeyPair } from "./auth/signature";
export type { SignInKind } from "./auth/signInSettings";
export type { NotificationConsole } from "./console/notifications";
export type { EmulatorConsole } from "./console/tracker";
export type { EmulatorEvents } from "./control/events";
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
export type { Journal, JournalEntry, OperationName, Phase, RequestListener, Service } from "./http/journal";
export type { Behaviour, EmulatorOptions } from "./options";
export { type Emulator, type EmulatorTraces, startEmulator } from "./server";
export type { Where } from "./state/state";
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
export type {
  WireObsInfo,
  WireTrace,
  WireTraceUser,
  WireTracker,
  WireTrackerChanges,
  WireTrackerSettings,
} from "./wire/trackers";
