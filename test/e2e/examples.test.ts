import { readdirSync } from "node:fs";
import { join } from "node:path";
import { startEmulator } from "pulumi-otc-cts/emulator";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { languageHost, locatePulumi } from "../../scripts/pulumi.mjs";
import { ENGINE_ENV, programOf } from "../../scripts/stack";
import { endOf, spawnCommand } from "../support/processes";
import { makeWorkDir, startProject } from "../support/project";

const ROOT = join(__dirname, "..", "..");
const EXAMPLES = readdirSync(join(ROOT, "examples"));

describe.each(EXAMPLES)("examples/%s", (example) => {
  it("comes up, comes up again without change, and is destroyed with everything as it was", async () => {
    const project = await startProject();
    const { emulator } = project;
    const before = emulator.trackers();
    project.program = programOf(join(ROOT, "examples", example, "index.ts"));
    expect(await project.up()).toMatchObject({ ok: true });
    emulator.journal.clear();
    const again = await project.up();
    expect(again).toMatchObject({ ok: true });
    expect(new Set(Object.values(again.steps))).toEqual(new Set(["same"]));
    // What reads traces does so each time.
    const calls = emulator.journal.calls("cts").filter(({ operation }) => operation !== "listTraces");
    expect(calls).toEqual([]);
    expect(await project.destroy()).toMatchObject({ ok: true });
    expect(emulator.trackers()).toEqual(before);
    for (const { region, projectId: project } of before) {
      expect(emulator.notifications({ region, project })).toEqual([]);
    }
  });
});

const pulumi = await locatePulumi();
const hasHost = pulumi !== undefined && languageHost(pulumi.bin) !== undefined;
const why = hasHost ? "" : " (skipped: no pulumi-language-nodejs beside the Pulumi CLI or on PATH)";

/** Runs the CLI as a user types it. */
async function typed(cwd: string, args: string[], env: Record<string, string>) {
  const path = `${pulumi?.bin}:${process.env["PATH"]}`;
  return endOf(
    spawnCommand(pulumi?.command ?? "", [...args, "--non-interactive"], cwd, { ...env, PATH: path }),
  );
}

describe.skipIf(!hasHost)(`pulumi up as a user types it${why}`, () => {
  const dir = makeWorkDir("typed");
  const env = { ...ENGINE_ENV, PULUMI_BACKEND_URL: `file://${dir}` };
  let emulator: Awaited<ReturnType<typeof startEmulator>>;
  beforeAll(async () => {
    emulator = await startEmulator();
  });
  afterAll(() => emulator.close());

  it.each([
    ["the root, which is examples/quickstart", ROOT],
    ["examples/two-regions", join(ROOT, "examples", "two-regions")],
  ])("works in %s", async (_, cwd) => {
    const stack = ["--stack", "typed"];
    const config = ["--config-file", join(dir, "Pulumi.typed.yaml")];
    await typed(cwd, ["stack", "init", "typed"], env);
    const settings = Object.entries(emulator.settings()).flatMap(([key, value]) => [
      key === "password" ? "--secret" : "--plaintext",
      `otc-cts:${key}=${value}`,
    ]);
    await typed(cwd, ["config", "set-all", ...settings, ...stack, ...config], env);
    const before = emulator.trackers();
    const up = await typed(cwd, ["up", "--yes", ...stack, ...config], env);
    expect(up).toMatchObject({ code: 0, output: expect.stringContaining("created") });
    emulator.journal.clear();
    const again = await typed(cwd, ["up", "--yes", "--expect-no-changes", ...stack, ...config], env);
    expect(again).toMatchObject({ code: 0 });
    expect(emulator.journal.calls("cts")).toEqual([]);
    const destroy = await typed(cwd, ["destroy", "--yes", "--remove", ...stack, ...config], env);
    expect(destroy).toMatchObject({ code: 0 });
    expect(emulator.trackers()).toEqual(before);
  });
});
