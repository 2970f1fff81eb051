import { describe, expect, it } from "vitest";
import { DAY_MS, emulateTraces, HOUR_MS, refused } from "../../support/emulatedTraces";

const { emulator, now, get, ids } = await emulateTraces();

describe("window of a query of traces", () => {
  it("shows the last hour without from and to, up to the current millisecond", async () => {
    const times = { gone: now - HOUR_MS, oldest: now - HOUR_MS + 1, newest: now };
    emulator.traces.add(Object.entries(times).map(([trace_id, time]) => ({ trace_id, time })));

    expect(await ids()).toEqual(["newest", "oldest"]);
  });

  it("shows the traces between from and to, without both ends", async () => {
    emulator.traces.add([0, 1, 5, 9, 10].map((ms) => ({ trace_id: `${ms}`, time: now - 2 * HOUR_MS + ms })));

    expect(await ids(`?from=${now - 2 * HOUR_MS}&to=${now - 2 * HOUR_MS + 10}`)).toEqual(["9", "5", "1"]);
  });

  it("forgets a trace after seven days to the millisecond, also by trace_id", async () => {
    emulator.traces.add([
      { trace_id: "gone", time: now - 7 * DAY_MS },
      { trace_id: "left", time: now - 7 * DAY_MS + 1 },
    ]);

    expect(await ids(`?from=${now - 8 * DAY_MS}&to=${now}`)).toEqual(["left"]);
    expect(await ids("?trace_id=gone")).toEqual([]);
    expect(await ids("?trace_id=left")).toEqual(["left"]);
    expect(emulator.traces.list().map(({ trace_id }) => trace_id)).toEqual(["left"]);
  });

  it("windowOfNext chooses the window of next without from and to", async () => {
    emulator.traces.add([
      { trace_id: "fresh", time: now - 1 },
      { trace_id: "old", time: now - 2 * HOUR_MS },
    ]);

    expect(await ids("?next=fresh")).toEqual([]);
    emulator.behaviour.windowOfNext = "all";
    expect(await ids("?next=fresh")).toEqual(["old"]);
    expect(await ids()).toEqual(["fresh"]);
  });

  it("fromBeforeRetention: rejected refuses a from of more than seven days ago", async () => {
    emulator.behaviour.fromBeforeRetention = "rejected";

    expect(await get(`?from=${now - 7 * DAY_MS - 1}&to=${now}`)).toMatchObject(refused);
    expect((await get(`?from=${now - 7 * DAY_MS}&to=${now}`)).status).toBe(200);
    expect((await get()).status).toBe(200);
  });
});
