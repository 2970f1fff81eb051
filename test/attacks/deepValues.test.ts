/**
 * Attack: answers with values that are nested thousands of levels deep. `JSON.stringify` and Pulumi recurse, and their stack
 * overflows.
 *
 * Alone: `npx vitest run test/attacks/deepValues`
 */
import { serializeProperties } from "@pulumi/pulumi/runtime/rpc.js";
import * as cts from "pulumi-otc-cts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { listQuotas } from "../../client/api/quotas";
import { listTraces, traces } from "../../client/api/traces";
import { CtsError } from "../../client/errors";
import { Run } from "../../provider/core/run";
import { readNotifications } from "../../provider/functions/getNotifications";
import { KeyEventNotificationResource } from "../../provider/keyEventNotification/resource";
import { TrackerResource } from "../../provider/tracker/resource";
import { environmentOf, otcCts, until } from "../support/cli";
import { connectWith, failureOf } from "../support/client";
import { startProject } from "../support/project";
import { type RawServer, startRawServer, text } from "../support/rawServer";

const LEFT_OUT = "(left out: nested deeper than 100 levels)";
const noteOn = (count: string) => `in ${count}, values that are nested deeper than 100 levels were left out`;

/** JSON with so many levels. */
const lists = (levels: number) => `${"[".repeat(levels)}${"]".repeat(levels)}`;
const objects = (levels: number) => `${'{"a":'.repeat(levels - 1)}{}${"}".repeat(levels - 1)}`;
/** Shallow but for its last element. */
const mixed = (levels: number) => `[1,{"b":[]},{"a":${lists(levels - 2)}}]`;
const asText = (json: string) => JSON.stringify(json);
const DEEP = 20_000;

let server: RawServer;
beforeAll(async () => {
  server = await startRawServer();
});
afterAll(() => server.close());

const settings = () => ({ region: "eu-de", projectId: "p1", endpoint: server.url, token: "t" });
const connect = () => connectWith(settings());

/** The time of the connection's virtual clock. */
const VIRTUAL_NOW = Date.UTC(2026, 0, 1);

/** One page: traces with these fields, as JSON, and one in order. */
function serve(traces: readonly string[], now = VIRTUAL_NOW): void {
  const all = [...traces, '"request": {"a": [{"b": 1}]}'].map(
    (fields, i) => `{"trace_id": "t${i}", "time": ${now - 1000 - i}, "trace_name": "act", ${fields}}`,
  );
  const page = `{"traces": [${all.join()}], "meta_data": null}`;
  server.answer = text(200, page, { Date: new Date(now).toUTCString() });
}

const FIELDS: readonly [name: string, fields: string, expected: object][] = [
  ["request, of lists", `"request": ${lists(DEEP)}`, { request: LEFT_OUT }],
  ["request, of objects", `"request": ${objects(DEEP)}`, { request: LEFT_OUT }],
  ["request, of both", `"request": ${mixed(DEEP)}`, { request: LEFT_OUT }],
  ["request, of 5,000 levels", `"request": ${objects(5000)}`, { request: LEFT_OUT }],
  ["request, of a million levels", `"request": ${lists(1_000_000)}`, { request: LEFT_OUT }],
  [
    "response and message",
    `"response": ${objects(DEEP)}, "message": ${lists(DEEP)}`,
    { response: LEFT_OUT, message: LEFT_OUT },
  ],
  ["field that is not known", `"not_known": ${objects(DEEP)}`, { notKnown: LEFT_OUT }],
  [
    "text by its definition",
    `"trace_rating": ${lists(DEEP)}, "code": ${lists(DEEP)}`,
    { traceRating: LEFT_OUT, code: LEFT_OUT },
  ],
  ["time of recording", `"record_time": ${lists(DEEP)}`, { recordTime: LEFT_OUT }],
  ["user who is a list", `"user": ${lists(DEEP)}`, { user: [LEFT_OUT] }],
  [
    "field of the user",
    `"user": {"name": "alice", "session": ${objects(DEEP)}}`,
    { user: { name: "alice", session: LEFT_OUT } },
  ],
  [
    "account of the user",
    `"user": {"name": "alice", "domain": ${objects(DEEP)}}`,
    { user: { name: "alice", domain: LEFT_OUT } },
  ],
  [
    "user's field, as text",
    `"user": ${asText(`{"name": "alice", "session": ${objects(DEEP)}}`)}`,
    { user: { name: "alice", session: LEFT_OUT } },
  ],
  [
    "value under the name __proto__",
    `"user": {"name": "alice", "__proto__": ${objects(DEEP)}}, "__proto__": ${objects(DEEP)}`,
    { user: expect.objectContaining({ name: "alice" }) },
  ],
];

