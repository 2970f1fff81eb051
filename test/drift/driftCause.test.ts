import { beforeEach, describe, expect, it } from "vitest";
import { explainDrift } from "../../drift/driftCause";
import { eventsOf, MINUTE } from "../support/drift";
import { useEmulated } from "../support/emulated";

const service = useEmulated();
const TYPE = "opentelekomcloud:index/vpcV1:VpcV1";
const idOf = (i: number) => `4f1f8c1a-3a0e-4d3c-9d2b-${String(i).padStart(12, "0")}`;
const resource = (i: number, isDrifted: boolean) => ({
  ...{ urn: `urn:pulumi:dev::test::${TYPE}::r${i}`, type: TYPE, id: idOf(i) },
  old: { description: "before", name: `r${i}` },
  now: { description: isDrifted ? "after" : "before", name: `r${i}` },
});
const change = (i: number, fields: object = {}) =>
  service.emulator.change({
    service_type: "VPC",
    resource_type: "vpc",
    trace_name: "modifyVpc",
    resource_id: idOf(i),
    set: { description: "after" },
    user: "alice",
    time: service.clock.now() - MINUTE - i,
    ...fields,
  });
const check = (drifted: number, all = drifted) =>
  eventsOf(
    Array.from({ length: all }, (_, i) => resource(i, i < drifted)),
    service.clock.now(),
  );
const reads = () =>
  service.emulator.journal.entries.filter(({ operation }) => operation === "listTraces").length;

beforeEach(() => {
  service.emulator.reset();
  service.emulator.traces.clear();
});

describe("explainDrift", () => {
  it("takes two calls for one drifted resource among 200", async () => {
    change(0);

    const { report } = await explainDrift(service.connect(), check(1, 200));

    expect(report).toMatchObject({
      summary: { checked: 200, drifted: 1, explained: 1 },
      searched: [{ calls: 2 }],
    });
    expect(reads()).toBe(2);
  });

  it("reads the window once for many, and finds each by its own trace", async () => {
    for (let i = 0; i < 40; i++) {
      change(i, { user: `user-${i}` });
    }
    service.emulator.traces.add(
      Array.from({ length: 2000 }, (_, i) => ({
        time: Math.floor(service.clock.now()) - 2 * MINUTE - i,
        trace_name: "actOther",
      })),
    );

    const { report } = await explainDrift(service.connect(), check(40));

    expect(report.resources.map(({ cause }) => cause?.user.name)).toEqual(
      Array.from({ length: 40 }, (_, i) => `user-${i}`),
    );
    expect(reads()).toBeLessThan(40);
  });

  it("asks for each where there is too much to read, and says so of those that it does not find", async () => {
    for (let i = 0; i < 12; i++) {
      change(i);
    }
    service.emulator.traces.add(
      Array.from({ length: 6000 }, (_, i) => ({
        time: Math.floor(service.clock.now()) - 10 - i,
        trace_name: "actOther",
      })),
    );

    const { report } = await explainDrift(service.connect(), check(13), { maxCalls: 2 });

    expect(report.summary).toMatchObject({ explained: 12, unexplained: 1 });
    expect(report.resources.at(-1)?.reasons).toContain("bounded");
    expect(report.searched).toMatchObject([{ bounded: true }]);
  });

  it("waits for late traces, and no longer than until they are there", async () => {
    change(0, { visible_after_ms: 5 * MINUTE });
    const started = service.clock.now();

    const progress: string[] = [];
    const options = { waitMs: 15 * MINUTE, onProgress: (message: string) => progress.push(message) };

    const { report } = await explainDrift(service.connect(), check(1), options);

    expect(report.summary.explained).toBe(1);
    expect(progress).toContain("waiting for late traces of 1 resource");
    expect(progress).toContainEqual(expect.stringContaining("looking for 1 resource by id and name"));
    expect(service.clock.now() - started).toBeLessThan(6 * MINUTE);
  });

  it("does not try a project again that it may not look at, however long it waits", async () => {
    change(0);
    const connection = service.connect();
    const where = { regions: ["eu-nl"], projects: [service.emulator.projectId()] };

    const { report, problems } = await explainDrift(connection, check(2), { ...where, waitMs: 10 * MINUTE });

    const refused = service.emulator.journal.entries.filter(({ status }) => status === 403);
    expect(refused).toHaveLength(1);
    expect(problems).toHaveLength(1);
    expect(report).toMatchObject({
      complete: false,
      resources: [{ verdict: "confirmed" }, { reasons: expect.arrayContaining(["no-permission"]) }],
    });
  });

  it("fails where no project can be looked at", async () => {
    const settings = { ...service.emulator.settings(), password: "wrong" };

    await expect(explainDrift(service.connect(settings), check(1))).rejects.toThrow(/401/);
  });

  it("marks what happened during a run of the stack, and does not blame it without a value", async () => {
    change(0, { request_as: "empty" });
    const [startTime, endTime] = [2, 0].map((ago) => new Date(service.clock.now() - ago * MINUTE));
    const history = JSON.stringify([{ kind: "update", startTime, endTime }]);

    const { report } = await explainDrift(service.connect(), check(1), { history });

    expect(report.resources[0]).toMatchObject({
      verdict: "unexplained",
      own: [{ evidence: expect.arrayContaining(["it was during a run of this stack"]) }],
    });
  });

  it.each([["0s"], ["2999-01-01"]])("refuses to look since %s", async (since) => {
    await expect(explainDrift(service.connect(), check(1), { since })).rejects.toThrow(/since/);
    expect(reads()).toBe(0);
  });
});
