import { readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import type { EngineEvent } from "@pulumi/pulumi/automation";
import { connect, type DriftReport, driftCause, Tracker } from "pulumi-otc-cts";
import { describe, expect, it } from "vitest";
import { locatePulumi } from "../../scripts/pulumi.mjs";
import { ENGINE_ENV } from "../../scripts/stack";
import { environmentOf } from "../support/cli";
import { endOf, spawnCommand } from "../support/processes";
import { type Project, startProject } from "../support/project";

const DISK = "4f1f8c1a-3a0e-4d3c-9d2b-0a1b2c3d4e5f";
const POLICY = "5e2f8c1a-3a0e-4d3c-9d2b-0a1b2c3d4e5f";

/** Stands for a resource of the bridged provider: what there is of it in the emulator, by its id. */
class Foreign extends pulumi.dynamic.Resource {
  constructor(name: string, args: { url: string; resourceId: string; [property: string]: unknown }) {
    const provider: pulumi.dynamic.ResourceProvider = {
      create: async (inputs) => ({ id: inputs.resourceId as string, outs: inputs }),
      read: async (id, props) => {
        const answer = await globalThis.fetch(`${props.url}/_emulator/resources/${id}`);
        if (answer.status === 404) {
          return {};
        }
        return { id, props: { ...props, ...((await answer.json()) as object) } };
      },
      diff: async (_, olds, news) => ({
        changes: olds.size !== news.size || olds.description !== news.description,
      }),
    };
    super(provider, name, args);
  }
}

async function deployed(): Promise<Project> {
  const project = await startProject();
  const { emulator } = project;
  const disk = { service_type: "EVS", resource_type: "evs", resource_id: DISK, user: "demo" };
  emulator.change({ ...disk, trace_name: "createVolume", set: { size: 10 } });
  emulator.change({ ...disk, resource_id: POLICY, trace_name: "createPolicy", set: { description: "kept" } });
  project.program = async () => {
    new Tracker("audit", { isLtsEnabled: false, adopt: true });
    new Foreign("disk", { url: emulator.url, resourceId: DISK, size: 10 });
    new Foreign("policy", { url: emulator.url, resourceId: POLICY, description: "kept" });
  };
  const up = await project.up();
  expect(up.ok, up.output).toBe(true);
  return project;
}

/** Two people at work: one has a larger disk and no policy, the other one a tracker that is off. */
function work({ emulator }: Project): void {
  const by = (user: string) => ({ user, source_ip: "192.0.2.7" });
  emulator.change({
    ...by("alice"),
    service_type: "EVS",
    resource_type: "evs",
    resource_id: DISK,
    trace_name: "extendVolume",
    set: { size: 40 },
    result_after_ms: 1,
  });
  emulator.change({
    ...by("alice"),
    service_type: "CBR",
    resource_type: "policy",
    resource_id: POLICY,
    trace_name: "deletePolicy",
    isDeleted: true,
  });
  emulator.console.as("bob").disable();
}

async function causes(project: Project, events: EngineEvent[]): Promise<DriftReport> {
  const settings = project.emulator.settings();
  const state = JSON.stringify(await project.stack.exportStack());
  return driftCause(connect(settings), events, { state });
}

const told = ({ resources }: DriftReport) =>
  Object.fromEntries(
    resources.map(({ urn, kind, verdict, cause }) => [
      urn.split("::").at(-1),
      [kind, verdict, cause?.user.name],
    ]),
  );

const expected = {
  audit: ["changed", "confirmed", "bob"],
  disk: ["changed", "confirmed", "alice"],
  policy: ["gone", "confirmed", "alice"],
};

const COMMAND = join(__dirname, "..", "..", "dist", "cli", "otc-cts.js");

describe("otc-cts drift --stack", () => {
  it("runs the real CLI itself, says who changed what, and changes nothing", {
    timeout: 240_000,
  }, async () => {
    const project = await deployed();
    const pulumi = await locatePulumi();
    const engine = { ...ENGINE_ENV, PATH: `${pulumi?.bin}${delimiter}${process.env["PATH"]}` };
    const env = { ...engine, ...environmentOf(project.emulator.settings()) };
    const drift = async (...args: string[]) => {
      const command = [COMMAND, "drift", "--stack", "dev", ...args];
      return endOf(spawnCommand(process.execPath, command, project.dir, env));
    };

    const before = await drift();
    work(project);
    const state = (await project.state()).text;
    const after = await drift("--format", "json", "--format", "text=report.txt");
    const unexplained = await drift("--own", "alice", "--own", "bob");

    expect(before).toMatchObject({ code: 0, output: expect.stringContaining("None of 3 resources drifted") });
    expect(after.code, after.output).toBe(3);
    const report: DriftReport = JSON.parse(after.output.slice(after.output.indexOf("{")));
    expect(told(report)).toEqual(expected);
    expect(report).toMatchObject({ stack: "dev", complete: true });
    const text = readFileSync(join(project.dir, "report.txt"), "utf8");
    expect([text.includes("alice"), text.includes("bob")]).toEqual([true, true]);
    expect((await project.state()).text).toBe(state);
    // Each line is pasted into a shell that has no settings but the stack's.
    const lines = [...unexplained.output.matchAll(/see: (npx otc-cts .*)$/gm)].map(([, line = ""]) => line);
    const pasted = lines.map((line) => endOf(spawnCommand("/bin/sh", ["-c", line], project.dir, engine)));
    const listed = (await Promise.all(pasted)).map(({ output }) => output).join("");
    expect(lines, unexplained.output).toHaveLength(3);
    expect(listed).toMatch(/updateTracker/);
    expect(listed).toMatch(/extendVolume/);
    expect(listed).toMatch(/deletePolicy/);
  });
});

describe("driftCause on the real engine", () => {
  // Four runs of the engine.
  it("says who changed a tracker and resources of another provider, from a refresh and from a preview that refreshes", {
    timeout: 240_000,
  }, async () => {
    const project = await deployed();
    work(project);

    const ofRefresh: EngineEvent[] = [];
    await project.stack.previewRefresh({ onEvent: (event) => ofRefresh.push(event) });
    const ofPreview: EngineEvent[] = [];
    await project.stack.preview({ refresh: true, onEvent: (event) => ofPreview.push(event) });

    expect(told(await causes(project, ofRefresh))).toEqual(expected);
    expect(told(await causes(project, ofPreview))).toEqual(expected);
  });

  it("finds nothing where nobody changed anything", { timeout: 240_000 }, async () => {
    const project = await deployed();

    const events: EngineEvent[] = [];
    await project.stack.previewRefresh({ onEvent: (event) => events.push(event) });

    expect(await causes(project, events)).toMatchObject({
      complete: true,
      summary: { checked: 3, drifted: 0 },
      searched: [],
    });
  });
});
