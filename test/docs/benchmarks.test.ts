import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openSection } from "../../bench/page";

let box: string;
let file: string;
beforeEach(() => {
  box = mkdtempSync(join(tmpdir(), "bench-page-"));
  file = join(box, "page.md");
});
afterEach(() => rmSync(box, { recursive: true }));

const section = (name: string, text: string) =>
  `<!-- bench:${name} -->\n\n${text}\n\n<!-- /bench:${name} -->\n`;

describe("openSection", () => {
  it("replaces the section of its name, and nothing else", () => {
    writeFileSync(file, `# A\n${section("one", "old")}by hand\n${section("ones", "kept")}`);
    const write = openSection(file, "one");

    // Signs of String.replace are text.
    write("new: $1 $& 5\n");

    expect(readFileSync(file, "utf8")).toBe(
      `# A\n${section("one", "new: $1 $& 5")}by hand\n${section("ones", "kept")}`,
    );
  });

  it("keeps what was written while the benchmark ran", () => {
    writeFileSync(file, section("one", "old"));
    const write = openSection(file, "one");
    writeFileSync(file, `by hand\n${section("one", "old")}`);

    write("new");

    expect(readFileSync(file, "utf8")).toBe(`by hand\n${section("one", "new")}`);
  });

  it.each([
    ["no section", "# A\n"],
    ["a section of another name", section("ones", "")],
    ["no end", "<!-- bench:one -->\n"],
    ["a section within a line", "see <!-- bench:one --> and <!-- /bench:one -->\n"],
  ])("refuses a page with %s before anything is measured", (_, text) => {
    writeFileSync(file, text);

    expect(() => openSection(file, "one")).toThrow("<!-- bench:one -->");
  });
});

describe("docs/benchmarks.md", () => {
  const page = readFileSync(join("docs", "benchmarks.md"), "utf8");
  const found = page.matchAll(/^<!-- bench:(\w+) -->\n([\s\S]*?)^<!-- \/bench:\1 -->$/gm);
  const sections = [...found].map(([, name = "", text = ""]) => ({
    name,
    first: text.trim().split("\n")[0],
  }));

  it("has a section for each benchmark", () => {
    const source = readFileSync(join("bench", "main.ts"), "utf8");
    const names = [...source.matchAll(/^ {2}(\w+): \{ run: bench/gm)].map(([, name]) => name);

    expect(names.length).toBeGreaterThan(3);
    expect(sections.map(({ name }) => name)).toEqual(names);
  });

  it.each(sections)("says when and how the figures of $name were taken", ({ name, first = "" }) => {
    const head = new RegExp(`^\\d{4}-\\d\\d-\\d\\d, Node [\\d.]+, \`npm run bench -- ${name} \\d+\`$`);

    expect(first).toMatch(first.startsWith("Not measured yet") ? /./ : head);
  });
});
