import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Emulator, type PlaceRef, startEmulator, type WireNotification } from "../../../emulator";
import { type Caller, type Reply, request, signIn, stoppedClock } from "../../support/emulator";

const clock = stoppedClock();
const other = { region: "eu-nl", project: "eu-nl_demo" };

let emulator: Emulator;
let cts: Caller;
let topic: string;

beforeAll(async () => {
  emulator = await startEmulator({
    clock: clock.now,
    projects: [{ name: "eu-de_demo" }, { name: "eu-de_team" }],
  });
  topic = `urn:smn:eu-de:${emulator.projectId()}:alarm`;
});
afterAll(() => emulator.close());
beforeEach(async () => {
  emulator.reset();
  cts = await signIn(emulator);
});

const operations = [{ service_type: "ECS", resource_type: "server", trace_names: ["deleteServer"] }];
const users = [{ user_group: "admin", user_list: ["alice", "bob"] }];
const filter = { condition: "OR", is_support_filter: true, rule: ["code != 200"] } as const;
const complete = { notification_name: "all", operation_type: "complete" } as const;
const everything = () =>
  ({
    notification_name: "deletions",
    operation_type: "customized",
    operations,
    notify_user_list: users,
    topic_id: topic,
    filter,
  }) as const;

const post = (body: unknown, caller = cts): Promise<Reply> => caller.call("POST", "/notifications", body);
const put = (body: unknown): Promise<Reply> => cts.call("PUT", "/notifications", body);
const list = (name?: string, caller = cts): Promise<Reply> =>
  caller.call("GET", `/notifications/smn${name ? `?notification_name=${name}` : ""}`);
const remove = (...ids: string[]): Promise<Reply> =>
  cts.call("DELETE", `/notifications?notification_id=${ids.join(",")}`);

const names = (where?: PlaceRef): string[] =>
  emulator.notifications(where).map((one) => one.notification_name);
const namesIn = ({ json }: Reply): string[] => json.notifications.map((one) => one.notification_name);
const idOf = (name: string): string =>
  emulator.notifications().find((one) => one.notification_name === name)?.notification_id ?? "";

describe("POST notifications", () => {
  it("answers 201 with the notification, enabled as it has a topic", async () => {
    const reply = await post(everything());

    expect(reply.status).toBe(201);
    expect(reply.json).toEqual({
      notification_id: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
      notification_type: "smn",
      ...everything(),
      status: "enabled",
      create_time: clock.now(),
      domain_id: expect.stringMatching(/^[0-9a-f]{32}$/),
      project_id: emulator.projectId(),
    });
    expect(emulator.notifications()).toEqual([reply.json]);
  });

  it.each([undefined, ""])("creates a disabled one with the topic %j", async (topicId) => {
    const reply = await post({ ...complete, topic_id: topicId });

    expect(reply).toMatchObject({ status: 201, json: { status: "disabled", operations: [] } });
    expect(reply.json).not.toHaveProperty("topic_id");
    expect(reply.json).not.toHaveProperty("filter");
  });

  it.each(["disabled", "nonsense", 5])("ignores the status %j", async (status) => {
    expect(await post({ ...everything(), status })).toMatchObject({
      status: 201,
      json: { status: "enabled" },
    });
  });

  it("has a filter that is left out in part be of all rules, and not in effect", async () => {
    const reply = await post({ ...complete, filter: {} });

    expect(reply.json).toMatchObject({ filter: { condition: "AND", is_support_filter: false, rule: [] } });
  });

  it("refuses a name that is taken with 400 CTS.0400, in this project and region only", async () => {
    const elsewhere = await signIn(emulator, other);
    await post(complete);

    const again = await post({ ...everything(), notification_name: "all" });
    const inOther = await post(complete, elsewhere);

    expect(again).toMatchObject({
      status: 400,
      json: { error_code: "CTS.0400", error_msg: "NotificationV3 name is existed already." },
    });
    expect(inOther.status).toBe(201);
    expect(inOther.json.notification_id).not.toBe(idOf("all"));
    expect(names()).toEqual(["all"]);
  });

  it("refuses the 101st in a project and region with 400 CTS.0200", async () => {
    const elsewhere = await signIn(emulator, other);
    for (let i = 1; i <= 99; i++) {
      emulator.setNotification({ notification_name: `n${i}` });
    }

    const hundredth = await post(complete);
    const tooMany = await post(everything());
    const inOther = await post(complete, elsewhere);

    expect(hundredth.status).toBe(201);
    expect(tooMany).toMatchObject({ status: 400, json: { error_code: "CTS.0200" } });
    expect(inOther.status).toBe(201);
    expect(names()).toHaveLength(100);
  });
});

