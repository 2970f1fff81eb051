import { beforeEach, describe, expect, it } from "vitest";
import type { Behaviour } from "../../../emulator";
import { emulateTraces } from "../../support/emulatedTraces";
import { pagesOf } from "../../support/emulator";

const { emulator, cts, now, get, ids, addTraces } = await emulateTraces();

/** The number of traces of each page. */
const sizes = async (query: string): Promise<number[]> =>
  (await pagesOf(cts, `/traces?${query}`)).map(({ length }) => length);

describe("next", () => {
  beforeEach(() => addTraces(5));

  it("next continues with the traces that are older than the named one", async () => {
    const first = await get("?limit=2");
    const second = await get(`?limit=2&next=${first.json.meta_data.marker}`);

    expect(first.json.meta_data.marker).toBe("b");
    expect(second.json.traces.map(({ trace_id }) => trace_id)).toEqual(["c", "d"]);
  });

  it("next may name a trace that criteria or window exclude", async () => {
    emulator.traces.add({ trace_id: "other", time: now - 150_000, service_type: "OBS" });

    expect(await ids("?next=other&service_type=ECS")).toEqual(["c", "d", "e"]);
    expect(await ids(`?next=a&from=${now - 5 * 60_000}&to=${now - 120_000}`)).toEqual(["other", "c", "d"]);
  });

  it("a page after a marker shows no traces that arrived later and are newer than the marker", async () => {
    const { marker } = (await get("?limit=2")).json.meta_data;
    emulator.traces.add([
      { trace_id: "new", time: now },
      { trace_id: "late, passed", time: now - 90_000 },
      { trace_id: "late, ahead", time: now - 150_000 },
    ]);

    expect(await ids(`?limit=200&next=${marker}`)).toEqual(["late, ahead", "c", "d", "e"]);
    expect(await ids("?limit=200")).toEqual(["new", "a", "late, passed", "b", "late, ahead", "c", "d", "e"]);
  });
});

describe("behaviours of pages", () => {
  it.each([
    [{}, "limit=2", [2, 2, 1, 0]],
    [{}, "limit=5", [5, 0]],
    [{ marker: "full" }, "limit=2", [2, 2, 1]],
    [{ marker: "full" }, "limit=5", [5, 0]],
    [{ noMarker: "absent" }, "limit=5", [5, 0]],
    [{ pages: "scanned" }, "limit=2&resource_name=odd", [1, 0, 1, 0]],
    [{ pages: "scanned", marker: "full" }, "limit=2&resource_name=odd", [1, 0, 1]],
    [{ pages: "scanned" }, "limit=2", [2, 2, 1, 0]],
    [{ repeatsMarked: true }, "limit=3", [3, 3, 0]],
    [{ repeatsMarked: true }, "limit=1", [1, 1, 1, 1, 1, 0]],
    [{ repeatsMarked: true }, "limit=3&resource_name=odd", [2, 0]],
  ] satisfies [Partial<Behaviour>, string, number[]][])(
    "with %j, the pages for %s have %j traces",
    async (on, query, expected) => {
      emulator.traces.add(
        ["a", "b", "c", "d", "e"].map((trace_id, i) => ({
          trace_id,
          time: now - i - 1,
          ...((trace_id === "a" || trace_id === "e") && { resource_name: "odd" }),
        })),
      );
      Object.assign(emulator.behaviour, on);

      expect(await sizes(query)).toEqual(expected);
    },
  );

  it("noMarker chooses between a null and an absent marker at the end", async () => {
    emulator.behaviour.marker = "full";
    const asNull = (await get()).json.meta_data;
    emulator.behaviour.noMarker = "absent";

    expect(asNull).toEqual({ count: 0, marker: null });
    expect((await get()).json.meta_data).toEqual({ count: 0 });
  });

  it("pages: short makes pages of 1 to limit traces", async () => {
    emulator.traces.add(Array.from({ length: 100 }, (_, i) => ({ time: now - i })));
    emulator.behaviour.pages = "short";

    const lengths = await sizes("limit=20");

    expect(new Set(lengths).size).toBeGreaterThan(3);
    expect(lengths.slice(0, -1).every((length) => length >= 1 && length <= 20)).toBe(true);
    expect(lengths.reduce((sum, length) => sum + length)).toBe(100);
  });

  it("repeatsMarked: true begins a page with the last trace of the previous page", async () => {
    addTraces(4);
    emulator.behaviour.repeatsMarked = true;

    expect(await ids("?limit=2&next=b")).toEqual(["b", "c"]);
  });

  it("repeatsMarked: true does not repeat a trace that does not match the query", async () => {
    addTraces(3);
    emulator.traces.add({ trace_id: "to come", time: now, record_time: now + 1 });
    emulator.behaviour.repeatsMarked = true;

    expect(await ids("?next=to%20come")).toEqual(["a", "b", "c"]);
    expect(await ids(`?next=a&from=${now - 4 * 60_000}&to=${now - 60_000}`)).toEqual(["b", "c"]);
    expect(await ids(`?next=c&from=${now - 3 * 60_000}&to=${now}`)).toEqual([]);
  });

  it("unknownMarker: empty answers an empty page for an unknown marker", async () => {
    addTraces(1);
    emulator.behaviour.unknownMarker = "empty";

    expect((await get("?next=unknown")).json).toEqual({ traces: [], meta_data: { count: 0, marker: null } });
  });

  it("traceIdIgnoresNext: true shows the same trace on every page", async () => {
    addTraces(1);
    emulator.behaviour.traceIdIgnoresNext = true;

    expect(await ids("?trace_id=a&next=a")).toEqual(["a"]);
    expect(await ids("?trace_id=a&next=unknown")).toEqual(["a"]);
    expect(await ids("?next=a")).toEqual([]);
  });
});
