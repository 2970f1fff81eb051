import { beforeEach, describe, expect, it } from "vitest";
import type { WireNotificationArgs } from "../../../emulator";
import { PartialError, UNKNOWN } from "../../../provider/core/managedResource";
import { KeyEventNotificationResource } from "../../../provider/keyEventNotification/resource";
import type { NotificationInputs, NotificationState } from "../../../provider/keyEventNotification/state";
import { useEmulated } from "../../support/emulated";

const service = useEmulated();
let notification: KeyEventNotificationResource;
let topicId: string;

const anew = () => {
  const connection = service.connect();
  return new KeyEventNotificationResource(() => connection, service.clock);
};
/** On a machine whose clock is off. */
const withClockAhead = (minutes: number) => {
  const clock = { ...service.clock, now: () => service.clock.now() + minutes * 60_000 };
  const connection = service.connect(service.emulator.settings(), clock);
  return new KeyEventNotificationResource(() => connection, clock);
};
beforeEach(() => {
  service.emulator.reset();
  notification = anew();
  topicId = `urn:smn:eu-de:${service.emulator.projectId()}:alarm`;
});

const deletions = [{ serviceType: "ECS", resourceType: "ecs", traceNames: ["deleteServer"] }];
const full = () => ({
  notificationName: "alarm",
  operations: deletions,
  notifyUserList: [{ userGroup: "admin", userList: ["alice", "bob"] }],
  topicId,
  filter: { rule: ["code != 200"] },
});
const stored = (name = "alarm") =>
  service.emulator.notifications().find((one) => one.notification_name === name);
const calls = () => service.emulator.journal.calls("cts").map(({ operation }) => operation);
const lose = (operation: "createNotification" | "updateNotification" | "deleteNotifications", times = 1) =>
  service.emulator.faults.add({ kind: "reset", when: "after", times, match: { operation } });

const problemsWith = async (args: object, owner?: string) => {
  const { problems } = await notification.check(args, undefined, owner);
  return Object.fromEntries(problems.map(({ path, reason }) => [path, reason]));
};
const checked = async (args: object): Promise<NotificationInputs> => {
  const { inputs, problems } = await notification.check(args, undefined, undefined);
  if (!inputs) {
    throw new Error(JSON.stringify(problems));
  }
  return inputs;
};
const made = async (args: object = full()) => notification.create(await checked(args));
const failing = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );

