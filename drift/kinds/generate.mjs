/**
 * Makes the tables of kinds and operations from the two CSV files beside it: `node drift/kinds/generate.mjs`.
 * With `--check` it writes nothing, and fails where a table is out of date.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));

/** The identity of a kind, by what `cts_resource_id_vs_provider_id` says. */
const IDENTITIES = {
  same: "id",
  "expected the same": "id",
  "expected the same for delete": "id",
  "one of two ids": "id",
  "node or cluster": "id",
  "pool or cluster": "id",
  "URN, perhaps with another version suffix": "id",
  unknown: "id",
  "last part of the id": "lastPart",
  "member or pool": "lastPart",
  "first part of the id is the server": "lastPart",
  "first part of the id is the key": "lastPart",
  "first part of the id": "firstPart",
  "resource_id is absent": "name",
  "parts of the id": "none",
  "instance, not the topic": "none",
  "user, not the key": "none",
  never: "none",
  "not in the trace list": "none",
  "unknown: tracker id or system": "tracker",
  "never: composed by us": "tracker",
};

/** Outputs that hold the id of another resource, under which the service may record the change. */
const PARENTS = {
  opentelekomcloud_networking_secgroup_rule_v2: ["securityGroupId"],
  opentelekomcloud_cce_node_v3: ["clusterId"],
  opentelekomcloud_cce_node_pool_v3: ["clusterId"],
  opentelekomcloud_dms_topic_v1: ["instanceId"],
  opentelekomcloud_identity_group_membership_v3: ["group"],
  opentelekomcloud_identity_credential_v3: ["userId"],
  opentelekomcloud_smn_subscription_v2: ["topicUrn"],
};

/** Outputs that hold another id of the resource itself. */
const OTHER_IDS = { opentelekomcloud_vpc_subnet_v1: ["subnetId", "networkId"] };

/** The native plug-in's name of our tracker. The dynamic one is recognised by its id. */
const TRACKER = "otc-cts:index:Tracker";

const kinds = readCsv("resourceKinds.csv").map((row) => {
  const identity = IDENTITIES[row.cts_resource_id_vs_provider_id];
  if (!identity) {
    throw new Error(`${row.kind}: no identity for "${row.cts_resource_id_vs_provider_id}"`);
  }
  return {
    kind: row.kind,
    type: row.tf_type || TRACKER,
    serviceTypes: row.service_type.split(/ \(native: |\)/).filter(Boolean),
    resourceTypes: row.resource_types_in_documents.split("|"),
    create: list(row.create),
    update: list(row.update),
    delete: list(row.delete),
    identity,
    parents: PARENTS[row.tf_type] ?? [],
    otherIds: OTHER_IDS[row.tf_type] ?? [],
    isDocumented: !/no OTC document|not recorded/.test(row.caution),
    evidence: row.evidence,
    caution: row.caution,
  };
});

const services = {};
for (const row of readCsv("operations.csv")) {
  services[row.service_type] ??= { reads: new Set(), sources: new Set() };
  const service = services[row.service_type];
  if (row.action === "read-or-session") {
    service.reads.add(row.trace_name);
  }
  service.sources.add(`${row.source_repo}/${row.source_path}@${row.source_commit}`);
}
const operations = Object.fromEntries(
  Object.entries(services)
    .sort()
    .map(([name, { reads, sources }]) => [name, { reads: [...reads].sort(), sources: [...sources].sort() }]),
);

write(
  "kinds.ts",
  `import type { ResourceKind } from "./resourceKind";

/** Made by generate.mjs from resourceKinds.csv, where the sources are. */
export const KINDS: readonly ResourceKind[] = JSON.parse(${quote(kinds)});
`,
);
write(
  "operations.ts",
  `import type { RecordedService } from "./resourceKind";

/** The services whose operations a document lists as recorded. Made by generate.mjs from operations.csv. */
export const RECORDED_SERVICES: Readonly<Record<string, RecordedService>> = JSON.parse(${quote(operations)});
`,
);

function list(names) {
  return names ? names.split("|") : [];
}

/** As a template of JSON, one entry a line: short for readers of a change, and nothing for the formatter to do. */
function quote(value) {
  const [open, close] = Array.isArray(value) ? "[]" : "{}";
  const entries = Object.entries(value).map(([key, each]) =>
    Array.isArray(value) ? JSON.stringify(each) : `${JSON.stringify(key)}:${JSON.stringify(each)}`,
  );
  return `\`${open}\n${entries.join(",\n").replaceAll("\\", "\\\\").replaceAll("`", "\\`")}\n${close}\``;
}

function write(name, text) {
  const path = join(here, name);
  if (!process.argv.includes("--check")) {
    return writeFileSync(path, text);
  }
  if (readFileSync(path, "utf8") !== text) {
    process.stderr.write(`${name} is out of date: run node drift/kinds/generate.mjs\n`);
    process.exitCode = 1;
  }
}

function readCsv(name) {
  const [header, ...rows] = parseCsv(readFileSync(join(here, name), "utf8"));
  return rows.map((row) => Object.fromEntries(header.map((column, i) => [column, row[i] ?? ""])));
}

/** RFC 4180, without line breaks in fields: the files have none. */
function parseCsv(text) {
  const field = /(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g;
  const fields = (line) =>
    [...line.matchAll(field)].map(([, quoted, plain = ""]) => quoted?.replaceAll('""', '"') ?? plain);
  return text.trimEnd().split(/\r?\n/).map(fields);
}
