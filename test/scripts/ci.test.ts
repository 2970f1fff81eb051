import { spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

let box: string;

beforeEach(() => {
  box = mkdtempSync(join(tmpdir(), "ci-test-"));
  mkdirSync(join(box, "repo", ".ci"), { recursive: true });
  copyFileSync(".ci/run", join(box, "repo", ".ci", "run"));
});

afterEach(() => rmSync(box, { recursive: true, force: true }));

/** Runs .ci/run with an `npm` that leaves this result and ends with this code. */
function run(result: unknown, code: number) {
  const json = result === undefined ? "" : `echo '${JSON.stringify(result)}' > "$VITEST_JSON"`;
  const npm = join(box, "npm");
  writeFileSync(npm, `#!/bin/sh\n[ "$*" = test ] || exit 9\n${json}\nexit ${code}\n`);
  chmodSync(npm, 0o755);
  const env = { ...process.env, PATH: `${box}:${process.env["PATH"]}` };
  const ended = spawnSync("bash", [".ci/run"], { cwd: join(box, "repo"), env, encoding: "utf8" });
  return [ended.status, ended.stdout.trimEnd().split("\n").at(-1)];
}

function file(...statuses: string[]) {
  const status = statuses.length === 0 || statuses.includes("failed") ? "failed" : "passed";
  return { status, assertionResults: statuses.map((each) => ({ status: each })) };
}

describe(".ci/run", () => {
  it("counts what passed", () => {
    expect(run({ testResults: [file("passed"), file("passed", "passed")] }, 0)).toEqual([
      0,
      "3 passed, 0 failed",
    ]);
  });

  it("counts what was skipped", () => {
    const testResults = [file("passed", "skipped", "pending", "todo")];

    expect(run({ testResults }, 0)).toEqual([0, "1 passed, 0 failed, 3 skipped"]);
  });

  it("counts what failed and keeps the exit code", () => {
    expect(run({ testResults: [file("passed", "failed")] }, 3)).toEqual([3, "1 passed, 1 failed"]);
  });

  it("counts a test file that cannot be loaded as a failure", () => {
    expect(run({ testResults: [file("passed", "failed"), file()] }, 1)).toEqual([1, "1 passed, 2 failed"]);
  });

  it("counts an error outside of every test as a failure", () => {
    expect(run({ testResults: [file("passed")] }, 1)).toEqual([1, "1 passed, 1 failed"]);
  });

  it("fails where no test was run, whether lint failed or nothing was found", () => {
    expect(run(undefined, 2)).toEqual([2, "0 passed, 1 failed"]);
    expect(run(undefined, 0)).toEqual([1, "0 passed, 1 failed"]);
  });
});
