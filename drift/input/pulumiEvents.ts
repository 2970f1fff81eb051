import { isRecord } from "../../client/values";
import { CheckFailedError, type DriftCheck, InputError, type Json } from "../drifted";
import { driftOf, isManaged, type Step, stateOf } from "./pulumiStep";

/** Prints Pulumi's event stream. */
export const EVENTS_COMMAND =
  "PULUMI_ENABLE_STREAMING_JSON_PREVIEW=true pulumi refresh --preview-only --run-program --json";

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
  const looks = new Map<string, Step>();
  for (const event of events) {
    const [urn] = urnOf(event, "resOutputsEvent");
    if (urn !== undefined && refreshed.has(urn) && !looks.has(urn)) {
      looks.set(urn, stepOf(urn, metadataOf(event, "resOutputsEvent")));
    }
  }
  if (refreshed.size === 0 && !isEmpty(summaries[0])) {
    throw new InputError(
      `These are events of a run that did not look at the cloud: make them by ${EVENTS_COMMAND}, or by pulumi preview --refresh --run-program`,
    );
  }
  const managed = [...looks.values()].filter(({ old, now }) => isManaged(old ?? now));
  const lost = [...refreshed].filter((urn) => !looks.has(urn) && !urn.includes("pulumi:providers:"));
  if (lost.length > 0) {
    throw new CheckFailedError(`Pulumi did not say how it found ${lost[0]}: nobody knows whether it drifted`);
  }
  const last = events.at(-1)?.["timestamp"];
  const stack = /^urn:pulumi:(.*?)::/.exec([...refreshed][0] ?? "")?.[1];
  return {
    ...(stack !== undefined && { stack }),
    ...(typeof last === "number" && { at: last * 1000 }),
    checked: managed.map(({ urn, type }) => ({ urn, type })),
    drifted: managed.flatMap((step) => driftOf(step) ?? []),
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
    throw new CheckFailedError("Pulumi's run failed, so that nobody knows what drifted", plain(why));
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
export function plain(message: string): string {
  return message.replace(/<\{%.*?%\}>/g, "");
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

function stepOf(urn: string, { type, op, old, new: now, detailedDiff }: Json): Step {
  const named = typeof type === "string" && type !== "" ? type : urn.split("::")[2]?.split("$").at(-1);
  return { urn, type: named ?? "", op, old: stateOf(old), now: stateOf(now), detailedDiff };
}
