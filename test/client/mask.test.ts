import { describe, expect, it } from "vitest";
import { mask } from "../../provider/client/mask";

const SECRET = 'pa"ss\\w+or/d=&ü<>?';

describe("mask", () => {
  it.each([
    ["as it is", SECRET],
    ["in JSON", JSON.stringify(SECRET).slice(1, -1)],
    ["in a URL", encodeURIComponent(SECRET)],
    ["in base64", Buffer.from(SECRET).toString("base64").replace(/=+$/, "")],
    ["in base64url", Buffer.from(SECRET).toString("base64url")],
  ])("hides a secret %s, each time", (_, form) => {
    expect(mask(`before ${form} between ${form} after`, [SECRET])).toBe("before *** between *** after");
  });

  it("hides a longer secret whole, whatever part of it is a secret, too", () => {
    expect(mask("abcdef", ["cd", "abcdef"])).toBe("***");
  });

  it("takes an empty secret for none", () => {
    expect(mask("abc", ["", "b"])).toBe("a***c");
  });

  it("hides half a character, which no URL can hold", () => {
    expect(mask("a\ud800b", ["\ud800"])).toBe("a***b");
  });
});
