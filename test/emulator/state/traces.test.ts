import { describe, expect, it } from "vitest";
import { DAY_MS, emulateTraces } from "../../support/emulatedTraces";
import { request } from "../../support/emulator";

const { emulator, clock, now, ids } = await emulateTraces();

describe("Emulator.traces", () => {
  it("adds traces in any order, and lists copies of all of them, newest first", () => {
    const added = emulator.traces.add([
      { trace_id: "old", time: now - DAY_MS },
      { trace_id: "new", time: now - 1, resource_name: "r" },
      { trace_id: "later", time: now - 1, record_time: now + 1 },
    ]);
    for (const trace of [...added, ...emulator.traces.list()]) {
      trace.resource_name = "changed";
    }

    expect(added.map(({ trace_id }) => trace_id)).toEqual(["old", "new", "later"]);
    expect(emulator.traces.list().map(({ trace_id }) => trace_id)).toEqual(["later", "new", "old"]);
    expect(emulator.traces.list()[1]).toMatchObject({ resource_name: "r" });
  });

  it("a trace without record_time can be queried from its time on", async () => {
    emulator.traces.add({ trace_id: "a", time: now + 10, record_time: undefined });
    const window = `?from=${now}&to=${now + 20}`;
    const before = await ids(window);
    clock.advance(10);

    expect(before).toEqual([]);
    expect(await ids(window)).toEqual(["a"]);
  });

  it("add keeps a copy of its argument", () => {
    const operation = { step: 1 };
    emulator.traces.add({ operation });
    operation.step = 2;

    expect(emulator.traces.list()).toMatchObject([{ operation: { step: 1 } }]);
  });

  it("a trace can be queried from its record_time on, also by trace_id", async () => {
    emulator.traces.add({ trace_id: "a", time: now - 5, record_time: now + 10 });
    const before = [await ids(), await ids("?trace_id=a")];
    clock.advance(10);

    expect(before).toEqual([[], []]);
    expect(await ids()).toEqual(["a"]);
    expect(await ids("?trace_id=a")).toEqual(["a"]);
  });

  it.each([
    [[{ trace_id: "taken" }], "There is a trace taken already."],
    [[{ trace_id: "twice" }, { trace_id: "twice" }], "There is a trace twice already."],
    [[{ time: 1.5 }], "not 1.5"],
    [[{ time: -1 }], "not -1"],
  ])("add refuses %j and records nothing", (traces, message) => {
    emulator.traces.add({ trace_id: "taken" });

    expect(() => emulator.traces.add([{ trace_id: "fine" }, ...traces])).toThrow(message);
    expect(emulator.traces.list()).toHaveLength(1);
  });

  it("each trace gets a unique id that begins with its time", () => {
    const places = [{ region: "eu-de" }, { region: "eu-nl" }];
    const all = places.flatMap((where) => emulator.traces.add([{ time: now }, { time: now }], where));

    expect(new Set(all.map(({ trace_id }) => trace_id)).size).toBe(4);
    for (const { trace_id } of all) {
      const [low = "", middle = "", high = ""] = trace_id.split("-");
      const ticks = BigInt(`0x${high.slice(1)}${middle}${low}`);
      expect(Number(ticks / 10_000n) - 12_219_292_800_000).toBe(now);
    }
  });

  it("clear removes the traces of all places", () => {
    emulator.traces.add({}, { region: "eu-nl" });
    emulator.traces.add({});

    emulator.traces.clear();

    expect(emulator.traces.list()).toEqual([]);
    expect(emulator.traces.list({ region: "eu-nl" })).toEqual([]);
  });

  it("the control routes add, list and clear traces", async () => {
    const url = `${emulator.url}/_emulator/traces`;
    const one = await request(`${url}/eu-de/eu-de_demo`, { method: "POST", json: { trace_id: "a" } });
    const two = await request(`${url}/eu-de/eu-de_demo`, { method: "POST", json: [{}, { trace_id: "b" }] });
    const wrong = await request(`${url}/eu-de/eu-de_demo`, { method: "POST", json: [1] });
    const listed = await request(`${url}/eu-de/${emulator.projectId()}`);
    const cleared = await request(url, { method: "DELETE" });

    expect(one).toMatchObject({ status: 201, json: [{ trace_id: "a", service_type: "ECS" }] });
    expect(two.json).toHaveLength(2);
    expect(wrong).toMatchObject({ status: 400, json: { error: expect.stringContaining("JSON object") } });
    expect(listed.json).toHaveLength(3);
    expect(cleared.status).toBe(204);
    expect(emulator.traces.list()).toEqual([]);
  });
});
