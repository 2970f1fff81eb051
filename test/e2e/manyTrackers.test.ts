import * as cts from "pulumi-otc-cts";
import { describe, expect, it } from "vitest";
import { startProject } from "../support/project";

const NAMES = Array.from({ length: 13 }, (_, i) => `eu-de_${i}`);

function declare(projectNames: readonly string[]) {
  return async () => {
    for (const projectName of projectNames) {
      new cts.Tracker(projectName, { projectName });
    }
  };
}

describe("many trackers in one stack", () => {
  it("are looked at side by side where they are new, once each; those that exist, not at all", async () => {
    const project = await startProject({
      projects: NAMES.map((name) => ({ name })),
      signIn: "keys",
      behaviour: { latencyMs: 20 },
    });
    const { emulator } = project;
    let underWay = 0;
    let most = 0;
    emulator.journal.onRequest(({ operation }, phase) => {
      if (operation !== "listTrackers" || phase === "applied") {
        return;
      }
      underWay += phase === "received" ? 1 : -1;
      most = Math.max(most, underWay);
    });

    project.program = declare(NAMES.slice(0, 12));
    const preview = await project.preview();
    expect(preview).toMatchObject({ ok: true });
    expect(emulator.journal.calls("cts")).toHaveLength(12);
    expect(most).toBeGreaterThan(2);

    expect(await project.up()).toMatchObject({ ok: true });
    const { resources } = await project.state();
    const trackers = resources.filter(({ type }) => type.endsWith(":Tracker"));
    const kept = trackers.flatMap(({ inputs, outputs }) => Object.keys({ ...inputs, ...outputs }));
    expect(trackers).toHaveLength(12);
    expect(kept).not.toContain("__prefetch");

    emulator.journal.clear();
    project.program = declare(NAMES);
    expect(await project.preview()).toMatchObject({ ok: true, steps: { "eu-de_12": "create" } });
    expect(emulator.journal.calls("cts").map(({ projectId }) => projectId)).toEqual([
      emulator.projectId("eu-de_12"),
    ]);
  });
});
