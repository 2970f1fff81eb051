import { expect, it } from "vitest";
import { compact } from "../../client/values";

it("keeps the fields that have a value", () => {
  const fields = { a: "x", b: "", c: null, d: undefined, e: false, f: 0, g: {} };

  expect(compact(fields)).toEqual({ a: "x", e: false, f: 0, g: {} });
});
