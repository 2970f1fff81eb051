import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { masker } from "../../client/mask";
import { visible } from "../../client/visible";
import { formsOf } from "../support/leaks";
import { propertyRuns } from "../support/runs";

const SECRET = 'pa"ss\\w+or/d=&ü<>?';
const html = "pa&quot;ss\\w+or/d=&amp;ü&lt;&gt;?";

const mask = (text: string, secrets: string[]) => masker(secrets)(text);

describe("masker", () => {
  it.each([
    ["as it is", SECRET],
    ["in JSON", JSON.stringify(SECRET).slice(1, -1)],
    ["in JSON with slashes escaped", JSON.stringify(SECRET).slice(1, -1).replaceAll("/", "\\/")],
    ["in a URL", encodeURIComponent(SECRET)],
    ["in HTML", html],
    ["in base64", Buffer.from(SECRET).toString("base64").replace(/=+$/, "")],
    ["in base64url", Buffer.from(SECRET).toString("base64url")],
    ["in base64 in a URL", encodeURIComponent(Buffer.from(SECRET).toString("base64").replace(/=+$/, ""))],
  ])("hides a secret %s, each time", (_, form) => {
    expect(mask(`before ${form} between ${form} after`, [SECRET])).toBe("before *** between *** after");
  });

  it("hides a secret in every form in which a leak is looked for, also in words that were made visible", () => {
    const secret = fc.string({
      unit: fc.oneof(
        { weight: 3, arbitrary: fc.constantFrom(..."aB3+/=&\"'\\ <%!") },
        fc.constantFrom("ü", "\u00a0", "\x1b", "東"),
      ),
      minLength: 8,
    });
    fc.assert(
      fc.property(secret, (text) => {
        for (const [form] of formsOf(text)) {
          expect(mask(`before ${form} after`, [text])).not.toContain(form);
          expect(mask(visible(`before ${form} after`), [text])).not.toContain(visible(form));
        }
      }),
      { numRuns: propertyRuns() },
    );
  });

  it("hides a longer secret whole, whatever part of it is a secret, too", () => {
    expect(mask("abcdefg", ["cde", "abcdefg"])).toBe("***");
  });

  it("ignores secrets of fewer than three characters", () => {
    expect(mask("abcde", ["", "a", "bc", "cde"])).toBe("ab***");
  });

  it("hides half a character, which no URL can hold", () => {
    expect(mask("ab\ud800cd", ["b\ud800c"])).toBe("a***d");
  });
});
