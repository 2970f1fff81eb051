import { type Account, hexId } from "./options";
import type { Place } from "./store";
import type { SearchedFields } from "./traceLog";
import type { WireTrace, WireTraceUser } from "./wire";

type Random = () => number;

/** What a service records: of which resources, and what can be done with them. */
interface Catalogued {
  service_type: string;
  resource_type: string;
  /** What names of such resources begin with. */
  prefix: string;
  api_version: string;
  /** The most frequent first. */
  names: readonly string[];
}

/** Twice in the list is twice as frequent. CTS' own traces are not made up: what is there of them has happened. */
const catalogue: readonly Catalogued[] = [
  entry("IAM", "user", "", "v3", ["login", "logout", "createUserToken", "updateUser", "createUser"]),
  entry("IAM", "user", "", "v3", ["login", "logout"]),
  entry("IAM", "credential", "ak-", "v3.0", ["createCredential", "deleteCredential"]),
  entry("ECS", "ecs", "ecs-", "v1", ["createServer", "rebootServer", "stopServer", "deleteServer"]),
  entry("ECS", "ecs", "ecs-", "v1", ["createServer", "attachVolume", "detachVolume", "resizeServer"]),
  entry("EVS", "evs", "volume-", "v2", ["createVolume", "deleteVolume", "extendVolume"]),
  entry("VPC", "vpc", "vpc-", "v1", ["createVpc", "deleteVpc", "modifyVpc"]),
  entry("VPC", "subnet", "subnet-", "v1", ["createSubnet", "deleteSubnet"]),
  entry("VPC", "security_group", "sg-", "v2.0", ["createSecurity_group", "updateSecurity_group"]),
  entry("OBS", "bucket", "data-", "v3", ["createBucket", "setBucketPolicy", "deleteBucket"]),
  entry("ELB", "loadbalancer", "elb-", "v2.0", ["createLoadbalancer", "updateLoadbalancer"]),
  entry("RDS", "instance", "rds-", "v3", ["createInstance", "restartInstance", "deleteInstance"]),
  entry("CCE", "cluster", "cce-", "v3", ["createCluster", "updateCluster", "createNodePool"]),
  entry("AS", "scaling_group", "as-", "v1", ["createScalingGroup", "executeScalingPolicy"]),
  entry("KMS", "cmk", "key-", "v1.0", ["createKey", "disableKey", "scheduleKeyDeletion"]),
  entry("SMN", "topic", "topic-", "v2", ["createTopic", "deleteTopic", "subscribe"]),
  entry("DNS", "recordset", "record-", "v2", ["createRecordset", "updateRecordset"]),
];

function entry(
  service_type: string,
  resource_type: string,
  prefix: string,
  api_version: string,
  names: readonly string[],
): Catalogued {
  return { service_type, resource_type, prefix, api_version, names };
}

const people = ["alice", "bob", "carol", "dieter", "jürgen.groß", "eve@example.com", "ops admin"];
const machines = ["terraform", "pulumi-ci", "backup-agent"];

/** What one user does at one time. */
export interface Sitting {
  userName: string;
  isMachine: boolean;
  /** Of the ranges that are meant for documentation. */
  source_ip: string;
  service_type: string;
}

/** Who works at what. */
export function sittingOf(random: Random): Sitting {
  const isMachine = random() < 0.5;
  const network = pick(["192.0.2.", "198.51.100.", "203.0.113."], random);
  return {
    userName: pick(isMachine ? machines : people, random),
    isMachine,
    source_ip: random() < 0.05 ? `2001:db8::${hex8(random)}` : `${network}${1 + below(254, random)}`,
    service_type: pick(catalogue, random).service_type,
  };
}

/** What a synthetic trace can be searched by, and what the rest of it follows from. */
export interface Outline extends SearchedFields {
  trace_name: string;
  resource_name: string | undefined;
  resource_id: string | undefined;
  kind: Catalogued;
  outcome: Outcome;
  /** How the trace is not as others are. */
  oddity: Oddity | undefined;
}

