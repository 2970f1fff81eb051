/**
 * Attack: a provider that outlives its engine. The CLI alone is killed while the provider hangs or waits.
 *
 * Alone: `npm run build && npx vitest run test/attacks/orphan`
 */
import { join } from "node:path";
import * as cts from "pulumi-otc-cts";
import type { Fault } from "pulumi-otc-cts/emulator";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { endOf, isRunning, killCli, killTree, spawnScript } from "../support/processes";
import { startProject } from "../support/project";

const TRACKER = { obsInfo: { bucketName: "audit-files" } };

const hangs: Fault = { kind: "timeout", when: "before", times: 999, match: { service: "cts" } };
const hangsCarriedOut: Fault = { ...hangs, when: "after", match: { service: "cts", method: "PUT" } };
const signInHangs: Fault = { ...hangs, match: { service: "iam" } };
const asksToWait: Fault = {
  kind: "status",
  status: 429,
  retryAfter: 600,
  times: 999,
  match: { service: "cts" },
};
const fails: Fault = { kind: "status", status: 503, times: 999, match: { service: "cts" } };

describe("the provider's process, its engine killed", () => {
  it.each<[string, "preview" | "up" | "destroy", object, Fault?]>([
    ["a preview's call hangs", "preview", TRACKER, hangs],
    ["a preview's sign-in hangs", "preview", TRACKER, signInHangs],
    ["a preview's calls fail and are repeated", "preview", TRACKER, fails],
    ["a preview is asked to wait for minutes", "preview", TRACKER, asksToWait],
    ["a change hangs and is carried out", "up", TRACKER, hangsCarriedOut],
    ["a change does not show for an hour", "up", TRACKER],
    ["what destroy puts back hangs", "destroy", TRACKER, hangsCarriedOut],
  ])("ends within seconds when %s", async (_, operation, args, fault) => {
    const project = await startProject();
    const { emulator, dir } = project;
    project.program = async () => {
      new cts.Tracker("audit", TRACKER);
    };
    if (operation === "destroy") {
      await project.up();
    }
    if (fault) {
      emulator.faults.add(fault);
    } else {
      emulator.behaviour.lagMs = 3_600_000;
    }
    const child = spawnScript(join(__dirname, "..", "support", "runStack.ts"), [
      dir,
      operation,
      JSON.stringify(emulator.settings()),
      JSON.stringify(args),
    ]);
    let orphans: number[] = [];
    onTestFinished(() => orphans.forEach(killTree));
    emulator.journal.onRequest(({ service, method }, phase) => {
      const isHit = fault
        ? service === fault.match?.service &&
          method === (fault.match.method ?? method) &&
          phase === "received"
        : phase === "answered" && emulator.journal.mutations().length > 0;
      if (isHit && orphans.length === 0 && child.pid) {
        orphans = killCli(child.pid);
      }
    });

    await endOf(child);

    expect(orphans).not.toEqual([]);
    await vi.waitUntil(() => !orphans.some(isRunning), { timeout: 15_000, interval: 200 });
  });
});
