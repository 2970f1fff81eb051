import { beforeEach, describe, expect, it } from "vitest";
import { UNKNOWN } from "../../../provider/core/unknown";
import type { NotificationInputs, NotificationState } from "../../../provider/keyEventNotification/state";
import { useNotifications } from "../../support/notificationBench";

const bench = useNotifications();
const { service, deletions, full, calls, problemsWith, checked } = bench;
let topicId: string;
beforeEach(() => {
  topicId = bench.topicId();
});

describe("the check of a notification", () => {
  it("fills in every default, the region, and the project by its id, without a call to CTS", async () => {
    const { inputs, problems } = await bench.resource.check(full(), undefined, undefined);

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
    const { inputs } = await bench.resource.check(
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

describe("the diff of a notification", () => {
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
    const differences = bench.resource.diff(id, state, { ...inputs, ...change } as NotificationInputs);

    expect(differences.map(({ path, replaces }) => path + (replaces ? "!" : ""))).toEqual(expected);
  });
});

describe("the diff of a notification that is about everything", () => {
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

    const differences = bench.resource.diff("r/p/n", state as NotificationState, inputs);

    expect(differences.map(({ path }) => path)).toEqual(expected);
  });
});
