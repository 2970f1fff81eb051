/**
 * Attack: update plans, `pulumi preview --save-plan` and `pulumi up --plan`, of every resource and of changes to them.
 *
 * Alone: `npm run build && npx vitest run test/attacks/plans`
 */
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import type { PulumiFn } from "@pulumi/pulumi/automation";
import * as cts from "pulumi-otc-cts";
import { describe, expect, it, vi } from "vitest";
import { type Project, startProject } from "../support/project";
import { settingsDeclaredBy, settingsOf } from "../support/trackers";

vi.setConfig({ testTimeout: 180_000 });

const FIRST = { obsInfo: { bucketName: "audit-files" } };
const SECOND = { obsInfo: { bucketName: "other-bucket" }, isLtsEnabled: true, onDestroy: "disable" as const };
const PLACES = ["eu-de", "eu-nl"].map((region) => ({ region, projectName: `${region}_demo` }));

const open = () => startProject({ env: { PULUMI_EXPERIMENTAL: "true" } });

async function savePlan(project: Project, program: PulumiFn): Promise<string> {
  const plan = join(project.dir, "plan.json");
  project.program = program;
  expect(await project.preview({ plan })).toMatchObject({ ok: true });
  return plan;
}

async function upAsPlanned(project: Project, program: PulumiFn): Promise<Record<string, string>> {
  const plan = await savePlan(project, program);
  const { ok, output, steps } = await project.up({ plan });
  expect(ok, output).toBe(true);
  return steps;
}

const trackersOf = (args: cts.TrackerArgs) => async () => {
  const trackers = PLACES.map((place) => new cts.Tracker(place.region, { ...args, ...place }));
  return { ids: trackers.map(({ id }) => id), adopted: trackers[0]?.adopted };
};
const alarmOf = (args: Partial<cts.KeyEventNotificationArgs>) => async () => {
  const tracker = new cts.Tracker("audit", FIRST);
  const alarm = new cts.KeyEventNotification("alarm", {
    notificationName: "alarm",
    topicName: pulumi.interpolate`${tracker.trackerName}`.apply((name) => (name ? "security" : "")),
    ...args,
  });
  return { id: alarm.id, filter: alarm.filter };
};
const baselineOf = (args: Partial<cts.AuditBaselineArgs>) => async () => {
  const { trackers } = new cts.AuditBaseline("audit", { places: PLACES, topicName: "security", ...args });
  return { statuses: trackers.map(({ status }) => status) };
};

describe("an update plan", () => {
  it.each<[string, PulumiFn, PulumiFn]>([
    [
      "trackers of several places, of an argument that is secret",
      trackersOf({ ...FIRST, obsInfo: pulumi.secret(FIRST.obsInfo) }),
      trackersOf({ ...SECOND, obsInfo: pulumi.secret(SECOND.obsInfo) }),
    ],
    ["a notification, of a topic known only later", alarmOf({}), alarmOf({ notificationName: "renamed" })],
    [
      "a baseline",
      baselineOf({ tracker: FIRST }),
      baselineOf({ tracker: SECOND, alarms: ["signIn"], namePrefix: "other" }),
    ],
  ])("of %s is carried out: made, changed, removed", async (_, first, second) => {
    const project = await open();
    const made = await upAsPlanned(project, first);
    expect(Object.values(made)).toContain("create");
    const changed = await upAsPlanned(project, second);
    expect(Object.values(changed)).toContain("update");
    const removed = await upAsPlanned(project, async () => {});
    expect(Object.values(removed)).toContain("delete");
  });

  it("that the program does not keep to fails before anything is changed", async () => {
    const project = await open();
    const { emulator } = project;
    const plan = await savePlan(project, trackersOf(FIRST));
    project.program = trackersOf(SECOND);

    const { ok, output } = await project.up({ plan });

    expect(ok).toBe(false);
    expect(output).toContain("violates plan");
    expect(emulator.journal.mutations()).toEqual([]);
  });

  it.each([
    [undefined, "isLtsEnabled is true on the tracker that exists already"],
    [true, "violates plan"],
  ])(
    "whose tracker somebody has set meanwhile fails before anything is changed, adopt: %s",
    async (adopt, why) => {
      const project = await open();
      const { emulator } = project;
      const plan = await savePlan(project, async () => {
        new cts.Tracker("audit", { ...FIRST, ...(adopt && { adopt }) });
      });
      emulator.setTracker({ is_lts_enabled: true, obs_info: { bucket_name: "found-bucket" } });

      const { ok, output } = await project.up({ plan });

      expect(ok).toBe(false);
      expect(output).toContain(why);
      expect(emulator.journal.mutations()).toEqual([]);
    },
  );

  it("whose drift somebody has mended meanwhile is carried out, and ends right", async () => {
    const project = await open();
    const { emulator } = project;
    const program = async () => {
      new cts.Tracker("audit", FIRST);
    };
    await upAsPlanned(project, program);
    emulator.console.disable();
    await project.refresh();
    const plan = await savePlan(project, program);
    emulator.console.enable();
    expect(await project.up({ plan })).toMatchObject({ ok: true });
    expect(settingsOf(emulator.tracker())).toEqual(settingsDeclaredBy(FIRST));
  });
});
