import { isRecord } from "../client/values";
import { partsOf } from "./input/changes";
import { camelCase } from "./input/terraformPlan";

/** One value of a request, or of a resource, with the names that lead to it. */
export interface Leaf {
  readonly path: readonly string[];
  readonly value: string;
}

/** CTS writes this in place of a password. */
const MASKED = /^\*+$/;

/** The values of what a trace holds of a request: JSON as text, an object, XML, or the part of these that is not cut off. */
export function leavesOf(request: unknown): Leaf[] {
  if (typeof request !== "string") {
    return flatten(request).filter(({ value }) => !MASKED.test(value));
  }
  const text = request.trim();
  const parsed = parse(text);
  const leaves =
    parsed !== undefined ? flatten(parsed) : text.startsWith("<") ? xmlLeaves(text) : pairsIn(text);
  return leaves.filter(({ value }) => !MASKED.test(value));
}

function parse(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Lists the values in a value. Nothing, `""`, an empty list and an empty object are alike. */
export function flatten(value: unknown, path: readonly string[] = []): Leaf[] {
  if (value === undefined || value === null) {
    return [{ path, value: "" }];
  }
  if (Array.isArray(value)) {
    return value.length === 0 ? [{ path, value: "" }] : value.flatMap((each) => flatten(each, path));
  }
  if (!isRecord(value)) {
    return [{ path, value: String(value) }];
  }
  const entries = Object.entries(value);
  if (entries.length === 0) {
    return [{ path, value: "" }];
  }
  const { key, value: tagged } = value;
  const own = entries.flatMap(([name, each]) => flatten(each, [...path, camelCase(name)]));
  // Tags are objects in a resource, and lists of keys and values in most requests.
  return typeof key === "string" && typeof tagged === "string"
    ? [...own, { path: [...path, key], value: tagged }]
    : own;
}

/** Elements without others in them. */
function xmlLeaves(text: string): Leaf[] {
  return [...text.matchAll(/<([\w:-]+)(?:\s[^>]*)?>([^<>]*)<\/\1>/g)].map(([, name = "", value = ""]) => ({
    path: [camelCase(name.replace(/^./, (letter) => letter.toLowerCase()))],
    value: value.trim(),
  }));
}

/** Names with values in JSON that is cut off. The last value may be cut, too, unless it ends. */
function pairsIn(text: string): Leaf[] {
  const pair = /"([\w-]+)"\s*:\s*(?:"((?:[^"\\]|\\.)*)"|(-?\d+(?:\.\d+)?|true|false)(?=[\s,}\]]))/g;
  return [...text.matchAll(pair)].map(([, name = "", quoted, plain = ""]) => ({
    path: [camelCase(name)],
    value: quoted === undefined ? plain : unescaped(quoted),
  }));
}

function unescaped(text: string): string {
  try {
    return JSON.parse(`"${text}"`);
  } catch {
    return text;
  }
}

/** The statement of a request about a property. */
export type Setting = "now" | "other" | "unnamed" | undefined;

/** Wrappers of a request, such as `{"server": …}` or `{"cluster": {"spec": …}}`. */
const MAX_WRAPPERS = 2;
/** These names are found in anything, so that a wrapper may be of another thing. */
const COMMON = new Set(["name", "id", "type", "value", "key", "status"]);

/**
 * Tells what a request says of a property: it sets the value that is there `now`, it sets an`other` one, or it holds the value under
 * another name (`unnamed`).
 *
 * @param now the value in the cloud
 */
export function settingOf(request: readonly Leaf[], path: string, now: unknown): Setting {
  const base = partsOf(path)
    .filter((part) => !/^(\d+|\*)$/.test(part))
    .map(camelCase);
  const wanted = flatten(now, base);
  const named = request.filter(
    (leaf) => wanted.some((each) => isOf(leaf.path, each.path)) || isOf(leaf.path, base),
  );
  const found = wanted.filter((each) =>
    named.some((leaf) => isOf(leaf.path, each.path) && leaf.value === each.value),
  );
  if (wanted.length > 0 && found.length === wanted.length) {
    return "now";
  }
  // A request may add to a list, or set a part of an object.
  if (found.length > 0) {
    return "unnamed";
  }
  if (named.length > 0) {
    return "other";
  }
  const isThere = (value: string) => request.some((leaf) => leaf.value === value);
  return wanted.every(({ value }) => isTelling(value) && isThere(value)) ? "unnamed" : undefined;
}

/** True if a path of a request is that of a property, but for wrappers. */
function isOf(leaf: readonly string[], property: readonly string[]): boolean {
  const wrappers = leaf.length - property.length;
  const last = property.at(-1) ?? "";
  if (wrappers < 0 || wrappers > (COMMON.has(last) && property.length === 1 ? 1 : MAX_WRAPPERS)) {
    return false;
  }
  return property.every((part, i) => plain(part) === plain(leaf[wrappers + i] ?? ""));
}

/** `flavorRef`, `flavorId` and `newFlavor` are `flavor`. */
function plain(name: string): string {
  const bare = name.toLowerCase();
  return bare.replace(/^new(?=.)/, "").replace(/(?<=..)(id|ref|uuid)$/, "");
}

/** A value that is not in a request by chance. */
function isTelling(value: string): boolean {
  if (value.length < 3 || value === "true" || value === "false") {
    return false;
  }
  return !/^\d+$/.test(value) || Number(value) >= 100;
}
