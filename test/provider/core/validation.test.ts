import { describe, expect, it } from "vitest";
import { z } from "zod";
import { UNKNOWN } from "../../../provider/core/unknown";
import { orUnknown, parseArgs, show } from "../../../provider/core/validation";

const schema = z.strictObject({
  name: z.string("must be a string").min(2, "must have at least 2 characters"),
  list: z.array(z.strictObject({ size: z.number("must be a number") }), "must be a list").optional(),
  place: orUnknown(z.strictObject({ region: orUnknown(z.string("must be a string")) })).optional(),
});
const problemsOf = (args: unknown) =>
  Object.fromEntries(parseArgs(schema, args).problems.map(({ path, reason }) => [path, reason]));

describe("parseArgs", () => {
  it("returns complete arguments, or problems, never both", () => {
    expect(parseArgs(schema, { name: "ab" })).toEqual({ inputs: { name: "ab" }, problems: [] });
    expect(parseArgs(schema, { name: "a" }).inputs).toBeUndefined();
  });

  it("reports every problem on its path as Pulumi writes paths, with the value", () => {
    expect(problemsOf({ name: "a", list: [{ size: 1 }, { size: "2", more: 1 }], other: true })).toEqual({
      name: 'must have at least 2 characters, got "a"',
      "list[1].size": 'must be a number, got "2"',
      "list[1].more": "is not a known property",
      other: "is not a known property",
    });
  });

  it("reports only the wrong type of a value that has one", () => {
    expect(problemsOf({ name: 5, list: "x" })).toEqual({
      name: "must be a string, got 5",
      list: 'must be a list, got "x"',
    });
  });

  it.each([
    ["nothing", {}, "is required: must be a string"],
    ["null", { name: null }, "is required: must be a string"],
    ["an empty string", { name: "" }, "is required: must not be empty"],
  ])("takes %s as left out", (_, args, reason) => {
    expect(problemsOf(args)).toEqual({ name: reason });
  });

  it("applies rules over several arguments also where one of them is wrong", () => {
    const rules = (given: Readonly<Record<string, unknown>>) =>
      given["list"] === undefined ? [{ path: "list", reason: "is missed" }] : [];

    expect(parseArgs(schema, { name: 1 }, rules).problems.map(({ path }) => path)).toEqual(["name", "list"]);
  });

  it.each([["a string"], [undefined], [null], [[1]]])("refuses %j in place of arguments", (args) => {
    expect(parseArgs(schema, args).inputs).toBeUndefined();
  });
});

describe("orUnknown", () => {
  it("lets pass an unknown value, at any depth, and judges a known one on its full path", () => {
    expect(problemsOf({ name: "ab", place: UNKNOWN })).toEqual({});
    expect(problemsOf({ name: "ab", place: { region: UNKNOWN } })).toEqual({});
    expect(problemsOf({ name: "ab", place: { region: 5 } })).toEqual({
      "place.region": "must be a string, got 5",
    });
  });
});

describe("show", () => {
  it.each([
    [undefined, "none"],
    ["a", '"a"'],
    [[1, null], "[1,null]"],
    ["\u001b[31m\n", String.raw`"\u001b[31m\n"`],
    [UNKNOWN, "Symbol(unknown)"],
  ])("writes %o visibly and exactly", (value, text) => {
    expect(show(value)).toBe(text);
  });
});
