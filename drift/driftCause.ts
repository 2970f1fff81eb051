import { oldestFrom, resolveTraceQuery, type Time, type TraceQuery } from "../client/api/traceQuery";
import type { Connection } from "../client/connection";
import { counted } from "../client/counted";
import { ArgumentError } from "../client/errors";
import type { Place } from "../client/place";
import { type DriftCheck, type Drifted, InputError } from "./drifted";
import { identityOf } from "./identity";
import { readInput } from "./input/readInput";
import { readHistory, readState, type StackState } from "./input/state";
import { CONFIDENCES, type Confidence, type Judgement, judge } from "./judge";
import { isRecorded, kindOf } from "./kinds/kindOf";
import type { ResourceKind } from "./kinds/resourceKind";
import {
  type DriftReport,
  type ExplainedResource,
  explained,
  type Reason,
  type Share,
  sharesOf,
} from "./report";
import { queryOf, Search, type Sought } from "./search";
import { TracePlaces } from "./tracePlaces";

/** A check for drift: a text or its bytes, or events as the Automation API hands them to `onEvent`. */
export type DriftInput = string | Uint8Array | readonly unknown[];

/** Options of the search for causes of drift. */
export interface DriftOptions {
  /** The name of the stack, for the report. @defaultValue the one that the input names */
  readonly stack?: string;
  /**
   * The output of `pulumi stack export`: since when each resource agreed with the cloud, and where the program
   * declares it.
   */
  readonly state?: string;
  /** The output of `pulumi stack history --json`: changes during runs are marked. */
  readonly history?: string;
  /** The beginning of the window of all resources. @defaultValue `modified` of each in the state, at most seven days */
  readonly since?: Time;
  /** Regions to look at besides each resource's own. */
  readonly regions?: readonly string[];
  /** Projects to look at besides each resource's own, by name or id. */
  readonly projects?: readonly string[];
  /** Names, ids or access keys whose operations explain nothing. @defaultValue who signed in */
  readonly own?: readonly string[];
  /** The longest wait for late traces while something is unexplained, in milliseconds. @defaultValue 0 */
  readonly waitMs?: number;
  /** Calls of the wide search, for each project; 0: traces are searched by id and name only. @defaultValue 100 */
  readonly maxCalls?: number;
  /** The least that counts as explained. @defaultValue likely */
  readonly minConfidence?: Confidence;
  /** True if old and new values are told; they may be confidential. @defaultValue false */
  readonly showValues?: boolean;
  /** Kinds of resources beside those that are known, which they replace where the type is the same. */
  readonly kinds?: readonly ResourceKind[];
  /** Told now and then how far it has come. */
  readonly onProgress?: (message: string) => void;
}

/** Nothing is looked for before this time: the clocks of the engine and of the service differ. */
const BEFORE_MODIFIED_MS = 2 * 60_000;
/** The time of the check is of this machine's clock. */
const AFTER_CHECK_MS = 60_000;
/** Traces are in the list so late, at most. */
const LATEST_MS = 15 * 60_000;
const POLL_MS = 30_000;
/** Calls of the wide search, for each project, unless an option says otherwise. */
export const DEFAULT_MAX_CALLS = 100;

/** A report, with what a caller needs beside it. */
export interface DriftResult {
  readonly report: DriftReport;
  readonly check: DriftCheck;
  /** One sentence for each project that could not be looked at. */
  readonly problems: readonly string[];
  /** By URN: a query for the traces of a resource, in its place, where that is known. */
  readonly queries: ReadonlyMap<string, TraceQuery>;
  /** By URN: who set what, of resources that several operations have changed. */
  readonly shares: ReadonlyMap<string, readonly Share[]>;
}

