import { describe, expect, it } from "vitest";
import { UNKNOWN } from "../../../provider/core/unknown";
import { isReplacedOn } from "../../../provider/dynamic/replaceOnChanges";

const bucket = { path: "obsInfo.bucketName", from: "a", to: "b" };
const began = { path: "obsInfo", from: undefined, to: { bucketName: "b", isSortByService: true } };
const operations = {
  path: "operations",
  from: [{ serviceType: "ECS", traceNames: ["a"] }],
  to: [{ serviceType: "ECS", traceNames: ["a", "b"] }, { serviceType: "IAM" }],
};

describe("isReplacedOn", () => {
  it.each([
    ["obsInfo", bucket, true],
    ["obsInfo.bucketName", bucket, true],
    ['obsInfo["bucketName"]', bucket, true],
    ["obsInfo.*", bucket, true],
    ["*", bucket, true],
    ["obsInfo.filePrefixName", bucket, false],
    ["obsInfo.bucket", bucket, false],
    ["obs", bucket, false],
    ["status", bucket, false],
    ["obsInfo", began, true],
    ["obsInfo.bucketName", began, true],
    ["obsInfo.filePrefixName", began, false],
    ["obsInfo.bucketName", { ...began, to: UNKNOWN }, true],
    ["operations", operations, true],
    ["operations[*]", operations, true],
    ["operations[1]", operations, true],
    ["operations[0].serviceType", operations, false],
    ["operations[0].traceNames", operations, true],
    ["operations[0].traceNames[1]", operations, true],
    ["operations[*].traceNames[0]", operations, false],
    ["operations[*].serviceType", operations, true],
  ])("of %s and a difference at %j: %s", (path, difference, expected) => {
    expect(isReplacedOn([path], difference)).toBe(expected);
  });

  it("needs one path of several", () => {
    expect(isReplacedOn(["status", "obsInfo"], bucket)).toBe(true);
    expect(isReplacedOn([], bucket)).toBe(false);
  });
});