describe("KeyEventNotificationResource.check", () => {
  it("fills in every default, the region, and the project by its id, without a call to CTS", async () => {
    const { inputs, problems } = await notification.check(full(), undefined, undefined);

    expect(problems).toEqual([]);
    expect(inputs).toEqual({
      ...full(),
      operationType: "customized",
      filter: { condition: "AND", isSupportFilter: true, rule: ["code != 200"] },
      status: "enabled",
      region: "eu-de",
      projectId: service.emulator.projectId(),
    });
    expect(calls()).toEqual([]);
  });

  it("makes the URN of a topic from its name, and where the notification is", async () => {
    const named = { notificationName: "alarm", topicName: "alarm" };

    expect(await checked(named)).toMatchObject({ topicId });
    expect(await checked(named)).not.toHaveProperty("topicName");
    expect(await checked({ ...named, projectId: UNKNOWN })).toMatchObject({ topicId: UNKNOWN });
    expect(await checked({ ...named, topicName: UNKNOWN })).toMatchObject({ topicId: UNKNOWN });
    expect(await problemsWith({ ...named, topicName: "a b" })).toEqual({
      topicName: expect.stringContaining("must be 1 to 255 letters"),
    });
  });

  it("is about every operation where none is listed", async () => {
    expect(await checked({ notificationName: "all", topicId })).toMatchObject({ operationType: "complete" });
  });

  it("reports all that is wrong at once, each on its path", async () => {
    expect(
      await problemsWith({
        notificationName: "no-hyphens",
        operationType: "some",
        operations: [
          { serviceType: "ecs", resourceType: "", traceNames: [""] },
          { serviceType: "ECS", resourceType: "ecs", traceNames: [] },
          { serviceType: "ECS", resourceType: "ecs", traceNames: ["x".repeat(65)], more: 1 },
          "ECS",
        ],
        notifyUserList: [
          { userGroup: "admin", userList: [] },
          { userGroup: 5, userList: ["alice", ""] },
        ],
        topicId: "alarm",
        topicName: "-",
        filter: { condition: "XOR", isSupportFilter: "yes", rule: ["code=200", "code = 200"] },
        status: "on",
        adopt: "yes",
        topic: "alarm",
      }),
    ).toEqual({
      notificationName: 'must be 1 to 64 letters, digits and underscores, got "no-hyphens"',
      operationType: 'must be "complete" or "customized", got "some"',
      "operations[0].serviceType": 'must be the acronym of a service in capitals, such as "ECS", got "ecs"',
      "operations[0].resourceType": "is required: must not be empty",
      "operations[0].traceNames[0]": 'must not be empty, got ""',
      "operations[1].traceNames": "must name at least one operation, got []",
      "operations[2].traceNames[0]": expect.stringContaining("must have at most 64 characters"),
      "operations[2].more": "is not a known property",
      "operations[3]": 'must be an object with serviceType, resourceType and traceNames, got "ECS"',
      "notifyUserList[0].userList": "must name at least one user, got []",
      "notifyUserList[1].userGroup": "must be a string, got 5",
      "notifyUserList[1].userList[1]": 'must not be empty, got ""',
      topicId: `must be a topic's URN: urn:smn:{region}:{projectId}:{name}, got "alarm"`,
      topicName: expect.stringMatching(/must be left out where topicId is given/),
      "filter.condition": 'must be "AND" or "OR", got "XOR"',
      "filter.isSupportFilter": 'must be true or false, got "yes"',
      "filter.rule[0]":
        'must be "field = value" or "field != value", with one space on each side of the sign, got "code=200"',
      status: 'must be "enabled" or "disabled", got "on"',
      adopt: 'must be true or false, got "yes"',
      topic: "is not a known property",
    });
    expect(await problemsWith({})).toEqual({
      notificationName: "is required: must be a string",
      topicId: expect.stringContaining("is required (or topicName), unless status"),
    });
  });

  it.each([
    [
      "complete with operations",
      { operationType: "complete", operations: deletions },
      "operations",
      "left out",
    ],
    ["customized without", { operationType: "customized" }, "operations", "is required where"],
    ["customized with none", { operationType: "customized", operations: [] }, "operations", "at least one"],
    ["an empty list", { operations: [] }, "operations", "at least one"],
    ["enabled without a topic", { topicId: "", status: "enabled" }, "topicId", "without a topic nobody"],
    ["a topic elsewhere", { topicId: "urn:smn:eu-nl:p:t" }, "topicId", "of region eu-nl, but .* in eu-de"],
    ["no region", { region: "no where" }, "region", "must be a name such as eu-de"],
    ["no project", { projectId: "a/b" }, "projectId", "must be the id of a project"],
    [
      "a rule that is not in a list",
      { filter: { rule: "code = 1" } },
      "filter.rule",
      "^must be a list of rules",
    ],
    ["no operation in a list", { operations: [null] }, "operations[0]", "must be an object with serviceType"],
    ["no rule", { filter: {} }, "filter.rule", "is required: must be a list of rules"],
    ["an empty list of rules", { filter: { rule: [] } }, "filter.rule", "at least one rule"],
    ["seven rules", { filter: { rule: Array(7).fill("code = 1") } }, "filter.rule", "at most 6"],
  ])("refuses %s", async (_, change, path, reason) => {
    const problems = await problemsWith({ notificationName: "alarm", topicId, ...change });

    expect(problems).toEqual({ [path]: expect.stringMatching(reason) });
  });

  it.each([
    ["complete with an empty list", { operationType: "complete", operations: [] }],
    ["disabled without a topic", { status: "disabled", topicId: undefined }],
    ["64 characters", { notificationName: "x".repeat(64) }],
  ])("takes %s", async (_, change) => {
    expect(await problemsWith({ notificationName: "alarm", topicId, ...change })).toEqual({});
  });

  const services = (count: number, names: number) =>
    Array.from({ length: count }, (_, i) => ({
      serviceType: `S${i}`,
      resourceType: "r",
      traceNames: Array.from({ length: names }, (__, j) => `t${j}`),
    }));
  const groups = (count: number, users: number) =>
    Array.from({ length: count }, (_, i) => ({
      userGroup: `g${i}`,
      userList: Array.from({ length: users }, (__, j) => `u${j}`),
    }));

  it.each([
    [{ operations: services(101, 1) }, { operations: "must have at most 100 services, got 101" }],
    [
      { operations: services(7, 143) },
      { operations: "must have at most 1000 traceNames together, got 1001" },
    ],
    [{ notifyUserList: groups(11, 1) }, { notifyUserList: "must have at most 10 groups, got 11" }],
    [{ notifyUserList: groups(3, 17) }, { notifyUserList: "must have at most 50 users together, got 51" }],
    [{ operations: services(100, 10), notifyUserList: groups(10, 5) }, {}],
    [{ operations: [...services(100, 10), ...services(100, 10)] }, {}],
  ])("counts what may be there only so often (%#)", async (lists, problems) => {
    expect(await problemsWith({ notificationName: "alarm", topicId, ...lists })).toEqual(problems);
  });

  it.each([
    ["api_version = v1.0_-", undefined],
    ["api_version = v 1", "1 to 64 letters"],
    [`api_version = ${"v".repeat(65)}`, "1 to 64 letters"],
    ["code != 200", undefined],
    ["code = ", "1 to 256"],
    [`code = ${"1".repeat(257)}`, "1 to 256"],
    ["trace_rating = incident", undefined],
    ["trace_rating = bad", "normal, warning or incident"],
    ["trace_type != SystemAction", undefined],
    ["trace_type = apiCall", "ApiCall, ConsoleAction"],
    [`resource_id = ${"i".repeat(350)}`, undefined],
    [`resource_id = ${"i".repeat(351)}`, "1 to 350"],
    ["resource_name = a = b", undefined],
    [`resource_name = ${"n".repeat(257)}`, "1 to 256"],
    ["user = alice", "must be about one of api_version, code, trace_rating"],
    ["code == 200", "field = value"],
    ["code  = 200", "field = value"],
    [" code = 200", "field = value"],
  ])("judges the rule %j by its field", async (rule, reason) => {
    const problems = await problemsWith({ notificationName: "alarm", topicId, filter: { rule: [rule] } });

    expect(problems).toEqual(reason ? { "filter.rule[0]": expect.stringContaining(reason) } : {});
  });

  it("reports together what is wrong by itself, where it is, and with another declaration", async () => {
    await problemsWith(full(), "one");

    expect(await problemsWith({ ...full(), status: "on", topicId: "urn:smn:eu-nl:p:t" }, "two")).toEqual({
      status: expect.stringContaining("must be"),
      topicId: expect.stringContaining("is a topic of region eu-nl"),
      notificationName: expect.stringContaining("is declared by one already"),
    });
    const nowhere = { ...full(), status: "on", region: 5, projectId: "none", projectName: "eu-de_demo" };
    expect(Object.keys(await problemsWith(nowhere))).toEqual(["status", "region"]);
    expect(await problemsWith({ ...nowhere, region: "eu-de" })).toEqual({
      status: expect.stringContaining("must be"),
      "": expect.objectContaining({
        message: expect.stringMatching(/projectName "eu-de_demo" is project .*, but projectId is none/),
      }),
    });
  });

  it("lets pass what is not known yet, and judges the rest", async () => {
    const unknown = {
      notificationName: UNKNOWN,
      operationType: UNKNOWN,
      operations: [],
      topicId: UNKNOWN,
      status: UNKNOWN,
      filter: UNKNOWN,
      projectId: UNKNOWN,
    };
    expect(await problemsWith(unknown)).toEqual({});
    expect(await problemsWith({ ...unknown, topicId: undefined, operations: UNKNOWN })).toEqual({});
    const { inputs } = await notification.check(
      { ...full(), operations: [{ ...deletions[0], traceNames: ["a", UNKNOWN] }, UNKNOWN] },
      undefined,
      undefined,
    );
    expect(inputs?.operations).toEqual([{ ...deletions[0], traceNames: ["a", UNKNOWN] }, UNKNOWN]);
    const partly = {
      ...full(),
      operations: [{ ...deletions[0], serviceType: "ecs", resourceType: UNKNOWN }],
    };
    expect(Object.keys(await problemsWith(partly))).toEqual(["operations[0].serviceType"]);
    const many = [...groups(10, 1), { userGroup: UNKNOWN, userList: ["alice"] }];
    expect(await problemsWith({ ...full(), notifyUserList: many })).toEqual({});
    const manyServices = [...services(100, 1), { ...services(1, 1)[0], serviceType: UNKNOWN }];
    expect(await problemsWith({ ...full(), operations: manyServices })).toEqual({});
    expect(calls()).toEqual([]);
  });

  it("refuses a name that another declaration of the project has", async () => {
    await problemsWith(full(), "one");
    const again = await problemsWith(full(), "one");
    const other = await problemsWith(full(), "two");
    const elsewhere = await problemsWith({ ...full(), projectName: "eu-nl_demo" }, "three");

    expect([again, elsewhere]).toEqual([{}, {}]);
    expect(other).toEqual({
      notificationName: expect.stringMatching(/"alarm" in project .* is declared by one already/),
    });
  });
});