/** @throws InputError, CheckFailedError, ArgumentError; CtsError where no project could be looked at. */
export async function explainDrift(
  connection: Connection,
  input: DriftInput,
  options: DriftOptions = {},
): Promise<DriftResult> {
  const check = readInput(input);
  if (check.checked.length === 0) {
    throw new InputError(
      "No resource was checked: nobody knows whether anything drifted. Is this the right stack?",
    );
  }
  const { minConfidence = "likely", waitMs = 0, onProgress } = options;
  const state = options.state === undefined ? undefined : readState(options.state, "The state");
  const runs = options.history === undefined ? [] : readHistory(options.history, "The history");
  const own = new Set(options.own ?? connection.signedInAs);
  const now = connection.clock.now();
  const checkedAt = check.at ?? now;
  const sought = soughtFor(check, options, windowsBy(options, state, { now, checkedAt }));
  const judged = ({ drifted, traces, identity }: Sought) =>
    judge(drifted, [...traces.values()], { identity, own, runs });
  // A `possible` cause does not end the search.
  const isExplained = (one: Sought) =>
    isEnough(judged(one), minConfidence === "confirmed" ? "confirmed" : "likely");
  const search = new Search(connection, {
    maxCalls: options.maxCalls ?? DEFAULT_MAX_CALLS,
    isExplained,
    ...(onProgress && { onProgress }),
  });
  const places = new TracePlaces(connection, state);
  await searchFor(sought, search, { places, options, connection, waitMs });
  failWhereAllFailed(search);
  const shares = new Map<string, readonly Share[]>();
  const resources = sought.map((one): ExplainedResource => {
    const judgement = judged(one);
    shares.set(one.drifted.urn, sharesOf(one.drifted, judgement));
    return explained(one.drifted, judgement, {
      since: iso(one.window.from),
      source: state?.resources.get(one.drifted.urn)?.source,
      reasons: reasonsOf(one, judgement, { now: connection.clock.now(), checkedAt, state }),
      showValues: options.showValues ?? false,
    });
  });
  const count = resources.filter(({ verdict }) => isEnough({ verdict }, minConfidence)).length;
  const stack = options.stack ?? check.stack;
  const report: DriftReport = {
    schema: 1,
    ...(stack !== undefined && { stack }),
    checkedAt: iso(checkedAt),
    complete: search.failures.length === 0,
    searched: search.searched.map(reportedSearch),
    summary: {
      checked: check.checked.length,
      drifted: resources.length,
      explained: count,
      unexplained: resources.length - count,
    },
    resources,
  };
  const problems = [...new Set(search.failures.map(({ error }) => error.message))];
  return { report, check, problems, queries: await placedQueries(sought, places), shares };
}

async function placedQueries(
  sought: readonly Sought[],
  places: TracePlaces,
): Promise<DriftResult["queries"]> {
  const queries = new Map<string, TraceQuery>();
  for (const { drifted, identity } of sought) {
    const query = queryOf(identity);
    const place = await places.of(drifted).catch(() => undefined);
    if (query && place) {
      queries.set(drifted.urn, { ...query, ...place });
    }
  }
  return queries;
}

/** Names, for each resource that drifted, the traces to look for. */
function soughtFor(
  { drifted: all }: DriftCheck,
  { kinds }: DriftOptions,
  windowOf: (drifted: Drifted) => Sought["window"],
): Sought[] {
  return all.map((drifted) => ({
    drifted,
    identity: identityOf(drifted, kindOf(drifted.type, drifted.id, kinds)),
    window: windowOf(drifted),
    traces: new Map(),
    obstacles: new Set(),
  }));
}

/** Searches, and searches again for late traces while something is unexplained. */
async function searchFor(
  sought: readonly Sought[],
  search: Search,
  {
    places,
    options,
    connection,
    waitMs,
  }: { places: TracePlaces; options: DriftOptions; connection: Connection; waitMs: number },
): Promise<void> {
  await lookEverywhere(search, places, sought, options);
  for (let left = waitMs; left > 0; left -= POLL_MS) {
    const rest = search.unexplained(sought);
    if (rest.length === 0) {
      return;
    }
    options.onProgress?.(`waiting for late traces of ${counted(rest.length, "resource")}`);
    await connection.clock.sleep(Math.min(POLL_MS, left));
    search.isProvisional = left > POLL_MS;
    await lookEverywhere(search, places, rest, options);
  }
}

/** @throws CtsError where no project could be looked at. */
function failWhereAllFailed({ failures, searched }: Search): void {
  const hasFailedAt = (place: Place) =>
    failures.some(
      ({ place: failed }) => failed?.region === place.region && failed.projectId === place.projectId,
    );
  const [failure] = failures;
  if (failure && searched.every(({ calls, place }) => calls === 0 || hasFailedAt(place))) {
    throw failure.error;
  }
}

function reportedSearch({
  place,
  from,
  to,
  traces,
  calls,
  newestRecorded,
  isBounded,
}: Search["searched"][number]): DriftReport["searched"][number] {
  return {
    region: place.region,
    projectId: place.projectId,
    from: iso(from),
    to: iso(to),
    traces,
    calls,
    ...(newestRecorded && { newestRecorded }),
    bounded: isBounded,
  };
}

