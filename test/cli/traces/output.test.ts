import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { columnsOf, type Paint } from "../../../cli/terminal";
import { FORMATS } from "../../../cli/traces/output";
import type { Trace } from "../../../client/api/trace";
import { propertyRuns } from "../../support/runs";

const plain: Paint = (_, text) => text;
const trace: Trace = {
  traceId: "id",
  time: "2026-11-22T10:00:00.123Z",
  traceRating: "incident",
  serviceType: "OBS",
  traceName: "deleteBucketWithAVeryLongNameIndeed",
  resourceType: "bucket",
  resourceName: "files",
  user: { name: "alice" },
  sourceIp: "2001:db8::1234:5678",
  code: "500",
};

describe("FORMATS.table", () => {
  const lineOf = (width: number | undefined, paint = plain) => {
    const { head, line } = FORMATS.table({ width, paint });
    return { head: head.trimEnd(), line: line(trace, true).trimEnd() };
  };

  it("cuts nothing where it goes to no terminal", () => {
    const { line } = lineOf(undefined);

    expect(line.split(/ {2,}/)).toEqual([
      trace.time,
      "incident",
      "OBS",
      trace.traceName,
      "bucket/files",
      "alice",
      trace.sourceIp,
      "500",
    ]);
  });

  it("has all columns where there is room, and the more important ones where there is not", () => {
    expect(lineOf(160).head).toMatch(/TIME.*RATING.*SERVICE.*NAME.*RESOURCE.*USER.*SOURCE IP.*CODE$/);
    expect(lineOf(80).head).toMatch(/TIME +RATING +SERV… +NAME +RESOURCE +USER$/);
    expect(lineOf(45)).toEqual({
      head: "TIME                      SERV…  NAME",
      line: "2026-11-22T10:00:00.123Z  OBS    deleteBuck…",
    });
  });

  it("never takes more columns than there are, nor more than a line, whatever is in a trace", () => {
    const text = fc.option(fc.string({ unit: "binary" }), { nil: undefined });
    const shape = {
      traceName: text,
      resourceName: text,
      resourceType: text,
      serviceType: text,
      sourceIp: text,
    };
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200 }), fc.record(shape), (width, fields) => {
        const { head, line } = FORMATS.table({ width, paint: plain });

        for (const each of [head, line({ ...trace, ...fields } as Trace, true)]) {
          expect(each).toMatch(/^[^\n]*\n$/);
          expect(columnsOf(each.trimEnd())).toBeLessThanOrEqual(width);
        }
      }),
      { numRuns: propertyRuns() },
    );
  });

  it("colours the title and what is not normal, in whole cells", () => {
    const { head, line } = lineOf(160, (colour, text) => `<${colour}>${text}</>`);

    expect(head).toMatch(/^<bold>TIME.*<\/>$/);
    expect(line).toContain("  <red>incident</>  OBS");
  });
});

describe("FORMATS.csv", () => {
  const csv = FORMATS.csv();
  const field = (resourceName: string) =>
    csv.line({ traceId: "id", time: "t", resourceName }, true).split(/,{2,}/)[1];

  it.each([
    ["plain", "plain"],
    ['say "hi"', '"say ""hi"""'],
    ["two\r\nlines", "two␍␊lines"],
    ["=1+1", "'=1+1"],
    ["+49", "'+49"],
    ["-1", "'-1"],
    ["@cmd", "'@cmd"],
    [" =1", "' =1"],
    ["\t=1", "'␉=1"],
    ["＝1", "'＝1"],
    ["a=1", "a=1"],
  ])("writes %j as %j", (text, expected) => {
    expect(field(text)).toBe(expected);
  });

  it("has one field for each title", () => {
    const fields = csv.line({ traceId: "id", time: "t" }, true).split(",");

    expect(fields).toHaveLength(csv.head.split(",").length);
  });
});
