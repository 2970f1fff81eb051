import { describe, expect, it } from "vitest";
import type { Trace } from "../../client/api/trace";
import { drifted, judgementOf, MINUTE, NOON, traceAt } from "../support/drift";

const ID = "4f1f8c1a-3a0e-4d3c-9d2b-0a1b2c3d4e5f";
const OTHER = "11111111-3a0e-4d3c-9d2b-0a1b2c3d4e5f";
const VPC = "opentelekomcloud:index/vpcV1:VpcV1";
const DISK = "opentelekomcloud_evs_volume_v3";
const BUCKET = "opentelekomcloud:index/obsBucket:ObsBucket";
const described = (now: unknown = "after") =>
  drifted(VPC, ID, [{ path: "description", old: "before", new: now }], { name: "web" });
const modify = (value: unknown, fields: Partial<Trace> = {}): Partial<Trace> => ({
  traceName: "modifyVpc",
  serviceType: "VPC",
  resourceType: "vpc",
  resourceId: ID,
  request: JSON.stringify({ vpc: { description: value } }),
  ...fields,
});
const remove = { traceName: "deleteVpc", serviceType: "VPC", resourceType: "vpc", resourceId: ID };
const told = ({ verdict, cause }: ReturnType<typeof judgementOf>) => [verdict, cause?.act.first.user?.name];

describe("judge: runs of the stack", () => {
  const run = { start: NOON, end: NOON + 2 * MINUTE };

  it.each([
    [-2, undefined],
    [-1, "it was within 1 minute before a run of this stack"],
    [0, "it was during a run of this stack"],
    [2, "it was during a run of this stack"],
    [2.1, "it was within 15 minutes after a run of this stack"],
    [17, "it was within 15 minutes after a run of this stack"],
    [17.1, undefined],
  ])("says what is known of an operation %d minutes after a run of two minutes began", (minute, evidence) => {
    const traces = [traceAt(minute, "alice", modify("", { request: "" }))];
    const { verdict, cause, own } = judgementOf(described(), traces, [], [run]);

    const [found] = evidence === undefined ? [cause] : own;
    expect(found?.evidence.filter((each) => each.includes("run"))).toEqual(evidence ? [evidence] : []);
    expect(verdict).toBe(evidence ? "unexplained" : "likely");
  });
});

