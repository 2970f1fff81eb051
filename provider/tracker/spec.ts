import { placeShape } from "../core/place";
import type { ResourceSpec } from "../core/resourceSpec";
import { flag, oneOf } from "../core/validation";
import { settingsShape } from "./settings";

/** Declares the arguments and outputs of a tracker. */
export const trackerSpec = {
  kind: "Tracker",
  arguments: {
    ...settingsShape,
    ...placeShape,
    adopt: flag.optional(),
    onDestroy: oneOf("delete", "disable", "restore").optional(),
  },
  inputOnly: [],
  computedOutputs: [
    "trackerId",
    "trackerName",
    "trackerType",
    "domainId",
    "createTime",
    "detail",
    "lts",
    "adopted",
  ],
  stableOutputs: ["trackerId", "trackerName", "trackerType", "domainId", "createTime", "adopted"],
  // It repeats arguments, and an argument may be a secret.
  secretOutputs: ["adopted"],
  // There is one tracker per project and region: creating first would take over the old one and then delete it.
  deleteBeforeReplace: true,
} as const satisfies ResourceSpec;
