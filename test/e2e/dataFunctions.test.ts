import * as pulumi from "@pulumi/pulumi";
import * as cts from "pulumi-otc-cts";
import { describe, expect, it } from "vitest";
import { type Project, startProject } from "../support/project";

/** The calls for traces so far. */
const queries = ({ emulator }: Project) =>
  emulator.journal.calls("cts").filter(({ operation }) => operation === "listTraces");

describe("getTraces and its family in a program", () => {
  it("read in preview and update, by the stack's own settings, without a warning about its secrets", async () => {
    const project = await startProject();
    project.emulator.setNotification({ notification_name: "theirs" });
    project.emulator.setNotification({ notification_name: "others" });
    project.program = async () => {
      const { traces } = await cts.getTraces({ from: "24h", serviceType: "CTS" });
      const { status, id } = await cts.getTracker();
      const { quotas } = await cts.getQuotas();
      const { notifications } = await cts.getNotifications({ notificationName: "theirs" });
      const alarms = notifications.map((one) => one.notificationName);
      return { names: traces.map(({ traceName }) => traceName), status, id, quotas, alarms };
    };

    const preview = await project.preview();
    const up = await project.up();

    expect(preview).toMatchObject({ ok: true });
    // In each of the two: the traces, and that there are no more.
    expect(queries(project)).toHaveLength(4);
    expect(up.outputs).toEqual({
      names: ["createTracker"],
      status: "enabled",
      id: `eu-de/${project.emulator.projectId()}/system`,
      quotas: expect.arrayContaining([{ type: "system_tracker", used: 1, quota: 1 }]),
      alarms: ["theirs"],
    });
    expect(`${preview.output}${up.output}`).not.toMatch(/warning/i);
  });

  it("wait for what is not known yet: nothing is read in the preview, and the resource's own traces are found after it", async () => {
    const project = await startProject();
    project.program = async () => {
      const tracker = new cts.Tracker("audit", { obsInfo: { bucketName: "audit-files" } });
      const found = cts.getTracesOutput(
        { from: "1h", traceName: "updateTracker", resourceId: tracker.trackerId },
        { dependsOn: tracker },
      );
      const alarm = new cts.KeyEventNotification("alarm", {
        notificationName: "alarm",
        topicName: "security",
      });
      const { notifications } = cts.getNotificationsOutput({ notificationName: alarm.notificationName });
      return {
        isSame: pulumi
          .all([notifications, alarm.id, alarm.topicId, alarm.createTime])
          .apply(([[one], ...outputs]) => [one?.id, one?.topicId, one?.createTime].join() === outputs.join()),
        users: found.traces.apply((traces) => traces.map(({ user }) => user?.name)),
        status: cts.getTrackerOutput({ projectId: tracker.projectId }).status,
      };
    };

    expect(await project.preview()).toMatchObject({ ok: true });
    expect(queries(project)).toEqual([]);
    const up = await project.up();

    expect(up).toMatchObject({ ok: true, outputs: { isSame: true, users: ["demo"], status: "enabled" } });
  });

  it.each(["dependsOn", "an argument"])(
    "wait for all that is in a component, and for whatever %s comes from, though it is known in the preview",
    async (kind) => {
      const project = await startProject();
      project.program = async () => {
        const baseline = new cts.AuditBaseline("audit", {
          places: [{}],
          alarms: ["auditLog"],
          topicName: "security",
        });
        const [alarm] = baseline.notifications;
        const found =
          kind === "dependsOn"
            ? cts.getNotificationsOutput({}, { dependsOn: [baseline] })
            : cts.getNotificationsOutput({ notificationName: alarm?.notificationName ?? "" });
        const names = found.notifications.apply((all) => {
          if (all.length !== 1) {
            throw new Error(`${all.length} notifications`);
          }
          return all.map(({ notificationName }) => notificationName);
        });
        return { names };
      };
      const lists = () =>
        project.emulator.journal.calls().filter(({ operation }) => operation === "listNotifications");

      expect(await project.preview()).toMatchObject({ ok: true });
      expect(await project.up()).toMatchObject({ ok: true, outputs: { names: ["audit_auditLog"] } });
      const before = lists().length;
      // Now that they are there, the preview knows.
      expect(await project.preview()).toMatchObject({ ok: true });
      expect(lists().length).toBeGreaterThan(before);
    },
  );

  it("keep secret what comes of a secret", async () => {
    const project = await startProject();
    project.program = async () => {
      const user = pulumi.secret("s3cret-user");
      return {
        found: cts.getTracesOutput({ user }).traces,
        open: cts.getTracesOutput({ from: "2h" }).truncated,
      };
    };
    await project.up();
    const outputs = await project.stack.outputs();
    expect(outputs["found"]?.secret).toBe(true);
    expect(outputs["open"]?.secret).toBe(false);
    expect((await project.state()).text).not.toContain("s3cret-user");
  });

  it("fail with one clear error, and before any call, where a criterion makes no sense", async () => {
    const project = await startProject();
    project.program = async () => {
      await cts.getTraces({ traceRating: "bad" as "normal" });
    };
    const up = await project.up();
    expect(up.ok).toBe(false);
    expect(up.output).toContain('traceRating must be "normal", "warning" or "incident"');
    expect(project.emulator.journal.entries).toEqual([]);
  });
});
