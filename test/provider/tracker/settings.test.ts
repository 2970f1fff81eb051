import { describe, expect, it } from "vitest";
import { UNKNOWN } from "../../../provider/core/unknown";
import { TrackerResource } from "../../../provider/tracker/resource";
import type { TrackerState } from "../../../provider/tracker/state";
import { useResource } from "../../support/resourceBench";

const bench = useResource(TrackerResource);
const { service, checked, problemsWith } = bench;

describe("the check of a tracker", () => {
  it("fills in every default, the region, and the project by its id", async () => {
    expect(await checked({ obsInfo: { bucketName: "audit-files" } })).toEqual({
      status: "enabled",
      obsInfo: {
        bucketName: "audit-files",
        isObsCreated: false,
        compressType: "gzip",
        isSortByService: true,
      },
      isLtsEnabled: false,
      isSupportValidate: false,
      region: "eu-de",
      projectId: service.emulator.projectId(),
    });
  });

  it.each([
    ["ab", "3 to 63"],
    ["a".repeat(64), "3 to 63"],
    ["UPPER", "lower-case"],
    ["under_score", "lower-case"],
    ["-begins", "begin with"],
    ["ends-", "end with"],
    ["two..dots", "two dots"],
    ["dot.-hyphen", "two dots"],
    ["hyphen-.dot", "two dots"],
    ["192.168.0.1", "IP address"],
  ])("refuses the bucket name %s by the rule it breaks", async (bucketName, rule) => {
    const { "obsInfo.bucketName": reason } = await problemsWith({ obsInfo: { bucketName } });
    expect(reason).toContain(rule);
    expect(reason).toContain(`got "${bucketName}"`);
  });

  it.each(["abc", "a".repeat(63), "0-9.a"])("takes the bucket name %s", async (bucketName) => {
    expect(await problemsWith({ obsInfo: { bucketName } })).toEqual({});
  });

  it.each([["a".repeat(65)], ["a/b"], ["ä"]])("refuses the prefix %s", async (filePrefixName) => {
    const problems = await problemsWith({ obsInfo: { bucketName: "abc", filePrefixName } });
    expect(problems["obsInfo.filePrefixName"]).toContain("at most 64 letters");
  });

  it("reports wrong types, missing and contradictory settings together, each on its path", async () => {
    expect(await problemsWith({ status: 7, isSupportValidate: true, adopt: "yes", other: 1 })).toEqual({
      status: 'must be "enabled" or "disabled", got 7',
      isSupportValidate: expect.stringContaining("needs obsInfo"),
      adopt: 'must be true or false, got "yes"',
      other: "is not a known property",
    });
    expect(await problemsWith({ obsInfo: {} })).toEqual({
      "obsInfo.bucketName": "is required: must be a string",
    });
    expect(await problemsWith({ obsInfo: { bucketName: "" } })).toEqual({
      "obsInfo.bucketName": "is required: must not be empty",
    });
    expect(await problemsWith({ obsInfo: "audit" })).toEqual({
      obsInfo: 'must be an object with at least bucketName, got "audit"',
    });
  });

  it("takes empty strings and nulls as left out", async () => {
    expect(await problemsWith({ status: null, obsInfo: null, region: "" })).toEqual({});
    expect(await problemsWith({ obsInfo: { bucketName: "abc", filePrefixName: "" } })).toEqual({});
  });

  it("lets pass what is not known yet, and judges the rest", async () => {
    const obsInfo = { bucketName: UNKNOWN, filePrefixName: "a/b" };
    expect(Object.keys(await problemsWith({ obsInfo, isSupportValidate: true }))).toEqual([
      "obsInfo.filePrefixName",
    ]);
    expect(await checked({ obsInfo: UNKNOWN, projectId: UNKNOWN })).toMatchObject({
      obsInfo: UNKNOWN,
      projectId: UNKNOWN,
      region: UNKNOWN,
    });
    expect(service.emulator.journal.entries).toEqual([]);
  });

  it("refuses what API v1.0 has no words for, all at once, where that is what the connection uses", async () => {
    const byV1 = bench.anew({ ...service.emulator.settings(), apiVersion: "v1" });
    const problemsByV1 = async (args: object) =>
      (await byV1.check(args, undefined, undefined)).problems.map(({ path, reason }) => `${path} ${reason}`);
    const obsInfo = { bucketName: "audit-files", compressType: "json", isSortByService: false };

    expect(await problemsByV1({ obsInfo, isSupportValidate: true })).toEqual([
      "isSupportValidate cannot be true with otc-cts:apiVersion v1",
      'obsInfo.compressType cannot be "json" with otc-cts:apiVersion v1',
      "obsInfo.isSortByService cannot be false with otc-cts:apiVersion v1",
    ]);
    expect(await problemsByV1({})).toEqual(["obsInfo is required with otc-cts:apiVersion v1"]);
    expect(await problemsByV1({ obsInfo: { bucketName: "audit-files" } })).toEqual([]);
    expect(await problemsByV1({ obsInfo: UNKNOWN, isSupportValidate: UNKNOWN })).toEqual([]);
    expect(await problemsWith({ obsInfo, isSupportValidate: true })).toEqual({});
  });

  it("refuses a project name and a project id that are not of one project", async () => {
    const args = { projectName: "eu-de_demo", projectId: service.emulator.projectId("eu-nl_demo") };
    await expect(bench.resource.check(args, undefined, undefined)).rejects.toThrow(/give one of them/);
  });

  it("takes an unhealthy status that a refresh has read, and nobody declared, for none", async () => {
    const inputs = await checked({});
    const { inputs: now, problems } = await bench.resource.check(
      { status: "error" },
      { ...inputs, status: "error" } as never,
      undefined,
    );
    expect(problems).toEqual([]);
    expect(now?.status).toBe("enabled");
    expect(await problemsWith({ status: "error" })).toHaveProperty("status");
  });
});

