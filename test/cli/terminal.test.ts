import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { columnsOf, fitTo, paintFor, widthOf } from "../../cli/terminal";
import { propertyRuns } from "../support/runs";

describe("fitTo", () => {
  it.each([
    ["abc", 5, "abc  "],
    ["abcdef", 4, "abc…"],
    ["abcd", 4, "abcd"],
    ["東京東京", 4, "東… "],
    ["🛠🛠", 1, "…"],
    ["❤⌛🇩🇪", 6, "❤⌛🇩🇪 "],
    ["각".normalize("NFD"), 2, "각".normalize("NFD")],
    ["é".normalize("NFD").repeat(3), 3, "é".normalize("NFD").repeat(3)],
  ])("%j in %i columns is %j", (text, width, expected) => {
    expect(fitTo(text, width)).toBe(expected);
  });

  it("takes exactly the given number of columns", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.integer({ min: 1, max: 20 }), (text, width) => {
        expect(columnsOf(fitTo(text, width))).toBe(width);
      }),
      { numRuns: propertyRuns() },
    );
  });
});

describe("widthOf", () => {
  it.each([
    [{}, undefined],
    [{ columns: 100 }, undefined],
    [{ isTTY: true, columns: 100 }, 100],
    [{ isTTY: true, columns: 0 }, 80],
    [{ isTTY: true }, 80],
  ])("of %j is %s", (stream, width) => {
    expect(widthOf(stream)).toBe(width);
  });
});

describe("paintFor", () => {
  it("colours on a terminal that has colours, and nowhere else", () => {
    const red = (stream: Parameters<typeof paintFor>[0]) => paintFor(stream)("red", "x");

    expect(red({ isTTY: true, hasColors: () => true })).toBe("\x1b[31mx\x1b[39m");
    expect(red({ isTTY: true, hasColors: () => false })).toBe("x");
    expect(red({ isTTY: true })).toBe("x");
    expect(red({ hasColors: () => true })).toBe("x");
  });
});