describe("a trace with a deep value", () => {
  it.each(FIELDS)("is listed without it: %s", async (_, fields, expected) => {
    serve([fields]);

    const list = await listTraces(connect());

    const [deep, other] = list.traces;
    expect(list.traces).toHaveLength(2);
    expect(deep).toMatchObject({ traceId: "t0", traceName: "act", ...expected });
    expect(other?.request).toEqual({ a: [{ b: 1 }] });
    expect(list.note).toBe(noteOn("1 trace"));
    expect(JSON.stringify(list)).toContain(LEFT_OUT);
    // Pulumi does this with each output.
    await serializeProperties("list", { list });
  });

  it("keeps 100 levels, leaves out 101, and counts the traces, not the values", async () => {
    serve([
      `"request": ${lists(100)}, "response": ${objects(100)}, "user": {"id": ${lists(99)}}`,
      `"request": ${lists(101)}, "response": ${objects(101)}`,
      `"user": {"id": ${lists(100)}, "name": "alice"}`,
    ]);

    const { traces: found, note } = await listTraces(connect(), { from: "30d" });

    const [kept, first, second] = found;
    expect(JSON.stringify(kept?.request)).toBe(lists(100));
    expect(JSON.stringify(kept?.response)).toBe(objects(100));
    expect(JSON.stringify(kept?.user)).toBe(`{"id":${lists(99)}}`);
    expect(first).toMatchObject({ request: LEFT_OUT, response: LEFT_OUT });
    expect(second?.user).toEqual({ id: LEFT_OUT, name: "alice" });
    expect(note).toMatch(new RegExp(`^traces can be queried for seven days: .*; ${noteOn("2 traces")}$`));
  });

  it("says nothing of a trace that the limit leaves out", async () => {
    serve(['"code": 1', `"request": ${lists(DEEP)}`]);
    expect(await listTraces(connect(), { limit: 1 })).not.toHaveProperty("note");
  });

  it("is found by its id without it", async () => {
    serve([`"request": ${lists(DEEP)}`]);
    const { traces: found, note } = await listTraces(connect(), { traceId: "t0" });
    expect(found).toMatchObject([{ request: LEFT_OUT }]);
    expect(note).toBe(noteOn("1 trace"));
  });

  it("is read without it by whoever reads one by one", async () => {
    serve([`"request": ${lists(DEEP)}`]);
    const { value } = await traces(connect()).next();
    expect(value).toMatchObject({ request: LEFT_OUT });
  });

  it("is an output of a stack like any other", async () => {
    const project = await startProject();
    const time = Date.now() - 1000;
    project.emulator.traces.add([
      { time, trace_name: "kept", request: JSON.parse(objects(100)) },
      // As text, since the emulator's stack would overflow, too.
      { time, trace_name: "cut", user: `{"name": "alice", "session": ${objects(5000)}}` },
    ]);
    project.program = async () => ({ ...(await cts.getTraces()) });

    const { ok, outputs } = await project.up();

    expect(ok).toBe(true);
    expect(JSON.stringify(outputs["traces"])).toContain(`"request":${objects(100)}`);
    expect(outputs).toMatchObject({ note: noteOn("1 trace") });
    expect(JSON.stringify(outputs["traces"])).toContain(LEFT_OUT);
  });

  it.each(["json", "ndjson", "csv", "table"])(
    "is written as %s, and standard error says so once",
    async (output) => {
      serve([`"request": ${objects(DEEP)}`, `"user": {"name": "alice", "id": ${lists(DEEP)}}`], Date.now());

      const command = otcCts(["traces", "--output", output], environmentOf(settings()));

      expect(await command.status).toBe(0);
      expect(command.stderr()).toBe(`otc-cts: ${noteOn("2 traces")}\n`);
      expect(command.stdout().match(/\bact\b/g)).toHaveLength(3);
      if (output !== "table") {
        expect(command.stdout().split(LEFT_OUT)).toHaveLength(3);
      }
    },
  );

  it("is followed, and standard error says so at the end", async () => {
    serve([`"request": ${objects(DEEP)}`], Date.now());
    const command = otcCts(["traces", "--follow", "--output", "json"], environmentOf(settings()));
    await until(() => command.stdout().includes(LEFT_OUT));
    command.child.kill("SIGINT");
    expect(await command.status).toBe(0);
    expect(command.stderr()).toBe(`otc-cts: ${noteOn("1 trace")}\n`);
  });
});

