/**
 * Attack: Pulumi's option `replaceOnChanges`, which the engine cannot apply to a dynamic provider's differences: it must
 * replace all the same, and only what it is meant for. On the real engine; all forms of paths are in
 * test/provider/dynamic/replaceOnChanges.test.ts.
 *
 * Alone: `npm run build && npx vitest run test/attacks/replaceOnChanges`
 */
import type { PulumiFn } from "@pulumi/pulumi/automation";
import * as cts from "pulumi-otc-cts";
import { beforeAll, describe, expect, it } from "vitest";
import { type Project, startProject } from "../support/project";

describe("replaceOnChanges", () => {
  let project: Project;
  beforeAll(async () => {
    project = await startProject({ behaviour: { trackerExists: false } });
    expect(await up(declare("one", "code = 1"))).toMatchObject({ audit: "create", alarm: "create" });
  });

  const declare = (bucketName: string, rule: string, replaceOnChanges: string[] = []) => {
    return async () => {
      new cts.Tracker("audit", { obsInfo: { bucketName } }, { replaceOnChanges });
      const args = { notificationName: "a", status: "disabled" as const, filter: { rule: [rule] } };
      new cts.KeyEventNotification("alarm", args, { replaceOnChanges });
    };
  };
  const stepsIn = (steps: Record<string, string>) =>
    Object.fromEntries(
      Object.entries(steps).map(([name, step]) => [name, step.replace(/.*replace.*/, "replace")]),
    );
  const up = async (program: PulumiFn) => {
    project.program = program;
    const { ok, output, steps } = await project.up();
    expect(ok, output).toBe(true);
    return stepsIn(steps);
  };

  it("replaces what changes there, as the preview has shown", async () => {
    const before = project.emulator.tracker()?.id;
    project.program = declare("two", "code = 2", ["obsInfo.bucketName", "filter.rule[*]"]);
    const replaced = { audit: "replace", alarm: "replace" };

    expect(stepsIn((await project.preview()).steps)).toMatchObject(replaced);
    expect(await up(project.program)).toMatchObject(replaced);

    expect(project.emulator.tracker()?.obs_info.bucket_name).toBe("two");
    expect(project.emulator.tracker()?.id).not.toBe(before);
    expect(project.emulator.notifications()).toHaveLength(1);
  });

  it("is about what changes elsewhere no more than its absence is", async () => {
    const before = project.emulator.tracker()?.id;

    const updated = await up(declare("three", "code = 3", ["obsInfo.filePrefixName", "status"]));

    expect(updated).toMatchObject({ audit: "update", alarm: "update" });
    expect(project.emulator.tracker()?.id).toBe(before);
    expect(await up(declare("three", "code = 3", ["*"]))).toMatchObject({ audit: "same", alarm: "same" });
  });
});
