import { describe, expect, it } from "vitest";
import { readingOf } from "../../cli/drift/reported";
import { counted } from "../../client/counted";

describe("counted", () => {
  it("has the singular for one only", () => {
    expect([0, 1, 2].map((count) => counted(count, "trace"))).toEqual(["0 traces", "1 trace", "2 traces"]);
  });

  it("is in what a report says of its search", () => {
    const place = { region: "eu-de", projectId: "p", bounded: false };
    const window = { from: "2026-11-20T09:12:00.000Z", to: "2026-11-25T18:41:00.000Z" };

    expect(readingOf({ ...place, ...window, traces: 1, calls: 1 })).toMatch(/^1 trace, 1 call, /);
  });
});