/** The first part of a trace: made in about a microsecond, so that a search can go through many. */
export function outlineOf(sitting: Sitting, random: Random): Outline {
  const kind = pick(random() < 0.7 ? ofService(sitting.service_type) : catalogue, random);
  const outcome = outcomeOf(random());
  const oddity = oddityOf(random());
  const isNamed = !oddity?.isNameless;
  return {
    kind,
    outcome,
    oddity,
    service_type: kind.service_type,
    resource_type: kind.resource_type,
    // The square makes the first names the most frequent.
    trace_name: kind.names[Math.floor(random() ** 2 * kind.names.length)] ?? "",
    trace_rating: outcome.trace_rating,
    user: sitting.userName,
    resource_name: isNamed ? (kind.prefix === "" ? sitting.userName : kind.prefix + hex8(random)) : undefined,
    resource_id: isNamed ? uuid(random) : undefined,
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

/** A whole trace: mostly of the service that the sitting is about. */
export function traceOf(frame: TraceFrame, sitting: Sitting, random: Random): WireTrace {
  const { account, place, trace_id, time, now } = frame;
  const { kind, outcome, oddity, trace_name, resource_name, resource_id } = outlineOf(sitting, random);
  const { service_type, resource_type, api_version } = kind;
  const isOfService = random() < 0.04;
  // Spelt out, as copying from object to object would take most of the time.
  const trace: WireTrace = {
    trace_id,
    trace_name,
    trace_rating: outcome.trace_rating,
    trace_type: isOfService ? "SystemAction" : sitting.isMachine ? "ApiCall" : "ConsoleAction",
    time,
    record_time: Math.min(now, time + below(3000, random)),
    user: userOf(sitting.userName, account),
    service_type,
    resource_type,
    resource_name,
    resource_id,
    source_ip: isOfService ? "" : sitting.source_ip,
    code: outcome.code,
    api_version,
    request: JSON.stringify({ [resource_type]: { name: resource_name } }),
    response: JSON.stringify(outcome.message ? { error_msg: outcome.message } : { id: resource_id }),
    request_id: hex8(random) + hex8(random) + hex8(random) + hex8(random),
    endpoint: `${service_type.toLowerCase()}.${place.region}.otc.t-systems.com`,
    resource_url: `/${api_version}/${place.projectId}/${resource_type}/${resource_id}`,
    tracker_name: "system",
  };
  if (outcome.message) {
    trace.message = outcome.message;
  }
  return oddity ? withoutUndefined({ ...trace, ...oddity.apply(trace, random) }) : trace;
}

const ids = new Map<string, string>();

/** Each id is worked out once. */
function userOf(name: string, { domain }: Account): WireTraceUser {
  const id = ids.get(name) ?? hexId(`user ${name}`);
  ids.set(name, id);
  return { id, name, domain: { id: domain.id, name: domain.name } };
}

const byService = new Map<string, readonly Catalogued[]>();

function ofService(service: string): readonly Catalogued[] {
  const found = byService.get(service) ?? catalogue.filter(({ service_type }) => service_type === service);
  byService.set(service, found);
  return found;
}

/** How a call ended. */
interface Outcome {
  trace_rating: "normal" | "warning" | "incident";
  code: string;
  message?: string;
}

/** Of all calls, which share ends so: some are refused, and few go wrong. */
const outcomes: readonly (Outcome & { share: number })[] = [
  { share: 0.005, trace_rating: "incident", code: "500", message: "The service is abnormal." },
  { share: 0.03, trace_rating: "warning", code: "403", message: "The user has no permission." },
  { share: 0.015, trace_rating: "warning", code: "404", message: "There is no such resource." },
  { share: 0.45, trace_rating: "normal", code: "202" },
  { share: 0.5, trace_rating: "normal", code: "200" },
];

function outcomeOf(chance: number): Outcome {
  return byShare(outcomes, chance) ?? { trace_rating: "normal", code: "200" };
}

/** A shape that readers of traces do not expect, and real logs have. */
interface Oddity {
  /** Of all traces. */
  share: number;
  /** The trace names no resource. */
  isNameless?: true;
  /** The fields that are different; what is `undefined` is not there at all. */
  apply(trace: Partial<WireTrace>, random: Random): Partial<WireTrace>;
}

const oddities: readonly Oddity[] = [
  { share: 0.08, apply: ({ code }) => ({ code: Number(code) }) },
  { share: 0.08, apply: ({ response }) => ({ response: JSON.parse(String(response)) as unknown }) },
  { share: 0.04, apply: ({ user }) => ({ user: JSON.stringify(user) }) },
  { share: 0.04, apply: () => ({ request: "", response: "" }) },
  { share: 0.03, isNameless: true, apply: () => ({ resource_url: undefined }) },
  {
    share: 0.03,
    apply: () => ({ request: undefined, response: undefined, code: undefined, endpoint: undefined }),
  },
  { share: 0.02, apply: () => ({ message: 'Done by hand: "größer" 🛠, see ticket #4711.' }) },
  { share: 0.02, apply: () => ({ location_info: "at handler, line 42" }) },
  {
    share: 0.02,
    apply: (_, random) => ({
      enterprise_project_id: "0",
      read_only: true,
      operation: { id: uuid(random), step: 1 },
    }),
  },
  { share: 0.01, apply: (_, random) => ({ request: JSON.stringify({ user_data: longText(random) }) }) },
];

function oddityOf(chance: number): Oddity | undefined {
  return byShare(oddities, chance);
}

/** The one that a number from 0 up to 1 falls on, when each takes its share of them. */
function byShare<T extends { share: number }>(list: readonly T[], chance: number): T | undefined {
  let left = chance;
  return list.find(({ share }) => {
    left -= share;
    return left < 0;
  });
}

/** A trace without the fields that are `undefined`. */
export function withoutUndefined<T extends object>(trace: T): T {
  return Object.fromEntries(Object.entries(trace).filter(([, value]) => value !== undefined)) as T;
}

function pick<T>(list: readonly T[], random: Random): T {
  return list[below(list.length, random)] as T;
}

function below(limit: number, random: Random): number {
  return Math.floor(random() * limit);
}

const bytes = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

function hex8(random: Random): string {
  return hex4(random) + hex4(random);
}

function hex4(random: Random): string {
  const number = below(0x10000, random);
  return `${bytes[number >>> 8]}${bytes[number & 0xff]}`;
}

/** Of version 4. */
function uuid(random: Random): string {
  const [version, variant] = [hex4(random).slice(1), hex4(random).slice(1)];
  return `${hex8(random)}-${hex4(random)}-4${version}-a${variant}-${hex8(random)}${hex4(random)}`;
}

/** 4096 characters. */
function longText(random: Random): string {
  return Array.from({ length: 512 }, () => hex8(random)).join("");
}
