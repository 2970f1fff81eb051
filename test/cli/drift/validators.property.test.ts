/** The formats of `otc-cts drift`, read by validators of others, while others choose every name. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import Ajv from "ajv-draft-04";
import addFormats from "ajv-formats";
import fc from "fast-check";
import MarkdownIt from "markdown-it";
import { describe, expect, it } from "vitest";
import { validateXML } from "xmllint-wasm";
import { asCodeQuality, asJson, asJunit, asSarif } from "../../../cli/drift/machine";
import { asMarkdown } from "../../../cli/drift/markdown";
import { reported } from "../../support/driftReport";
import { propertyRuns } from "../../support/runs";

const schema = (name: string) =>
  readFileSync(join(__dirname, "..", "..", "fixtures", "schemas", name), "utf8");

/** In every name: where a reader shows it as text, the name got out of its quotes. */
const MARK = "Zq7";

const HOSTILE = [
  ...[
    "`",
    "``",
    "```\n",
    "|",
    "\\",
    "\\|",
    "\n",
    "\r\n",
    "\n\n",
    "\t",
    "    ",
    "~~~",
    "---",
    "<!--",
    "-->",
    "]]>",
    "&#0;",
  ],
  ...[
    "<img src=x onerror=alert(1)>",
    "</details>",
    "<script>",
    "<a href='//evil.example'>",
    "\"'<>&",
    "<![CDATA[",
  ],
  ...[
    "@everyone",
    "@org/team",
    "#1",
    "!1",
    "[x](http://evil.example)",
    "![x](//evil.example)",
    "https://evil.example",
  ],
  ...[
    "# ",
    "- ",
    "> ",
    "1. ",
    "**",
    "__",
    "$(id)",
    "{0}",
    "{{0}}",
    "::error::",
    "##vso[task]",
    "%0a",
    "%",
    "%zz",
  ],
  ...[
    "\0",
    "\x07",
    "\x1b[2J",
    "\x1b]8;;http://evil.example\x07",
    "\x7f",
    "\x85",
    "\u2028",
    "\ufeff",
    "\ufffe",
    "\uffff",
  ],
  ...[
    "\ud800",
    "\udc00",
    "\u202e",
    "\u200b",
    "\u{e0041}",
    "\u{10ffff}",
    "e\u0301\u0301\u0301\u0301\u0301",
    "日本",
    "😀",
  ],
  ...[
    "",
    " ",
    "a".repeat(499),
    "C:\\x",
    "file:///etc/passwd",
    "../../x",
    "//host/x",
    "a b",
    "a#b?c",
    "[",
    "]",
  ],
];

const names = fc
  .array(fc.oneof(fc.constantFrom(...HOSTILE), fc.string({ unit: "binary", maxLength: 8 })), { maxLength: 8 })
  .map((parts) => `${parts.slice(0, 4).join("")}${MARK}${parts.slice(4).join("")}`);

/** A text as a file has it: a half of a pair of UTF-16 becomes another character there. */
const stored = (text: string) => Buffer.from(text, "utf8").toString("utf8");

const numRuns = propertyRuns(0.25);

describe("sarif", () => {
  const ajv = new Ajv({ allErrors: true, strict: false, unicodeRegExp: false });
  addFormats(ajv);
  const validate = ajv.compile(JSON.parse(schema("sarif-2.1.0.json")));
  const problemsOf = (text: string) => (validate(JSON.parse(text)) ? [] : validate.errors);

  it("is valid by the schema of SARIF 2.1.0", () => {
    fc.assert(
      fc.property(names, (name) => {
        expect(problemsOf(stored(asSarif(reported(name, 2))))).toEqual([]);
      }),
      { numRuns },
    );
  });

  it("would not pass with a place that is no address, or without a message", () => {
    const log = JSON.parse(asSarif(reported("plain")));
    log.runs[0].results[0].locations[0].physicalLocation.artifactLocation.uri = "a b";
    delete log.runs[0].results[0].message;

    expect(problemsOf(JSON.stringify(log))).toHaveLength(2);
  });
});