describe("PUT notifications", () => {
  const enabled = () => ({
    ...complete,
    notification_id: idOf("deletions"),
    status: "enabled",
    topic_id: topic,
  });

  beforeEach(() => post(everything()));

  it("replaces every setting, keeps id and time, and answers 200 with the notification", async () => {
    const [before] = emulator.notifications();
    clock.advance(1000);

    const reply = await put({ ...complete, notification_id: before?.notification_id, status: "disabled" });

    expect(reply.status).toBe(200);
    expect(reply.json).toEqual({
      ...complete,
      notification_id: before?.notification_id,
      notification_type: "smn",
      operations: [],
      notify_user_list: [],
      status: "disabled",
      create_time: before?.create_time,
      domain_id: before?.domain_id,
      project_id: before?.project_id,
    });
    expect(emulator.notifications()).toEqual([reply.json]);
  });

  it("changes the one it names, and leaves the others", async () => {
    await post(complete);
    const [all] = emulator.notifications();

    await put({ ...enabled(), notification_name: "renamed" });

    expect(emulator.notifications()[0]).toEqual(all);
    expect(names()).toEqual(["all", "renamed"]);
  });

  it("refuses the name of another with 400 CTS.0400, and takes its own", async () => {
    await post(complete);

    const taken = await put(enabled());
    const own = await put({ ...enabled(), notification_name: "deletions" });

    expect(taken).toMatchObject({ status: 400, json: { error_code: "CTS.0400" } });
    expect(own.status).toBe(200);
  });

  it.each(["empty", "notFound"] as const)(
    "answers 404 CTS.0403 for an id that does not exist (missing: %s)",
    async (missing) => {
      emulator.behaviour.missing = missing;
      emulator.setNotification({ notification_name: "elsewhere" }, other);
      const [elsewhere] = emulator.notifications(other);

      for (const id of ["none", elsewhere?.notification_id]) {
        expect(await put({ ...enabled(), notification_id: id })).toMatchObject({
          status: 404,
          json: { error_code: "CTS.0403" },
        });
      }
      expect(names(other)).toEqual(["elsewhere"]);
    },
  );

  it.each([
    ["CTS.0205", { status: undefined }],
    ["CTS.0205", { status: "error" }],
    ["CTS.0003", { status: 5 }],
    ["CTS.0003", { notification_id: undefined }],
    ["CTS.0003", { topic_id: undefined }],
    ["CTS.0003", { topic_id: "" }],
  ])("is 400 %s with %j, and changes nothing", async (errorCode, broken) => {
    const before = emulator.notifications();

    const reply = await put({ ...enabled(), ...broken });

    expect(reply).toMatchObject({ status: 400, json: { error_code: errorCode } });
    expect(emulator.notifications()).toEqual(before);
  });

  it("does not need a topic to be disabled", async () => {
    expect((await put({ ...enabled(), status: "disabled", topic_id: undefined })).status).toBe(200);
  });
});

