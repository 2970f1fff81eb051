import { isRecord } from "../../client/values";
import {
  type Change,
  CheckFailedError,
  type DriftCheck,
  type Drifted,
  InputError,
  type Json,
} from "../drifted";
import { changesBetween, partsOf } from "./changes";

/** Makes a plan that shows drift. */
const PLAN_COMMAND = "terraform plan -refresh-only -out=p && terraform show -json p";

/** True if a file is what `terraform show -json` or `tofu show -json` prints, of a plan or a state. */
export function isTerraform(value: Json): boolean {
  return typeof value["format_version"] === "string" || ("terraform_version" in value && "serial" in value);
}

/**
 * Reads the drift of a plan.
 *
 * @throws InputError where it is of a state, of another version, or without `resource_drift`; CheckFailedError where planning failed.
 */
export function readPlan(plan: Json): DriftCheck {
  const { format_version: version, resource_drift: drift } = plan;
  if (
    typeof version !== "string" ||
    (!("resource_changes" in plan) && !("planned_values" in plan) && drift === undefined)
  ) {
    throw new InputError(`This is a state of Terraform, which holds no drift. Give a plan: ${PLAN_COMMAND}`);
  }
  if (!/^1\./.test(version)) {
    throw new InputError(
      `This plan is of format ${version}, and only 1.x is known here: use a version of Terraform or OpenTofu that writes it`,
    );
  }
  if (plan["errored"] === true) {
    throw new CheckFailedError("Planning failed (errored), so that nobody knows what drifted: run it again");
  }
  if (!Array.isArray(drift)) {
    throw new InputError(
      `This plan has no resource_drift: either nothing drifted, or it was made without a look at the cloud, which it does not say. Make it by ${PLAN_COMMAND}; with -detailed-exitcode, terraform plan exits with 0 where nothing drifted`,
    );
  }
  const drifted = drift.filter(isRecord).filter(({ mode }) => mode === undefined || mode === "managed");
  const looked = new Map([...addressesOf(plan["resource_changes"]), ...addressesOf(drift)]);
  return {
    ...(typeof plan["timestamp"] === "string" &&
      !Number.isNaN(Date.parse(plan["timestamp"])) && { at: Date.parse(plan["timestamp"]) }),
    checked: [...looked].map(([urn, type]) => ({ urn, type })),
    drifted: drifted.flatMap((each) => driftOf(each) ?? []),
  };
}

function addressesOf(list: unknown): [address: string, type: string][] {
  return (Array.isArray(list) ? list : [])
    .filter(isRecord)
    .filter(({ mode }) => mode === undefined || mode === "managed")
    .map(({ address, type }) => [String(address), String(type)]);
}

function driftOf({ address, type, change }: Json): Drifted | undefined {
  const { actions, before, after, before_sensitive, after_sensitive } = (
    isRecord(change) ? change : {}
  ) as Json;
  if (!Array.isArray(actions) || !isRecord(before)) {
    throw new InputError(
      `The drift of ${String(address)} has no change with actions and before. Make the plan by ${PLAN_COMMAND}`,
    );
  }
  const facts = {
    urn: String(address),
    type: String(type),
    id: String(before["id"] ?? ""),
    outputs: inCamelCase(before) as Json,
  };
  if (!isRecord(after)) {
    return { ...facts, kind: "gone", changes: [] };
  }
  const changes = changesBetween(before, after).map((each) =>
    isSensitive(before_sensitive, each.path) || isSensitive(after_sensitive, each.path) ? hidden(each) : each,
  );
  // Terraform lists what it moved to another address, too.
  return changes.length > 0 ? { ...facts, kind: "changed", changes } : undefined;
}

function hidden({ path }: Change): Change {
  return { path, secret: true };
}

/** The mask is `true` for a value, or for all that it is within. */
function isSensitive(mask: unknown, path: string): boolean {
  const parts = partsOf(path);
  if (mask === true) {
    return true;
  }
  return parts.some((_, i) => {
    const at = parts
      .slice(0, i + 1)
      .reduce<unknown>((value, part) => (value as Json | null | undefined)?.[part], mask);
    return at === true || (i === parts.length - 1 && containsTrue(at));
  });
}

function containsTrue(mask: unknown): boolean {
  if (typeof mask !== "object" || mask === null) {
    return mask === true;
  }
  return Object.values(mask).some(containsTrue);
}

/** The names of Pulumi, so that the rest need know one spelling. */
function inCamelCase(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(inCamelCase);
  }
  if (!isRecord(value)) {
    return value;
  }
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [camelCase(key), inCamelCase(each)]));
}

export function camelCase(name: string): string {
  return name.replace(/[_-]+([a-z0-9])/gi, (_, letter: string) => letter.toUpperCase());
}
