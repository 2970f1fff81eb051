import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const ROOT = join(__dirname, "..", "..");
const page = readFileSync(join(ROOT, "THIRD_PARTY.md"), "utf8");
const licences = new Map(
  [...page.matchAll(/^\| (?!package|-)(\S+) \| (.+) \|$/gm)].map(([, name, licence]) => [name, licence]),
);

describe("THIRD_PARTY.md", () => {
  it("is what the script prints for the installed packages", () => {
    const printed = execFileSync(process.execPath, ["scripts/licences.mjs"], { cwd: ROOT, encoding: "utf8" });

    expect(page).toBe(printed);
  });

  it("lists the packages that npm has for an installation of this one", () => {
    const options = [
      "--package-lock-only",
      "--all",
      "--parseable",
      "--omit=dev",
      "--omit=peer",
      "--workspaces=false",
    ];
    const { stdout } = spawnSync("npm", ["ls", ...options], { cwd: ROOT, encoding: "utf8" });

    const [, ...folders] = stdout.trim().split("\n");
    expect([...licences.keys()].sort()).toEqual(
      [...new Set(folders.map((folder) => folder.replace(/^.*node_modules\//, "")))].sort(),
    );
  });

  it("has no licence that asks more of a user than to name the authors", () => {
    const others = [...licences].filter(
      ([, licence = ""]) => !/^(MIT|ISC|0BSD|BSD-[23]-Clause|Apache-2\.0)$/.test(licence),
    );

    expect(others).toEqual([]);
  });
});
