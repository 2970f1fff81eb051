import { describe, expect, it } from "vitest";
import { Seen } from "../../../client/paging/seen";
import { seededRandom } from "../../../emulator/synthetic/random";

const fill = (seen: Seen, from: number, to: number) => {
  let fresh = 0;
  for (let i = from; i < to; i++) {
    if (seen.add(`id-${i}`)) {
      fresh++;
    }
  }
  return fresh;
};

describe("Seen", () => {
  it("knows each of many texts again, and takes none for another one", () => {
    const seen = new Seen(seededRandom(1));
    expect(fill(seen, 0, 300_000)).toBe(300_000);
    expect(fill(seen, 0, 300_000)).toBe(0);
  });

  it("forgets the oldest where there is no more room, so that it does not grow without end", () => {
    const seen = new Seen(seededRandom(1), 4096);
    const count = 7000;
    expect(fill(seen, 0, count)).toBe(count);
    expect(fill(seen, count - 3072, count)).toBe(0);
    expect(seen.add("id-0")).toBe(true);
  });

  it.each([
    ["", "\0"],
    ["a", "a\0"],
    ["ab", "ba"],
    ["\ud800", "\ud801"],
  ])("tells %j from %j", (one, other) => {
    const seen = new Seen(seededRandom(1));
    expect([one, other, one, other].map((text) => seen.add(text))).toEqual([true, true, false, false]);
  });
});
