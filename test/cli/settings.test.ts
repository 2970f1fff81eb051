import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { programFolder } from "../../cli/settings";

let dir: string;

beforeEach(() => {
  dir = realpathSync(mkdtempSync(join(tmpdir(), "settings-")));
  mkdirSync(join(dir, "infra", "deep"), { recursive: true });
  writeFileSync(join(dir, "infra", "index.ts"), "");
});
afterEach(() => rmSync(dir, { recursive: true }));

describe("programFolder", () => {
  it.each([
    ["runtime: nodejs", "."],
    ["main: infra", "infra"],
    ["main: infra/index.ts", "infra"],
    ["main: infra/", "infra"],
  ])("with %j is %s, from the project's folder and from below it", (line, expected) => {
    writeFileSync(join(dir, "Pulumi.yaml"), `name: p\n${line}\n`);

    for (const from of [dir, join(dir, "infra", "deep")]) {
      expect(programFolder(from)).toBe(join(dir, expected));
    }
  });

  it("is the current folder where there is no project", () => {
    expect(programFolder(dir)).toBe(process.cwd());
  });
});
