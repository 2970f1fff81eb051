import { placeShape } from "../core/place";
import type { ResourceSpec } from "../core/resourceSpec";
import { flag } from "../core/validation";
import { settingsShape, topicName } from "./settings";

/** Declares the arguments and outputs of a key event notification. */
export const keyEventNotificationSpec = {
  kind: "KeyEventNotification",
  arguments: {
    ...settingsShape,
    ...placeShape,
    topicName,
    adopt: flag.optional(),
  },
  inputOnly: ["topicName"],
  computedOutputs: ["notificationId", "notificationType", "domainId", "createTime"],
  stableOutputs: ["notificationId", "notificationType", "domainId", "createTime"],
  secretOutputs: [],
  // A name can be there only once.
  deleteBeforeReplace: true,
} as const satisfies ResourceSpec;
