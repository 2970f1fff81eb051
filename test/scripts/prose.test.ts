import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

let box: string;

beforeEach(() => {
  box = mkdtempSync(join(tmpdir(), "prose-test-"));
});

afterEach(() => rmSync(box, { recursive: true, force: true }));

/** Checks one file with this text. */
function check(text: string, name = "file.ts") {
  mkdirSync(dirname(join(box, name)), { recursive: true });
  writeFileSync(join(box, name), text);
  const ended = spawnSync("node", ["scripts/prose.mjs", box], { encoding: "utf8" });
  const lines = ended.stdout.trimEnd().split("\n");
  const found = lines.slice(0, -1).map((line) =>
    line
      .slice(box.length + 1)
      .split(": ", 3)
      .slice(0, 3)
      .join(": "),
  );
  return { found, status: ended.status };
}

describe("scripts/prose.mjs", () => {
  it.each(["What", "Whether", "As many", "As much", "So long", "So many", "That", "How", "Those", "Where"])(
    "finds a block that opens with %s",
    (words) => {
      expect(check(`/** ${words} of it. */`).found).toEqual([`file.ts:1: opener: "${words}"`]);
    },
  );

  it.each([
    ["a documentation block", "\n/**\n * What.\n * @returns What\n */", 3],
    ["a comment of lines", "a();\n\n// A\n// What\n\n// What\nb();", 6],
    ["a comment behind code", ["a();", "// What"].join(" "), 1],
    ["a comment before code, next to a comment behind code", "a(); // B\n// What", 2],
  ])("looks at the first words of %s", (_, text, line) => {
    expect(check(text).found).toEqual([`file.ts:${line}: opener: "What"`]);
  });

  it.each([
    ["a paragraph", "# What\n\nWhat is it?\nWhat else?", 3],
    ["a list item", "Some\n- one\n- **What** it is", 3],
  ])("looks at the first words of %s of Markdown", (_, text, line) => {
    expect(check(text, "README.md").found).toEqual([`README.md:${line}: opener: "What"`]);
  });

  it("finds the line of other words, also when they are on two lines", () => {
    const text = "/**\n * Sent\n * at once, all at\n * once, default 2.\n * @param x - one\n */";

    expect(check(text).found).toEqual([
      'file.ts:3: at once: "at once"',
      'file.ts:3: at once: "at once"',
      'file.ts:5: @param: "@param x -"',
      'file.ts:4: default: ", default"',
    ]);
  });

  it("passes code, plain prose, code in Markdown, the changelog and packages of others", () => {
    expect(
      check('const url = "http://What"; // Whatever, at 1: once\n/** The default of it is 1. */'),
    ).toEqual({
      found: [],
      status: 0,
    });
    for (const name of ["CHANGELOG.md", "node_modules/a/b.ts", "dist/a.mjs", "a.json"]) {
      expect(check("// What\n\nWhat", name).found).toEqual([]);
    }
    expect(check("Text\n\n```\nWhat at once\n```\n\n| What |\n", "a.md").found).toEqual([]);
  });

  it("fails where there is more than is allowed", () => {
    expect(check("// What\n\n".repeat(1000)).status).toBe(1);
  });
});
