import { z } from "zod";
import { isRecord } from "../../client/values";
import { visibleJson } from "../../client/visible";
import type { Checked, Problem } from "./managedResource";
import { UNKNOWN, type Unknown } from "./unknown";

/** A schema that also lets pass what is not known yet. */
export function orUnknown<T extends z.ZodType>(schema: T) {
  return z.unknown().transform((value, context): z.output<T> | Unknown => {
    if (value === UNKNOWN) {
      return UNKNOWN;
    }
    const result = schema.safeParse(value);
    if (result.success) {
      return result.data;
    }
    // The inner path is kept, and the outer one put before it by the schema around this one.
    for (const issue of result.error.issues) {
      context.issues.push({ ...issue, input: undefined } as never);
    }
    return z.NEVER;
  });
}

export const text = z.string("must be a string");
export const flag = orUnknown(z.boolean("must be true or false"));

/** A text of a form. @param rule says which, after "must be" */
export function textLike(pattern: RegExp, rule: string) {
  return orUnknown(text.regex(pattern, `must be ${rule}`));
}

/** One of these texts. */
export function oneOf<const Values extends readonly string[]>(...values: Values) {
  const listed = values.map((value) => `"${value}"`).join(", ");
  return orUnknown(z.enum(values, `must be ${listed.replace(/, ([^,]*)$/, " or $1")}`));
}

/** The problems of arguments that contradict each other. */
export function brokenRules(
  ...rules: readonly (readonly [boolean, path: string, reason: string])[]
): Problem[] {
  return rules.filter(([isBroken]) => isBroken).map(([, path, reason]) => ({ path, reason }));
}

/**
 * Checks arguments against a schema whose messages are sentences about the argument ("must be …"), and against rules
 * that concern several of them. Reports all problems together. Empty strings and nulls count as left out, unless they
 * are items of a list.
 */
export function parseArgs<T extends z.ZodType>(
  schema: T,
  args: unknown,
  rules: (given: Readonly<Record<string, unknown>>) => Problem[] = () => [],
): Checked<z.output<T>> {
  const given = withoutEmpty(args);
  const result = schema.safeParse(given);
  const issues = withoutEchoes(result.error?.issues ?? []);
  const problems = [
    ...issues.flatMap((issue) => problemsOf(issue, given, args)),
    ...rules(isRecord(given) ? given : {}),
  ];
  return { inputs: problems.length === 0 ? result.data : undefined, problems };
}

/** If the type is wrong, report only that. */
export function withoutEchoes(issues: readonly z.core.$ZodIssue[]): z.core.$ZodIssue[] {
  const isOfType = ({ code }: z.core.$ZodIssue) => code === "invalid_type";
  const wrong = new Set(issues.filter(isOfType).map(({ path }) => formatPath(path)));
  return issues.filter((issue) => isOfType(issue) || !wrong.has(formatPath(issue.path)));
}

/** @param args as they were given, with what counts as left out */
export function problemsOf(issue: z.core.$ZodIssue, given: unknown, args: unknown): Problem[] {
  const path = formatPath(issue.path);
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({
      path: formatPath([...issue.path, key]),
      reason: "is not a known property",
    }));
  }
  const value = valueAt(given, issue.path);
  if (value !== undefined) {
    return [{ path, reason: `${issue.message}, got ${show(value)}` }];
  }
  const isEmpty = valueAt(args, issue.path) === "";
  const reason = `is required: ${isEmpty ? "must not be empty" : issue.message}`;
  return [{ path, reason }];
}

export function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce(
    (at: unknown, key) => (at as Record<PropertyKey, unknown> | null | undefined)?.[key],
    value,
  );
}

/** As Pulumi writes paths: `operations[0].traceNames[1]`. */
export function formatPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>((start, key) => {
    if (typeof key === "number") {
      return `${start}[${key}]`;
    }
    return start ? `${start}.${String(key)}` : String(key);
  }, "");
}

/** A value as a message shows it: visible, and yet exact. */
export function show(value: unknown): string {
  return value === undefined ? "none" : visibleJson(JSON.stringify(value) ?? String(value));
}

export function withoutEmpty(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(withoutEmpty);
  }
  if (!isRecord(value)) {
    return value;
  }
  const kept = Object.entries(value).filter(([, v]) => v !== undefined && v !== null && v !== "");
  return Object.fromEntries(kept.map(([key, v]) => [key, withoutEmpty(v)]));
}
