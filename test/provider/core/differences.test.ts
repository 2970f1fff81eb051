import { expect, it } from "vitest";
import { differencesOf } from "../../../provider/core/differences";

const keys = ["files", "status"];
const within = { files: ["bucket", "prefix"] };

it.each([
  ["a value", { status: "on" }, { status: "off" }, ["status"]],
  ["a field of an object within", { files: { bucket: "a" } }, { files: { bucket: "b" } }, ["files.bucket"]],
  ["an object that begins", {}, { files: { bucket: "a" } }, ["files"]],
  ["an object that ends", { files: { bucket: "a" } }, {}, ["files"]],
  ["nothing", { status: "on", files: { bucket: "a" } }, { files: { bucket: "a" }, status: "on" }, []],
  ["a key that is not compared", { other: 1 }, { other: 2 }, []],
  ["all, objects last", { files: { bucket: "a" } }, { files: {}, status: "on" }, ["status", "files.bucket"]],
])("differs by %s", (_, from, to, paths) => {
  expect(differencesOf(keys, from, to, { within }).map(({ path }) => path)).toEqual(paths);
});

it("compares by the given rule, within objects too", () => {
  const isSame = (key: string) => key !== "prefix";

  expect(differencesOf(keys, { files: {} }, { files: {}, status: 1 }, { within, isSame })).toEqual([
    { path: "files.prefix", from: undefined, to: undefined },
  ]);
});
