import { describe, expect, it } from "vitest";
import { DAY_MS, emulateTraces } from "../../support/emulatedTraces";

const { emulator, now, get, ids } = await emulateTraces();

describe("criteria of a query of traces", () => {
  it.each([
    ["service_type", "OBS", "obs"],
    ["resource_type", "bucket", "Bucket"],
    ["resource_id", "id 1&2", "id"],
    ["resource_name", "Büro/1", "büro/1"],
    ["trace_name", "deleteBucket", "DeleteBucket"],
    ["trace_rating", "warning", undefined],
  ])("%s finds equal values only, and distinguishes upper and lower case", async (field, value, other) => {
    emulator.traces.add([
      { trace_id: "hit", time: now - 2, [field]: value },
      { trace_id: "miss", time: now - 1 },
      { trace_id: "without", time: now - 3, [field]: undefined },
    ]);

    expect(await ids(`?${field}=${encodeURIComponent(value)}`)).toEqual(["hit"]);
    if (other) {
      expect(await ids(`?${field}=${encodeURIComponent(other)}`)).toEqual([]);
    }
  });

  it("user finds the name in an object, in JSON, and as plain text", async () => {
    const user = { id: "1", name: "alice", domain: { id: "2", name: "d" } };
    emulator.traces.add([
      { trace_id: "object", time: now - 1, user },
      { trace_id: "json", time: now - 2, user: JSON.stringify(user) },
      { trace_id: "text", time: now - 3, user: "alice" },
      { trace_id: "null", time: now - 4, user: "null" },
      { trace_id: "none", time: now - 5, user: undefined },
      { trace_id: "other", time: now - 6, user: { ...user, name: "Alice" } },
    ]);

    expect(await ids("?user=alice")).toEqual(["object", "json", "text"]);
  });

  it("several criteria must all match", async () => {
    emulator.traces.add([
      { trace_id: "both", time: now - 1, service_type: "OBS", trace_name: "x" },
      { trace_id: "one", time: now - 2, service_type: "OBS" },
    ]);

    expect(await ids("?service_type=OBS&trace_name=x")).toEqual(["both"]);
  });

  it("trace_id makes all other parameters ignored", async () => {
    emulator.traces.add({ trace_id: "a", time: now - 2 * DAY_MS });

    const reply = await get("?trace_id=a&service_type=OBS&limit=5000&from=1&trace_rating=bad&tracker_name=x");

    expect(reply.json).toMatchObject({ traces: [{ trace_id: "a" }], meta_data: { count: 1, marker: "a" } });
    expect((await get("?trace_id=a&next=a")).json).toEqual({
      traces: [],
      meta_data: { count: 0, marker: null },
    });
    expect((await get("?trace_id=unknown")).json.traces).toEqual([]);
  });
});
