import type { Trace } from "../client/api/trace";
import { same } from "./identity";
import { partsOf } from "./input/changes";
import { terraformType } from "./kinds/kindOf";
import type { ResourceKind } from "./kinds/resourceKind";

/**
 * The purpose of an operation, by the name of its trace. `other`: the operation is about something else of the
 * resource.
 */
export type Purpose = "delete" | "create" | "property" | "any" | "other";

/** Verbs that tell nothing about which property they change. */
const GENERAL = new Set([
  "update",
  "updat",
  "modify",
  "change",
  "set",
  "edit",
  "alter",
  "operate",
  "reset",
  "config",
  "configure",
  "batch",
  "bulk",
  "put",
  "patch",
  "save",
  "submit",
  "action",
  "deal",
]);
/** Words that name no part of a resource. */
const EMPTY = new Set([
  "",
  "info",
  "information",
  "detail",
  "config",
  "configuration",
  "setting",
  "request",
  "task",
  "success",
  "job",
  "single",
  "v2",
  "v3",
  "v1",
  "of",
  "the",
  "resource",
  "instance",
  "attribute",
  "spec",
  "specification",
  "basic",
]);
/** Verbs and nouns by which documents call a change of a property, in words of the properties. */
const ABOUT: Readonly<Record<string, readonly string[]>> = {
  resize: ["flavor", "size", "spec", "node", "vcpu", "memory"],
  specification: ["flavor", "size", "spec", "capacity"],
  extend: ["size", "capacity", "volume", "node"],
  shrink: ["size", "capacity"],
  grow: ["size", "capacity", "node"],
  scale: ["size", "count", "node", "initial", "scale", "desired"],
  retype: ["type"],
  rename: ["name"],
  alias: ["alias", "name"],
  enable: ["enable", "enabled", "status", "state", "admin", "rotation"],
  disable: ["enable", "enabled", "status", "state", "admin", "rotation"],
  start: ["status", "state", "power"],
  stop: ["status", "state", "power"],
  reboot: ["status", "state"],
  attach: ["volume", "attachment", "disk", "device", "block", "server", "instance"],
  detach: ["volume", "attachment", "disk", "device", "block", "server", "instance"],
  bind: ["port", "ip", "publicip", "eip", "fixed", "instance"],
  unbind: ["port", "ip", "publicip", "eip", "fixed", "instance"],
  associate: ["port", "router", "policy", "instance", "eip"],
  disassociate: ["port", "router", "policy", "instance", "eip"],
  upgrade: ["version", "engine"],
  nic: ["network", "nic", "port"],
  metadata: ["metadata", "tag"],
  tagging: ["tag"],
  bandwidth: ["bandwidth", "size"],
  member: ["member", "visibility"],
  share: ["share", "size", "name", "description"],
};

/** Words in camelCase, with underscores, hyphens or spaces; in lower case and the singular. */
export function wordsOf(name: string): string[] {
  return name
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .replace(/([A-Z]+)([A-Z][a-z])/g, "$1 $2")
    .split(/[^A-Za-z0-9]+/)
    .map((word) => word.toLowerCase().replace(/(?<=..[^aus])s$/, ""))
    .filter((word) => word !== "");
}

/** True if an operation deletes the resource itself, and not a part of it. */
export function isDeletion(trace: Trace, kind: ResourceKind | undefined, type: string): boolean {
  const name = trace.traceName ?? "";
  if (kind?.delete.some((each) => same(each, name))) {
    return true;
  }
  const [verb = "", ...rest] = wordsOf(name).filter((word) => word !== "batch" && word !== "dds");
  if (!["delete", "del", "remove", "release", "destroy", "terminate", "drop", "force"].includes(verb)) {
    return false;
  }
  const object = rest.filter((word) => !EMPTY.has(word) && word !== "delete");
  if (kind) {
    return object.every((word) => wordsOfKind(kind).has(word));
  }
  // Traces of a part may have the id of the whole: the type must say that it is none. That of a dynamic resource says nothing.
  const isDynamic = type.startsWith("pulumi-nodejs:");
  const typeWords = new Set(wordsOf(isDynamic ? (trace.resourceType ?? "") : terraformType(type)));
  const isOfType = object.every((word) => typeWords.has(word) && !(isDynamic && PARTS.has(word)));
  return object.length > 0 && isOfType;
}

const PARTS = new Set(["tag", "metadata", "member", "label", "nic"]);

function wordsOfKind(kind: ResourceKind): Set<string> {
  const texts = [...kind.resourceTypes, ...kind.serviceTypes, kind.type.replace(/^[^_]*_/, ""), kind.kind];
  const words = texts.flatMap(wordsOf);
  return new Set([...words, ...texts.map((text) => wordsOf(text).join(""))]);
}

/** Settles what an operation is for, seen from a property that changed. */
export function purposeOf(trace: Trace, kind: ResourceKind | undefined, type: string, path: string): Purpose {
  const name = trace.traceName ?? "";
  if (isDeletion(trace, kind, type)) {
    return "delete";
  }
  const ownWords = kind ? wordsOfKind(kind) : new Set(wordsOf(trace.resourceType ?? ""));
  const words = wordsOf(name).filter((word) => !EMPTY.has(word) || word in ABOUT);
  const [verb = "", ...rest] = words;
  const object = rest.filter(
    (word) =>
      !ownWords.has(word) &&
      !GENERAL.has(word) &&
      word !== "delete" &&
      word !== "create" &&
      word !== "add" &&
      word !== "remove",
  );
  const property = new Set(partsOf(path).flatMap((part) => [...wordsOf(part), wordsOf(part).join("")]));
  const about = [...words.filter((word) => word in ABOUT).flatMap((word) => ABOUT[word] ?? []), ...object];
  if (about.some((word) => property.has(word) || property.has(word.replace(/ing$/, "")))) {
    return "property";
  }
  if (verb === "create" && object.length === 0) {
    return "create";
  }
  // The names of a bucket's operations tell its parts, so that any other part is another thing.
  if (object.length === 0 && GENERAL.has(verb)) {
    return "any";
  }
  return "other";
}