describe("judge: who changed it", () => {
  it.each<[string, Partial<Trace>]>([
    ["as text", {}],
    ["as an object", { request: { vpc: { description: "after" } } }],
    ["as XML", { request: "<Vpc><Description>after</Description></Vpc>" }],
    ["that is cut off", { request: '{"vpc": {"description": "after", "routes": [{"dest' }],
    ["by a service for a user", { user: { name: "alice/op_service" } }],
  ])("confirms a request %s that sets what is there now", (_, fields) => {
    const [verdict, user] = told(judgementOf(described(), [traceAt(1, "alice", modify("after", fields))]));

    expect([verdict, String(user).replace("/op_service", "")]).toEqual(["confirmed", "alice"]);
  });

  it.each<[string, Partial<Trace>, string]>([
    ["likely where the request is empty", { request: "" }, "likely"],
    ["likely where there is no request", { request: undefined }, "likely"],
    ["likely where the value stands alone", { request: { vpc: { remark: "after" } } }, "likely"],
    ["possible where it sets another value", { request: { description: "other" } }, "possible"],
    [
      "likely where the name of the operation is of something else",
      { traceName: "addRoute", request: "" },
      "likely",
    ],
    [
      "possible where only a parent is named",
      { resourceId: OTHER, request: { vpc_id: ID, remark: "after" } },
      "possible",
    ],
    ["unexplained where it is about another one", { resourceId: OTHER, resourceName: "web" }, "unexplained"],
    ["unexplained where it failed", { traceRating: "warning" }, "unexplained"],
    ["unexplained where it was an incident", { traceRating: "incident" }, "unexplained"],
    ["unexplained where it was refused", { code: "403" }, "unexplained"],
    ["unexplained where its name says that it failed", { traceName: "modifyVpcFailed" }, "unexplained"],
    ["unexplained where it only read", { readOnly: true }, "unexplained"],
    ["unexplained where its name says that it only read", { traceName: "showVpc" }, "unexplained"],
    ["confirmed by name and kind without an id", { resourceId: "", resourceName: "web" }, "confirmed"],
    [
      "unexplained by name alone, of another service",
      { resourceId: "", resourceName: "web", serviceType: "ECS" },
      "unexplained",
    ],
  ])("is %s", (_, fields, verdict) => {
    expect(judgementOf(described(), [traceAt(1, "alice", modify("after", fields))]).verdict).toBe(verdict);
  });

  it.each<[string, Trace[], unknown[]]>([
    [
      "the newer of two that set it so",
      [traceAt(1, "alice", modify("after")), traceAt(2, "bob", modify("after"))],
      ["confirmed", "bob"],
    ],
    [
      "the one whose value stands",
      [traceAt(1, "alice", modify("x")), traceAt(2, "bob", modify("after"))],
      ["confirmed", "bob"],
    ],
    [
      "nobody for sure where a newer one set another value",
      [traceAt(1, "alice", modify("after")), traceAt(2, "bob", modify("x"))],
      ["possible", "alice"],
    ],
    [
      "the other one where the newer failed",
      [
        traceAt(1, "alice", modify("after")),
        traceAt(2, "bob", modify("x", { code: 500 as unknown as string })),
      ],
      ["confirmed", "alice"],
    ],
    [
      "the one with the value, not the newer without",
      [traceAt(1, "alice", modify("after")), traceAt(2, "bob", modify("", { request: "" }))],
      ["confirmed", "alice"],
    ],
    [
      "nobody for sure where the service set it later",
      [traceAt(1, "alice", modify("after")), traceAt(50, "", modify("after"))],
      ["possible", "alice"],
    ],
  ])("names %s", (_, traces, expected) => {
    expect(told(judgementOf(described(), traces))).toEqual(expected);
    expect(told(judgementOf(described(), [...traces].reverse()))).toEqual(expected);
  });

  it.each([
    [true, { enabled: true }],
    [10, { size: 10 }],
    ["", { description: null }],
    [["a", "b"], { servers: ["a", "b"] }],
    [{ owner: "x" }, { tags: [{ key: "owner", value: "x" }] }],
  ])("compares %j with what requests hold", (now, request) => {
    const path = Object.keys(request)[0];
    const resource = drifted(VPC, ID, [{ path: path ?? "", new: now }]);

    expect(judgementOf(resource, [traceAt(1, "alice", modify("", { request }))]).verdict).toBe("confirmed");
  });

  it("compares no secret, and says so by what it is sure of", () => {
    const secret = drifted(VPC, ID, [{ path: "description", secret: true }]);

    expect(judgementOf(secret, [traceAt(1, "alice", modify("after"))]).verdict).toBe("likely");
  });

  it("does not take what is about another part of a bucket", () => {
    const bucket = drifted(BUCKET, "files", [{ path: "versioning", new: true }]);
    const act = (minute: number, user: string, traceName: string) =>
      traceAt(minute, user, {
        traceName,
        serviceType: "OBS",
        resourceType: "bucket",
        resourceName: "files",
        traceType: "Others",
      });

    expect(
      told(judgementOf(bucket, [act(1, "alice", "setBucketVersioning"), act(2, "bob", "setBucketPolicy")])),
    ).toEqual(["likely", "alice"]);
  });

  it("is not sure by name where another resource has it", () => {
    const traces = [
      traceAt(1, "alice", modify("after", { resourceId: "", resourceName: "web" })),
      traceAt(2, "bob", modify("x", { resourceId: OTHER, resourceName: "web" })),
    ];

    expect(told(judgementOf(described(), traces))).toEqual(["possible", "alice"]);
  });
});

