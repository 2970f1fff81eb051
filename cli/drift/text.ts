import { visible } from "../../client/visible";
import type { Paint } from "../terminal";
import {
  changesOf,
  countsOf,
  inOrder,
  nameOf,
  othersOf,
  personOf,
  REASONS,
  type Reported,
  readingOf,
  sharesIn,
  timeOf,
  valuesOf,
  wayOf,
} from "./reported";

/** For people at a terminal. */
export function asText(reported: Reported, paint: Paint = (_, text) => text): string {
  const { report, problems } = reported;
  const lines = [paint("bold", visible(countsOf(report)))];
  for (const searched of report.searched) {
    lines.push(visible(`  ${searched.region}/${searched.projectId}: ${readingOf(searched)}`));
  }
  for (const problem of problems) {
    lines.push(paint("red", visible(`  not complete: ${problem}`)));
  }
  for (const resource of inOrder(reported)) {
    const { type, verdict, cause, reasons } = resource;
    lines.push("", visible(`${type}  ${nameOf(resource)}  ${changesOf(resource)}`));
    for (const value of valuesOf(resource)) {
      lines.push(visible(`  ${value}`));
    }
    const colour = reported.isExplained(resource) ? "green" : "yellow";
    if (cause) {
      const facts = [
        timeOf(cause),
        personOf(cause),
        cause.sourceIp && `from ${cause.sourceIp}`,
        wayOf(cause),
        cause.traceName,
        `trace ${cause.traceId}`,
      ];
      lines.push(`  ${paint(colour, verdict)}  ${visible(facts.filter(Boolean).join("  "))}`);
      lines.push(visible(`    ${cause.evidence.join("; ")}`));
      const shares = sharesIn(resource, reported);
      if (shares) {
        lines.push(visible(`    each a part: ${shares}`));
      }
    } else {
      lines.push(`  ${paint(colour, verdict)}  ${visible(`since ${timeOf({ time: resource.since })} UTC`)}`);
      for (const reason of reasons) {
        lines.push(`    ${REASONS[reason]}`);
      }
    }
    for (const [title, others] of othersOf(resource)) {
      for (const other of others) {
        lines.push(
          visible(
            `    ${title}: ${timeOf(other)}  ${personOf(other)}  ${other.traceName}  trace ${other.traceId}`,
          ),
        );
      }
    }
    const command = cause ? undefined : reported.commandFor(resource);
    if (command !== undefined) {
      lines.push(`    see: ${command}`);
    }
  }
  return `${lines.join("\n")}\n`;
}
