import * as pulumi from "@pulumi/pulumi";
import type { PulumiFn } from "@pulumi/pulumi/automation";
import * as cts from "pulumi-otc-cts";
import { beforeAll, describe, expect, it } from "vitest";
import { type Project, startProject } from "../support/project";
import { type Subscriber, startSubscriber } from "../support/subscriber";

const AUDIT_LOG = {
  notificationName: "audit_log",
  operations: [cts.events.cts.trackerDeleted, cts.events.cts.trackerChanges],
  topicName: "security",
  filter: { rule: ["trace_type = ConsoleAction", "code != 201"] },
};

const declare = (args: Partial<cts.KeyEventNotificationArgs> = {}, name = "alarm") => {
  return async () => {
    const alarm = new cts.KeyEventNotification(name, { ...AUDIT_LOG, ...args });
    return { id: alarm.id, topicId: alarm.topicId, createTime: alarm.createTime, filter: alarm.filter };
  };
};

const callsOf = ({ emulator }: Project) => emulator.journal.calls("cts").map(({ operation }) => operation);

describe("KeyEventNotification on the real engine", () => {
  let project: Project;
  let subscriber: Subscriber;
  let topic: string;
  let id: unknown;
  beforeAll(async () => {
    project = await startProject();
    subscriber = await startSubscriber();
    topic = project.emulator.createTopic("security");
    project.emulator.subscribe(topic, subscriber.url);
  });

  it("is made by one call, after a preview that makes none", async () => {
    const { emulator } = project;
    project.program = declare();
    const preview = await project.preview();
    expect([preview.steps["alarm"], callsOf(project)]).toEqual(["create", []]);

    const up = await project.up();

    expect(up).toMatchObject({ ok: true, steps: { alarm: "create" } });
    const [made] = emulator.notifications();
    expect(up.outputs).toEqual({
      id: `eu-de/${emulator.projectId()}/${made?.notification_id}`,
      topicId: topic,
      createTime: new Date(made?.create_time ?? 0).toISOString(),
      filter: { condition: "AND", isSupportFilter: true, rule: AUDIT_LOG.filter.rule },
    });
    expect(callsOf(project)).toEqual(["createNotification"]);
    id = up.outputs["id"];
  });

  it("tells of what it is about, with nobody's help, and of nothing else", async () => {
    const { emulator } = project;

    emulator.console.disable(); // matches
    emulator.console.enable(); // matches
    emulator.console.delete(); // matches
    emulator.console.create(); // is filtered: its code is 201
    await emulator.emit({ service_type: "CTS", resource_type: "tracker", trace_name: "deleteTracker" }); // no ConsoleAction
    await emulator.delivered();

    expect(subscriber.received.map(({ trace }) => [trace.trace_name, trace.request])).toEqual([
      ["updateTracker", '{"status":"disabled"}'],
      ["updateTracker", '{"status":"enabled"}'],
      ["deleteTracker", '{"tracker_name":"system"}'],
    ]);
  });

  it("is left alone by the next up, though lists are in another order: no call at all", async () => {
    project.emulator.journal.clear();
    project.program = declare({
      operations: AUDIT_LOG.operations.toReversed(),
      filter: { rule: AUDIT_LOG.filter.rule.toReversed() },
    });

    expect(await project.up()).toMatchObject({ ok: true, steps: { alarm: "same" } });
    expect(callsOf(project)).toEqual([]);
    project.program = declare();
  });

  it("shows drift as old => new, fails --expect-no-changes on it, and is mended by one call", async () => {
    const { emulator } = project;
    emulator.console.notifications.change("audit_log", { filter: undefined, notification_name: "quiet" });
    emulator.console.notifications.disable("quiet");

    const preview = await project.preview({ refresh: true, expectNoChanges: true });

    expect(preview.ok).toBe(false);
    expect(preview.output).toMatch(/notificationName\s*: "quiet" => "audit_log"/);
    expect(preview.output).toMatch(/status\s*: "disabled"\s*=> "enabled"/);
    expect(preview.output).toMatch(/\+ filter/);
    emulator.journal.clear();
    expect(await project.refresh()).toMatchObject({ ok: true });
    expect(callsOf(project)).toEqual(["listNotifications"]);
    expect(await project.up()).toMatchObject({ ok: true, steps: { alarm: "update" }, outputs: { id } });
    expect(callsOf(project)).toEqual(["listNotifications", "updateNotification"]);
    expect((await project.preview({ refresh: true, expectNoChanges: true })).ok).toBe(true);
  });

  it("is renamed in place", async () => {
    project.program = declare({ notificationName: "renamed" });

    expect(await project.up()).toMatchObject({ ok: true, steps: { alarm: "update" }, outputs: { id } });
    expect(project.emulator.notifications()).toMatchObject([{ notification_name: "renamed" }]);
  });

  it("passes to another resource of the program with adopt: true", async () => {
    project.program = declare({ notificationName: "renamed", adopt: true }, "other");

    const up = await project.up();

    expect(up).toMatchObject({ ok: true, steps: { alarm: "delete", other: "create" }, outputs: { id } });
    expect(project.emulator.notifications()).toHaveLength(1);
  });

  it("is made again after somebody deleted it", async () => {
    project.emulator.console.notifications.delete("renamed");
    expect((await project.preview({ refresh: true, expectNoChanges: true })).ok).toBe(false);

    expect(await project.up({ refresh: true })).toMatchObject({ ok: true, steps: { other: "create" } });
    expect(project.emulator.notifications()).toMatchObject([{ notification_name: "renamed" }]);
  });

  it("is there after a forced replacement", async () => {
    const urn = (await project.state()).resources.find(({ urn }) => urn.endsWith("::other"))?.urn ?? "";
    expect(await project.up({ replace: [urn] })).toMatchObject({ ok: true });
    expect(project.emulator.notifications()).toMatchObject([{ notification_name: "renamed" }]);
  });

  it("moves to another region by a replacement that the preview shows", async () => {
    const { emulator } = project;
    project.program = declare({ region: "eu-nl", projectName: "eu-nl_demo" }, "other");

    expect((await project.preview()).steps["other"]).toMatch(/replace/);
    expect(await project.up()).toMatchObject({ ok: true });

    expect(emulator.notifications()).toEqual([]);
    expect(emulator.notifications({ region: "eu-nl" })).toMatchObject([{ notification_name: "audit_log" }]);
  });

  it("is deleted by destroy, by one call", async () => {
    project.emulator.journal.clear();

    expect(await project.destroy()).toMatchObject({ ok: true });

    expect(project.emulator.notifications({ region: "eu-nl" })).toEqual([]);
    expect(callsOf(project)).toEqual(["deleteNotifications"]);
  });
});

