import { isDeepStrictEqual } from "node:util";
import type { Difference } from "../core/managedResource";
import { UNKNOWN } from "../core/unknown";

/**
 * True if a difference is about a property of Pulumi's option `replaceOnChanges`. The engine asks for the names of what
 * has changed to judge that, and Pulumi's server for dynamic providers passes none on.
 *
 * @param paths of properties, as Pulumi writes them: `obsInfo`, `obsInfo.bucketName`, `operations[0]`, `*`.
 */
export function isReplacedOn(paths: readonly unknown[], { path, from, to }: Difference): boolean {
  const changed = stepsOf(path);
  return paths
    .map((one) => stepsOf(String(one)))
    .some((wanted) => {
      const isOnTheWay = changed.every((step, i) => [undefined, "*", step].includes(wanted[i]));
      return isOnTheWay && isChangedAt(wanted.slice(changed.length), from, to);
    });
}

/** True if something differs at, or below, a place within a value. */
function isChangedAt([step, ...rest]: readonly string[], from: unknown, to: unknown): boolean {
  if (step === undefined || isDeepStrictEqual(from, to)) {
    return !isDeepStrictEqual(from, to);
  }
  const keys = step === "*" ? Object.keys({ ...Object(from), ...Object(to) }) : [step];
  return keys.some((key) => isChangedAt(rest, within(from, key), within(to, key)));
}

function within(value: unknown, key: string): unknown {
  if (value === UNKNOWN) {
    return UNKNOWN;
  }
  return typeof value === "object" && value !== null ? value[key as keyof typeof value] : undefined;
}

function stepsOf(path: string): string[] {
  return path.match(/[^.[\]"]+/g) ?? [];
}
