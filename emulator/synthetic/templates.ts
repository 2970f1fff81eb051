import { type Account, hexId } from "../options";
import type { Place } from "../place";
import type { SearchFields } from "../state/search";
import type { WireTrace } from "../wire/traces";
import { hex4, hex8 } from "./hex";

type Random = () => number;

/** The resources of a service, and their operations. */
interface CatalogueEntry {
  service_type: string;
  resource_type: string;
  /** The beginning of the names of such resources. */
  prefix: string;
  api_version: string;
  /** The most frequent first. */
  names: readonly string[];
}

/**
 * Named as the user guides of the services do. Twice in the list is twice as frequent. CTS' own traces are not made up: what is there of
 * them has happened.
 */
const CATALOGUE: readonly CatalogueEntry[] = [
  entry("IAM", "user", "", "v3", ["login", "logout", "modifyUserPassword", "updateUser", "createUser"]),
  entry("IAM", "user", "", "v3", ["login", "logout"]),
  entry("IAM", "user", "ak-", "v3.0", ["createCredential", "deleteCredential"]),
  entry("ECS", "ecs", "ecs-", "v1", ["createServer", "rebootServer", "stopServer", "deleteServer"]),
  entry("ECS", "ecs", "ecs-", "v1", ["createServer", "attachVolume", "detachVolume", "resizeServer"]),
  entry("EVS", "evs", "volume-", "v2", ["createVolume", "deleteVolume", "extendVolume"]),
  entry("VPC", "vpc", "vpc-", "v1", ["createVpc", "deleteVpc", "modifyVpc"]),
  entry("VPC", "subnet", "subnet-", "v1", ["createSubnet", "deleteSubnet"]),
  entry("VPC", "security_groups", "sg-", "v2.0", ["createSecurity-group", "updateSecurity-group"]),
  entry("OBS", "bucket", "data-", "v3", ["createBucket", "setBucketPolicy", "deleteBucket"]),
  entry("ELB", "loadbalancer", "elb-", "v2.0", ["createLoadbalancer", "updateLoadbalancer"]),
  entry("RDS", "instance", "rds-", "v3", ["createInstance", "instanceRestart", "deleteInstance"]),
  entry("CCE", "Cluster", "cce-", "v3", ["createCluster", "updateCluster", "resizeCluster"]),
  entry("AS", "scaling_group", "as-", "v1", ["createScalingGroup", "modifyScalingGroup"]),
  entry("KMS", "cmk", "key-", "v1.0", ["createKey", "disableKey", "scheduleKeyDeletion"]),
  entry("SMN", "topic", "topic-", "v2", ["createTopic", "deleteTopic", "updateTopic"]),
  entry("DNS", "publicRecordSet", "record-", "v2", ["createPublicRecordSet", "updatePublicRecordSet"]),
];

function entry(
  service_type: string,
  resource_type: string,
  prefix: string,
  api_version: string,
  names: readonly string[],
): CatalogueEntry {
  return { service_type, resource_type, prefix, api_version, names };
}

/** To each entry of the catalogue, all that are of its service. */
const SAME_SERVICE = CATALOGUE.map(({ service_type }) =>
  CATALOGUE.filter((other) => other.service_type === service_type),
);

const PEOPLE = withIds(["alice", "bob", "carol", "dieter", "jürgen.groß", "eve@example.com", "ops admin"]);
const MACHINES = withIds(["terraform", "pulumi-ci", "backup-agent"]);
const NETWORKS = ["192.0.2.", "198.51.100.", "203.0.113."];

interface User {
  id: string;
  name: string;
}

function withIds(names: readonly string[]): User[] {
  return names.map((name) => ({ id: hexId(`user ${name}`), name }));
}

/** The work of one user at one time. */
export interface Session {
  user: User;
  isMachine: boolean;
  /** Of the ranges that are meant for documentation. */
  source_ip: string;
  /** The resources of one service, which most of it is about. */
  kinds: readonly CatalogueEntry[];
}

/** Who works at what. */
export function sessionOf(random: Random): Session {
  const isMachine = random() < 0.5;
  const isIpv6 = random() < 0.05;
  return {
    user: pick(isMachine ? MACHINES : PEOPLE, random),
    isMachine,
    source_ip: isIpv6
      ? `2001:db8::${hex8(bits32(random))}`
      : `${pick(NETWORKS, random)}${1 + below(254, random)}`,
    kinds: pick(SAME_SERVICE, random),
  };
}

/** The searched fields of a synthetic trace, and the seeds of the rest. */
export interface TraceDraft extends SearchFields {
  trace_name: string;
  resource_name: string | undefined;
  resource_id: string | undefined;
  kind: CatalogueEntry;
  outcome: Outcome;
  /** The variation of the trace. */
  variation: Variation | undefined;
}

/** The first part of a trace: made in about a microsecond, so that a search can go through many. */
export function draftOf(session: Session, random: Random): TraceDraft {
  const kind = pick(random() < 0.7 ? session.kinds : CATALOGUE, random);
  const outcome = pick(OUTCOMES, random);
  const variation = pick(VARIATIONS, random);
  const isNamed = !variation?.isNameless;
  const resourceName = kind.prefix === "" ? session.user.name : kind.prefix + hex8(bits32(random));
  return {
    kind,
    outcome,
    variation,
    service_type: kind.service_type,
    resource_type: kind.resource_type,
    // The square makes the first names the most frequent.
    trace_name: kind.names[Math.floor(random() ** 2 * kind.names.length)] ?? "",
    trace_rating: outcome.trace_rating,
    user: session.user.name,
    resource_name: isNamed ? resourceName : undefined,
    resource_id: isNamed ? uuidV4(random) : undefined,
  };
}

