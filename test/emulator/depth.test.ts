import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Emulator, startEmulator } from "../../emulator";
import { type Caller, type Reply, request, signIn } from "../support/emulator";

let emulator: Emulator;
let cts: Caller;
beforeAll(async () => {
  emulator = await startEmulator();
});
afterAll(() => emulator.close());
beforeEach(async () => {
  emulator.reset();
  emulator.traces.clear();
  cts = await signIn(emulator);
  emulator.journal.clear();
});

const lists = (levels: number): string => "[".repeat(levels) + "]".repeat(levels);
const objects = (levels: number): string => `${'{"a":'.repeat(levels - 1)}{}${"}".repeat(levels - 1)}`;
const send = (method: string, path: string, body: string): Promise<Reply> =>
  request(emulator.url + path, { method, body });

/** A call of each control route that takes a body, with a value of any depth in it. */
const controlCalls: [method: string, path: string, body: (value: string) => string][] = [
  ["POST", "/traces/eu-de/eu-de_demo", (value) => `{"request": ${value}}`],
  ["POST", "/traces/eu-de/eu-de_demo", (value) => `[{}, {"user": ${value}}]`],
  [
    "POST",
    "/changes/eu-de/eu-de_demo",
    (value) =>
      `{"service_type": "VPC", "resource_type": "vpc", "trace_name": "x", "resource_id": "i", "set": {"a": ${value}}}`,
  ],
  [
    "POST",
    "/console/eu-de/eu-de_demo/events",
    (value) => `{"service_type": "VPC", "resource_type": "vpc", "trace_name": "x", "more": ${value}}`,
  ],
  ["POST", "/faults", (value) => `{"kind": "wrongJson", "body": ${value}}`],
  ["PATCH", "/behaviour", (value) => value],
  ["POST", "/subscriptions", (value) => `{"topic_urn": ${value}}`],
  ["PATCH", "/console/eu-de/eu-de_demo/tracker", (value) => `{"obs_info": ${value}}`],
  ["POST", "/console/eu-de/eu-de_demo/notifications", (value) => `{"operations": ${value}}`],
];

describe("values that are nested deep", () => {
  it.each([1001, 3000, 5000, 100_000])(
    "control routes refuse %i levels and change nothing",
    async (levels) => {
      for (const [method, path, bodyOf] of controlCalls) {
        for (const value of [lists(levels), objects(levels)]) {
          const { status, json } = await send(method, `/_emulator${path}`, bodyOf(value));

          expect([path, status, json.error]).toEqual([
            path,
            400,
            expect.stringContaining("nested deeper than"),
          ]);
        }
      }
      expect(emulator.traces.list()).toEqual([]);
      expect((await request(`${emulator.url}/`)).json).toHaveProperty("versions");
    },
  );

  it("traces of 900 levels can be added, listed and queried", async () => {
    const { status } = await send(
      "POST",
      "/_emulator/traces/eu-de/eu-de_demo",
      `{"request": ${objects(900)}}`,
    );
    const listed = await request(`${emulator.url}/_emulator/traces/eu-de/eu-de_demo`);
    const queried = await cts.call("GET", "/traces");

    expect(status).toBe(201);
    expect(JSON.stringify(listed.json)).toContain(objects(900));
    expect(queried.json.traces).toEqual(listed.json);
  });

  it("methods of the emulator refuse them, and cycles", async () => {
    const cycle: Record<string, unknown> = {};
    Object.assign(cycle, { left: cycle, right: cycle });
    for (const value of [JSON.parse(lists(5000)), JSON.parse(objects(5000)), cycle]) {
      const about = { service_type: "VPC", resource_type: "vpc", trace_name: "x" };

      expect(() => emulator.traces.add([{}, { request: value }])).toThrow("The trace is nested deeper than");
      expect(() => emulator.change({ ...about, resource_id: "i", set: { value } })).toThrow(
        "The change is nested",
      );
      await expect(emulator.emit({ ...about, value })).rejects.toThrow("The trace is nested");
      expect(() => emulator.faults.add({ kind: "status", status: 503, body: value })).toThrow(
        "The body of the fault",
      );
      expect(emulator.traces.list()).toEqual([]);
      expect(emulator.resource("i")).toBeUndefined();
    }
  });

  it.each([5000, 30_000])("CTS and IAM refuse a body of %i levels as invalid", async (levels) => {
    const body = `{"auth": ${lists(levels)}}`;
    const tracker = await request(`${emulator.endpoint()}/v3/${emulator.projectId()}/tracker`, {
      method: "PUT",
      headers: { "X-Auth-Token": cts.token },
      body,
    });
    const token = await send("POST", "/v3/auth/tokens", body);

    expect(tracker).toMatchObject({ status: 400, json: { error_code: "CTS.0003" } });
    expect(token).toMatchObject({ status: 400, json: { error: { code: 400 } } });
    expect(emulator.journal.entries.map((entry) => entry.body)).toEqual(["(not JSON)", "(not JSON)"]);
  });
});
