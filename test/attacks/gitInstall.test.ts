/**
 * Attack: a package made from a clean checkout, where dist/ is not: `npm install git+https://…` and `npm pack` do this.
 *
 * Alone: `npx vitest run test/attacks/gitInstall`
 * With npm's own git install, which needs the registry: npm install git+file://$PWD (in an empty folder)
 */
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, existsSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { endOf, spawnCommand } from "../support/processes";
import { makeBox } from "../support/tarball";

const ROOT = join(__dirname, "..", "..");

// Also files that are not committed yet.
const list = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
const git = spawnSync("git", list, { cwd: ROOT, encoding: "utf8" });
const why = git.status === 0 ? "" : " (skipped: this is no checkout of Git)";

describe.skipIf(why)(`a clean checkout${why}`, () => {
  const box = makeBox("checkout");
  const checkout = join(box, "checkout");
  beforeAll(() => {
    const paths = git.stdout.split("\0").filter((path) => path && existsSync(join(ROOT, path)));
    for (const path of paths) {
      cpSync(join(ROOT, path), join(checkout, path));
    }
  });
  afterAll(() => rmSync(box, { recursive: true, force: true }));

  it("installs without a compiler, but is not packed without one", async () => {
    const prepare = (command: string) =>
      endOf(spawnCommand(process.execPath, ["scripts/prepare.mjs"], checkout, { npm_command: command }));

    const installed = await prepare("install");
    const packed = await prepare("pack");

    expect(installed).toMatchObject({ code: 0, output: expect.stringContaining("npm ci --include=dev") });
    expect(packed).toMatchObject({ code: 1, output: installed.output });
  });

  it("is packed with dist/, and npm's output is npm's alone", { timeout: 600_000 }, () => {
    symlinkSync(join(ROOT, "node_modules"), join(checkout, "node_modules"), "junction");
    const original = readFileSync(join(checkout, "package.json"), "utf8");

    const json = execFileSync("npm", ["pack", "--json"], {
      cwd: checkout,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });

    const [{ filename, files }] = JSON.parse(json) as [{ filename: string; files: { path: string }[] }];
    const manifest = execFileSync("tar", ["-xzOf", filename, "package/package.json"], { cwd: checkout });
    const { scripts, workspaces, devDependencies, ...rest } = JSON.parse(String(original));
    // npm warns of a script `prepare` in a tarball.
    expect(JSON.parse(String(manifest))).toEqual(rest);
    expect([scripts, workspaces, devDependencies]).not.toContain(undefined);
    expect(readFileSync(join(checkout, "package.json"), "utf8")).toBe(original);
    const paths = files.map(({ path }) => path);
    expect(paths).toContain("dist/sdk/index.js");
    expect(paths).toContain("dist/provider/index.d.ts");
    expect(paths).toContain("dist/cli/otc-cts.js");
    expect(paths.filter((path) => !/^((dist|sdk|docs|examples|templates)\/|[^/]+$)/.test(path))).toEqual([]);
  });
});
