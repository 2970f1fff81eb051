import { createHash } from "node:crypto";
import { visible, visibleJson } from "../../client/visible";
import type { ExplainedResource } from "../../drift/report";
import { changesOf, nameOf, type Reported, sourceOf, verdictOf } from "./reported";

/** For programs: the report as it is. */
export function asJson({ report }: Reported): string {
  return json(report);
}

/** For code scanning: one result for each resource that drifted. GitHub takes 5,000. */
export function asSarif(reported: Reported): string {
  const { report, version, isExplained } = reported;
  const rule = (id: string, text: string) => ({ id, shortDescription: { text } });
  return json({
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: {
          driver: {
            name: "otc-cts",
            version,
            rules: [
              rule("drift/explained", "A resource differs from the state, and a trace says who changed it"),
              rule(
                "drift/unexplained",
                "A resource differs from the state, and no trace says who changed it",
              ),
            ],
          },
        },
        invocations: [{ executionSuccessful: report.complete, endTimeUtc: report.checkedAt }],
        results: report.resources.slice(0, 5000).map((resource) => ({
          ruleId: isExplained(resource) ? "drift/explained" : "drift/unexplained",
          level: isExplained(resource) ? "warning" : "error",
          message: { text: escaped(lineOf(resource, reported)) },
          locations: [
            {
              physicalLocation: {
                artifactLocation: { uri: addressOf(sourceOf(resource).file) },
                region: { startLine: sourceOf(resource).line },
              },
              logicalLocations: [{ fullyQualifiedName: visible(resource.urn), kind: "resource" }],
            },
          ],
          partialFingerprints: { "driftedPaths/v1": fingerprintOf(resource) },
        })),
      },
    ],
  });
}

/** A path as a relative address. Half of a pair of UTF-16 has no bytes, so that another character stands for it, as in a file. */
function addressOf(path: string): string {
  return path
    .replace(/\p{Cs}/gu, "\ufffd")
    .split("/")
    .map(encodeURIComponent)
    .join("/");
}

/** In a SARIF message brackets make a link, and braces with a number stand for an argument (SARIF 2.1.0, 3.11). */
function escaped(text: string): string {
  return text.replace(/[\\[\]]/g, "\\$&").replace(/\{(\d+)\}/g, "{{$1}}");
}

/** For GitLab's code quality reports. */
export function asCodeQuality(reported: Reported): string {
  const { report, isExplained } = reported;
  return json(
    report.resources.map((resource) => ({
      description: lineOf(resource, reported),
      check_name: isExplained(resource) ? "drift/explained" : "drift/unexplained",
      fingerprint: fingerprintOf(resource),
      severity: isExplained(resource) ? "minor" : "major",
      location: { path: sourceOf(resource).file, lines: { begin: sourceOf(resource).line } },
    })),
  );
}

/** For test reports: one case for each resource that was checked. It is valid by both schemas that are in use, Ant's and Jenkins'. */
export function asJunit(reported: Reported): string {
  const { report, check, isExplained } = reported;
  const byUrn = new Map(report.resources.map((resource) => [resource.urn, resource]));
  const suite = report.stack ?? "drift";
  const cases = check.checked.map(({ urn, type }) => {
    const resource = byUrn.get(urn);
    const open = `<testcase name="${xml(urn)}" classname="${xml(type)}" time="0"`;
    if (!resource) {
      return `    ${open}/>`;
    }
    const kind = isExplained(resource) ? "explained" : "unexplained";
    return `    ${open}><failure type="${kind}" message="${xml(lineOf(resource, reported))}"/></testcase>`;
  });
  const counts = `tests="${check.checked.length}" failures="${report.resources.length}" errors="0" time="0"`;
  const where = `id="0" package="drift" hostname="localhost" timestamp="${report.checkedAt.slice(0, 19)}"`;
  return `<?xml version="1.0" encoding="UTF-8"?>
<testsuites>
  <testsuite name="${xml(suite)}" ${where} ${counts}>
    <properties><property name="stack" value="${xml(suite)}"/></properties>
${cases.map((each) => `${each}\n`).join("")}    <system-out/>
    <system-err/>
  </testsuite>
</testsuites>
`;
}

/** Nothing that XML forbids is left of what is visible. */
function xml(text: string): string {
  const entities: Record<string, string> = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "'": "&apos;",
  };
  return visible(text).replace(/[&<>"']/g, (char) => entities[char] ?? char);
}

/** The resource, what changed, and who did it. */
function lineOf(resource: ExplainedResource, reported: Reported): string {
  return visible(`${nameOf(resource)} ${changesOf(resource)}. ${verdictOf(resource, reported)}`);
}

/** The same finding until it is mended, whoever did it. */
function fingerprintOf({ urn, kind, changes }: ExplainedResource): string {
  return createHash("sha256")
    .update(JSON.stringify([urn, kind, changes.map(({ path }) => path).sort()]))
    .digest("hex");
}

/** Indented, each line by itself: what is visible has no line breaks. */
function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2).split("\n").map(visibleJson).join("\n")}\n`;
}
