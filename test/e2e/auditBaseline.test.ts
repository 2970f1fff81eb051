import * as cts from "pulumi-otc-cts";
import { describe, expect, it } from "vitest";
import { startProject } from "../support/project";
import { startSubscriber } from "../support/subscriber";

const PLACES = [
  { region: "eu-de", projectName: "eu-de_demo" },
  { region: "eu-nl", projectName: "eu-nl_demo" },
];

describe("AuditBaseline on the real engine", () => {
  it("audits every place, and tells its topic when somebody switches the audit log off there, or its alarms", async () => {
    const project = await startProject();
    const { emulator } = project;
    const [here, there] = [await startSubscriber(), await startSubscriber()];
    emulator.subscribe(emulator.createTopic("security"), here.url);
    emulator.subscribe(emulator.createTopic("security", { region: "eu-nl" }), there.url);
    project.program = async () => {
      new cts.AuditBaseline("audit", {
        places: PLACES,
        topicName: "security",
        tracker: { isLtsEnabled: true },
      });
    };

    expect(await project.up()).toMatchObject({ ok: true });

    const alarms = ["access", "auditLog", "keys", "network", "signIn", "storage"].map(
      (name) => `audit_${name}`,
    );
    for (const where of PLACES.map(({ region }) => ({ region }))) {
      expect(emulator.tracker(where)?.lts.is_lts_enabled).toBe(true);
      const made = emulator.notifications(where);
      expect(made.map((one) => one.notification_name).sort()).toEqual(alarms);
      expect(made.every(({ status }) => status === "enabled")).toBe(true);
    }
    await emulator.delivered();
    here.received.length = there.received.length = 0;
    emulator.console.notifications.disable("audit_access", { region: "eu-nl" });
    emulator.console.disable({ region: "eu-nl" });
    await emulator.emit({ service_type: "IAM", resource_type: "Policy", trace_name: "updateRole" });
    await emulator.emit({ service_type: "ECS", resource_type: "ecs", trace_name: "deleteServer" });
    await emulator.delivered();

    const told = ({ received }: typeof here) =>
      received.map(({ trace }) => [trace.trace_name, trace.trace_type]);
    expect(told(there)).toEqual([
      ["updateNotification", "ConsoleAction"],
      ["updateTracker", "ConsoleAction"],
    ]);
    expect(here.received.map(({ trace, subject }) => [trace.trace_name, subject.split(" ").at(-1)])).toEqual([
      ["updateRole", "audit_access"],
    ]);
  });

  it("has settings of a place's own, and the account's alarms where the caller says", async () => {
    const project = await startProject();
    const { emulator } = project;
    const [first, second] = PLACES as [cts.AuditedPlace, cts.AuditedPlace];
    project.program = async () => {
      new cts.AuditBaseline("audit", {
        topicName: "security",
        tracker: { isLtsEnabled: true, obsInfo: { bucketName: "audit-de", filePrefixName: "all" } },
        places: [
          { ...first, accountAlarms: true },
          { ...second, tracker: { obsInfo: { bucketName: "audit-nl" } } },
        ],
      });
    };
    for (const { region } of PLACES) {
      emulator.createTopic("security", { region });
    }

    expect(await project.up()).toMatchObject({ ok: true });

    const [here, there] = PLACES.map(({ region }) => ({
      tracker: emulator.tracker({ region }),
      alarms: emulator.notifications({ region }).map((one) => one.notification_name.replace("audit_", "")),
    }));
    expect(here?.tracker?.obs_info).toMatchObject({ bucket_name: "audit-de", file_prefix_name: "all" });
    expect(there?.tracker?.obs_info.bucket_name).toBe("audit-nl");
    expect(there?.tracker?.obs_info.file_prefix_name ?? "").toBe("");
    expect(there?.tracker?.lts.is_lts_enabled).toBe(true);
    expect(here?.alarms.sort()).toEqual(["access", "auditLog", "keys", "network", "signIn", "storage"]);
    expect(there?.alarms.sort()).toEqual(["auditLog", "keys", "network", "storage"]);
  });

  it("has the alarms also where a tracker is unhealthy, and only those that are asked for", async () => {
    const project = await startProject({ behaviour: { obs: "noBucket" } });
    const topicId = project.emulator.createTopic("security");
    project.program = async () => {
      new cts.AuditBaseline("audit", {
        places: [{ topicId }],
        tracker: { obsInfo: { bucketName: "missing" } },
        alarms: ["keys", "auditLog"],
        namePrefix: "p",
      });
    };

    expect(await project.up()).toMatchObject({ ok: false });

    const names = project.emulator.notifications().map((one) => one.notification_name);
    expect(names.sort()).toEqual(["p_auditLog", "p_keys"]);
  });

  it.each([
    ["nobody to audit", { places: [] }, /places must have at least one/],
    ["nothing at all", {}, /places must have at least one/],
    ["one place twice", { places: [PLACES[0], PLACES[0]] }, /places has audit-eu-de-eu-de_demo twice/],
    [
      "an alarm that there is not",
      { places: [{}], alarms: ["keys", "doors"] },
      /must be of auditLog, .*, got doors/,
    ],
  ])("refuses %s", async (_, args, message) => {
    const project = await startProject();
    project.program = async () => {
      new cts.AuditBaseline("audit", { topicName: "security", ...args } as cts.AuditBaselineArgs);
    };

    const { ok, output } = await project.preview();

    expect(ok).toBe(false);
    expect(output).toMatch(message);
  });
});
