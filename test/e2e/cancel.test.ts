import { join } from "node:path";
import * as cts from "pulumi-otc-cts";
import type { Fault, JournalEntry, Phase } from "pulumi-otc-cts/emulator";
import { describe, expect, it, vi } from "vitest";
import { locatePulumi } from "../../scripts/pulumi.mjs";
import { ENGINE_ENV } from "../../scripts/stack";
import { endOf, interrupt, spawnCommand, spawnScript } from "../support/processes";
import { type Project, startProject } from "../support/project";
import { settingsDeclaredBy, settingsOf } from "../support/trackers";

vi.setConfig({ testTimeout: 180_000 });

const FIRST = { obsInfo: { bucketName: "audit-files" } };
const SECOND = { obsInfo: { bucketName: "other-bucket" }, status: "disabled" as const };

/** When Ctrl-C is pressed, and what has the client hang or wait there for so long that a user would press it. */
interface Moment {
  readonly call: "GET" | "POST" | "PUT" | "DELETE";
  readonly phase: Phase;
  readonly fault?: Fault;
  readonly lagMs?: number;
}

const hangs = (call: Moment["call"], when: "before" | "after"): Moment => ({
  call,
  phase: when === "before" ? "received" : "applied",
  // Nobody ever answers.
  fault: { kind: "timeout", when, match: { service: "cts", method: call } },
});

const waits = (call: Moment["call"], status: number): Moment => ({
  call,
  phase: "answered",
  fault: { kind: "status", status, retryAfter: 30, times: 99, match: { service: "cts", method: call } },
});

/**
 * Runs the engine in a process of its own and cancels it at the first such moment.
 *
 * @returns what it printed, and the calls that came after that moment
 */
async function cancelAt(
  { emulator, dir }: Project,
  operation: "preview" | "up" | "destroy",
  args: object,
  { call, phase: when, fault, lagMs = 0 }: Moment,
  whom: "CLI" | "group" = "CLI",
): Promise<{ output: string; laterCalls: JournalEntry[] }> {
  if (fault) {
    emulator.faults.add(fault);
  }
  emulator.behaviour.lagMs = lagMs;
  emulator.journal.clear();
  const child = spawnScript(join(__dirname, "..", "support", "runStack.ts"), [
    dir,
    operation,
    JSON.stringify(emulator.settings()),
    JSON.stringify(args),
  ]);
  const atLast = { calls: 0 };
  const stop = emulator.journal.onRequest(({ service, method }, phase) => {
    // With a lag, it is the reading back that matters.
    const isBegun = lagMs === 0 || emulator.journal.mutations().length > 0;
    if (atLast.calls > 0 || service !== "cts" || method !== call || phase !== when || !isBegun) {
      return;
    }
    atLast.calls = emulator.journal.entries.length;
    if (child.pid) {
      interrupt(child.pid, whom);
    }
  });
  const { code, output } = await endOf(child);
  stop();
  expect(code).not.toBe(0);
  expect(atLast.calls).toBeGreaterThan(0);
  emulator.faults.clear();
  emulator.behaviour.lagMs = 0;
  return { output, laterCalls: emulator.journal.entries.slice(atLast.calls) };
}

const declare = (args: cts.TrackerArgs) => async () => {
  new cts.Tracker("audit", args);
};

/** The engine has ended in order: no operation of unknown outcome is left, and what failed is known. */
async function expectCleanEnd(project: Project, initErrors: number): Promise<void> {
  const { text, resources } = await project.state();
  expect(text).not.toContain("pending_operations");
  expect(resources.flatMap((resource) => resource.initErrors ?? [])).toHaveLength(initErrors);
}