const TRACKER = `"id": "1", "tracker_name": "system", "tracker_type": "system", "status": "enabled"`;
const NOTIFICATION = `"notification_id": "n", "notification_name": "alarm", "operation_type": "complete", "status": "disabled"`;
const place = { region: "eu-de", projectId: "p1" };

/** Every answer that is read, with deep values wherever they can be. */
const READERS: Record<string, { body: (deep: string) => string; read: () => Promise<unknown> }> = {
  "the tracker": {
    body: (deep) =>
      `{"x": ${deep}, "trackers": [{${TRACKER}, "x": ${deep}, "lts": {"x": ${deep}}, "obs_info": {"bucket_name": "b", "x": ${deep}}}]}`,
    read: () => new TrackerResource(new Run(connect, connect().clock)).read("eu-de/p1/system", undefined),
  },
  notifications: {
    body: (deep) =>
      `{"x": ${deep}, "notifications": [{${NOTIFICATION}, "x": ${deep}, "filter": {"x": ${deep}}, "notify_user_list": [{"user_group": "g", "user_list": [], "x": ${deep}}], "operations": [{"service_type": "ECS", "resource_type": "ecs", "trace_names": [], "x": ${deep}}]}]}`,
    read: () => readNotifications(connect(), place),
  },
  "a notification": {
    body: (deep) => `{"notifications": [{${NOTIFICATION}, "x": ${deep}, "filter": {"x": ${deep}}}]}`,
    read: () =>
      new KeyEventNotificationResource(new Run(connect, connect().clock)).read("eu-de/p1/n", undefined),
  },
  quotas: {
    body: (deep) =>
      `{"x": ${deep}, "resources": [{"type": "system_tracker", "used": 1, "quota": 1, "x": ${deep}}]}`,
    read: () => listQuotas(connect().project(place)),
  },
};

describe.each(Object.entries(READERS))("an answer about %s", (what, { body, read }) => {
  it.each([lists, objects, mixed])("is read without unknown deep values (%o)", async (nested) => {
    server.answer = text(200, body(nested(DEEP)));
    const result = await read();
    JSON.stringify(result);
    await serializeProperties("result", { result });
  });

  it.each([
    ["deep itself", lists(DEEP)],
    [
      "deep where a list should be",
      `{"trackers": ${lists(DEEP)}, "notifications": ${lists(DEEP)}, "resources": ${lists(DEEP)}}`,
    ],
    [
      "deep where a text should be",
      `{"trackers": [{"id": ${objects(DEEP)}}], "notifications": [{"notification_id": ${objects(DEEP)}}], "resources": [{"type": ${objects(DEEP)}}]}`,
    ],
  ])("fails with an error of our own where it is %s", async (__, malformed) => {
    server.answer = text(200, malformed);
    // An odd quota is left out, whatever it holds.
    if (what === "quotas" && malformed.startsWith("{")) {
      expect(await read()).toEqual([]);
      return;
    }
    const failure = await failureOf(read());
    expect(failure).toBeInstanceOf(CtsError);
    expect(failure.name).toBe("MalformedAnswerError");
  });

  it.each([
    ["code", `{"error_code": ${lists(DEEP)}, "error_msg": "No."}`],
    ["message", `{"error_code": "CTS.0003", "error_msg": ${objects(DEEP)}, "request_id": ${lists(DEEP)}}`],
    [
      "message as text",
      `{"error_code": "CTS.0003", "error_msg": ${asText(`{"error_msg": ${lists(DEEP)}}`)}}`,
    ],
    ["error of IAM", `{"error": {"message": ${lists(DEEP)}, "code": ${objects(DEEP)}}}`],
    ["body", lists(DEEP)],
  ])("fails with an error of our own where it is a refusal with a deep %s", async (__, refusal) => {
    server.answer = text(400, refusal);
    const failure = await failureOf(read());
    expect(failure.name).toBe("ApiError");
    expect(failure.message.length).toBeLessThan(1200);
  });
});

describe("signing in", () => {
  it("ignores unknown deep values", async () => {
    const x = objects(DEEP);
    const project = `{"id": "p1", "name": "eu-de_p1", "domain": {"id": "d1", "x": ${x}}, "x": ${x}}`;
    const token = `{"expires_at": "2026-01-02T00:00:00.000000Z", "project": ${project}, "catalog": [], "roles": [${x}]}`;
    server.answer = text(201, `{"token": ${token}, "x": ${x}}`, { "X-Subject-Token": "MIItoken" });
    const user = { region: "eu-de", authUrl: server.url, userName: "u", password: "p", domainName: "d" };
    expect(await connectWith(user).locate({ projectName: "eu-de_p1" })).toMatchObject({ projectId: "p1" });
  });
});
