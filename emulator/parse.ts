import type { z } from "zod";

/**
 * Reads a value from outside.
 *
 * @param what names the value, for example `fault`
 * @throws Error that names each invalid part by its path
 */
export function parseAs<T>(schema: z.ZodType<T>, value: unknown, what: string): T {
  const { data, error } = schema.safeParse(value);
  if (error) {
    const issues = error.issues.map(({ path, message }) => `${path.join(".") || "value"}: ${message}`);
    throw new Error(`The ${what} is not valid. ${issues.join("; ")}`);
  }
  return data;
}

/** A copy without the fields that are `undefined`. */
export function withoutUndefined<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as T;
}
