import { counted } from "../../client/counted";
import type { DriftCheck } from "../../drift/drifted";
import type { Cause, DriftReport, ExplainedResource, Share } from "../../drift/report";

/** The input of a format. */
export interface Reported {
  readonly report: DriftReport;
  readonly check: DriftCheck;
  /** Of this package. */
  readonly version: string;
  /** One sentence for each project that could not be looked at. */
  readonly problems: readonly string[];
  isExplained(resource: ExplainedResource): boolean;
  /** A command that lists the traces of a resource, if there is one. */
  commandFor(resource: ExplainedResource): string | undefined;
  /** Who set what, where several have. */
  sharesFor(resource: ExplainedResource): readonly Share[];
}

/** Why a resource is unexplained, in words. */
export const REASONS: Readonly<Record<ExplainedResource["reasons"][number], string>> = {
  "older-than-seven-days":
    "the state agreed with the cloud more than seven days ago, and older traces cannot be queried; the tracker's bucket may have them",
  "too-early":
    "the check ended less than 15 minutes ago, and traces may come in as late: run it again, or use --wait",
  "not-documented": "no document says that changes of such resources are recorded",
  elsewhere:
    "the traces of this service may be in another region or project: name it by --region or --project",
  "no-permission": "the user may not read the traces of the project",
  unreachable: "the project could not be looked at",
  "own-only":
    "only whoever runs this check has changed it, perhaps another run or stack, or somebody during or near a run of this stack",
  "attempts-only": "somebody tried to, and failed",
  "system-only": "a service changed it by itself, without a user",
  bounded: "not all traces were read: see --max-calls",
  "secret-or-computed": "there is no value to compare",
  "no-trace": "no trace is about it: a new version of the provider may see it otherwise",
};

/** The name of a resource, as its program has it. */
export function nameOf({ urn }: { readonly urn: string }): string {
  return urn.startsWith("urn:pulumi:") ? urn.split("::").slice(3).join("::") || urn : urn;
}

/** `~ description, tags.owner`, or `gone`. */
export function changesOf({ kind, changes }: ExplainedResource): string {
  if (kind === "gone") {
    return "gone";
  }
  return `~ ${changes.length > 0 ? changes.map(({ path, secret }) => (secret ? `${path} (secret)` : path)).join(", ") : "something"}`;
}

/** Old and new values, where they are told. */
export function valuesOf({ changes }: ExplainedResource): string[] {
  return changes
    .filter((change) => "old" in change || "new" in change)
    .map(
      ({ path, old, new: now }) =>
        `${path}: ${JSON.stringify(old) ?? "nothing"} → ${JSON.stringify(now) ?? "nothing"}`,
    );
}

/** The operations beside the cause, by their titles in the reports. */
export function othersOf({
  also,
  own,
  attempts,
}: ExplainedResource): [title: string, others: readonly Cause[]][] {
  return [
    ["also", also],
    ["own, or near a run", own],
    ["failed", attempts],
  ];
}

/** `alice (account)`. */
export function personOf({ user }: Cause): string {
  const name = user.name || user.principalUrn || user.id || user.accessKeyId || "nobody (the service)";
  return user.domain && user.domain !== name ? `${name} (${user.domain})` : name;
}

/** `console`, `API` or `service`. */
export function wayOf({ traceType }: Cause): string {
  return { ConsoleAction: "console", ApiCall: "API", SystemAction: "service" }[traceType] ?? traceType;
}

/** Who set what, where several have: `alice (status), no trace tells who (tags)`. */
export function sharesIn(resource: ExplainedResource, { sharesFor }: Reported): string {
  const shares = sharesFor(resource).map(
    ({ paths, by }) => `${by ? personOf(by) : "no trace tells who"} (${paths.join(", ")})`,
  );
  return shares.join(", ");
}

/** One line on who did it, or why nobody knows. */
export function verdictOf(resource: ExplainedResource, reported: Reported): string {
  const { verdict, cause, reasons } = resource;
  if (!cause) {
    return `${verdict}: ${reasons.map((reason) => REASONS[reason]).join("; ")}`;
  }
  const from = cause.sourceIp ? ` from ${cause.sourceIp}` : "";
  const shares = sharesIn(resource, reported);
  const parts = shares && `; each a part: ${shares}`;
  return `${verdict}: ${personOf(cause)}${from} by ${wayOf(cause)}, ${cause.traceName} at ${timeOf(cause)}, trace ${cause.traceId}${parts}`;
}

/** `2026-11-24 16:02:11`, UTC. */
export function timeOf({ time }: { readonly time: string }): string {
  return time.slice(0, 19).replace("T", " ");
}

/** `4 traces, 2 calls, 2026-11-20 09:12:00 to 2026-11-25 18:41:00 UTC`. */
export function readingOf({ traces, calls, from, to, bounded }: DriftReport["searched"][number]): string {
  const window = `${timeOf({ time: from })} to ${timeOf({ time: to })} UTC`;
  return `${counted(traces, "trace")}, ${counted(calls, "call")}, ${window}${bounded ? ", not all" : ""}`;
}

/** `2 of 31 resources drifted: 1 explained, 1 not`. */
export function countsOf({ summary }: DriftReport): string {
  const { checked, drifted, explained, unexplained } = summary;
  const resources = counted(checked, "resource");
  if (drifted === 0) {
    return `None of ${resources} drifted`;
  }
  return `${drifted} of ${resources} drifted: ${explained} explained, ${unexplained} not`;
}

/** Unexplained ones first. */
export function inOrder({ report, isExplained }: Reported): ExplainedResource[] {
  return [...report.resources].sort((a, b) => Number(isExplained(a)) - Number(isExplained(b)));
}

/** The place in the program that declares it, if the state says so. */
export function sourceOf({ source }: ExplainedResource): { file: string; line: number } {
  return source ?? { file: "Pulumi.yaml", line: 1 };
}