describe("KeyEventNotificationResource.diff", () => {
  const id = "eu-de/p1/n1";
  const state: NotificationState = {
    notificationName: "alarm",
    operationType: "customized",
    operations: [
      { serviceType: "ECS", resourceType: "ecs", traceNames: ["a", "b"] },
      { serviceType: "IAM", resourceType: "user", traceNames: ["login"] },
    ],
    notifyUserList: [{ userGroup: "admin", userList: ["alice", "bob"] }],
    topicId: "urn:smn:eu-de:p1:alarm",
    filter: { condition: "AND", isSupportFilter: true, rule: ["code = 1", "code = 2"] },
    status: "enabled",
    region: "eu-de",
    projectId: "p1",
    notificationId: "n1",
    notificationType: "smn",
  };
  const { notificationId: _1, notificationType: _2, ...inputs } = state;
  const [ecs, iam] = state.operations as [object, object];

  it.each([
    ["nothing", {}, []],
    ["the name", { notificationName: "other" }, ["notificationName"]],
    [
      "every operation",
      { operationType: "complete", operations: undefined },
      ["operationType", "operations"],
    ],
    ["one name less", { operations: [{ ...ecs, traceNames: ["a"] }, iam] }, ["operations"]],
    ["another kind of resource", { operations: [{ ...ecs, resourceType: "disk" }, iam] }, ["operations"]],
    ["operations in another order", { operations: [iam, { ...ecs, traceNames: ["b", "a"] }] }, []],
    [
      "operations of one kind in two entries",
      { operations: [{ ...ecs, traceNames: ["b"] }, iam, { ...ecs, traceNames: ["a"] }] },
      [],
    ],
    ["everybody", { notifyUserList: undefined }, ["notifyUserList"]],
    ["an empty list of users", { notifyUserList: [] }, ["notifyUserList"]],
    ["users in another order", { notifyUserList: [{ userGroup: "admin", userList: ["bob", "alice"] }] }, []],
    [
      "another group",
      { notifyUserList: [{ userGroup: "view", userList: ["alice", "bob"] }] },
      ["notifyUserList"],
    ],
    ["the topic", { topicId: undefined }, ["topicId"]],
    ["no filter", { filter: undefined }, ["filter"]],
    ["its condition", { filter: { ...state.filter, condition: "OR" } }, ["filter.condition"]],
    [
      "whether it is in effect",
      { filter: { ...state.filter, isSupportFilter: false } },
      ["filter.isSupportFilter"],
    ],
    ["its rules", { filter: { ...state.filter, rule: ["code = 1"] } }, ["filter.rule"]],
    ["its rules in another order", { filter: { ...state.filter, rule: ["code = 2", "code = 1"] } }, []],
    [
      "its rules, one of them twice",
      { filter: { ...state.filter, rule: ["code = 1", "code = 2", "code = 1"] } },
      [],
    ],
    ["status", { status: "disabled" }, ["status"]],
    ["adopt", { adopt: true }, ["adopt"]],
    ["the region", { region: "eu-nl" }, ["region!"]],
    ["the project", { projectId: "p2" }, ["projectId!"]],
    ["a project not known yet", { projectId: UNKNOWN }, ["projectId!"]],
    [
      "a name of an operation not known yet",
      { operations: [{ ...ecs, traceNames: ["a", UNKNOWN] }, iam] },
      ["operations"],
    ],
  ])("of %s", (_, change, expected) => {
    const differences = notification.diff(id, state, { ...inputs, ...change } as NotificationInputs);

    expect(differences.map(({ path, replaces }) => path + (replaces ? "!" : ""))).toEqual(expected);
  });
});

