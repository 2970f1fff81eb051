import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import * as cts from "pulumi-otc-cts";
import type { OperationName, Phase } from "pulumi-otc-cts/emulator";
import { describe, expect, it, vi } from "vitest";
import { locatePulumi } from "../../scripts/pulumi.mjs";
import { ENGINE_ENV } from "../../scripts/stack";
import { endOf, killTree, spawnCommand, spawnScript } from "../support/processes";
import { type Project, startProject } from "../support/project";
import { settingsDeclaredBy, settingsOf } from "../support/trackers";

vi.setConfig({ testTimeout: 180_000 });

const FIRST = { obsInfo: { bucketName: "audit-files" } };
const SECOND = { obsInfo: { bucketName: "other-bucket" }, status: "disabled" as const };

/** The points of a run that matter: a call has arrived, it is carried out and not answered, it is being read back. */
const POINTS: readonly [OperationName | "mutation", Phase][] = [
  ["mutation", "received"],
  ["mutation", "applied"],
  ["listTrackers", "answered"],
];

/** Runs the engine in a process of its own and kills it, CLI and provider and all, at the given call. */
async function killAt(
  project: Project,
  operation: "up" | "destroy",
  args: object,
  [at, when]: readonly [OperationName | "mutation", Phase],
): Promise<void> {
  const { emulator, dir } = project;
  const child = spawnScript(join(__dirname, "..", "support", "runStack.ts"), [
    dir,
    operation,
    JSON.stringify(emulator.settings()),
    JSON.stringify(args),
  ]);
  let hasMutated = false;
  const stop = emulator.journal.onRequest((entry, phase) => {
    const isMutation = entry.service === "cts" && entry.method !== "GET";
    // A read counts only after a mutating call: before it, there is nothing to go wrong.
    const isHit = at === "mutation" ? isMutation : entry.operation === at && hasMutated;
    hasMutated ||= isMutation;
    if (isHit && phase === when && child.pid) {
      killTree(child.pid);
    }
  });
  await endOf(child);
  stop();
  expect(child.signalCode).toBe("SIGKILL");
  // The dead run still holds the lock, and the engine says to do this.
  await project.stack.cancel();
}

const declare = (args: cts.TrackerArgs) => async () => {
  new cts.Tracker("audit", args);
};

describe("the engine and the provider, killed", () => {
  it.each(POINTS)("in create, when %s is %s: the next up ends right", async (...point) => {
    const project = await startProject({ behaviour: { trackerExists: false } });
    await killAt(project, "up", FIRST, point);
    project.program = declare(FIRST);
    expect(await project.up()).toMatchObject({ ok: true });
    expect(settingsOf(project.emulator.tracker())).toEqual(settingsDeclaredBy(FIRST));
    expect((await project.state()).resources.filter(({ id }) => id?.endsWith("/system"))).toHaveLength(1);
  });

  it.each(POINTS)(
    "in update and then in delete, when %s is %s: the next up and destroy end right",
    async (...point) => {
      const project = await startProject();
      const found = settingsOf(project.emulator.tracker());
      project.program = declare(FIRST);
      await project.up();
      await killAt(project, "up", SECOND, point);
      project.program = declare(SECOND);
      expect(await project.up()).toMatchObject({ ok: true });
      expect(settingsOf(project.emulator.tracker())).toEqual(settingsDeclaredBy(SECOND));
      await killAt(project, "destroy", SECOND, point);
      expect(await project.destroy()).toMatchObject({ ok: true });
      expect(settingsOf(project.emulator.tracker())).toEqual(found);
    },
  );

  it("in takeovers, twice: the settings found first are on record, encrypted, and destroy restores them", async () => {
    const project = await startProject();
    const { emulator, dir } = project;
    emulator.setTracker({ status: "disabled", obs_info: { bucket_name: "found-bucket" } });
    const found = settingsOf(emulator.tracker());
    for (const args of [FIRST, SECOND]) {
      await killAt(project, "up", { ...args, adopt: true }, ["mutation", "applied"]);
    }
    project.program = declare({ ...SECOND, adopt: true });
    expect(await project.up()).toMatchObject({ ok: true });
    expect((await project.state()).text).not.toContain("found-bucket");

    const page = readFileSync(join(__dirname, "../../docs/decisions/killed-first-up.md"), "utf8");
    const [, commands = ""] = /```sh\n(.*?)```/s.exec(page) ?? [];
    const { command = "" } = (await locatePulumi()) ?? {};
    const path = `${dirname(command)}:${process.env["PATH"]}`;
    const repair = await endOf(
      spawnCommand("sh", ["-ec", `pulumi stack select dev\n${commands}`], dir, { ...ENGINE_ENV, PATH: path }),
    );

    expect(repair.code, repair.output).toBe(0);
    expect((await project.state()).text).not.toMatch(/found-bucket|pending_operations/);
    expect(await project.up()).toMatchObject({ ok: true, steps: { audit: "same" } });
    expect((await project.state()).text).not.toContain('__found":{');
    expect(await project.destroy()).toMatchObject({ ok: true });
    expect(settingsOf(emulator.tracker())).toEqual(found);
  });

  it("in delete, and followed by up instead of destroy: the engine warns, and up --refresh makes the tracker again", async () => {
    const project = await startProject({ behaviour: { trackerExists: false } });
    project.program = declare(FIRST);
    await project.up();
    await killAt(project, "destroy", FIRST, ["mutation", "applied"]);
    const up = await project.up({ refresh: true });
    expect(up).toMatchObject({ ok: true, steps: { audit: "create" } });
    expect(settingsOf(project.emulator.tracker())).toEqual(settingsDeclaredBy(FIRST));
  });
});
