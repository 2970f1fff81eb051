import { describe, expect, it } from "vitest";
import { asCodeQuality, asJson, asJunit, asSarif } from "../../../cli/drift/machine";
import { asMarkdown, code } from "../../../cli/drift/markdown";
import type { Reported } from "../../../cli/drift/reported";
import { asText } from "../../../cli/drift/text";
import { reported } from "../../support/driftReport";

/** Whoever makes a resource chooses these. */
const NASTY =
  "a|b`c``d\\|<img src=x onerror=alert(1)>@everyone [x](http://evil.example) {0} ]]> & \"'\x1b[2J\n# heading\u202e";

/** Characters that a terminal obeys, or that nobody sees. */
const HIDDEN = /(?!\n)\p{C}/u;

describe("formats", () => {
  it.each([
    ["text", asText],
    ["markdown", (each: Reported) => asMarkdown(each, 60_000)],
    ["json", asJson],
    ["sarif", asSarif],
    ["junit", asJunit],
    ["codequality", asCodeQuality],
  ] as const)("%s has nothing that a terminal obeys", (_, format) => {
    expect(format(reported(NASTY, 2))).not.toMatch(HIDDEN);
  });

  it("json means the same", () => {
    const each = reported(NASTY);

    expect(JSON.parse(asJson(each))).toEqual(each.report);
  });

  it("sarif has a rule, a place and a lasting fingerprint for each result, and no link", () => {
    const [one, two] = [reported(NASTY, 2), reported("plain", 2)].map(
      (each) => JSON.parse(asSarif(each)).runs[0],
    );

    expect(
      one.results.map(({ ruleId, level }: { ruleId: string; level: string }) => [ruleId, level]),
    ).toEqual([
      ["drift/explained", "warning"],
      ["drift/unexplained", "error"],
    ]);
    expect(one.results[0].message.text).not.toMatch(/(?<!\\)[[\]]|(?<!\{)\{\d/);
    expect(two.results[0].locations[0].physicalLocation).toEqual({
      artifactLocation: { uri: "plain" },
      region: { startLine: 12 },
    });
    expect(JSON.parse(asSarif(reported("plain", 2))).runs[0].results[0].partialFingerprints).toEqual(
      two.results[0].partialFingerprints,
    );
  });

  it("junit has a case for each resource, and nothing of a name is markup", () => {
    const xml = asJunit(reported(NASTY, 3));

    expect(xml.match(/<testcase /g)).toHaveLength(3);
    expect(xml.match(/<failure type="(un)?explained"/g)).toHaveLength(3);
    expect(
      xml
        .replace(
          /<\/?(\?xml|testsuites?|testcase|failure|propert(ies|y)|system-out|system-err)\b[^<>]*>/g,
          "",
        )
        .trim(),
    ).toBe("");
    expect(xml.replace(/&(amp|lt|gt|quot|apos);/g, "")).not.toContain("&");
  });

  it("code quality has what GitLab reads", () => {
    expect(JSON.parse(asCodeQuality(reported("plain", 2)))).toEqual([
      expect.objectContaining({
        severity: "minor",
        check_name: "drift/explained",
        location: { path: "plain", lines: { begin: 12 } },
      }),
      expect.objectContaining({
        severity: "major",
        check_name: "drift/unexplained",
        fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/),
      }),
    ]);
  });
});

describe("markdown", () => {
  it("has eight columns in each row, whatever the names are", () => {
    const rows = asMarkdown(reported(NASTY, 4), 60_000)
      .split("\n")
      .filter((line) => line.startsWith("|"));

    for (const row of rows) {
      expect(row.replaceAll("\\|", "").match(/\|/g)).toHaveLength(9);
    }
    expect(rows).toHaveLength(6);
  });

  it("has all foreign words in code spans", () => {
    const text = asMarkdown(reported(NASTY, 2), 60_000);
    // As CommonMark reads it: a run of backticks ends at the next run of the same length.
    const outside = text.replace(/(?<!`)(`+)(?!`)[^\n]*?(?<!`)\1(?!`)/g, "");

    expect(outside).not.toMatch(/img|everyone|evil|heading/);
  });

  it.each(["", " ", "`", "``", "a`", "`a", " a ", "a``b`c"])("fences %j", (text) => {
    const span = code(text);
    const [, fence = "", inner = ""] = /^(`*)([\s\S]*?)\1$/.exec(span) ?? [];
    const runs = inner.match(/`+/g) ?? [];

    expect(runs).not.toContain(fence || "none");
  });

  it.each([60 * 1024, 4000, 1500])(
    "keeps within %i bytes, leaves out details first, and says how much",
    (limit) => {
      const text = asMarkdown(reported("name-".repeat(10), 300), limit);

      expect(Buffer.byteLength(text)).toBeLessThanOrEqual(limit);
      expect(text).toMatch(/The details of \d+ are left out/);
      expect(text).toMatch(/^### 300 of 300 resources drifted/);
    },
  );
});