describe("junit", () => {
  const problemsOf = async (texts: readonly string[]) => {
    const xml = texts.map((contents, i) => ({ fileName: `${i}.xml`, contents }));
    const { errors } = await validateXML({ xml, schema: schema("jenkins-junit.xsd"), maxMemoryPages: 4096 });
    return errors;
  };

  it("is valid by the schema of Jenkins", async () => {
    const batch = fc.array(names, { minLength: 50, maxLength: 50 });

    await fc.assert(
      fc.asyncProperty(batch, async (each) => {
        expect(await problemsOf(each.map((name) => stored(asJunit(reported(name, 3)))))).toEqual([]);
      }),
      { numRuns: propertyRuns(0.005) },
    );
  });

  it("would not pass with markup of a name, or with a case of another kind", async () => {
    const text = asJunit(reported("plain"));

    expect(await problemsOf([text.replace("plain", "<b>")])).not.toEqual([]);
    expect(await problemsOf([text.replaceAll("testcase", "case")])).not.toEqual([]);
  });
});

describe("markdown", () => {
  const parsers = {
    CommonMark: new MarkdownIt("commonmark"),
    "CommonMark with tables and links": new MarkdownIt({ html: true, linkify: true }),
  };
  const OURS = /^<details><summary>details<\/summary>\n$|^<\/details>\n$/;

  it.each(Object.entries(parsers))("%s reads every name as code", (_, parser) => {
    fc.assert(
      fc.property(names, (name) => {
        const blocks = parser.parse(stored(asMarkdown(reported(name, 2), 60_000)), {});
        const tokens = blocks.flatMap((block) => [block, ...(block.children ?? [])]);
        const html = tokens.filter(({ type }) => type.startsWith("html"));

        expect(tokens.filter(({ type, content }) => type === "text" && content.includes(MARK))).toEqual([]);
        expect(
          tokens.filter(({ type }) => /^(link|image|fence|code_block|strong|em)/.test(type)),
        ).toHaveLength(
          tokens.filter(({ type, markup }) => /^(strong|em)/.test(type) && markup === "**").length,
        );
        expect(html.filter(({ content }) => !OURS.test(content))).toEqual([]);
        expect(html).toHaveLength(4);
      }),
      { numRuns },
    );
  });

  it("has a table of eight columns with a row for each resource", () => {
    const parser = parsers["CommonMark with tables and links"];

    fc.assert(
      fc.property(names, (name) => {
        const types = parser.parse(stored(asMarkdown(reported(name, 3), 60_000)), {}).map(({ type }) => type);
        const count = (type: string) => types.filter((each) => each === type).length;

        expect([count("table_open"), count("tr_open"), count("th_open"), count("td_open")]).toEqual([
          1, 4, 8, 24,
        ]);
      }),
      { numRuns },
    );
  });
});

describe("code quality", () => {
  it("has the fields that GitLab documents", () => {
    fc.assert(
      fc.property(names, (name) => {
        const report = JSON.parse(stored(asCodeQuality(reported(name, 3))));

        expect(report).toHaveLength(3);
        expect(new Set(report.map(({ fingerprint }: { fingerprint: string }) => fingerprint)).size).toBe(3);
        for (const each of report) {
          expect(each).toEqual({
            description: expect.stringContaining(MARK),
            check_name: expect.any(String),
            fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/),
            severity: expect.stringMatching(/^(info|minor|major|critical|blocker)$/),
            location: { path: expect.any(String), lines: { begin: expect.any(Number) } },
          });
        }
      }),
      { numRuns },
    );
  });
});

describe("json", () => {
  it("means the same after it was stored", () => {
    fc.assert(
      fc.property(names, (name) => {
        const each = reported(name, 2);

        expect(JSON.parse(stored(asJson(each)))).toEqual(each.report);
      }),
      { numRuns },
    );
  });
});