describe("judge: who deleted it", () => {
  const gone = drifted(VPC, ID, undefined, { name: "web" });

  it.each<[string, Partial<Trace>, string]>([
    ["confirms a deletion by id", {}, "confirmed"],
    ["is likely by name", { resourceId: "", resourceName: "web" }, "likely"],
    ["does not take the deletion of a tag", { traceName: "deleteTag" }, "unexplained"],
    ["does not take the deletion of another one", { resourceId: OTHER }, "unexplained"],
    ["does not take a change", { traceName: "modifyVpc" }, "unexplained"],
  ])("%s", (_, fields, verdict) => {
    expect(judgementOf(gone, [traceAt(1, "alice", { ...remove, ...fields })]).verdict).toBe(verdict);
  });

  it("is not sure where two people deleted it", () => {
    expect(judgementOf(gone, [traceAt(1, "alice", remove), traceAt(2, "bob", remove)]).verdict).toBe(
      "likely",
    );
  });

  it.each([
    ["opentelekomcloud_cce_node_pool_v3", "claimNodePool", "Node pool"],
    ["opentelekomcloud_dds_instance_v3", "ddsDeleteInstance", "instance"],
    ["opentelekomcloud_lb_pool_v2", "deletePool", "pool"],
    ["opentelekomcloud_thing_v9", "deleteThing", "thing"],
    ["pulumi-nodejs:dynamic:Resource", "deletePolicy", "policy"],
  ])("knows how %s is deleted", (type, traceName, resourceType) => {
    expect(
      judgementOf(drifted(type, ID), [traceAt(1, "alice", { traceName, resourceType, resourceId: ID })])
        .verdict,
    ).toBe("confirmed");
  });
});

describe("judge: parts of what is gone", () => {
  it.each([
    ["opentelekomcloud_lb_pool_v2", "deleteMember", "member"],
    ["opentelekomcloud_thing_v9", "deleteMember", "member"],
    ["pulumi-nodejs:dynamic:Resource", "deleteTag", "tag"],
    ["opentelekomcloud_compute_instance_v2", "deleteNic", "ecs"],
    ["opentelekomcloud_compute_instance_v2", "deleteMetadata", "server"],
    ["opentelekomcloud_obs_bucket", "deleteBucketPolicy", "bucket"],
  ])(
    "does not take the deletion of a part of %s for that of the whole: %s",
    (type, traceName, resourceType) => {
      const trace = traceAt(1, "alice", { traceName, resourceType, resourceId: ID, resourceName: ID });

      expect(judgementOf(drifted(type, ID), [trace]).verdict).toBe("unexplained");
    },
  );
});

describe("judge: asynchronous operations", () => {
  const disk = drifted(DISK, ID, [{ path: "size", old: 10, new: 40 }]);
  const extend = (fields: Partial<Trace> = {}) => ({
    traceName: "extendVolume",
    serviceType: "EVS",
    resourceType: "evs",
    resourceId: ID,
    ...fields,
  });

  it("joins the result to the request, and names who asked", () => {
    const traces = [
      traceAt(1, "alice", extend({ request: { "os-extend": { new_size: 40 } } })),
      traceAt(5, "", extend()),
    ];
    const { cause, verdict, also } = judgementOf(disk, traces);

    expect(verdict).toBe("confirmed");
    expect(cause?.act.traces.map(({ traceId }) => traceId)).toEqual(traces.map(({ traceId }) => traceId));
    expect(also).toEqual([]);
  });

  it("does not take what failed in the end", () => {
    const traces = [
      traceAt(1, "alice", extend({ request: { new_size: 40 } })),
      traceAt(5, "", extend({ traceRating: "warning" })),
    ];

    expect(judgementOf(disk, traces)).toMatchObject({
      verdict: "unexplained",
      attempts: [{ act: { hasFailed: true } }],
    });
  });

  it("is not sure where one of two failed, and nothing says which", () => {
    const asked = (minute: number, user: string) =>
      traceAt(minute, user, extend({ request: { new_size: 40 } }));

    expect(
      judgementOf(disk, [
        asked(1, "alice"),
        asked(2, "bob"),
        traceAt(5, "", extend({ traceRating: "warning" })),
      ]).verdict,
    ).toBe("likely");
  });

  it("knows which one failed by the job", () => {
    const asked = (minute: number, user: string, jobId: string) =>
      traceAt(minute, user, extend({ request: { new_size: 40 }, response: { job_id: jobId } }));
    const failed = traceAt(5, "", extend({ traceRating: "warning", response: '{"job_id":"job-2"}' }));

    expect(told(judgementOf(disk, [asked(1, "alice", "job-1"), asked(2, "bob", "job-2"), failed]))).toEqual([
      "confirmed",
      "alice",
    ]);
  });

  it("says that only the service did it", () => {
    expect(judgementOf(disk, [traceAt(1, "", extend({ request: { size: 40 } }))])).toMatchObject({
      verdict: "unexplained",
      isSystemOnly: true,
    });
  });
});

