import { beforeEach, describe, expect, it } from "vitest";
import type { WireNotificationArgs } from "../../../emulator";
import { Run } from "../../../provider/core/run";
import { KeyEventNotificationResource } from "../../../provider/keyEventNotification/resource";
import type { NotificationState } from "../../../provider/keyEventNotification/state";
import { useNotifications } from "../../support/notificationBench";

const bench = useNotifications();
const { service, anew, deletions, full, stored, calls, checked, made } = bench;
let topicId: string;
beforeEach(() => {
  topicId = bench.topicId();
});

describe("KeyEventNotificationResource", () => {
  it("lives with one call for each step: create, refresh, rename, delete", async () => {
    const { id, state } = await made();
    expect(id).toBe(`eu-de/${service.emulator.projectId()}/${stored()?.notification_id}`);
    expect(state).toEqual({
      ...(await checked(full())),
      projectName: "eu-de_demo",
      notificationId: stored()?.notification_id,
      notificationType: "smn",
      domainId: stored()?.domain_id,
      createTime: new Date(stored()?.create_time ?? 0).toISOString(),
    });
    expect(service.emulator.journal.calls("cts")[0]?.body).toEqual({
      notification_name: "alarm",
      operation_type: "customized",
      operations: [{ service_type: "ECS", resource_type: "ecs", trace_names: ["deleteServer"] }],
      notify_user_list: [{ user_group: "admin", user_list: ["alice", "bob"] }],
      topic_id: topicId,
      filter: { condition: "AND", is_support_filter: true, rule: ["code != 200"] },
      status: "enabled",
    });

    expect(await bench.resource.read(id, state)).toEqual({ id, inputs: await checked(full()), state });
    const renamed = await bench.resource.update(
      id,
      state,
      await checked({ ...full(), notificationName: "renamed" }),
    );
    expect(renamed).toEqual({ ...state, notificationName: "renamed" });
    expect(stored("renamed")?.notification_id).toBe(state.notificationId);
    await anew().delete(id, renamed);

    expect(service.emulator.notifications()).toEqual([]);
    expect(calls()).toEqual([
      "createNotification",
      "listNotifications",
      "updateNotification",
      "deleteNotifications",
    ]);
  });

  it.each<[string, Partial<WireNotificationArgs>, object]>([
    ["the name", { notification_name: "renamed" }, { notificationName: "renamed" }],
    ["every operation", { operation_type: "complete", operations: [] }, { operationType: "complete" }],
    ["everybody", { notify_user_list: [] }, { notifyUserList: undefined }],
    ["no topic", { topic_id: undefined, status: "disabled" }, { topicId: undefined, status: "disabled" }],
    ["no filter", { filter: undefined }, { filter: undefined }],
    [
      "a filter that is not in effect",
      { filter: { condition: "OR", is_support_filter: false, rule: ["code = 1"] } },
      { filter: { condition: "OR", isSupportFilter: false, rule: ["code = 1"] } },
    ],
    ["status", { status: "disabled" }, { status: "disabled" }],
  ])("reads drift of %s, and mends it", async (_, change, drifted) => {
    const { id, state } = await made();
    service.emulator.console.notifications.change("alarm", change);

    const read = await anew().read(id, state);

    for (const part of [read?.inputs, read?.state]) {
      expect(part).toEqual({ ...part, ...drifted });
    }
    const inputs = await checked(full());
    expect(bench.resource.diff(id, read?.state as NotificationState, inputs)).not.toEqual([]);
    await bench.resource.update(id, read?.state as NotificationState, inputs);
    expect((await anew().read(id, state))?.inputs).toEqual(inputs);
  });

  it("keeps the words of the program where the service says the same in others", async () => {
    const { id, state } = await made({ ...full(), filter: { rule: ["code = 1", "code = 2"] } });
    service.emulator.setNotification({
      notification_name: "alarm",
      operations: [
        { service_type: "ECS", resource_type: "ecs", trace_names: ["deleteServer", "deleteServer"] },
      ],
      notify_user_list: [{ user_group: "admin", user_list: ["bob", "alice"] }],
      topic_id: topicId,
      filter: { condition: "AND", is_support_filter: true, rule: ["code = 2", "code = 1"] },
    });

    expect((await anew().read(id, state))?.state).toEqual(state);
  });

  it("keeps what the service does not know: that it may be taken over", async () => {
    const { id, state } = await made({ ...full(), adopt: true });

    expect(await anew().read(id, state)).toMatchObject({ inputs: { adopt: true }, state: { adopt: true } });
  });

  it("takes a filter for one that is not in effect, where the service does not say so", async () => {
    const { id, state } = await made();
    const shown = { ...stored(), filter: { condition: null, rule: ["code != 200"] } };
    const match = { operation: "listNotifications" } as const;
    service.emulator.faults.add({ kind: "status", status: 200, body: { notifications: [shown] }, match });

    expect((await anew().read(id, state))?.state.filter).toEqual({
      condition: "AND",
      isSupportFilter: false,
      rule: ["code != 200"],
    });
  });

  it("disables one that was made with a topic by a second call, as a create does not look at status", async () => {
    const { state } = await made({ ...full(), status: "disabled" });

    expect([state.status, stored()?.status]).toEqual(["disabled", "disabled"]);
    expect(calls()).toEqual(["createNotification", "updateNotification"]);
  });

  it("sends the operations of one kind of resource as one", async () => {
    await made({ ...full(), operations: [...deletions, { ...deletions[0], traceNames: ["createServer"] }] });

    expect(stored()?.operations).toEqual([
      { service_type: "ECS", resource_type: "ecs", trace_names: ["deleteServer", "createServer"] },
    ]);
  });

  it("sends the users of one group as one", async () => {
    const users = (...userList: string[]) => ({ userGroup: "admin", userList });
    await made({ ...full(), notifyUserList: [users("alice"), users("bob", "alice")] });

    expect(stored()?.notify_user_list).toEqual([{ user_group: "admin", user_list: ["alice", "bob"] }]);
  });

  it("has a filter that is not in effect, where that is declared", async () => {
    const { state } = await made({ ...full(), filter: { isSupportFilter: false, rule: ["code = 1"] } });

    expect([state.filter?.isSupportFilter, stored()?.filter?.is_support_filter]).toEqual([false, false]);
  });

  it.each(["empty", "notFound"] as const)("reads as gone where it is gone (missing: %s)", async (missing) => {
    const { id, state } = await made();
    service.emulator.behaviour.missing = missing;
    service.emulator.console.notifications.delete("alarm");

    expect(await anew().read(id, state)).toBeUndefined();
    await anew().delete(id, state);
    await expect(anew().read(id, undefined)).rejects.toThrow(`Key event notification ${id} does not exist`);
  });

  it("says so where it is gone when it is to be changed", async () => {
    const { id, state } = await made();
    service.emulator.console.notifications.delete("alarm");

    const update = bench.resource.update(id, state, await checked({ ...full(), status: "disabled" }));

    await expect(update).rejects.toThrow(/does not exist any more: run pulumi up --refresh/);
  });

  it("is read by its own id alone, where it is in the connection's project", async () => {
    const { state } = await made();

    const read = await bench.resource.read(state.notificationId, undefined);

    expect(read?.id).toBe(`eu-de/${service.emulator.projectId()}/${state.notificationId}`);
    expect(read?.state.operations).toEqual(deletions);
  });

  it.each(["a/b", "a/b/c/d", "/b/c"])("refuses the id %s", async (id) => {
    await expect(bench.resource.read(id, undefined)).rejects.toThrow(
      /is not the id of a key event notification/,
    );
  });

  it("is managed by v3 where trackers are by v1.0", async () => {
    const connection = service.connect({ ...service.emulator.settings(), apiVersion: "v1" });
    const byV1 = new KeyEventNotificationResource(new Run(() => connection, service.clock));
    const { id, state } = await byV1.create(await checked(full()));
    await byV1.read(id, state);
    await byV1.update(id, state, await checked({ ...full(), status: "disabled" }));
    await new KeyEventNotificationResource(new Run(() => connection, service.clock)).delete(id, state);

    expect(calls()).toHaveLength(4);
    for (const { path } of service.emulator.journal.calls("cts")) {
      expect(path).toMatch(/^\/eu-de\/v3\//);
    }
  });
});

describe("a notification that another declaration has by now", () => {
  it("is not deleted by its old declaration, where another has taken it over in this run", async () => {
    const { id, state } = await made();
    const next = anew();
    const { inputs } = await next.check({ ...full(), adopt: true }, undefined, "renamed");
    if (!inputs) {
      throw new Error("no inputs");
    }
    const { id: taken } = await next.create(inputs);

    await next.delete(id, state);

    expect(taken).toBe(id);
    expect(stored()).toBeDefined();
  });

  it("is not deleted by its old declaration, where another has had it since a run that was killed", async () => {
    const { id, state } = await made();
    const next = anew();
    await next.check(full(), await checked(full()), "renamed");

    await next.delete(id, state);

    expect(stored()).toBeDefined();
  });

  it("is deleted where only its name is another's by now", async () => {
    const { id, state } = await made();
    service.emulator.console.notifications.change("alarm", { notification_name: "moved" });
    await anew().create(await checked(full()));
    const next = anew();
    await next.check(full(), await checked(full()), "second");

    await next.delete(id, state);

    expect(stored("moved")).toBeUndefined();
    expect(stored()).toBeDefined();
  });

  it("is deleted and made again for a replacement, which is checked as existing and then as new", async () => {
    const { id, state } = await made();
    const next = anew();
    await next.check(full(), await checked(full()), "alarm");
    await next.check(full(), undefined, "alarm");

    await next.delete(id, state);

    expect(stored()).toBeUndefined();
  });
});
