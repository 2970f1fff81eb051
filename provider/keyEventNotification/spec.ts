import { z } from "zod";
import { placeShape } from "../core/place";
import type { ResourceSpec } from "../core/resourceSpec";
import { orUnknown } from "../core/validation";
import { settingsShape, topicName } from "./settings";

/** Declares the arguments and outputs of a key event notification. */
export const keyEventNotificationSpec = {
  kind: "KeyEventNotification",
  arguments: {
    ...settingsShape,
    ...placeShape,
    topicName,
    adopt: orUnknown(z.boolean("must be true or false")).optional(),
  },
  inputOnly: ["topicName"],
  computedOutputs: ["notificationId", "notificationType", "domainId", "createTime"],
  stableOutputs: ["notificationId", "notificationType", "domainId", "createTime"],
  secretOutputs: [],
  // A name can be there only once.
  deleteBeforeReplace: true,
} as const satisfies ResourceSpec;
