import { isRecord } from "../../client/values";
import { CheckFailedError, type DriftCheck, InputError, type Json } from "../drifted";
import { EVENTS_COMMAND, plain } from "./pulumiEvents";
import { driftOf, isManaged, type Step, stateOf } from "./pulumiStep";

/** True if a file holds one object that `pulumi … --json` prints. */
export function isDigest(value: Json): boolean {
  return "changeSummary" in value || (Array.isArray(value["steps"]) && "duration" in value);
}

/**
 * Reads Pulumi's digest of `pulumi refresh --preview-only --json`.
 *
 * @throws InputError where it does not tell all that drifted: it has the drift of a provider without detailed diffs, as all dynamic
 * ones are, in its counts only.
 */
export function readDigest(digest: Json): DriftCheck {
  const { steps: listed, changeSummary, diagnostics, maybeCorrupt } = digest;
  const errors = (Array.isArray(diagnostics) ? diagnostics : []).filter(
    (one) => isRecord(one) && one["severity"] === "error",
  );
  if (errors.length > 0 || maybeCorrupt === true) {
    const why =
      maybeCorrupt === true ? "it says that this may be corrupt" : plain(String(errors[0]["message"]));
    throw new CheckFailedError("Pulumi's run failed, so that nobody knows what drifted", why);
  }
  if (!isRecord(changeSummary) || !Array.isArray(listed)) {
    throw new InputError(
      `This digest has no ${Array.isArray(listed) ? "changeSummary" : "steps"}. ${ADVICE}`,
    );
  }
  const steps = listed.filter(isRecord);
  const urns = steps.map(({ urn }) => String(urn));
  if (!steps.some(({ op }) => op === "refresh" || op === "delete" || op === "update")) {
    throw new InputError(`This digest is of a run that did not look at the cloud. ${ADVICE}`);
  }
  if (new Set(urns).size < urns.length || steps.some(({ op }) => op === "create" || op === "same")) {
    throw new InputError(
      `This digest is of a preview: drift and changes of the program look alike in it. ${ADVICE}`,
    );
  }
  for (const op of new Set([...Object.keys(changeSummary), "update", "delete"])) {
    if (op === "same" || op === "refresh") {
      continue;
    }
    const [counted, shown] = [
      Number(changeSummary[op] ?? 0),
      steps.filter((step) => step["op"] === op).length,
    ];
    if (counted !== shown) {
      throw new InputError(
        `This digest hides drift: it counts ${counted} of ${op}, and shows ${shown}; dynamic resources, for example, are not shown. ${ADVICE}`,
      );
    }
  }
  const managed = steps.map(stepOf).filter(({ old }) => isManaged(old));
  const stack = /^urn:pulumi:(.*?)::/.exec(urns[0] ?? "")?.[1];
  return {
    ...(stack !== undefined && { stack }),
    checked: managed.map(({ urn, type }) => ({ urn, type })),
    drifted: managed.flatMap((step) => driftOf(step) ?? []),
  };
}

const ADVICE = `Give the event stream: ${EVENTS_COMMAND}`;

function stepOf({ urn, op, oldState, newState, detailedDiff }: Json): Step {
  const old = stateOf(oldState);
  return { urn: String(urn), type: old?.type ?? "", op, old, now: stateOf(newState), detailedDiff };
}