describe("the diff of a tracker", () => {
  const id = "eu-de/p1/system";
  const state = {
    status: "enabled",
    obsInfo: { bucketName: "abc", isObsCreated: false, compressType: "gzip", isSortByService: true },
    isLtsEnabled: false,
    isSupportValidate: false,
    region: "eu-de",
    projectId: "p1",
    trackerId: "t1",
    trackerName: "system",
    trackerType: "system",
    lts: { isLtsEnabled: false },
  } satisfies TrackerState;
  const { trackerId: _1, trackerName: _2, trackerType: _3, lts: _4, ...same } = state;
  const inputs = { ...same, status: "enabled" as const };

  it.each([
    ["nothing", {}, []],
    ["status", { status: "disabled" as const }, ["status"]],
    ["the prefix", { obsInfo: { ...state.obsInfo, filePrefixName: "p" } }, ["obsInfo.filePrefixName"]],
    ["no transfer", { obsInfo: undefined }, ["obsInfo"]],
    ["a flag", { isLtsEnabled: true }, ["isLtsEnabled"]],
    ["what destroy does", { onDestroy: "disable" as const }, ["onDestroy"]],
    ["the region", { region: "eu-nl" }, ["region!"]],
    ["the project", { projectId: "p2" }, ["projectId!"]],
    ["a project not known yet", { projectId: UNKNOWN as never }, ["projectId!"]],
  ])("of %s", (_, change, expected) => {
    const { obsInfo, ...rest } = { ...inputs, ...change };
    const differences = bench.resource.diff(id, state, { ...rest, ...(obsInfo && { obsInfo }) });
    expect(differences.map(({ path, replaces }) => path + (replaces ? "!" : ""))).toEqual(expected);
  });

  it("takes a setting that the state of an earlier release does not have for its default", () => {
    const { isSupportValidate: _1, obsInfo, ...rest } = state;
    const { compressType: _2, ...obs } = obsInfo;
    const earlier = { ...rest, obsInfo: obs } as unknown as TrackerState;

    expect(bench.resource.diff(id, earlier, inputs)).toEqual([]);
    expect(bench.resource.diff(id, earlier, { ...inputs, isSupportValidate: true })).toEqual([
      { path: "isSupportValidate", from: false, to: true },
    ]);
  });

  it("takes an unhealthy tracker for one that differs from any that is wanted", () => {
    const differences = bench.resource.diff(id, { ...state, status: "error" }, inputs);
    expect(differences).toEqual([{ path: "status", from: "error", to: "enabled" }]);
  });
});
