/** The key by which Pulumi tells a special value, such as a secret (`specialSigKey` of `@pulumi/pulumi/runtime/rpc`). */
export const PULUMI_SIGNATURE = "4dabf18193072939515e22adb298388d";

/** True for an object with fields: no list, and not null. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The same list or object, with its items or fields mapped, and without fields that are undefined; else the value as it is. */
export function mapInner(value: unknown, map: (inner: unknown, key: string | number) => unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(map);
  }
  if (!isRecord(value)) {
    return value;
  }
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined);
  return Object.fromEntries(entries.map(([key, inner]) => [key, map(inner, key)]));
}

type Absent = undefined | null | "";
type Compact<T> = { [K in keyof T as Extract<T[K], undefined | null> extends never ? K : never]: T[K] } & {
  [K in keyof T as Extract<T[K], undefined | null> extends never ? never : K]?: Exclude<T[K], Absent>;
};

/** The fields that have a value: null and an empty text are none. */
export function compact<T extends object>(fields: T): Compact<T> {
  const kept = Object.entries(fields).filter(
    ([, value]) => value !== undefined && value !== null && value !== "",
  );
  return Object.fromEntries(kept) as Compact<T>;
}
