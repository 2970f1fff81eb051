import type { Trace } from "../client/api/trace";
import type { Change, Drifted } from "./drifted";
import { textOf } from "./identity";
import type { Finding, Judgement, Verdict } from "./judge";

/** Why nothing explains a drift. Several may hold. */
export type Reason =
  | "older-than-seven-days"
  | "too-early"
  | "not-documented"
  | "elsewhere"
  | "no-permission"
  | "unreachable"
  | "own-only"
  | "attempts-only"
  | "system-only"
  | "bounded"
  | "secret-or-computed"
  | "no-trace";

/** The drifted resources, and who changed them. */
export interface DriftReport {
  readonly schema: 1;
  /** Undefined for a plan of Terraform. */
  readonly stack?: string;
  /** ISO 8601, UTC, as all times are. */
  readonly checkedAt: string;
  /** False if a project could not be looked at. */
  readonly complete: boolean;
  readonly searched: readonly SearchedPlace[];
  readonly summary: {
    readonly checked: number;
    readonly drifted: number;
    /** With the confidence that is asked for, or more. */
    readonly explained: number;
    readonly unexplained: number;
  };
  readonly resources: readonly ExplainedResource[];
}

/** A project that was looked at. */
export interface SearchedPlace {
  readonly region: string;
  readonly projectId: string;
  readonly from: string;
  readonly to: string;
  /** The number of traces that were read. */
  readonly traces: number;
  readonly calls: number;
  /** When the newest of them was recorded. */
  readonly newestRecorded?: string;
  /** True if the wide search ended at its bound. */
  readonly bounded: boolean;
}

/** A resource that drifted, and why. */
export interface ExplainedResource {
  /** Pulumi's URN, or Terraform's address. */
  readonly urn: string;
  readonly type: string;
  readonly id: string;
  readonly kind: "changed" | "gone";
  /** Values only with `showValues`. */
  readonly changes: readonly Change[];
  /** The beginning of the window. */
  readonly since: string;
  /** The place in the program that declares it. */
  readonly source?: { readonly file: string; readonly line: number };
  readonly verdict: Verdict;
  /** Of `unexplained`. */
  readonly reasons: readonly Reason[];
  readonly cause?: Cause;
  /** Others that may have done it. */
  readonly also: readonly Cause[];
  /** Changes of the identity that runs the check. */
  readonly own: readonly Cause[];
  /** Operations that failed. */
  readonly attempts: readonly Cause[];
}

/** An operation, and why it may be the cause. */
export interface Cause {
  readonly traceId: string;
  /** An asynchronous operation has two. */
  readonly traceIds: readonly string[];
  readonly time: string;
  readonly traceName: string;
  readonly traceType: string;
  readonly serviceType: string;
  readonly resourceType: string;
  readonly user: {
    readonly name: string;
    readonly id?: string;
    /** The account. */
    readonly domain?: string;
    readonly principalUrn?: string;
    readonly accessKeyId?: string;
  };
  readonly sourceIp: string;
  readonly matchedBy: string;
  readonly evidence: readonly string[];
}

/** A part of what drifted of a resource, and the operation that set it. */
export interface Share {
  readonly paths: readonly string[];
  /** Undefined where no trace tells it. */
  readonly by?: Cause;
}

export function toCause({ act, matchedBy, evidence }: Finding): Cause {
  const { first, traces } = act;
  return {
    traceId: first.traceId,
    traceIds: traces.map(({ traceId }) => traceId),
    time: first.time,
    traceName: textOf(first.traceName),
    traceType: textOf(first.traceType),
    serviceType: textOf(first.serviceType),
    resourceType: textOf(first.resourceType),
    user: userOf(first),
    sourceIp: textOf(first.sourceIp),
    matchedBy,
    evidence,
  };
}

function userOf({ user }: Trace): Cause["user"] {
  const [id, domain, principalUrn, accessKeyId] = [
    user?.id,
    user?.domain?.name,
    user?.principalUrn,
    user?.accessKeyId,
  ].map(textOf);
  return {
    name: textOf(user?.name) || textOf(user?.userName),
    ...(id && { id }),
    ...(domain && { domain }),
    ...(principalUrn && { principalUrn }),
    ...(accessKeyId && { accessKeyId }),
  };
}

/** Who set what, where the cause is known to have set a part of what drifted. Else nothing. */
export function sharesOf({ changes }: Drifted, { cause, also, own }: Judgement): Share[] {
  if (!cause || cause.sets.length === 0 || cause.sets.length === changes.length) {
    return [];
  }
  const setters = [cause, ...also, ...own].filter(({ sets }) => sets.length > 0);
  const told = new Set(setters.flatMap(({ sets }) => sets));
  const rest = changes.map(({ path }) => path).filter((path) => !told.has(path));
  return [
    ...setters.map((finding) => ({ paths: finding.sets, by: toCause(finding) })),
    ...(rest.length > 0 ? [{ paths: rest }] : []),
  ];
}

/** The facts of a resource beside its judgement. */
interface Facts {
  readonly since: string;
  readonly source: ExplainedResource["source"] | undefined;
  readonly reasons: readonly Reason[];
  readonly showValues: boolean;
}

export function explained(
  { urn, type, id, kind, changes }: Drifted,
  { verdict, cause, also, own, attempts }: Judgement,
  { since, source, reasons, showValues }: Facts,
): ExplainedResource {
  return {
    ...{ urn, type, id, kind },
    changes: changes.map((each) =>
      showValues && !each.secret ? each : { path: each.path, secret: each.secret },
    ),
    since,
    ...(source && { source }),
    verdict,
    reasons: verdict === "unexplained" ? reasons : [],
    ...(cause && { cause: toCause(cause) }),
    also: also.map(toCause),
    own: own.map(toCause),
    attempts: attempts.map(toCause),
  };
}