const long = (length: number) => "a".repeat(length);
const many = <T>(count: number, make: (i: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => make(i));
const operation = (some: object) => ({ operations: [{ ...operations[0], ...some }] });
const usersOf = (...lists: string[][]) => ({
  notify_user_list: lists.map((list, i) => ({ user_group: `g${i}`, user_list: list })),
});
const rules = (...rule: string[]) => ({ filter: { condition: "AND", is_support_filter: true, rule } });

describe("validation of POST and PUT", () => {
  const bodies = (some: object) => ({ ...everything(), ...some });

  it.each([
    ["notification_name is", { notification_name: "" }],
    ["notification_name is", { notification_name: long(65) }],
    ["notification_name is", { notification_name: "a-b" }],
    ["notification_name is", { notification_name: "ä" }],
    ["operation_type must be", { operation_type: "all" }],
    ["operations cannot be included", { operation_type: "complete" }],
    ["operations cannot be empty when", { operations: [] }],
    ["operations cannot be empty when", { operations: undefined }],
    ["of operations cannot be empty", operation({ service_type: "" })],
    ["of operations cannot be empty", operation({ resource_type: "" })],
    ["of operations cannot be empty", operation({ trace_names: [] })],
    ["of operations cannot be empty", operation({ trace_names: [""] })],
    ["at most 100 services", { operations: many(101, (i) => ({ ...operations[0], service_type: `S${i}` })) }],
    ["at most 1000 trace_names", operation({ trace_names: many(1001, (i) => `t${i}`) })],
    ["of notify_user_list cannot be empty", { notify_user_list: [{ user_group: "", user_list: ["u"] }] }],
    ["of notify_user_list cannot be empty", usersOf([])],
    ["of notify_user_list cannot be empty", usersOf([""])],
    ["at most 10 user groups", usersOf(...many(11, () => ["u"]))],
    [
      "at most 50 users",
      usersOf(
        many(50, (i) => `u${i}`),
        ["v"],
      ),
    ],
    ["condition of the filter must be", { filter: { ...filter, condition: "XOR" } }],
    ["cannot be empty when is_support_filter", rules()],
    ["at most 6 rules", rules(...many(7, (i) => `code = ${i}`))],
    ["field = value", rules("code=200")],
    ["field = value", rules("code == 200")],
    ["field = value", rules("code > 200")],
    ["field = value", rules("code = ")],
    ["field = value", rules(`code = ${long(257)}`)],
    ["field = value", rules("user = alice")],
    ["field = value", rules("toString = 1")],
    ["field = value", rules("api_version = v 3")],
    ["field = value", rules(`api_version = ${long(65)}`)],
    ["field = value", rules("trace_rating = fatal")],
    ["field = value", rules("trace_type = apiCall")],
    ["field = value", rules(`resource_id = ${long(351)}`)],
    ["field = value", rules(`resource_name = ${long(257)}`)],
    ["field = value", rules("code = 200", "nonsense")],
    ["field = value", { filter: { ...filter, is_support_filter: false, rule: ["nonsense"] } }],
    ["topic_id must be", { topic_id: "alarm" }],
    ["topic_id must be", { topic_id: "urn:smn:eu-de:other:alarm" }],
    ["body is empty or invalid", { notification_name: undefined }],
    ["body is empty or invalid", { operation_type: undefined }],
    ["body is empty or invalid", { operations: "deleteServer" }],
    ["body is empty or invalid", operation({ trace_names: "deleteServer" })],
    ["body is empty or invalid", operation({ service_type: undefined })],
    ["body is empty or invalid", operation({ resource_type: undefined })],
    ["body is empty or invalid", { notify_user_list: [{ user_group: "g" }] }],
    ["body is empty or invalid", { notify_user_list: [{ user_list: ["u"] }] }],
    ["body is empty or invalid", { topic_id: 5 }],
    ["body is empty or invalid", { filter: [] }],
    ["body is empty or invalid", { filter: { ...filter, is_support_filter: "true" } }],
    ["body is empty or invalid", { filter: { ...filter, rule: "code = 200" } }],
    ["body is empty or invalid", { filter: { ...filter, condition: null } }],
  ])("is 400 CTS.0003 (%s) for %j, and changes nothing", async (message, broken) => {
    const inPost = await post(bodies(broken));
    const afterPost = names();
    emulator.setNotification(complete);
    const before = emulator.notifications();
    const inPut = await put({ ...bodies(broken), notification_id: idOf("all"), status: "enabled" });

    for (const reply of [inPost, inPut]) {
      expect(reply).toMatchObject({
        status: 400,
        json: { error_code: "CTS.0003", error_msg: expect.stringContaining(message) },
      });
    }
    expect(afterPost).toEqual([]);
    expect(emulator.notifications()).toEqual(before);
  });

  it.each([undefined, [], "text", 5, null])("is 400 CTS.0003 for the body %j", async (body) => {
    expect(await post(body)).toMatchObject({ status: 400, json: { error_code: "CTS.0003" } });
  });

  it.each([
    { notification_name: "a" },
    { notification_name: "A_0".padEnd(64, "z") },
    { operation_type: "complete", operations: [] },
    { operation_type: "complete", operations: undefined, notify_user_list: users },
    { operations: many(100, (i) => ({ ...operations[0], service_type: `S${i}` })) },
    operation({ trace_names: many(1000, (i) => `t${i}`) }),
    { notify_user_list: [] },
    usersOf(...many(10, (group) => many(5, (i) => `u${group}${i}`))),
    { filter: { condition: "AND", is_support_filter: false, rule: [] } },
    rules("code = 1", "code = 2", "code = 3", "code = 4", "code = 5", "code = 6"),
    rules(`api_version != ${"v1.0_A-z".padEnd(64, "z")}`, `code = ${long(256)}`),
    rules("trace_rating = normal", "trace_rating = warning", "trace_rating != incident"),
    rules("trace_type = ConsoleAction", "trace_type = ApiCall", "trace_type != SystemAction"),
    rules(`resource_id = ${long(350)}`, `resource_name = ${long(256)}`, "resource_name != a = b"),
  ])("accepts %j, and answers it", async (some) => {
    const body = JSON.parse(JSON.stringify(bodies(some)));

    const reply = await post(body);

    expect(reply).toMatchObject({ status: 201, json: body });
    expect(
      await put({ ...body, notification_id: reply.json.notification_id, status: "enabled" }),
    ).toMatchObject({
      status: 200,
      json: body,
    });
  });

  it("accepts fields it does not know, and does not keep them", async () => {
    const reply = await post({ ...everything(), extra: 1, filter: { ...filter, more: 1 } });

    expect(reply.status).toBe(201);
    expect(JSON.stringify(reply.json)).not.toMatch(/extra|more/);
  });

  it("refuses a topic of another region, and of another project, with 400 CTS.0003", async () => {
    for (const place of [`eu-nl:${emulator.projectId()}`, `eu-de:${emulator.projectId("eu-de_team")}`]) {
      const reply = await post(bodies({ topic_id: `urn:smn:${place}:alarm` }));

      expect(reply).toMatchObject({
        status: 400,
        json: { error_code: "CTS.0003", error_msg: expect.stringContaining("topic_id must be") },
      });
    }
  });

  it("refuses a topic that does not exist with topics: existing", async () => {
    emulator.behaviour.topics = "existing";

    const unknown = await post(everything());
    const created = emulator.createTopic("alarm");
    const known = await post(everything());
    emulator.subscribe(`${topic}2`, "http://127.0.0.1:1/");
    const subscribed = await put({
      ...everything(),
      topic_id: `${topic}2`,
      notification_id: idOf("deletions"),
      status: "enabled",
    });

    expect(unknown).toMatchObject({
      status: 400,
      json: { error_code: "CTS.0003", error_msg: expect.stringContaining("topic does not exist") },
    });
    expect(created).toBe(topic);
    expect([known.status, subscribed.status]).toEqual([201, 200]);
  });
});

describe("GET notifications", () => {
  it("finds one by its name, and all of the project without a name, the newest first", async () => {
    await post(complete);
    await post(everything());
    emulator.setNotification({ notification_name: "elsewhere" }, other);

    const one = await list("all");
    const all = await list();

    expect(one).toMatchObject({ status: 200, json: { notifications: [complete] } });
    expect(namesIn(one)).toEqual(["all"]);
    expect(all.json.notifications).toEqual(emulator.notifications());
    expect(namesIn(all)).toEqual(["deletions", "all"]);
  });

  it("answers an empty list for a name that does not exist, or 404 CTS.0403 with missing: notFound", async () => {
    const empty = await list("all");
    emulator.behaviour.missing = "notFound";
    const notFound = await list("all");
    const none = await list();

    expect(empty).toMatchObject({ status: 200, json: { notifications: [] } });
    expect(notFound).toMatchObject({ status: 404, json: { error_code: "CTS.0403" } });
    expect(none).toMatchObject({ status: 200, json: { notifications: [] } });
  });

  it("is one of the calls of v3 that need a token", async () => {
    const path = `${emulator.url}/v3/${emulator.projectId()}/notifications`;
    const calls = [
      ["POST", ""],
      ["PUT", ""],
      ["GET", "/smn"],
      ["DELETE", ""],
    ] as const;
    const statuses = async (): Promise<string[]> =>
      Promise.all(
        calls.map(async ([method, rest]) => (await request(path + rest, { method })).json.error_code),
      );

    const withoutToken = await statuses();
    emulator.behaviour.v3 = false;

    expect(withoutToken).toEqual(calls.map(() => "APIGW.0301"));
    expect(await statuses()).toEqual(calls.map(() => "APIGW.0101"));
  });

  it("has a name of its own in the journal, as the others", async () => {
    await post(complete);
    await put({});
    await list();
    await remove("none");

    expect(emulator.journal.calls("cts").map(({ operation }) => operation)).toEqual([
      "createNotification",
      "updateNotification",
      "listNotifications",
      "deleteNotifications",
    ]);
  });
});

describe("DELETE notifications", () => {
  beforeEach(() => {
    for (const name of ["one", "two", "three"]) {
      emulator.setNotification({ notification_name: name });
    }
    emulator.setNotification({ notification_name: "elsewhere" }, other);
  });

  it("deletes one, or several, and leaves the others", async () => {
    const one = await remove(idOf("one"));
    const left = names();
    const several = await remove(idOf("two"), idOf("three"));

    expect(one).toMatchObject({ status: 204, text: "" });
    expect(left).toEqual(["three", "two"]);
    expect(several.status).toBe(204);
    expect(names()).toEqual([]);
    expect(names(other)).toEqual(["elsewhere"]);
  });

  it.each([
    ["empty", 204],
    ["notFound", 404],
  ] as const)(
    "with missing: %s answers %i if one is not there, and deletes the others",
    async (missing, status) => {
      emulator.behaviour.missing = missing;
      const [elsewhere] = emulator.notifications(other);

      const reply = await remove(idOf("one"), elsewhere?.notification_id ?? "");
      const all = await remove(idOf("two"), idOf("two"), idOf("three"));

      expect(reply.status).toBe(status);
      expect(all.status).toBe(204);
      expect(names()).toEqual([]);
      expect(names(other)).toEqual(["elsewhere"]);
    },
  );

  it.each(["", "?notification_id=", "?notification_id=,"])(
    "deletes those of all projects in the region with %j",
    async (query) => {
      const neighbour = { project: "eu-de_team" };
      emulator.setNotification({ notification_name: "neighbour" }, neighbour);

      const reply = await cts.call("DELETE", `/notifications${query}`);

      expect(reply.status).toBe(204);
      expect([names(), names(neighbour), names(other)]).toEqual([[], [], ["elsewhere"]]);
    },
  );
});

describe("GET quotas", () => {
  it("counts the notifications of the project", async () => {
    await post(complete);
    await post(everything());
    emulator.setNotification({ notification_name: "elsewhere" }, other);

    const { json } = await cts.call("GET", "/quotas");

    expect(json.resources).toContainEqual({ type: "smn_notification", used: 2, quota: 100 });
  });
});

describe("Behaviour.lagMs", () => {
  beforeEach(() => {
    emulator.behaviour.lagMs = 1000;
  });

  it("shows each change to reads after lagMs, and immediately to notifications()", async () => {
    const seen: string[][] = [];
    const look = async (): Promise<void> => {
      seen.push(namesIn(await list()));
      clock.advance(500);
    };
    await post(complete);
    await look();
    await post(everything());
    await look();
    await remove(idOf("all"));
    await look();
    const atOnce = names();
    await look();
    await look();

    expect(atOnce).toEqual(["deletions"]);
    expect(seen).toEqual([[], [], ["all"], ["deletions", "all"], ["deletions"]]);
  });

  it("does not delay what is set or taken away past it", async () => {
    await post(complete);
    clock.advance(500);
    emulator.setNotification({ notification_name: "always" });
    const withIt = namesIn(await list());
    clock.advance(500);
    const both = namesIn(await list());
    emulator.removeNotification("always");

    expect([withIt, both]).toEqual([["always"], ["always", "all"]]);
    expect(namesIn(await list())).toEqual(["all"]);
  });

  it("shows the oldest that is known when it grows", async () => {
    emulator.behaviour.lagMs = 0;
    clock.advance(1);
    await post(complete);
    emulator.behaviour.lagMs = 60_000;

    expect(namesIn(await list())).toEqual(["all"]);
    expect((await cts.get()).json.trackers).toHaveLength(1);
  });
});

describe("Emulator.setNotification", () => {
  it("fills in what is left out, past every rule", () => {
    emulator.setNotification({ notification_name: "no rule keeps this out!" });
    emulator.setNotification({ notification_name: "with topic", topic_id: topic, operations });

    expect(emulator.notifications()).toMatchObject([
      { operation_type: "customized", operations, notify_user_list: [], status: "enabled", topic_id: topic },
      { operation_type: "complete", operations: [], notify_user_list: [], status: "disabled" },
    ]);
  });

  it("replaces the one of that name and keeps its id", () => {
    emulator.setNotification({ notification_name: "all", topic_id: topic });
    const id = idOf("all");

    emulator.setNotification({ notification_name: "all", status: "disabled" });

    expect(emulator.notifications()).toMatchObject([{ notification_id: id, status: "disabled" }]);
    expect(emulator.notifications()[0]).not.toHaveProperty("topic_id");
  });

  it("keeps and hands out copies", () => {
    const settings = { notification_name: "all", notify_user_list: [{ user_group: "g", user_list: ["u"] }] };
    emulator.setNotification(settings);
    const change = ([one]: Pick<WireNotification, "notify_user_list">[]): void => {
      one?.notify_user_list.push({ user_group: "changed", user_list: [] });
    };
    change([settings]);
    change(emulator.notifications());

    expect(emulator.notifications()[0]?.notify_user_list).toHaveLength(1);
  });

  it("throws for a place that is not there, as the others do", () => {
    const nowhere = { region: "eu-xx" };

    expect(() => emulator.notifications(nowhere)).toThrow("It has: eu-de");
    expect(() => emulator.setNotification(complete, nowhere)).toThrow("It has: eu-de");
    expect(() => emulator.removeNotification("all", nowhere)).toThrow("It has: eu-de");
    expect(() => emulator.createTopic("alarm", nowhere)).toThrow("It has: eu-de");
    expect(() => emulator.console.notifications.create(complete, nowhere)).toThrow("It has: eu-de");
  });

  it("is undone by reset(), and ids begin again", () => {
    emulator.setNotification(complete);
    const id = idOf("all");

    emulator.reset();

    expect(names()).toEqual([]);
    emulator.setNotification(complete);
    expect(idOf("all")).toBe(id);
  });
});

describe("Emulator.console.notifications", () => {
  it("creates, changes, disables, enables and deletes in the place it is told", () => {
    const { notifications } = emulator.console;
    const topicId = emulator.createTopic("alarm", other);
    const shown: (WireNotification | undefined)[] = [];
    const look = (): void => void shown.push(emulator.notifications(other)[0]);

    notifications.create({ notification_name: "all", topic_id: topicId }, other);
    look();
    notifications.change(
      "all",
      { notify_user_list: users, filter: { ...filter, rule: ["code = 1"] } },
      other,
    );
    look();
    notifications.disable("all", other);
    look();
    notifications.enable("all", other);
    notifications.change("all", { notification_name: "renamed", filter: undefined }, other);
    look();
    notifications.delete("renamed", other);

    expect(shown).toMatchObject([
      { operation_type: "complete", status: "enabled" },
      { notify_user_list: users, filter: { rule: ["code = 1"] }, topic_id: topicId },
      { status: "disabled", notify_user_list: users, topic_id: topicId },
      { status: "enabled", notification_name: "renamed", notify_user_list: users },
    ]);
    expect(shown[3]).not.toHaveProperty("filter");
    expect(names(other)).toEqual([]);
    expect(emulator.journal.calls("cts")).toEqual([]);
  });

  it("throws for what is not there, and for what the service does not accept", () => {
    const { notifications } = emulator.console;
    emulator.setNotification(complete);

    for (const act of ["disable", "enable", "delete"] as const) {
      expect(() => notifications[act]("none")).toThrow('There is no notification "none" in project');
    }
    expect(() => notifications.change("none", {})).toThrow('There is no notification "none"');
    expect(() => notifications.create(complete)).toThrow("name is existed");
    expect(() => notifications.enable("all")).toThrow("topic_id is required");
    expect(() => notifications.change("all", { operation_type: "customized" })).toThrow("operations cannot");
    expect(emulator.notifications()).toMatchObject([{ operation_type: "complete", status: "disabled" }]);
  });

  it("is seen by reads only after the lag", async () => {
    emulator.setNotification({ ...complete, topic_id: topic });
    emulator.behaviour.lagMs = 1000;

    emulator.console.notifications.disable("all");

    expect((await list()).json.notifications[0]?.status).toBe("enabled");
  });
});

describe("/_emulator/console notifications", () => {
  const overHttp = (method: string, rest = "", json?: unknown): Promise<Reply> =>
    request(`${emulator.url}/_emulator/console/eu-nl/eu-nl_demo/notifications${rest}`, { method, json });

  it("does the same over HTTP", async () => {
    const topicId = emulator.createTopic("alarm", other);
    const created = await overHttp("POST", "", { ...complete, topic_id: topicId, filter });
    const listed = await overHttp("GET");
    const disabled = await overHttp("POST", "/all/disable");
    const enabled = await overHttp("POST", "/all/enable");
    const patched = await overHttp("PATCH", "/all", { notification_name: "renamed", filter: null });
    const deleted = await overHttp("DELETE", "/renamed");

    expect(created).toMatchObject({ status: 201, json: { ...complete, status: "enabled", filter } });
    expect(listed).toMatchObject({ status: 200, json: [created.json] });
    expect(disabled).toMatchObject({ status: 200, json: { status: "disabled", notification_name: "all" } });
    expect(enabled).toMatchObject({ status: 200, json: { status: "enabled" } });
    expect(patched).toMatchObject({ status: 200, json: { notification_name: "renamed", topic_id: topicId } });
    expect(patched.json).not.toHaveProperty("filter");
    expect(deleted.status).toBe(204);
    expect(names(other)).toEqual([]);
  });

  it.each([
    ["POST", "", { nonsense: 1 }, "Not a setting of a notification: nonsense"],
    ["POST", "", {}, "notification_name is"],
    ["POST", "", [], "must be a JSON object with settings of the notification"],
    ["POST", "", undefined, "must be JSON"],
    ["PATCH", "/none", {}, 'There is no notification "none"'],
    ["POST", "/none/disable", undefined, 'There is no notification "none"'],
    ["DELETE", "/none", undefined, 'There is no notification "none"'],
  ])("answers %s %s of %j with 400 and why", async (method, rest, json, message) => {
    expect(await overHttp(method, rest, json)).toMatchObject({
      status: 400,
      json: { error: expect.stringContaining(message) },
    });
  });
});