describe("KeyEventNotification on the real engine, elsewhere", () => {
  it("is settled by inputs that are unknown in the preview, and read by its id", async () => {
    const project = await startProject();
    project.program = async () => {
      const tracker = new cts.Tracker("first");
      const alarm = new cts.KeyEventNotification("alarm", {
        ...AUDIT_LOG,
        notificationName: tracker.trackerName.apply((name) => `about_${name}`),
        filter: { rule: [pulumi.interpolate`resource_id = ${tracker.trackerId}`] },
      });
      const same = cts.KeyEventNotification.get("same", alarm.id);
      return { name: same.notificationName, rule: same.filter.apply((filter) => filter?.rule) };
    };
    expect(await project.preview()).toMatchObject({ ok: true, steps: { alarm: "create" } });
    expect(project.emulator.journal.mutations()).toEqual([]);

    const { outputs } = await project.up();

    const trackerId = project.emulator.tracker()?.id;
    expect(outputs).toEqual({ name: "about_system", rule: [`resource_id = ${trackerId}`] });
  });

  it("reports bad input in the preview, all of it at once, and changes nothing", async () => {
    const project = await startProject();
    project.program = async () => {
      new cts.KeyEventNotification("wrong", {
        notificationName: "no-hyphens",
        operationType: "complete",
        operations: [{ serviceType: "ecs", resourceType: "ecs", traceNames: [] }],
        notifyUserList: [{ userGroup: "admin", userList: [""] }],
        filter: { rule: ["user = alice", "code = 200"] },
        status: "on" as "enabled",
      });
    };

    const { ok, output } = await project.preview();

    expect(ok).toBe(false);
    for (const line of [
      /property notificationName .*must be 1 to 64 letters, digits and underscores, got "no-hyphens"/,
      /property operations .*must be left out where operationType is "complete"/,
      /has a problem: operations\[0\]\.serviceType must be the acronym of a service in capitals/,
      /has a problem: operations\[0\]\.traceNames must name at least one operation/,
      /has a problem: notifyUserList\[0\]\.userList\[0\] must not be empty/,
      /has a problem: filter\.rule\[0\] must be about one of api_version, code, .*got "user = alice"/,
      /property status .*must be "enabled" or "disabled", got "on"/,
    ]) {
      expect(output).toMatch(line);
    }
    expect(project.emulator.journal.calls("cts")).toEqual([]);
  });

  it("says how to take over one whose name is there already", async () => {
    const project = await startProject();
    project.emulator.setNotification({ notification_name: "audit_log" });
    project.program = declare();

    const { ok, output } = await project.up();

    expect(ok).toBe(false);
    expect(output).toMatch(/"audit_log" \(.+\) exists already .*set adopt: true to take it over/);
    expect(output).not.toMatch(/\.js:\d+/);
    expect(project.emulator.notifications()).toMatchObject([{ operation_type: "complete" }]);
  });
});

