import { isDeepStrictEqual } from "node:util";
import { isRecord, PULUMI_SIGNATURE } from "../../client/values";
import type { Change, Json } from "../drifted";

/** True for what stands in place of a secret. */
export function isSecret(value: unknown): boolean {
  return isRecord(value) && PULUMI_SIGNATURE in value;
}

/** The values that differ, each by its path, as deep as both sides are alike. */
export function changesBetween(old: unknown, now: unknown, path = ""): Change[] {
  if (isDeepStrictEqual(old, now)) {
    return [];
  }
  if (isSecret(old) || isSecret(now)) {
    return [{ path, secret: true }];
  }
  if (isRecord(old) && isRecord(now)) {
    const keys = [...new Set([...Object.keys(old), ...Object.keys(now)])];
    return keys.flatMap((key) => changesBetween(old[key], now[key], joined(path, key)));
  }
  if (Array.isArray(old) && Array.isArray(now) && old.length === now.length) {
    return old.flatMap((each, i) => changesBetween(each, now[i], `${path}[${i}]`));
  }
  if (hasSecret(old) || hasSecret(now)) {
    return [{ path, secret: true }];
  }
  return [{ path, ...(old !== undefined && { old }), ...(now !== undefined && { new: now }), secret: false }];
}

/** The value at a path of Pulumi's diffs, for example `a.b[0]["c.d"]`. */
export function valueAt(value: unknown, path: string): unknown {
  return partsOf(path).reduce<unknown>((at, part) => (at as Json | null | undefined)?.[part], value);
}

/** The parts of a path: `tags["a.b"].c[0]` has `tags`, `a.b`, `c` and `0`. */
export function partsOf(path: string): string[] {
  return [...path.matchAll(/\["((?:[^"\\]|\\.)*)"\]|\[(\d+|\*)\]|([^.[\]]+)/g)].map(
    ([, quoted, index, plain]) => quoted?.replace(/\\(.)/g, "$1") ?? index ?? plain ?? "",
  );
}

function joined(path: string, key: string): string {
  if (!/^[\w$-]+$/.test(key)) {
    return `${path}[${JSON.stringify(key)}]`;
  }
  return path === "" ? key : `${path}.${key}`;
}

/** Secrets may be within what is told as one value. */
function hasSecret(value: unknown): boolean {
  if (typeof value !== "object" || value === null) {
    return false;
  }
  return isSecret(value) || Object.values(value).some(hasSecret);
}

/** Paths of all secrets. */
export function secretsIn(value: unknown, path = ""): Change[] {
  if (isSecret(value)) {
    return [{ path, secret: true }];
  }
  if (Array.isArray(value)) {
    return value.flatMap((each, i) => secretsIn(each, `${path}[${i}]`));
  }
  if (!isRecord(value)) {
    return [];
  }
  return Object.entries(value).flatMap(([key, each]) => secretsIn(each, joined(path, key)));
}
