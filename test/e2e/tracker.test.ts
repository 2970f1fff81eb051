import * as pulumi from "@pulumi/pulumi";
import * as cts from "pulumi-otc-cts";
import { beforeAll, describe, expect, it } from "vitest";
import { type Project, startProject } from "../support/project";
import { settingsOf } from "../support/trackers";

const AUDIT = { obsInfo: { bucketName: "audit-files", filePrefixName: "p1" }, isSupportValidate: true };
const IN_EFFECT = {
  status: "enabled",
  isLtsEnabled: false,
  isSupportValidate: true,
  obsInfo: ["audit-files", "p1", false, "gzip", true],
};

function declare(args: cts.TrackerArgs, opts?: pulumi.CustomResourceOptions) {
  return async () => {
    const audit = new cts.Tracker("audit", args, opts);
    return {
      id: audit.id,
      status: audit.status,
      lts: audit.lts,
      createTime: audit.createTime,
      region: audit.region,
    };
  };
}

describe("Tracker on the real engine, where the service has made a tracker", () => {
  let project: Project;
  beforeAll(async () => {
    project = await startProject();
  });

  it("is adopted by the first up, in at most four calls and one sign-in a process", async () => {
    const { emulator } = project;
    project.program = declare(AUDIT);
    const found = emulator.tracker();
    const preview = await project.preview();
    expect(preview.steps).toMatchObject({ audit: "create" });
    const up = await project.up();
    expect(up).toMatchObject({ ok: true, steps: { audit: "create" } });
    expect(up.outputs).toMatchObject({
      id: `eu-de/${emulator.projectId()}/system`,
      status: "enabled",
      region: "eu-de",
      lts: { isLtsEnabled: false },
      createTime: new Date(found?.create_time ?? 0).toISOString(),
    });
    expect(settingsOf(emulator.tracker())).toEqual(IN_EFFECT);
    expect(emulator.journal.calls("cts").map(({ operation }) => operation)).toEqual([
      "listTrackers", // the preview's check
      "listTrackers", // the up's check
      "updateTracker",
      "listTrackers",
    ]);
    expect(emulator.journal.calls("iam")).toHaveLength(2);
  });

  it("is left alone by the next up: no call to CTS at all", async () => {
    project.emulator.journal.clear();
    const up = await project.up();
    expect(up).toMatchObject({ ok: true, steps: { audit: "same" } });
    expect(project.emulator.journal.calls("cts")).toEqual([]);
  });

  it("keeps a provider in state that is small and the same in every release", async () => {
    const { resources } = await project.state();
    const tracker = resources.find(({ type }) => type === "pulumi-nodejs:dynamic/otc-cts:Tracker");
    expect(tracker?.outputs?.["__provider"]).toBe(
      'exports.handler = () => require("pulumi-otc-cts/provider").provider("Tracker");',
    );
  });

  it("shows drift as old => new, fails --expect-no-changes on it, and is mended by up --refresh", async () => {
    const { emulator } = project;
    emulator.console.change({ obs_info: { file_prefix_name: "drifted" }, is_lts_enabled: true });
    const preview = await project.preview({ refresh: true, expectNoChanges: true });
    expect(preview.ok).toBe(false);
    expect(preview.output).toMatch(/filePrefixName\s*: "drifted" => "p1"/);
    expect(preview.output).toMatch(/isLtsEnabled\s*: true => false/);
    emulator.journal.clear();
    expect(await project.refresh()).toMatchObject({ ok: true });
    expect(emulator.journal.calls("cts")).toHaveLength(1);
    expect(await project.up()).toMatchObject({ ok: true, steps: { audit: "update" } });
    expect(settingsOf(emulator.tracker())).toEqual(IN_EFFECT);
    expect((await project.preview({ refresh: true, expectNoChanges: true })).ok).toBe(true);
  });

  it("takes an unhealthy tracker for drift, and says what mends it", async () => {
    const { emulator } = project;
    emulator.behaviour.obs = "bucketPolicyError";
    const preview = await project.preview({ refresh: true, expectNoChanges: true });
    expect(preview.ok).toBe(false);
    expect(preview.output).toMatch(/status\s*: "error"\s*=> "enabled"/);
    const up = await project.up({ refresh: true });
    expect(up.ok).toBe(false);
    expect(up.output).toContain("the policy of the bucket of obsInfo.bucketName does not let CTS write");
    const stored = (await project.state()).resources.find(({ id }) => id?.endsWith("/system"));
    expect(stored?.initErrors).toHaveLength(1);
    emulator.behaviour.obs = "ok";
    expect(await project.up()).toMatchObject({ ok: true, steps: { audit: "update" } });
    expect((await project.preview({ refresh: true, expectNoChanges: true })).ok).toBe(true);
  });

  it("is made again after somebody deleted it", async () => {
    const { emulator } = project;
    emulator.console.delete();
    expect((await project.preview({ refresh: true, expectNoChanges: true })).ok).toBe(false);
    expect(await project.up({ refresh: true })).toMatchObject({ ok: true, steps: { audit: "create" } });
    expect(settingsOf(emulator.tracker())).toEqual(IN_EFFECT);
  });

  it("is there after a forced replacement", async () => {
    const urn = (await project.state()).resources.find(({ id }) => id?.endsWith("/system"))?.urn ?? "";
    expect(await project.up({ replace: [urn] })).toMatchObject({ ok: true });
    expect(settingsOf(project.emulator.tracker())).toEqual(IN_EFFECT);
  });

  it("is there after its resource was renamed without an alias", async () => {
    project.program = async () => {
      new cts.Tracker("renamed", AUDIT);
    };
    expect(await project.up()).toMatchObject({ ok: true, steps: { audit: "delete", renamed: "create" } });
    expect(settingsOf(project.emulator.tracker())).toEqual(IN_EFFECT);
    project.program = declare(AUDIT, { aliases: [{ name: "renamed" }] });
    expect(await project.up()).toMatchObject({ ok: true, steps: { audit: "same" } });
  });

  it("moves to another region by a replacement that the preview shows", async () => {
    const { emulator } = project;
    project.program = declare({ ...AUDIT, region: "eu-nl", projectName: "eu-nl_demo" });
    expect((await project.preview()).steps["audit"]).toMatch(/replace/);
    expect(await project.up()).toMatchObject({ ok: true });
    expect(settingsOf(emulator.tracker({ region: "eu-nl", project: "eu-nl_demo" }))).toEqual(IN_EFFECT);
    // Naming the same project by its id is no change.
    project.program = declare({ ...AUDIT, region: "eu-nl", projectId: emulator.projectId("eu-nl_demo") });
    expect(await project.up()).toMatchObject({ ok: true, steps: { audit: "same" } });
  });

  it("is restored by destroy to what was found", async () => {
    const { emulator } = project;
    expect(await project.destroy()).toMatchObject({ ok: true });
    const there = { region: "eu-nl", project: "eu-nl_demo" };
    expect(settingsOf(emulator.tracker(there))).toMatchObject({ status: "enabled", obsInfo: undefined });
  });
});