describe("the engine, cancelled once", () => {
  it("ends a preview whose check hangs", async () => {
    const project = await startProject();
    const { output, laterCalls } = await cancelAt(project, "preview", FIRST, hangs("GET", "before"));
    expect(output).toContain("cancelled before its answer came");
    expect(laterCalls).toEqual([]);
  });

  it.each<[string, Moment, number]>([
    ["hangs, carried out", hangs("POST", "after"), 1],
    ["waits to be repeated", waits("POST", 429), 0],
  ])(
    "ends a create whose POST %s; the next up mends it, and destroy leaves nothing",
    async (_, moment, initErrors) => {
      const project = await startProject({ behaviour: { trackerExists: false } });
      const { output, laterCalls } = await cancelAt(project, "up", FIRST, moment);
      expect(output).toMatch(/cancelled (before its answer came|while waiting)/);
      expect(laterCalls).toEqual([]);
      await expectCleanEnd(project, initErrors);

      project.program = declare(FIRST);
      expect(await project.up()).toMatchObject({ ok: true });
      expect(settingsOf(project.emulator.tracker())).toEqual(settingsDeclaredBy(FIRST));
      expect(await project.destroy()).toMatchObject({ ok: true });
      expect(project.emulator.tracker()).toBeUndefined();
    },
  );

  it("ends a takeover that is read back, an update that waits, a destroy that hangs; nothing of what was found is lost", async () => {
    const project = await startProject();
    const { emulator } = project;
    const found = settingsOf(emulator.tracker());

    const readBack: Moment = { call: "GET", phase: "answered", lagMs: 3_600_000 };
    const takeover = await cancelAt(project, "up", FIRST, readBack);
    expect(takeover.output).toContain("cancelled");
    // A change that does not show is sent again after some seconds of reading.
    expect(emulator.journal.mutations()).toHaveLength(1);
    await expectCleanEnd(project, 1);

    const update = await cancelAt(project, "up", SECOND, waits("PUT", 503));
    expect(update.output).toContain("cancelled while waiting");
    expect(update.laterCalls).toEqual([]);
    await expectCleanEnd(project, 1);
    project.program = declare(SECOND);
    expect(await project.up()).toMatchObject({ ok: true });
    expect(settingsOf(emulator.tracker())).toEqual(settingsDeclaredBy(SECOND));

    const { output, laterCalls } = await cancelAt(project, "destroy", SECOND, hangs("PUT", "after"));
    expect(output).toContain("cancelled before its answer came");
    expect(output).not.toContain("cannot be put back");
    expect(laterCalls).toEqual([]);
    await expectCleanEnd(project, 0);
    expect(await project.destroy()).toMatchObject({ ok: true });
    expect(settingsOf(emulator.tracker())).toEqual(found);
  });
});

describe("the engine, cancelled together with the program that runs it", () => {
  it("may leave its lock; after `pulumi cancel` the next up ends right", async () => {
    const project = await startProject();
    await cancelAt(project, "up", { ...FIRST, adopt: true }, hangs("PUT", "after"), "group");
    await project.stack.cancel();
    project.program = declare({ ...FIRST, adopt: true });
    expect(await project.up()).toMatchObject({ ok: true });
    expect(settingsOf(project.emulator.tracker())).toEqual(settingsDeclaredBy(FIRST));
  });
});

describe("the engine, not cancelled", () => {
  it("sends Cancel at the end of the preview, too, and does the work that follows all the same", async () => {
    const project = await startProject();
    project.program = declare(FIRST);
    await project.up();
    project.emulator.console.disable();
    const { command = "" } = (await locatePulumi()) ?? {};

    const refresh = ["refresh", "--yes", "--stack", "dev", "--non-interactive"];
    const { code, output } = await endOf(spawnCommand(command, refresh, project.dir, ENGINE_ENV));

    expect(output).toContain("Previewing");
    expect({ code, output }).toMatchObject({ code: 0 });
    const [tracker] = (await project.state()).resources.filter(({ id }) => id?.endsWith("/system"));
    expect(tracker?.outputs).toMatchObject({ status: "disabled" });
  });
});