describe("KeyEventNotificationResource.diff of one that is about everything", () => {
  const state = {
    notificationName: "all",
    operationType: "complete",
    status: "disabled",
    region: "r",
    projectId: "p",
  };

  it.each([
    ["no operations, as an empty list", { operations: [], notifyUserList: [] }, []],
    ["a topic not known yet, where there is none", { topicId: UNKNOWN }, ["topicId"]],
    ["users not known yet, where there are none", { notifyUserList: UNKNOWN }, ["notifyUserList"]],
  ])("of %s", (_, change, expected) => {
    const inputs = { ...state, ...change } as unknown as NotificationInputs;

    const differences = notification.diff("r/p/n", state as NotificationState, inputs);

    expect(differences.map(({ path }) => path)).toEqual(expected);
  });
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

    expect(await notification.read(id, state)).toEqual({ id, inputs: await checked(full()), state });
    const renamed = await notification.update(
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
    expect(notification.diff(id, read?.state as NotificationState, inputs)).not.toEqual([]);
    await notification.update(id, read?.state as NotificationState, inputs);
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

    const update = notification.update(id, state, await checked({ ...full(), status: "disabled" }));

    await expect(update).rejects.toThrow(/does not exist any more: run pulumi up --refresh/);
  });

  it("is not gone because the list does not show it yet", async () => {
    service.emulator.behaviour.lagMs = 3000;
    const { id, state } = await made();

    expect((await anew().read(id, state))?.id).toBe(id);
  });

  it("is looked up though the list does not show it yet", async () => {
    service.emulator.behaviour.lagMs = 3000;
    const { id } = await made();

    expect((await anew().read(id, undefined))?.id).toBe(id);
  });

  it("is gone at once where it was made long ago, or else once the list must show it", async () => {
    const { id, state } = await made();
    service.emulator.removeNotification("alarm");
    service.emulator.journal.clear();

    expect(await anew().read(id, state)).toBeUndefined();
    expect(calls().length).toBeGreaterThan(1);
    service.clock.advance(600_000);
    service.emulator.journal.clear();
    expect(await anew().read(id, state)).toBeUndefined();

    expect(calls()).toEqual(["listNotifications"]);
  });

  it("shares the lists also with others that are gone", async () => {
    const names = ["a", "b", "c", "d"];
    const all = await Promise.all(names.map((notificationName) => made({ ...full(), notificationName })));
    for (const name of names) {
      service.emulator.removeNotification(name);
    }
    service.emulator.journal.clear();

    await Promise.all(all.map(({ id, state }) => notification.read(id, state)));

    // Each by itself would need 7 after the first one.
    expect(calls().length).toBeLessThan(28);
  });

  it("does not take a failed read for gone", async () => {
    const { id, state } = await made();
    service.emulator.faults.add({ kind: "status", status: 503, times: 6 });

    await expect(anew().read(id, state)).rejects.toThrow(/503/);
  });

  it("is read by its own id alone, where it is in the connection's project", async () => {
    const { state } = await made();

    const read = await notification.read(state.notificationId, undefined);

    expect(read?.id).toBe(`eu-de/${service.emulator.projectId()}/${state.notificationId}`);
    expect(read?.state.operations).toEqual(deletions);
  });

  it.each(["a/b", "a/b/c/d", "/b/c"])("refuses the id %s", async (id) => {
    await expect(notification.read(id, undefined)).rejects.toThrow(
      /is not the id of a key event notification/,
    );
  });

  it("is managed by v3 where trackers are by v1.0", async () => {
    const connection = service.connect({ ...service.emulator.settings(), apiVersion: "v1" });
    const byV1 = new KeyEventNotificationResource(() => connection, service.clock);
    const { id, state } = await byV1.create(await checked(full()));
    await byV1.read(id, state);
    await byV1.update(id, state, await checked({ ...full(), status: "disabled" }));
    await new KeyEventNotificationResource(() => connection, service.clock).delete(id, state);

    expect(calls()).toHaveLength(4);
    for (const { path } of service.emulator.journal.calls("cts")) {
      expect(path).toMatch(/^\/eu-de\/v3\//);
    }
  });

  it("shares one list among all that are read, until something is changed", async () => {
    const one = await made();
    const two = await made({ ...full(), notificationName: "two" });
    service.emulator.journal.clear();

    await Promise.all([one, two, one].map(({ id, state }) => notification.read(id, state)));
    expect(calls()).toEqual(["listNotifications"]);
    const changed = await notification.update(
      one.id,
      one.state,
      await checked({ ...full(), status: "disabled" }),
    );
    expect((await notification.read(one.id, changed))?.state.status).toBe("disabled");
    service.clock.advance(30_000);
    await notification.read(one.id, changed);

    expect(calls()).toEqual([
      "listNotifications",
      "updateNotification",
      "listNotifications",
      "listNotifications",
    ]);
  });

  it("reads anew after a list that failed", async () => {
    const { id, state } = await made();
    service.emulator.faults.add({ kind: "status", status: 503, times: 6 });
    const [first, second] = [notification.read(id, state), notification.read(id, state)];

    await expect(first).rejects.toThrow(/503/);
    await expect(second).rejects.toThrow(/503/);
    expect((await notification.read(id, state))?.id).toBe(id);
  });
});