describe("Tracker on the real engine, in a project without one", () => {
  it("is created in at most four calls, and deleted by destroy", async () => {
    const project = await startProject({ behaviour: { trackerExists: false } });
    project.program = declare(AUDIT);
    await project.preview();
    expect(await project.up()).toMatchObject({ ok: true, steps: { audit: "create" } });
    expect(project.emulator.journal.calls("cts").map(({ operation }) => operation)).toEqual([
      "listTrackers",
      "listTrackers",
      "createTracker",
      "listTrackers",
    ]);
    project.emulator.console.delete();
    expect(await project.destroy()).toMatchObject({ ok: true });
    expect(project.emulator.tracker()).toBeUndefined();
  });

  it("is deleted by destroy --run-program, also after it was renamed with an alias and replaced", async () => {
    const project = await startProject({ behaviour: { trackerExists: false } });
    project.program = declare(AUDIT);
    await project.up();
    project.program = async () => {
      new cts.Tracker("renamed", AUDIT, { aliases: [{ name: "audit" }] });
    };
    expect(await project.up()).toMatchObject({ ok: true, steps: { renamed: "same" } });
    const urn = (await project.state()).resources.find(({ id }) => id?.endsWith("/system"))?.urn ?? "";
    expect(await project.up({ replace: [urn] })).toMatchObject({ ok: true });
    expect(settingsOf(project.emulator.tracker())).toEqual(IN_EFFECT);
    expect(await project.destroy({ runProgram: true })).toMatchObject({ ok: true });
    expect(project.emulator.tracker()).toBeUndefined();
  });

  it("is settled by inputs that are unknown in the preview, and keeps secrets secret", async () => {
    const project = await startProject({ behaviour: { trackerExists: false } });
    project.program = async () => {
      const made = new cts.Tracker("first", { region: "eu-nl", projectName: "eu-nl_demo" });
      const bucketName = made.trackerId.apply((id) => `files-${id.slice(0, 8)}`);
      new cts.Tracker("second", {
        obsInfo: { bucketName, filePrefixName: pulumi.secret("hush-hush") },
        projectId: made.trackerId.apply(() => project.emulator.projectId("eu-de_demo")),
      });
    };
    const preview = await project.preview();
    expect(preview).toMatchObject({ ok: true, steps: { first: "create", second: "create" } });
    expect(project.emulator.journal.mutations()).toEqual([]);
    expect(await project.up()).toMatchObject({ ok: true });
    expect(project.emulator.tracker()?.obs_info).toMatchObject({ file_prefix_name: "hush-hush" });
    await project.refresh();
    const { text } = await project.state();
    for (const secret of ["hush-hush", "demo-password"]) {
      expect(text).not.toContain(secret);
    }
    expect(await project.destroy()).toMatchObject({ ok: true });
    expect(project.emulator.trackers()).toEqual([]);
  });

  it("is read by Tracker.get, by its id or by the connection", async () => {
    const project = await startProject();
    const id = `eu-nl/${project.emulator.projectId("eu-nl_demo")}/system`;
    project.program = async () => {
      const own = cts.Tracker.get("own", "system");
      const other = cts.Tracker.get("other", id);
      return { own: own.id, ownStatus: own.status, other: other.region };
    };
    expect((await project.up()).outputs).toEqual({
      own: "system",
      ownStatus: "enabled",
      other: "eu-nl",
    });
    expect(project.emulator.journal.mutations()).toEqual([]);
    project.emulator.console.delete();
    expect(await project.up()).toMatchObject({ ok: false });
  });
});
