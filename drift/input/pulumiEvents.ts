import { isDeepStrictEqual } from "node:util";
import { isRecord } from "../../client/values";
import {
  type Change,
  CheckFailedError,
  type DriftCheck,
  type Drifted,
  InputError,
  type Json,
} from "../drifted";
import { changesBetween, secretsIn, valueAt } from "./changes";

/** Prints Pulumi's event stream. */
export const EVENTS_COMMAND =
  "PULUMI_ENABLE_STREAMING_JSON_PREVIEW=true pulumi refresh --preview-only --json";

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

/** True if the first lines of a file are those of an event stream. */
export function isEvent(value: unknown): value is Json {
  return isRecord(value) && typeof value["sequence"] === "number" && typeof value["timestamp"] === "number";
}

/**
 * Reads what Pulumi's engine has told of a refresh, or of a preview that refreshed first.
 *
 * @throws InputError where it did not refresh; CheckFailedError where it did not succeed.
 */
export function readEvents(events: readonly Json[]): DriftCheck {
  const summaries = events.flatMap(({ summaryEvent }) => (isRecord(summaryEvent) ? [summaryEvent] : []));
  failWhereBroken(events, summaries);
  const refreshed = new Set(
    events.flatMap((event) => (opOf(event, "resourcePreEvent") === "refresh" ? urnOf(event) : [])),
  );
  // A preview that refreshed first tells of each resource twice: the second time, of what the program wants.
  const looks = new Map<string, Json>();
  for (const event of events) {
    const [urn] = urnOf(event, "resOutputsEvent");
    if (urn !== undefined && refreshed.has(urn) && !looks.has(urn)) {
      looks.set(urn, metadataOf(event, "resOutputsEvent"));
    }
  }
  if (refreshed.size === 0 && !isEmpty(summaries[0])) {
    throw new InputError(
      `These are events of a run that did not look at the cloud: make them by ${EVENTS_COMMAND}, or by pulumi preview --refresh`,
    );
  }
  const managed = [...looks].filter(([, step]) => isManaged(stateOf(step["old"]) ?? stateOf(step["new"])));
  const lost = [...refreshed].filter((urn) => !looks.has(urn) && !urn.includes("pulumi:providers:"));
  if (lost.length > 0) {
    throw new CheckFailedError(`Pulumi did not say how it found ${lost[0]}: nobody knows whether it drifted`);
  }
  const last = events.at(-1)?.["timestamp"];
  const stack = /^urn:pulumi:(.*?)::/.exec([...refreshed][0] ?? "")?.[1];
  return {
    ...(stack !== undefined && { stack }),
    ...(typeof last === "number" && { at: last * 1000 }),
    checked: managed.map(([urn, step]) => ({ urn, type: typeOf(urn, step) })),
    drifted: managed.flatMap(([urn, step]) => driftOf(urn, step) ?? []),
  };
}

function failWhereBroken(events: readonly Json[], summaries: readonly Json[]): void {
  const [summary] = summaries;
  if (summaries.length > 1) {
    throw new InputError("These are events of several runs: give those of one run");
  }
  const errors = events.flatMap(({ diagnosticEvent: event }) =>
    isRecord(event) && event["severity"] === "error" ? [String(event["message"])] : [],
  );
  const failed = events.flatMap((event) => urnOf(event, "resOpFailedEvent"));
  if (errors.length > 0 || failed.length > 0 || (summary?.["result"] ?? "succeeded") !== "succeeded") {
    const why =
      errors[0] ??
      (failed[0] === undefined ? `its result is ${summary?.["result"]}` : `it failed at ${failed[0]}`);
    throw new CheckFailedError(`Pulumi's run failed, so that nobody knows what drifted: ${plain(why)}`);
  }
  if (!summary) {
    throw new CheckFailedError(
      "The events end before the run has: the last one is no summary. Nobody knows what else drifted",
    );
  }
  if (summary["maybeCorrupt"] === true) {
    throw new CheckFailedError("Pulumi says that its events may be corrupt: run it again");
  }
}

/** Pulumi's messages have colours as `<{%reset%}>`. */
function plain(message: string): string {
  return message.replace(/<\{%.*?%\}>/g, "").trim();
}

function isEmpty(summary: Json | undefined): boolean {
  return Object.keys((summary?.["resourceChanges"] as object | undefined) ?? {}).length === 0;
}

type StepEvent = "resourcePreEvent" | "resOutputsEvent" | "resOpFailedEvent";

function metadataOf(event: Json, name: StepEvent): Json {
  const step = event[name];
  return isRecord(step) && isRecord(step["metadata"]) ? step["metadata"] : {};
}

function opOf(event: Json, name: StepEvent): unknown {
  return metadataOf(event, name)["op"];
}

function urnOf(event: Json, name: StepEvent = "resourcePreEvent"): string[] {
  const { urn } = metadataOf(event, name) as { urn?: unknown };
  return typeof urn === "string" ? [urn] : [];
}

function stateOf(value: unknown): ResourceState | undefined {
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

function typeOf(urn: string, step: Json): string {
  const { type } = step;
  return typeof type === "string" && type ? type : (urn.split("::")[2]?.split("$").at(-1) ?? "");
}

function driftOf(urn: string, step: Json): Drifted | undefined {
  const old = stateOf(step["old"]);
  if (!old) {
    return undefined;
  }
  const now = stateOf(step["new"]);
  const facts = {
    urn,
    type: typeOf(urn, step),
    id: old.id,
    outputs: old.outputs,
    ...(old.provider && { provider: old.provider }),
  };
  if (!now || step["op"] === "delete") {
    return { ...facts, kind: "gone", changes: [] };
  }
  const isUpdate = step["op"] === "update";
  if (!isUpdate && (step["op"] !== "refresh" || isDeepStrictEqual(old.outputs, now.outputs))) {
    return undefined;
  }
  return { ...facts, kind: "changed", changes: changesOf(step["detailedDiff"], old, now) };
}

/**
 * The paths that the provider names, where it does. Else the outputs that differ: those that are inputs too where there are any, as
 * the others follow from them or change by themselves.
 */
export function changesOf(
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
