import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { expect, it } from "vitest";
import { isRead, kindOf } from "../../../drift/kinds/kindOf";
import { KINDS } from "../../../drift/kinds/kinds";

it("the tables are what their CSV files make", () => {
  execFileSync(process.execPath, [join(__dirname, "../../../drift/kinds/generate.mjs"), "--check"]);

  expect(KINDS).toHaveLength(82);
});

it.each([
  ["opentelekomcloud:index/vpcSubnetV1:VpcSubnetV1", "VPC subnet"],
  ["opentelekomcloud:index/obsBucket:ObsBucket", "OBS bucket"],
  ["opentelekomcloud_dns_zone_v2", "DNS public zone"],
  ["opentelekomcloud_lb_pool_v2", "pool"],
  ["otc-cts:index:Tracker", "CTS tracker (ours)"],
  ["aws:s3/bucket:Bucket", undefined],
])("%s is of the kind %s", (type, kind) => {
  expect(kindOf(type, "id")?.kind).toBe(kind);
});

it("no operation that a kind lists as a change is taken for one that only reads", () => {
  const changes = KINDS.flatMap((kind) =>
    [...kind.create, ...kind.update, ...kind.delete].map((name) => [kind.serviceTypes[0], name] as const),
  );

  expect(changes.filter(([service, name]) => isRead(service, name))).toEqual([]);
});
