import { KINDS } from "./kinds";
import { RECORDED_SERVICES } from "./operations";
import type { ResourceKind } from "./resourceKind";

const TRACKER = "otc-cts:index:Tracker";

/** Our notifications are of the same kind as the bridged ones; only their id is composed differently. */
const NOTIFICATION = "opentelekomcloud_cts_event_notification_v3";

/** Finds the kind of a resource. Kinds that users add come first. */
export function kindOf(
  type: string,
  id: string,
  added: readonly ResourceKind[] = [],
): ResourceKind | undefined {
  const own = added.find((kind) => kind.type === type || kind.type === terraformType(type));
  if (own) {
    return own;
  }
  if (isOurTracker(type, id)) {
    return find(TRACKER);
  }
  if (/\botc-cts(:index)?:KeyEventNotification$/.test(type)) {
    const bridged = find(NOTIFICATION);
    return bridged && { ...bridged, identity: "lastPart" };
  }
  const terraform = terraformType(type);
  // Versions of a resource are of one service.
  const stem = terraform.replace(/_v\d+$/, "");
  return find(terraform) ?? find(KINDS.find((kind) => kind.type.replace(/_v\d+$/, "") === stem)?.type);
}

/** All dynamic resources of old programs are of one type: ours are told by the id. */
function isOurTracker(type: string, id: string): boolean {
  if (/\botc-cts(:index)?:Tracker$/.test(type)) {
    return true;
  }
  return type.startsWith("pulumi-nodejs:dynamic") && /^[\w-]+\/[0-9a-f]{32}\/system$/.test(id);
}

/** `opentelekomcloud:index/vpcSubnetV1:VpcSubnetV1` is `opentelekomcloud_vpc_subnet_v1`. Terraform's own types stay as they are. */
export function terraformType(type: string): string {
  if (!type.includes(":")) {
    return type;
  }
  const name = type.split(":").at(-1) ?? "";
  return `${type.split(":")[0]}_${name.replace(/(?!^)([A-Z])/g, "_$1").toLowerCase()}`;
}

/** Terraform has one type for public and private zones. */
function find(type: string | undefined): ResourceKind | undefined {
  const [first, ...others] = KINDS.filter((kind) => kind.type === type);
  return others.reduce<ResourceKind | undefined>((all, next) => all && merged(all, next), first);
}

function merged(one: ResourceKind, other: ResourceKind): ResourceKind {
  return {
    ...one,
    resourceTypes: [...one.resourceTypes, ...other.resourceTypes],
    create: [...one.create, ...other.create],
    update: [...one.update, ...other.update],
    delete: [...one.delete, ...other.delete],
  };
}

/** True if a document of OTC says that changes of the kind are recorded. */
export function isRecorded(kind: ResourceKind | undefined): boolean {
  return (
    (kind?.isDocumented ?? false) && (kind?.serviceTypes.some((each) => each in RECORDED_SERVICES) ?? false)
  );
}

/** Names of traces that change nothing, in every service. */
const READ =
  /^(batch)?(get|list|show|query|describe|search|count|check|verify|login|logout|head\.|options\.|download|export|encryptdata$|decryptdata$|createdatakey|switchrole|reservevolume|unreservevolume)/i;

/** True if an operation changes nothing that a state holds. */
export function isRead(serviceType: string | undefined, traceName: string | undefined): boolean {
  if (traceName === undefined) {
    return false;
  }
  return READ.test(traceName) || (RECORDED_SERVICES[serviceType ?? ""]?.reads.includes(traceName) ?? false);
}