/** The identity of a trace, and where it is. */
export interface TraceFrame {
  account: Account;
  place: Place;
  trace_id: string;
  /** Milliseconds since 1970. */
  time: number;
  /** The latest that it may be written down. */
  now: number;
}

/** A whole trace: mostly of the service that the session is about. */
export function traceOf(frame: TraceFrame, session: Session, random: Random): WireTrace {
  const { account, place, trace_id, time, now } = frame;
  const { kind, outcome, variation, trace_name, resource_name, resource_id } = draftOf(session, random);
  const { service_type, resource_type, api_version } = kind;
  const isOfService = random() < 0.04;
  // Spelt out, as copying from object to object would take most of the time.
  const trace: WireTrace = {
    trace_id,
    trace_name,
    trace_rating: outcome.trace_rating,
    trace_type: isOfService ? "SystemAction" : session.isMachine ? "ApiCall" : "ConsoleAction",
    time,
    record_time: Math.min(now, time + below(3000, random)),
    user: { id: session.user.id, name: session.user.name, domain: { ...account.domain } },
    service_type,
    resource_type,
    resource_name,
    resource_id,
    source_ip: isOfService ? "" : session.source_ip,
    code: outcome.code,
    api_version,
    request: `{"${resource_type}":${jsonOf("name", resource_name)}}`,
    response: outcome.message ? jsonOf("error_msg", outcome.message) : jsonOf("id", resource_id),
    request_id: hex32(random),
    endpoint: `${service_type.toLowerCase()}.${place.region}.otc.t-systems.com`,
    resource_url: `/${api_version}/${place.projectId}/${resource_type}/${resource_id}`,
    tracker_name: "system",
  };
  if (outcome.message) {
    trace.message = outcome.message;
  }
  Object.assign(trace, variation?.apply?.(trace, random));
  for (const field of variation?.lacks ?? []) {
    delete trace[field];
  }
  return trace;
}

/** The values need no escapes, and `JSON.stringify` takes three times as long. */
function jsonOf(name: string, text: string | undefined): string {
  return text === undefined ? "{}" : `{"${name}":"${text}"}`;
}

/** The outcome of a call. */
interface Outcome {
  trace_rating: "normal" | "warning" | "incident";
  code: string;
  message?: string;
}

/** Of a thousand calls: some are refused, and few go wrong. */
const OUTCOMES = repeatEach<Outcome>([
  [5, { trace_rating: "incident", code: "500", message: "The service is abnormal." }],
  [30, { trace_rating: "warning", code: "403", message: "The user has no permission." }],
  [15, { trace_rating: "warning", code: "404", message: "There is no such resource." }],
  [450, { trace_rating: "normal", code: "202" }],
  [500, { trace_rating: "normal", code: "200" }],
]);

/** A shape that readers of traces do not expect, and real logs have. */
interface Variation {
  /** The trace names no resource. */
  isNameless?: true;
  /** The fields that are not there at all. */
  lacks?: readonly string[];
  /** The fields that are different. */
  apply?(trace: WireTrace, random: Random): Partial<WireTrace>;
}

/** Of a thousand traces. */
const VARIATIONS = repeatEach<Variation | undefined>([
  [630, undefined],
  [80, { apply: ({ code }) => ({ code: Number(code) }) }],
  [80, { apply: ({ response }) => ({ response: JSON.parse(String(response)) as unknown }) }],
  [40, { apply: ({ user }) => ({ user: JSON.stringify(user) }) }],
  [40, { apply: () => ({ request: "", response: "" }) }],
  [30, { isNameless: true, lacks: ["resource_name", "resource_id", "resource_url"] }],
  [30, { lacks: ["request", "response", "code", "endpoint"] }],
  [20, { apply: () => ({ message: 'Done by hand: "größer" 🛠, see ticket #4711.' }) }],
  [20, { apply: () => ({ location_info: "at handler, line 42" }) }],
  [20, { apply: (_, random) => ofEnterpriseProject(random) }],
  [10, { apply: (_, random) => ({ request: JSON.stringify({ user_data: longText(random) }) }) }],
]);

function ofEnterpriseProject(random: Random): Partial<WireTrace> {
  return { enterprise_project_id: "0", read_only: true, operation: { id: uuidV4(random), step: 1 } };
}

/** A list with each value so many times: to pick from it takes one step, however many there are. */
function repeatEach<T>(counted: readonly (readonly [times: number, value: T])[]): readonly T[] {
  return counted.flatMap(([times, value]) => new Array<T>(times).fill(value));
}

function pick<T>(list: readonly T[], random: Random): T {
  return list[below(list.length, random)] as T;
}

function below(limit: number, random: Random): number {
  return Math.floor(random() * limit);
}

/** 32 of them. */
function bits32(random: Random): number {
  return random() * 0x100000000;
}

/** Of version 4. */
function uuidV4(random: Random): string {
  const [middle, variant] = [bits32(random), bits32(random)];
  return `${hex8(bits32(random))}-${hex4(middle)}-${hex4(0x4000 + ((middle >>> 16) & 0xfff))}-${hex4(0xa000 + (variant & 0xfff))}-${hex4(variant >>> 16)}${hex8(bits32(random))}`;
}

function hex32(random: Random): string {
  return hex8(bits32(random)) + hex8(bits32(random)) + hex8(bits32(random)) + hex8(bits32(random));
}

/** 4096 characters. */
function longText(random: Random): string {
  return hex32(random).repeat(128);
}
