import type { Reported } from "../../cli/drift/reported";
import type { ExplainedResource } from "../../drift/report";

/** A report in which others chose every word. */
export function reported(name: string, count = 1): Reported {
  const cause = {
    ...{
      traceId: name,
      traceIds: [name],
      time: "2026-11-24T16:02:11.000Z",
      traceName: name,
      traceType: name,
    },
    ...{
      serviceType: name,
      resourceType: name,
      user: { name, domain: name },
      sourceIp: name,
      matchedBy: "resourceId",
      evidence: [name],
    },
  };
  const resource = (i: number): ExplainedResource => ({
    urn: `urn:pulumi:dev::p::t::${name}${i}`,
    ...{
      type: name,
      id: name,
      kind: "changed",
      changes: [{ path: name, old: name, new: name, secret: false }],
    },
    ...{
      since: "2026-11-20T09:12:00.000Z",
      source: { file: name, line: 12 },
      verdict: i % 2 ? "unexplained" : "likely",
    },
    ...(i % 2 ? { reasons: ["no-trace"] } : { reasons: [], cause }),
    ...{ also: [cause], own: [cause], attempts: [cause] },
  });
  const resources = Array.from({ length: count }, (_, i) => resource(i));
  return {
    report: {
      ...{ schema: 1, stack: name, checkedAt: "2026-11-25T18:40:00.000Z", complete: true, searched: [] },
      summary: { checked: count, drifted: count, explained: 0, unexplained: count },
      resources,
    },
    check: { checked: resources, drifted: [] },
    commandFor: () => "npx otc-cts traces",
    sharesFor: ({ changes }) => [{ paths: changes.map(({ path }) => path), by: cause }, { paths: [name] }],
    ...{ version: "1.0.0", problems: [name], isExplained: ({ verdict }) => verdict !== "unexplained" },
  };
}
