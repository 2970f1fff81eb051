/**
 * A local emulator of the Cloud Trace Service and of the part of IAM that it needs, with the real service's quirks,
 * state in memory, and faults on request.
 *
 * @packageDocumentation
 */
export type { EmulatorConsole } from "./console";
export type { EmulatorEvents } from "./events";
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
} from "./faults";
export type { Journal, JournalEntry, OperationName, Phase, RequestListener, Service } from "./journal";
export type { NotificationConsole } from "./notificationConsole";
export type { Behaviour, EmulatorOptions } from "./options";
export { type Emulator, type EmulatorTraces, startEmulator } from "./server";
export type { SignInKind } from "./settings";
export type { KeyPair } from "./signature";
export type { Delivery } from "./topics";
export type {
  WireObsInfo,
  WireTrace,
  WireTraceUser,
  WireTracker,
  WireTrackerChanges,
  WireTrackerSettings,
} from "./wire";
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
} from "./wireNotifications";
export type { Where } from "./world";