describe("key event notifications that pass their names on, on the real engine", () => {
  const declareNames =
    (names: Record<string, string>): PulumiFn =>
    async () => {
      const made = Object.entries(names).map(([name, notificationName]) => {
        return [name, new cts.KeyEventNotification(name, { ...AUDIT_LOG, notificationName }).id] as const;
      });
      return Object.fromEntries(made);
    };
  const namesById = ({ emulator }: Project) =>
    Object.fromEntries(
      emulator
        .notifications()
        .map(({ notification_id, notification_name }) => [
          `eu-de/${emulator.projectId()}/${notification_id}`,
          notification_name,
        ]),
    );

  it("do so in one up along a chain that a new one begins, and keep their ids", async () => {
    const names = { N: "a", A: "b", B: "c", C: "d" };
    const project = await startProject();
    project.program = declareNames({ A: "a", B: "b", C: "c" });
    const { outputs: before } = await project.up();
    project.program = declareNames(names);

    const up = await project.up();

    expect(up).toMatchObject({ ok: true, outputs: before });
    const wanted = Object.entries(names).map(([name, notificationName]) => [
      up.outputs[name],
      notificationName,
    ]);
    expect(namesById(project)).toEqual(Object.fromEntries(wanted));
    expect(await project.preview({ refresh: true, expectNoChanges: true })).toMatchObject({ ok: true });
  });

  it("keep them where they are to be swapped, say how to do it, and swap them in two ups", {
    timeout: 240_000,
  }, async () => {
    const project = await startProject();
    project.program = declareNames({ A: "a", B: "b" });
    const { outputs } = await project.up();
    const before = namesById(project);
    project.program = declareNames({ A: "b", B: "a" });

    const { ok, output } = await project.up();

    expect(ok).toBe(false);
    expect(output).toMatch(/"b" .*names cannot be swapped in one up; rename in two ups/);
    expect(namesById(project)).toEqual(before);

    project.program = declareNames({ A: "b", B: "free" });
    expect(await project.up()).toMatchObject({ ok: true, outputs });
    project.program = declareNames({ A: "b", B: "a" });
    expect(await project.up()).toMatchObject({ ok: true, outputs });
    expect(namesById(project)).toEqual({ [String(outputs["A"])]: "b", [String(outputs["B"])]: "a" });
  });
});

describe("a hundred notifications of one stack", () => {
  it("are made, refreshed by one list, and destroyed while 30 % of all calls fail, none lost, none doubled", async () => {
    const project = await startProject();
    const { emulator } = project;
    const names = Array.from({ length: 100 }, (_, i) => `alarm_${i}`);
    project.program = async () => {
      for (const notificationName of names) {
        new cts.KeyEventNotification(notificationName, { ...AUDIT_LOG, notificationName });
      }
    };
    const kinds = ["status", "reset", "truncated", "html", "wrongJson"] as const;
    emulator.faults.random({ rate: 0.3, kinds: [...kinds] });

    expect((await project.up()).output).not.toMatch(/error/);

    const made = emulator.notifications();
    expect(made.map((one) => one.notification_name).sort()).toEqual([...names].sort());
    const ids = () => project.state().then(({ resources }) => resources.map((one) => one.id?.split("/")[2]));
    const known = made.map((one) => one.notification_id);
    expect((await ids()).filter((id) => id !== undefined).sort()).toEqual(known.sort());

    emulator.journal.clear();
    expect(await project.refresh()).toMatchObject({ ok: true });
    const lists = emulator.journal.calls("cts").filter(({ fault }) => fault === undefined);
    expect(lists.map(({ operation }) => operation)).toEqual(["listNotifications"]);
    expect((await ids()).filter((id) => id !== undefined).sort()).toEqual(known.sort());

    expect(await project.destroy()).toMatchObject({ ok: true });
    expect(emulator.notifications()).toEqual([]);
  }, 300_000);
});
