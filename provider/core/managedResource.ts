import { z } from "zod";
import { CtsError } from "../../client/errors";
import { visible, visibleJson } from "../../client/visible";
import type { ResourceSpec } from "./resourceSpec";

/** Stands for a value that is not known yet: in a preview, an output of a resource that is still to be made. */
export const UNKNOWN = Symbol("unknown");
export type Unknown = typeof UNKNOWN;

/** A fault of one argument. */
export interface Problem {
  /**
   * Path of the argument, such as `obsInfo.bucketName` or `operations[0].serviceType`; empty where it concerns the
   * whole resource.
   */
  readonly path: string;
  /**
   * The rule that was broken and the value that was given; or the error that kept the argument from being judged.
   */
  readonly reason: string | CtsError;
}

/** One property whose value is not the one that is wanted. */
export interface Difference {
  /** Dotted path. */
  readonly path: string;
  readonly from: unknown;
  readonly to: unknown;
  /** True if only a new resource can have the wanted value. */
  readonly replaces?: boolean;
}

/** Arguments after checking: complete with their defaults, or what is wrong with them. */
export interface Checked<Inputs> {
  readonly inputs: Inputs | undefined;
  readonly problems: readonly Problem[];
}

/** The judgement of a create by what is there already. */
export interface Preflight {
  readonly problems: readonly Problem[];
  /** Settings that the create would take over. They are on record before it changes any, should it be killed. */
  readonly found?: object;
}

/**
 * A kind of thing that is managed: the same for every adapter. `owner` names the declaration that a call is
 * made for (under Pulumi, its URN), where it is known.
 */
export interface ManagedResource<Inputs, State> {
  /** Judges arguments by themselves, and by the other declarations of the run. Asks the service for the project only. */
  check(args: unknown, olds: Inputs | undefined, owner: string | undefined): Promise<Checked<Inputs>>;
  /** Judges the create of checked arguments by what the service has already. Changes nothing. */
  preflight?(inputs: Inputs, owner: string | undefined): Promise<Preflight>;
  readonly spec: ResourceSpec;
  /** Tells what a declaration has from earlier runs, before its changes are compared. */
  remember?(id: string, state: State): void;
  /** Compares without asking the service, and without a side effect. */
  diff(id: string, state: State, inputs: Inputs): readonly Difference[];
  create(inputs: Inputs, owner: string | undefined): Promise<{ id: string; state: State }>;
  /**
   * Reads the resource; undefined if it is gone.
   *
   * @param state the last known state; undefined if the resource is only looked up: then it must exist.
   */
  read(
    id: string,
    state: Partial<State> | undefined,
  ): Promise<{ id: string; inputs: Inputs; state: State } | undefined>;
  update(id: string, state: State, inputs: Inputs): Promise<State>;
  delete(id: string, state: State): Promise<void>;
}

/** Something was changed at the service, and yet the operation failed: what is known of the result must be kept. */
export class PartialError<State> extends CtsError {
  override name = "PartialError";
  /** One sentence each. */
  readonly reasons: readonly string[];

  constructor(
    readonly id: string,
    readonly state: State,
    reasons: readonly string[],
  ) {
    super(reasons.join("; "));
    this.reasons = reasons.map(visible);
  }
}

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
function withoutEchoes(issues: readonly z.core.$ZodIssue[]): z.core.$ZodIssue[] {
  const isOfType = ({ code }: z.core.$ZodIssue) => code === "invalid_type";
  const wrong = new Set(issues.filter(isOfType).map(({ path }) => formatPath(path)));
  return issues.filter((issue) => isOfType(issue) || !wrong.has(formatPath(issue.path)));
}

/** @param args as they were given, with what counts as left out */
function problemsOf(issue: z.core.$ZodIssue, given: unknown, args: unknown): Problem[] {
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

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce(
    (at: unknown, key) => (at as Record<PropertyKey, unknown> | null | undefined)?.[key],
    value,
  );
}

/** As Pulumi writes paths: `operations[0].traceNames[1]`. */
function formatPath(path: readonly PropertyKey[]): string {
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

/** True if any part of a value is not known yet. */
export function hasUnknown(value: unknown): boolean {
  if (value === UNKNOWN) {
    return true;
  }
  return typeof value === "object" && value !== null && Object.values(value).some(hasUnknown);
}

function withoutEmpty(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(withoutEmpty);
  }
  if (!isRecord(value)) {
    return value;
  }
  const kept = Object.entries(value).filter(([, v]) => v !== undefined && v !== null && v !== "");
  return Object.fromEntries(kept.map(([key, v]) => [key, withoutEmpty(v)]));
}

export function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
