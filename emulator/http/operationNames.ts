/** The emulated service of a call. */
export type Service = "iam" | "cts";

/** The names of all operations. */
export const OPERATION_NAMES = [
  "createToken",
  "listProjects",
  "createTracker",
  "updateTracker",
  "listTrackers",
  "deleteTrackers",
  "listTraces",
  "createNotification",
  "updateNotification",
  "listNotifications",
  "deleteNotifications",
  "listQuotas",
  "listVersions",
  "unknown",
] as const;

export const FAULT_KINDS = ["status", "reset", "timeout", "truncated", "wrongJson", "html"] as const;

/** The kinds of faults that can be injected. */
export type FaultKind = (typeof FAULT_KINDS)[number];

/** The operation of a call; `unknown` is a path that the service does not have. */
export type OperationName = (typeof OPERATION_NAMES)[number];