describe("judge: the pipeline's own operations", () => {
  it.each([["alice"], ["id of alice"]])("tells what %s did, and takes it for no cause", (own) => {
    const judgement = judgementOf(described(), [traceAt(1, "alice", modify("after"))], [own]);

    expect(judgement).toMatchObject({ verdict: "unexplained", own: [{ matchedBy: "resourceId" }] });
  });

  it("does not blame who set the same before", () => {
    const traces = [traceAt(1, "bob", modify("after")), traceAt(2, "alice", modify("after"))];

    expect(told(judgementOf(described(), traces, ["alice"]))).toEqual(["possible", "bob"]);
  });
});

describe("judge: ids of every form", () => {
  it.each<[string, string, Partial<Trace>, object?]>([
    ["opentelekomcloud_dns_recordset_v2", `${OTHER}/${ID}`, { resourceId: ID }],
    ["opentelekomcloud_lb_member_v3", `${OTHER}/${ID}`, { resourceId: ID }],
    ["opentelekomcloud_cts_event_notification_v3", `${ID}/alarm`, { resourceId: ID }],
    ["opentelekomcloud_vpc_subnet_v1", OTHER, { resourceId: ID }, { subnetId: ID }],
    ["opentelekomcloud_smn_topic_v2", "urn:smn:eu-de:0605:topic", { resourceId: "urn:smn:eu-de:0605:topic" }],
    [
      "opentelekomcloud_fgs_function_v2",
      "urn:fss:eu-de:0605:function:default:f:latest",
      { resourceId: "urn:fss:eu-de:0605:function:default:f" },
    ],
    [
      "opentelekomcloud_cts_tracker_v3",
      "system",
      { serviceType: "CTS", resourceType: "tracker", resourceName: "system", resourceId: ID },
    ],
    [
      "pulumi-nodejs:dynamic/otc-cts:Tracker",
      `eu-de/${"0".repeat(32)}/system`,
      { serviceType: "CTS", resourceType: "tracker", resourceName: "system" },
    ],
    [
      "pulumi-nodejs:dynamic/otc-cts:KeyEventNotification",
      `eu-de/${"0".repeat(32)}/${ID}`,
      { resourceId: ID },
    ],
    [
      "opentelekomcloud_vpc_eip_v1",
      OTHER,
      { serviceType: "VPC", resourceType: "eip", resourceName: "192.0.2.7" },
      { publicip: [{ ipAddress: "192.0.2.7" }] },
    ],
  ])("finds %s %s", (type, id, trace, outputs) => {
    const resource = drifted(type, id, [{ path: "description", new: "after" }], outputs);

    expect(
      judgementOf(resource, [
        traceAt(1, "alice", { traceName: "updateIt", request: { description: "after" }, ...trace }),
      ]).verdict,
    ).toBe("confirmed");
  });
});
