import type { Trace } from "../client/api/trace";
import { isRecord } from "../client/values";
import type { Drifted } from "./drifted";
import type { ResourceKind } from "./kinds/resourceKind";

/** The names and ids by which traces mention a resource. */
export interface Identity {
  readonly kind: ResourceKind | undefined;
  /** Ids that traces of this resource may have, the likeliest first. */
  readonly ids: readonly string[];
  readonly names: readonly string[];
  /** Ids of others, under which a change of this one may be recorded. */
  readonly related: readonly string[];
}

/** Why a trace may be about a resource. */
export type MatchedBy = "resourceId" | "resourceName" | "resourceType" | "parent" | "mention";

/** Outputs with a name that traces may have as `resourceName`; of an EIP, that is the address. */
const NAMES = ["name", "bucket", "keyAlias", "address", "publicIp", "floatingIp", "groupName", "streamName"];

/** Chooses the names and ids by which traces may name a resource. */
export function identityOf({ id, outputs }: Drifted, kind: ResourceKind | undefined): Identity {
  const text = (key: string) =>
    typeof outputs[key] === "string" && outputs[key] !== "" ? [outputs[key]] : [];
  const parts = id.split("/").filter((part) => part !== "");
  const isComposed = parts.length > 1;
  const last = parts.at(-1) ?? id;
  const first = parts[0] ?? id;
  const names = [...NAMES.flatMap(text), ...addressesIn(outputs)];
  const others = (kind?.otherIds ?? []).flatMap(text);
  const parents = [...(kind?.parents ?? []).flatMap(text), ...(isComposed ? parts : [])];
  const identify = (ids: string[], ownNames: string[] = names): Identity => {
    const own = unique(ids);
    return {
      kind,
      ids: own,
      names: unique(ownNames),
      related: unique(parents).filter((each) => !own.includes(each)),
    };
  };
  switch (kind?.identity) {
    case "lastPart":
      return identify(isComposed ? [last, id] : [id]);
    case "firstPart":
      return identify(isComposed ? [first, id] : [id]);
    case "name":
      return identify([], [id, ...text("bucket")]);
    case "none":
      return identify([], []);
    case "tracker":
      return identify(text("trackerId"), ["system"]);
    default:
      return identify([id, ...versionless(id), ...afterColon(id, kind), ...others]);
  }
}

/** A function's trace may be about another version of it. */
function versionless(id: string): string[] {
  return id.startsWith("urn:fss:") ? [id.replace(/:[^:]*$/, "")] : [];
}

/** A PTR record is `region:floatingIp`. */
function afterColon(id: string, kind: ResourceKind | undefined): string[] {
  return kind?.type === "opentelekomcloud_dns_ptrrecord_v2" ? [id.replace(/^[^:]*:/, "")] : [];
}

function addressesIn({ publicip }: Drifted["outputs"]): string[] {
  const listed: unknown[] = Array.isArray(publicip) ? publicip : [publicip];
  return listed.flatMap((each) =>
    isRecord(each) && typeof each["ipAddress"] === "string" ? [each["ipAddress"]] : [],
  );
}

function unique(values: readonly string[]): string[] {
  return [...new Set(values.filter((value) => value !== ""))];
}

/** Tells why a trace is about a resource; undefined where nothing says so. */
export function matchOf(trace: Trace, identity: Identity): MatchedBy | undefined {
  const { kind, ids, names, related } = identity;
  const id = textOf(trace.resourceId);
  const name = textOf(trace.resourceName);
  if (id !== "" && ids.includes(id)) {
    return "resourceId";
  }
  if (kind?.identity === "tracker") {
    return isSystemTracker(trace, ids) ? "resourceType" : undefined;
  }
  const isOfKind = kind === undefined || hasType(trace, kind);
  if (kind?.identity === "name") {
    return isOfKind && (names.includes(name) || names.includes(id)) ? "resourceName" : undefined;
  }
  // With another id, it is another resource of the same name.
  if (id === "" && name !== "" && isOfKind && (names.includes(name) || ids.includes(name))) {
    return "resourceName";
  }
  if (id !== "" && related.includes(id)) {
    return "parent";
  }
  return ids.some((each) => isTelling(each) && mentions(trace, each)) ? "mention" : undefined;
}

/** There is one in each project; the traces of data trackers have another name. */
function isSystemTracker(trace: Trace, ids: readonly string[]): boolean {
  const { serviceType, resourceType } = trace;
  const name = textOf(trace.resourceName);
  const id = textOf(trace.resourceId);
  if (same(serviceType, "CTS") && same(resourceType, "tracker")) {
    return name === "system" || id === "system" || (name === "" && (id === "" || ids.length === 0));
  }
  return false;
}

function hasType({ serviceType, resourceType }: Trace, kind: ResourceKind): boolean {
  if (serviceType !== undefined && !kind.serviceTypes.some((each) => same(each, serviceType))) {
    return false;
  }
  return resourceType === undefined || kind.resourceTypes.some((each) => same(each, resourceType));
}

/** Documents differ in case and in separators. */
export function same(one: unknown, other: unknown): boolean {
  return bare(one) === bare(other);
}

function bare(value: unknown): string {
  return textOf(value)
    .toLowerCase()
    .replace(/[^a-z0-9]/g, "");
}

/** Short words are found in any text. */
function isTelling(id: string): boolean {
  return id.length >= 8 && /\d/.test(id);
}

/** True if a trace has an id in it as a whole word. */
export function mentions(trace: Trace, id: string): boolean {
  return [trace.request, trace.response, trace.resourceUrl, trace.message].some((value) => {
    const text = typeof value === "string" ? value : value === undefined ? "" : JSON.stringify(value);
    for (let at = text.indexOf(id); at >= 0; at = text.indexOf(id, at + 1)) {
      if (!/[\w-]/.test(text[at - 1] ?? " ") && !/[\w-]/.test(text[at + id.length] ?? " ")) {
        return true;
      }
    }
    return false;
  });
}

/** The service promises texts, and does not always keep it. */
export function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