/** True if a verdict is at least of this confidence. */
export function isEnough({ verdict }: Pick<Judgement, "verdict">, least: Confidence): boolean {
  return verdict !== "unexplained" && CONFIDENCES.indexOf(verdict) <= CONFIDENCES.indexOf(least);
}

/** Each resource is looked for where it is. What that does not explain is looked for in the other places. */
async function lookEverywhere(
  search: Search,
  places: TracePlaces,
  all: readonly Sought[],
  options: DriftOptions,
): Promise<void> {
  const byPlace = new Map<ReturnType<TracePlaces["of"]>, Sought[]>();
  for (const one of all) {
    const place = places.of(one.drifted);
    byPlace.set(place, [...(byPlace.get(place) ?? []), one]);
  }
  for (const [place, here] of byPlace) {
    await search.in(place, here);
  }
  const { regions = [], projects = [] } = options;
  for (const place of places.others(regions, projects)) {
    const rest = search.unexplained(all);
    const elsewhere = [];
    for (const one of rest) {
      if (!(await isOneOf(places.of(one.drifted), place))) {
        elsewhere.push(one);
      }
    }
    await search.in(place, elsewhere);
  }
}

async function isOneOf(
  own: ReturnType<TracePlaces["of"]>,
  other: ReturnType<TracePlaces["of"]>,
): Promise<boolean> {
  const [one, another] = await Promise.all([own, other].map((place) => place.catch(() => undefined)));
  return one !== undefined && one.region === another?.region && one.projectId === another.projectId;
}

interface Times {
  readonly now: number;
  readonly checkedAt: number;
}

/** Settles the window of each resource. @throws ArgumentError for a `since` that makes no sense, InputError for an old check. */
function windowsBy({ since }: DriftOptions, state: StackState | undefined, { now, checkedAt }: Times) {
  const oldest = oldestFrom(now);
  const to = Math.trunc(checkedAt + AFTER_CHECK_MS);
  if (to <= oldest) {
    throw new InputError(
      "The check was made more than seven days ago, and older traces cannot be queried: run it again",
    );
  }
  const from = since === undefined ? undefined : sinceOf(since, now);
  return (drifted: Drifted) => {
    const modified = state?.resources.get(drifted.urn)?.modified;
    // A state that was made to agree with the cloud after the check says nothing about what it had found.
    const isKnown = modified !== undefined && modified < checkedAt;
    return { from: Math.max(oldest, from ?? (isKnown ? modified - BEFORE_MODIFIED_MS : oldest)), to };
  };
}

function sinceOf(since: Time, now: number): number {
  try {
    return resolveTraceQuery({ from: since, to: now }, now).from;
  } catch (error) {
    if (!(error instanceof ArgumentError)) {
      throw error;
    }
    throw new ArgumentError(
      "since",
      error.problems.map((problem) => problem.replace(/^from /, "it ")),
    );
  }
}

function reasonsOf(
  { drifted, identity, window, obstacles }: Sought,
  { own, attempts, isSystemOnly }: Judgement,
  { now, checkedAt, state }: Times & { state: StackState | undefined },
): Reason[] {
  const { kind } = identity;
  const modified = state?.resources.get(drifted.urn)?.modified;
  const isTruncated = modified !== undefined && modified < window.from;
  const isGlobal = kind?.serviceTypes.some((each) => each === "IAM" || each === "DNS");
  const hasNothing = drifted.kind === "changed" && drifted.changes.every(({ secret }) => secret);
  const reasons: readonly (readonly [boolean | undefined, Reason])[] = [
    [isTruncated, "older-than-seven-days"],
    [now - checkedAt < LATEST_MS, "too-early"],
    [!isRecorded(kind), "not-documented"],
    [isGlobal, "elsewhere"],
    [obstacles.has("no-permission"), "no-permission"],
    [obstacles.has("unreachable"), "unreachable"],
    [own.length > 0, "own-only"],
    [attempts.length > 0, "attempts-only"],
    [isSystemOnly, "system-only"],
    [obstacles.has("bounded"), "bounded"],
    [hasNothing, "secret-or-computed"],
  ];
  const held = reasons.filter(([holds]) => holds).map(([, reason]) => reason);
  return held.length > 0 ? held : ["no-trace"];
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
