import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toTrace } from "../../../client/api/trace";
import { propertyRuns } from "../../support/runs";

/** Milliseconds since the epoch that a date can hold; neighbours of full hours are frequent. */
const time = fc.oneof(
  fc.integer({ min: -8.64e15, max: 8.64e15 }),
  fc.integer({ min: Date.UTC(2026, 0, 1), max: Date.UTC(2026, 0, 2) }),
  fc
    .tuple(fc.integer({ min: -2e9, max: 2e9 }), fc.integer({ min: -1, max: 1 }))
    .map(([h, ms]) => h * 3_600_000 + ms),
);

describe("toTrace", () => {
  it("writes times as toISOString does, in any order", () => {
    fc.assert(
      fc.property(fc.array(time, { minLength: 1 }), (times) => {
        const written = times.map((each) => toTrace({ trace_id: "1", time: each, record_time: each + 0 }));
        const expected = times.map((each) => new Date(each).toISOString());
        expect(written.map((trace) => trace.time)).toEqual(expected);
        expect(written.map((trace) => trace.recordTime)).toEqual(expected);
      }),
      { numRuns: propertyRuns() },
    );
  });
});
