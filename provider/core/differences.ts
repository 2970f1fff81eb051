import { isRecord } from "../../client/values";
import type { Difference } from "./managedResource";

interface Comparison {
  /** @defaultValue strict equality */
  readonly isSame?: (key: string, before: unknown, after: unknown) => boolean;
  /** The keys of objects within, which come last. Such an object is one difference where it begins or ends. */
  readonly within?: Readonly<Record<string, readonly string[]>>;
}

/** Key by key, what would have to change. */
export function differencesOf(
  keys: readonly string[],
  from: object,
  to: object,
  { isSame = (_key, before, after) => before === after, within = {} }: Comparison = {},
): Difference[] {
  const [before, after] = [new Map(Object.entries(from)), new Map(Object.entries(to))];
  const order = keys.toSorted((a, b) => Number(a in within) - Number(b in within));
  return order.flatMap((path) => {
    const [a, b]: unknown[] = [before.get(path), after.get(path)];
    const inner = within[path];
    if (inner && isRecord(a) && isRecord(b)) {
      const differences = differencesOf(inner, a, b, { isSame });
      return differences.map((one) => ({ ...one, path: `${path}.${one.path}` }));
    }
    return isSame(path, a, b) ? [] : [{ path, from: a, to: b }];
  });
}
