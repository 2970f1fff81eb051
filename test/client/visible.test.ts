import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { visible, visibleJson } from "../../client/visible";
import { propertyRuns } from "../support/runs";

const anyChar = fc.nat(0x10ffff).map((code) => String.fromCodePoint(code));
/** Characters that no text for people may hold. */
const UNSEEN = /(?! )[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}\u2800]|\p{M}{5}/u;

describe("visible", () => {
  it.each([
    ["plain text", "plain text"],
    ["größer 東京 🛠", "größer 東京 🛠"],
    ["größer".normalize("NFD"), "größer".normalize("NFD")],
    ["\x1b[31m\r\n\t\0", "␛[31m␍␊␉␀"],
    ["\x7f\x9b31m", "␡<U+009B>31m"],
    ["file\u202egpj.exe", "file<U+202E>gpj.exe"],
    ["zero\u200bwidth\u2028\ud800", "zero<U+200B>width<U+2028><U+D800>"],
    ["a\u3164\u2800\u00a0\u2003\u3000b", "a<U+3164><U+2800><U+00A0><U+2003><U+3000>b"],
    ["a\ufe0f\u{e0100}\u034f\u115f\u{e0041}", "a<U+FE0F><U+E0100><U+034F><U+115F><U+E0041>"],
    ["\ue000\uffff\u{1d159}", "<U+E000><U+FFFF><U+1D159>"],
    ["Z\u0321\u0322\u0323\u0324\u0325\u0326x\u0301", "Z\u0321\u0322\u0323\u0324<U+0325><U+0326>x\u0301"],
    ["\u0301a \u0301(\u0338", "<U+0301>a <U+0301>(<U+0338>"],
  ])("makes %j into %j", (text, expected) => {
    expect(visible(text)).toBe(expected);
  });

  it("leaves nothing that is not seen, and nothing to do for a second time", () => {
    const text = fc.string({ unit: fc.oneof(anyChar, fc.constantFrom("\u0301", "\ufe0f", "\u20e3")) });
    fc.assert(
      fc.property(text, (foreign) => {
        const shown = visible(foreign);

        expect(shown).not.toMatch(UNSEEN);
        expect(visible(shown)).toBe(shown);
      }),
      { numRuns: propertyRuns() },
    );
  });
});

describe("visibleJson", () => {
  it("means the same, and has nothing in it that is not seen", () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: "binary" }), (value) => {
        const json = JSON.stringify(value);
        const shown = visibleJson(json);

        expect(JSON.parse(shown)).toEqual(JSON.parse(json));
        expect(shown).not.toMatch(UNSEEN);
      }),
      { numRuns: propertyRuns() },
    );
  });

  it("writes as escapes what `visible` replaces", () => {
    expect(visibleJson('"\u202e\u3164Z\u0321\u0322\u0323\u0324\u0325\u{e0100}"')).toBe(
      String.raw`"\u202e\u3164Z${"\u0321\u0322\u0323\u0324"}\u0325\udb40\udd00"`,
    );
  });
});