describe("KeyEventNotificationResource, where there is one of that name", () => {
  const theirs = () => ({ notification_name: "alarm", topic_id: topicId });

  it.each([undefined, false])("leaves it alone, and says how to take it over (adopt: %s)", async (adopt) => {
    service.emulator.setNotification(theirs());
    const before = stored();

    const failure = await failing(made({ ...full(), adopt }));

    expect(String(failure)).toMatch(
      /"alarm" \(.+\) exists already in project .*: .*set adopt: true to take it over/,
    );
    expect(failure).not.toBeInstanceOf(PartialError);
    expect(stored()).toEqual(before);
  });

  it("takes it over with adopt: true, with its id, as declared", async () => {
    service.emulator.setNotification(theirs());
    const before = stored();

    const { id, state } = await made({ ...full(), adopt: true });

    expect(id).toContain(before?.notification_id);
    expect(state).toMatchObject({ operations: deletions, adopt: true });
    expect(stored()).toMatchObject({
      operation_type: "customized",
      notification_id: before?.notification_id,
    });
  });

  it("takes it over though the list lags", async () => {
    service.emulator.behaviour.lagMs = 3000;
    service.emulator.console.notifications.create(theirs());

    expect((await made({ ...full(), adopt: true })).state.operations).toEqual(deletions);
  });

  it("does not take its name", async () => {
    const { id, state } = await made();
    service.emulator.setNotification({ notification_name: "theirs" });

    const failure = await failing(
      notification.update(id, state, await checked({ ...full(), notificationName: "theirs" })),
    );

    expect(String(failure)).toMatch(
      /"theirs" exists already in project .*: choose another name, or rename or delete that one first/,
    );
    expect(failure).not.toBeInstanceOf(PartialError);
    expect(calls().filter((call) => call === "updateNotification").length).toBeLessThan(10);
  });

  it.each(["create", "update"])(
    "says what to do where the topic does not exist, in %s",
    async (operation) => {
      const { emulator } = service;
      const first = operation === "update" ? await made() : undefined;
      emulator.behaviour.topics = "existing";

      const failure = await failing(
        first
          ? notification.update(first.id, first.state, await checked({ ...full(), status: "disabled" }))
          : made(),
      );

      expect(String(failure)).toMatch(
        /CTS.0003 .*does not exist.*; check that the topic urn:smn:eu-de:.*:alarm exists, and that its policy/,
      );
      expect(failure).not.toBeInstanceOf(PartialError);
    },
  );

  it("says so where there are as many as there may be, which is not that one exists", async () => {
    for (let i = 0; i < 100; i++) {
      service.emulator.setNotification({ notification_name: `n${i}` });
    }

    expect(String(await failing(made({ ...full(), adopt: true })))).toMatch(/CTS.0200.*upper limit[^;]*$/);
  });

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

describe("KeyEventNotificationResource, where names pass on within a run", () => {
  type Made = { id: string; state: NotificationState };
  const args = (notificationName: string, more: object = {}) => ({ ...full(), notificationName, ...more });
  const names = () => service.emulator.notifications().map((one) => one.notification_name);
  const nameOf = ({ id }: Made) =>
    service.emulator.notifications().find((one) => id.endsWith(one.notification_id))?.notification_name;
  /** As the engine plans it: check and diff. */
  const planned = async ({ id, state }: Made, wanted: object, owner: string) => {
    const { inputs, problems } = await notification.check(wanted, state, owner);
    if (!inputs || problems.length > 0) {
      throw new Error(JSON.stringify(problems));
    }
    notification.remember(id, state);
    return { inputs, differences: notification.diff(id, state, inputs) };
  };
  const two = async (): Promise<[Made, Made]> => {
    const made = [
      await notification.create(await checked(args("a"))),
      await notification.create(await checked(args("b", { notifyUserList: undefined }))),
    ] as [Made, Made];
    notification = anew();
    service.emulator.journal.clear();
    return made;
  };
  const update = ({ id, state }: Made, inputs: NotificationInputs) => notification.update(id, state, inputs);

  it.each(["concurrently", "one after the other"])("does not swap two names, changed %s", async (how) => {
    const [a, b] = await two();
    const toB = await planned(a, args("b"), "A");
    const toA = await planned(b, args("a"), "B");

    const first = failing(update(a, toB.inputs));
    if (how === "one after the other") {
      await first;
    }
    const failures = await Promise.all([first, failing(update(b, toA.inputs))]);

    for (const failure of failures) {
      expect(String(failure)).toMatch(/cannot be swapped.*rename in two ups/);
    }
    expect([nameOf(a), nameOf(b)]).toEqual(["a", "b"]);
    expect(names()).toHaveLength(2);
  });

  it("passes a name on along a chain, whichever change comes first", async () => {
    const [a, b] = await two();
    const toB = await planned(a, args("b"), "A");
    const toC = await planned(b, args("c", { notifyUserList: undefined }), "B");

    const states = await Promise.all([update(a, toB.inputs), update(b, toC.inputs)]);

    expect([nameOf(a), nameOf(b)]).toEqual(["b", "c"]);
    expect(states.map((state) => state.notificationName)).toEqual(["b", "c"]);
    expect(new Set(calls())).toEqual(new Set(["updateNotification"]));
  });

  it("compares without a trace: what was only compared can keep its name", async () => {
    const [a, b] = await two();
    const { inputs } = await planned(b, args("b", { notifyUserList: undefined }), "B");
    notification.diff(b.id, b.state, { ...inputs, notificationName: "c" });
    await update(b, inputs);

    const toB = await notification.check(args("b"), a.state, "A");

    expect(toB.problems.map(({ path }) => path)).toEqual(["notificationName"]);
  });

  it.each(["create", "update"])(
    "waits for a declaration that is heard of later, in %s",
    async (operation) => {
      const [a, b] = await two();
      let renaming: Promise<unknown> | undefined;
      const clock = {
        ...service.clock,
        sleep: async (ms: number) => {
          await service.clock.sleep(ms);
          renaming ??= planned(b, args("c"), "B").then(({ inputs }) => update(b, inputs));
          await renaming;
        },
      };
      const connection = service.connect();
      notification = new KeyEventNotificationResource(() => connection, clock);
      const { inputs } = await (operation === "update"
        ? planned(a, args("b"), "A")
        : notification.check(args("b"), undefined, "new"));

      const wanted = inputs as NotificationInputs;
      await (operation === "update" ? update(a, wanted) : notification.create(wanted));

      expect(stored("b")?.notification_id).not.toBe(b.state.notificationId);
      expect(nameOf(b)).toBe("c");
    },
  );

  it.each([undefined, true])("gives the name to a new one as well (adopt: %s)", async (adopt) => {
    const [, b] = await two();
    const toC = await planned(b, args("c"), "B");
    const { inputs } = await notification.check(args("b", { adopt }), undefined, "new");

    const [made, renamed] = await Promise.all([
      notification.create(inputs as NotificationInputs),
      update(b, toC.inputs),
    ]);

    expect(made.id).not.toBe(b.id);
    expect([nameOf(made), nameOf(b), renamed.notificationName]).toEqual(["b", "c", "c"]);
    expect(names()).toHaveLength(3);
    // The run knows where the name went, so it reads no list.
    expect(calls()).not.toContain("listNotifications");
  });

  it("does not adopt the name of another declaration that never gives it up", async () => {
    const [, b] = await two();
    await planned(b, args("c"), "B");
    const { inputs } = await notification.check(args("b", { adopt: true }), undefined, "new");

    const failure = await failing(notification.create(inputs as NotificationInputs));

    expect(String(failure)).toMatch(/"b" .*another notification of this program.*rename in two ups/);
    expect([nameOf(b), names()]).toEqual(["b", ["b", "a"]]);
  });

  it("does not take over one that has another name by now, though the list lags", async () => {
    const [, b] = await two();
    const { inputs } = await notification.check(args("b", { adopt: true }), undefined, "new");
    const toC = await planned(b, args("c"), "B");
    service.emulator.behaviour.lagMs = 3000;
    service.clock.advance(3000);
    await update(b, toC.inputs);
    lose("createNotification");

    const made = await notification.create(inputs as NotificationInputs);

    expect(made.id).not.toBe(b.id);
    expect([nameOf(made), nameOf(b)]).toEqual(["b", "c"]);
  });

  it("makes anew what another declaration has adopted before this one was heard of", async () => {
    const [, b] = await two();
    const { inputs } = await notification.check(args("b", { adopt: true }), undefined, "new");
    const adopted = await notification.create(inputs as NotificationInputs);
    expect(adopted.id).toBe(b.id);

    const { differences } = await planned(b, args("c"), "B");
    expect(differences.filter(({ replaces }) => replaces).map(({ path }) => path)).toContain(
      "notificationName",
    );
    await notification.delete(b.id, b.state);
    const again = await notification.check(args("c"), undefined, "B");
    const made = await notification.create(again.inputs as NotificationInputs);

    expect([nameOf(adopted), nameOf(made)]).toEqual(["b", "c"]);
  });

  it("gives the name of one that moves to another region", async () => {
    const [a, b] = await two();
    const toB = await planned(a, args("b"), "A");
    const elsewhere = { region: "eu-nl", projectName: "eu-nl_demo", topicId: undefined, topicName: "t" };
    await planned(b, args("b", elsewhere), "B");
    // The engine checks a replacement a second time, as the one that is to be made.
    await notification.check(args("b", elsewhere), undefined, "B");

    await Promise.all([update(a, toB.inputs), notification.delete(b.id, b.state)]);

    expect([nameOf(a), names()]).toEqual(["b", ["b"]]);
  });

  it("fails where the name is somebody else's by now", async () => {
    const [a] = await two();
    service.emulator.removeNotification("b");
    service.emulator.setNotification({ notification_name: "b" });
    const toB = await planned(a, args("b"), "A");

    expect(String(await failing(update(a, toB.inputs)))).toMatch(/"b" exists already .*choose another name/);
    expect(nameOf(a)).toBe("a");
  });
});

describe("KeyEventNotificationResource under faults", () => {
  it.each([0, 3000])(
    "finds what a create has made whose answer was lost (list lags %i ms)",
    async (lagMs) => {
      service.emulator.behaviour.lagMs = lagMs;
      lose("createNotification");

      const { id, state } = await made();

      expect(service.emulator.notifications()).toHaveLength(1);
      expect(id).toContain(stored()?.notification_id);
      expect(state.operations).toEqual(deletions);
    },
  );

  it.each([-60, 60])("finds it also where this machine's clock is %i minutes ahead", async (minutes) => {
    notification = withClockAhead(minutes);
    lose("createNotification");

    await made();

    expect(service.emulator.notifications()).toHaveLength(1);
  });

  it.each([-60, 60])(
    "takes a new one for lagging, not for gone, where this machine's clock is %i minutes ahead",
    async (minutes) => {
      service.emulator.behaviour.lagMs = 3000;
      const { id, state } = await made();

      expect((await withClockAhead(minutes).read(id, state))?.id).toBe(id);
    },
  );

  it("sends a create again that did not arrive", async () => {
    service.emulator.faults.add({ kind: "status", status: 500, match: { operation: "createNotification" } });

    await made();

    expect(service.emulator.notifications()).toHaveLength(1);
  });

  it("goes on where the list cannot be read after a create whose answer was lost", async () => {
    lose("createNotification");
    const match = { operation: "listNotifications" } as const;
    service.emulator.faults.add({ kind: "status", status: 503, times: 18, match });

    expect((await made()).state.notificationId).toBe(stored()?.notification_id);
  });

  it("does not take for its own what was there before, though it looks the same", async () => {
    await made();
    service.clock.advance(3_600_000);
    lose("createNotification");

    expect(String(await failing(anew().create(await checked(full()))))).toContain("adopt: true");
  });

  it("does not take for its own what looks the same, where no answer was lost", async () => {
    await made();

    expect(String(await failing(anew().create(await checked(full()))))).toContain("adopt: true");
  });

  it("does not take for its own what is not as declared", async () => {
    service.emulator.setNotification({ notification_name: "alarm" });
    lose("createNotification");

    expect(String(await failing(made()))).toContain("adopt: true");
  });

  it.each(["reset", "wrongJson"] as const)(
    "sends a change again whose answer was lost (%s)",
    async (kind) => {
      const { id, state } = await made();
      const match = { operation: "updateNotification" } as const;
      service.emulator.faults.add({ kind, when: "before", match });

      const now = await notification.update(id, state, await checked({ ...full(), status: "disabled" }));

      expect([now.status, stored()?.status]).toEqual(["disabled", "disabled"]);
    },
  );

  it("needs no further change where the list shows what a lost answer did not", async () => {
    const { id, state } = await made();
    service.emulator.faults.add({
      kind: "wrongJson",
      when: "after",
      match: { operation: "updateNotification" },
    });
    service.emulator.journal.clear();

    await notification.update(id, state, await checked({ ...full(), status: "disabled" }));

    expect(calls()).toEqual(["updateNotification", "listNotifications"]);
  });

  it.each(["before", "after"] as const)("makes sure that a delete has been done (%s)", async (when) => {
    const { id, state } = await made();
    service.emulator.faults.add({ kind: "wrongJson", when, match: { operation: "deleteNotifications" } });

    await anew().delete(id, state);

    expect(service.emulator.notifications()).toEqual([]);
  });

  it("keeps in the state what was made and cannot be switched off", async () => {
    const match = { operation: "updateNotification" } as const;
    service.emulator.faults.add({ kind: "status", status: 403, match });

    const failure = await failing(made({ ...full(), status: "disabled" }));

    expect(failure).toBeInstanceOf(PartialError);
    expect(failure).toMatchObject({
      id: expect.stringContaining(stored()?.notification_id ?? "none"),
      state: { status: "enabled", notificationId: stored()?.notification_id },
      reasons: [expect.stringContaining("403")],
    });
  });

  it("keeps the old state, to be tried again, where nobody knows what a change has done", async () => {
    const { id, state } = await made();
    service.emulator.faults.add({ kind: "status", status: 503, times: 1000 });

    const failure = await failing(
      notification.update(id, state, await checked({ ...full(), status: "disabled" })),
    );

    expect(failure).toMatchObject({ id, state, reasons: [expect.stringContaining("503")] });
  });

  it("changes nothing in the state where a change is refused", async () => {
    const { id, state } = await made();
    const match = { operation: "updateNotification" } as const;
    service.emulator.faults.add({ kind: "status", status: 403, match });

    const failure = await failing(
      notification.update(id, state, await checked({ ...full(), status: "disabled" })),
    );

    expect(failure).not.toBeInstanceOf(PartialError);
    expect(String(failure)).toContain("CTS Administrator");
  });

  it("names each setting that the service does not take", async () => {
    const { id, state } = await made();
    const match = { operation: "updateNotification" } as const;
    service.emulator.faults.add({ kind: "status", status: 200, body: stored(), times: 2, match });

    const failure = await failing(
      notification.update(id, state, await checked({ ...full(), status: "disabled" })),
    );

    expect(failure).toMatchObject({ state, reasons: ['status is still "enabled", not "disabled"'] });
  });
});
