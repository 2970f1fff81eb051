import { visible } from "../../client/visible";
import type { ExplainedResource } from "../../drift/report";
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

/** A comment of GitHub may have 64 KiB. */
export const COMMENT_BYTES = 60 * 1024;
/** `$GITHUB_STEP_SUMMARY` may have 1 MiB for each step. */
export const SUMMARY_BYTES = 1000 * 1024;

/** For job summaries and merge requests. Details are left out first, then rows, where there is no room. */
export function asMarkdown(reported: Reported, maxBytes: number): string {
  const { report, problems } = reported;
  const resources = inOrder(reported);
  const head = [
    `### ${countsOf(report)}`,
    "",
    ...problems.map((problem) => `**Not complete:** ${code(problem)}\n`),
    ...(resources.length > 0
      ? [
          "| resource | changed | verdict | who | when (UTC) | from | how | trace |",
          "|---|---|---|---|---|---|---|---|",
        ]
      : []),
  ];
  const looked = report.searched.map(
    (searched) => `${code(`${searched.region}/${searched.projectId}`)}: ${readingOf(searched)}`,
  );
  const tail = looked.length > 0 ? ["", `Looked at ${looked.join("; ")}.`] : [];
  const rows = resources.map((resource) => rowOf(resource, reported));
  const details = resources.map(detailsOf);
  // Room for the two lines that say what is left out.
  const room = maxBytes - size(head) - size(tail) - 200;
  const shownRows = fitting(rows, room);
  const shownDetails = fitting(details, room - size(shownRows));
  const missing = [
    ...(shownRows.length < rows.length
      ? [`${rows.length - shownRows.length} more resources are left out.`]
      : []),
    ...(shownDetails.length < details.length
      ? [`The details of ${details.length - shownDetails.length} are left out.`]
      : []),
  ];
  const notes = missing.length > 0 ? ["", missing.join(" ")] : [];
  return `${[...head, ...shownRows, ...notes, ...(shownDetails.length > 0 ? [""] : []), ...shownDetails, ...tail].join("\n")}\n`;
}

function size(lines: readonly string[]): number {
  return lines.reduce((sum, line) => sum + Buffer.byteLength(line) + 1, 0);
}

/** The first lines, up to the room there is. */
function fitting(lines: readonly string[], bytes: number): string[] {
  let left = bytes;
  const end = lines.findIndex((line) => {
    left -= size([line]);
    return left < 0;
  });
  return end < 0 ? [...lines] : lines.slice(0, end);
}

function rowOf(resource: ExplainedResource, reported: Reported): string {
  const { verdict, cause } = resource;
  const who = cause
    ? [
        sharesIn(resource, reported) || personOf(cause),
        timeOf(cause),
        cause.sourceIp,
        `${cause.traceName}, ${wayOf(cause)}`,
        cause.traceId,
      ]
    : [];
  const cells = [
    cell(nameOf(resource)),
    cell(changesOf(resource)),
    verdict,
    ...Array.from({ length: 5 }, (_, i) => cell(who[i] ?? "")),
  ];
  return `| ${cells.join(" | ")} |`;
}

function detailsOf(resource: ExplainedResource): string {
  const { type, id, urn, cause, reasons } = resource;
  const lines = [
    `${code(type)} ${code(id)}`,
    ...valuesOf(resource).map(code),
    ...(cause?.evidence.map(code) ?? []),
    ...reasons.map((reason) => REASONS[reason]),
    ...othersOf(resource).flatMap(([title, others]) =>
      others.map(
        (other) =>
          `${title}: ${code(personOf(other))} ${timeOf(other)} ${code(other.traceName)} ${code(other.traceId)}`,
      ),
    ),
  ];
  // A blank line ends the HTML, so that what follows is Markdown.
  return `<details><summary>details</summary>\n\n${[code(urn), ...lines].map((line) => `- ${line}`).join("\n")}\n\n</details>\n`;
}

/** A long value would push out everything else. */
const LONGEST = 500;

/**
 * Foreign words in a code span: nothing in one is Markdown, HTML, a link or a mention. A run of backticks as long as the fence would
 * end it.
 */
export function code(text: string): string {
  const shown = visible(text).slice(0, LONGEST);
  if (shown.trim() === "") {
    return "";
  }
  const longest = Math.max(0, ...[...shown.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  const pad = /^[` ]|[` ]$/.test(shown) ? " " : "";
  return `${fence}${pad}${shown}${pad}${fence}`;
}

/** The same in a table: parsers differ on a backslash before a bar that is escaped. */
function cell(text: string): string {
  return code(text.replaceAll("\\|", "\\¦")).replaceAll("|", "\\|");
}
