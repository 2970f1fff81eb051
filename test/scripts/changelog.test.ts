import { spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const ROOT = join(__dirname, "..", "..");
const HEAD = "# Changelog\nA note.\n\n";
const OLD = "## [0.1.0] - 2026-01-01\n### Added\n- Everything.\n";

let box: string;
beforeEach(() => {
  box = mkdtempSync(join(tmpdir(), "changelog-"));
  version("0.2.0");
});
afterEach(() => rmSync(box, { recursive: true, force: true }));

const version = (text: string) => writeFileSync(join(box, "package.json"), JSON.stringify({ version: text }));
const write = (text: string) => writeFileSync(join(box, "CHANGELOG.md"), text);
const read = () => readFileSync(join(box, "CHANGELOG.md"), "utf8");

function run(command: string) {
  const script = join(ROOT, "scripts", "changelog.mjs");
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, command], {
    cwd: box,
    encoding: "utf8",
  });
  return { status, output: stdout + stderr };
}

describe("changelog.mjs release", () => {
  it("gives the unreleased entries the version and today's date, and keeps every word", () => {
    write(`${HEAD}## [Unreleased]\n### Fixed\n- One fault of\n  two lines: \`a|b\`.\n\n${OLD}`);

    expect(run("release")).toEqual({ status: 0, output: "" });

    const today = new Date().toISOString().slice(0, 10);
    expect(read()).toBe(
      `${HEAD}## Unreleased\n\n## 0.2.0 - ${today}\n### Fixed\n- One fault of\n  two lines: \`a|b\`.\n\n${OLD.replace(/[[\]]/g, "")}`,
    );
  });

  it.each([
    ["nothing is unreleased", `${HEAD}## [Unreleased]\n\n${OLD}`, '"Unreleased"'],
    ["there is no such part", `${HEAD}${OLD}`, '"Unreleased"'],
    [
      "the version is there already",
      `${HEAD}## [Unreleased]\n### Fixed\n- A.\n\n## [0.2.0] - 2026-02-02\n### Added\n- B.\n`,
      "0.2.0",
    ],
  ])("changes nothing where %s", (_, text, word) => {
    write(text);

    expect(run("release")).toEqual({ status: 1, output: expect.stringContaining(word) });
    expect(read()).toBe(text);
  });
});

describe("changelog.mjs notes", () => {
  it("prints the entries of the version of package.json", () => {
    write(`${HEAD}## [Unreleased]\n### Fixed\n- Later.\n\n${OLD}`);
    version("0.1.0");

    expect(run("notes")).toEqual({ status: 0, output: "### Added\n- Everything.\n" });
  });

  it.each(["0.2.0", "0.1.1"])("fails where there is no entry of the version: %s", (each) => {
    write(`${HEAD}## [Unreleased]\n### Fixed\n- Later.\n\n${OLD}`);
    version(each);

    expect(run("notes")).toMatchObject({ status: 1, output: expect.stringContaining(each) });
  });

  it("reads the changelog of this repository", () => {
    copyFileSync(join(ROOT, "CHANGELOG.md"), join(box, "CHANGELOG.md"));
    version("9.9.9");

    expect(run("release")).toEqual({ status: 0, output: "" });
    expect(run("notes").output).toMatch(/^### Added\n- /);
  });
});
