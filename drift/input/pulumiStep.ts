import { isDeepStrictEqual } from "node:util";
import { isRecord } from "../../client/values";
import type { Change, Checked, Drifted, Json } from "../drifted";
import { changesBetween, secretsIn, valueAt } from "./changes";

/** One side of a step, as far as it counts here. */
interface ResourceState {
  readonly type: string;
  readonly id: string;
  readonly custom: boolean;
  readonly isExternal: boolean;
  readonly provider: string;
  readonly inputs: Json;
  readonly outputs: Json;
}

/** A step of the engine for one resource, as its events and its digest tell it. */
export interface Step extends Checked {
  readonly op: unknown;
  readonly old: ResourceState | undefined;
  readonly now: ResourceState | undefined;
  readonly detailedDiff: unknown;
}

/** Reads one side of a step. */
export function stateOf(value: unknown): ResourceState | undefined {
  if (!isRecord(value)) {
    return undefined;
  }
  const text = (key: string) => (typeof value[key] === "string" ? value[key] : "");
  const object = (key: string) => (isRecord(value[key]) ? value[key] : {});
  return {
    type: text("type"),
    id: text("id"),
    custom: value["custom"] === true,
    isExternal: value["external"] === true,
    provider: text("provider"),
    inputs: object("inputs"),
    outputs: object("outputs"),
  };
}

/** Components have nothing in the cloud; what a program only reads is not managed. */
export function isManaged(state: ResourceState | undefined): boolean {
  if (!state) {
    return false;
  }
  return state.custom && !state.isExternal && !state.type.startsWith("pulumi:");
}

/** Tells what drifted by the step of a refresh. */
export function driftOf({ urn, type, op, old, now, detailedDiff }: Step): Drifted | undefined {
  if (!old) {
    return undefined;
  }
  const { id, outputs, provider } = old;
  const facts = { urn, type, id, outputs, ...(provider && { provider }) };
  if (!now || op === "delete") {
    return { ...facts, kind: "gone", changes: [] };
  }
  if (op !== "update" && (op !== "refresh" || isDeepStrictEqual(outputs, now.outputs))) {
    return undefined;
  }
  return { ...facts, kind: "changed", changes: changesOf(detailedDiff, old, now) };
}

/**
 * The paths that the provider names, where it does. Else the outputs that differ: those that are inputs too where there are any, as
 * the others follow from them or change by themselves.
 */
function changesOf(
  detailedDiff: unknown,
  old: Pick<ResourceState, "inputs" | "outputs">,
  now: Pick<ResourceState, "outputs">,
): Change[] {
  const paths = isRecord(detailedDiff)
    ? Object.keys(detailedDiff).filter((path) => !path.startsWith("__"))
    : [];
  const named = paths.flatMap((path) => {
    const [before, after] = [valueAt(old.outputs, path), valueAt(now.outputs, path)];
    const changes = changesBetween(before, after, path);
    return changes.length > 0 ? changes : [{ path, secret: secretsIn(before).length > 0 }];
  });
  if (named.length > 0) {
    return named;
  }
  const all = changesBetween(visibleOf(old.outputs), visibleOf(now.outputs));
  const ofInputs = all.filter(({ path }) => isInput(path, old.inputs));
  // The engine hides secrets, the old and the new one alike.
  if (all.length === 0) {
    return secretsIn(visibleOf(old.outputs));
  }
  return ofInputs.length > 0 ? ofInputs : all;
}

function isInput(path: string, inputs: Json): boolean {
  return (/^[^.[]+/.exec(path)?.[0] ?? "") in inputs;
}

/** Without what providers keep for themselves, such as `__provider`, `__meta` and `__defaults`. */
function visibleOf(outputs: Json): Json {
  return Object.fromEntries(Object.entries(outputs).filter(([key]) => !key.startsWith("__")));
}
