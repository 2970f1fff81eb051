import type { Trace } from "../client/api/trace";
import { type Act, actsOf, hasUser, isOwn, type Own, personOf } from "./acts";
import type { Drifted } from "./drifted";
import { type Identity, type MatchedBy, matchOf, mentions, textOf } from "./identity";
import type { StackRun } from "./input/state";
import { isRead } from "./kinds/kindOf";
import { isDeletion, purposeOf } from "./operation";
import { leavesOf, type Setting, settingOf } from "./request";

/** The degrees of confidence in a cause. */
export const CONFIDENCES = ["confirmed", "likely", "possible"] as const;
export type Confidence = (typeof CONFIDENCES)[number];
export type Verdict = Confidence | "unexplained";

/** An operation that explains a drift, or might. */
export interface Finding {
  readonly act: Act;
  readonly matchedBy: MatchedBy;
  /** Why, in words without any value. */
  readonly evidence: readonly string[];
  /** The drifted properties that its request sets to what is there now, and that no newer one sets. */
  readonly sets: readonly string[];
}

/** The judgement of a resource that drifted, by its traces. */
export interface Judgement {
  readonly verdict: Verdict;
  readonly cause?: Finding;
  /** Others that might have done it, the likeliest first. */
  readonly also: readonly Finding[];
  /** Changes of the pipeline itself. */
  readonly own: readonly Finding[];
  /** Operations that failed. */
  readonly attempts: readonly Finding[];
  /** True if the service did it by itself. */
  readonly isSystemOnly: boolean;
}

/** Facts beside the traces. */
export interface Circumstances {
  readonly identity: Identity;
  readonly own: Own;
  /** Runs of the stack. */
  readonly runs: readonly StackRun[];
  /** True if another resource has a name of this one. */
  readonly hasNamesake?: boolean;
}

/** Others that are told beside the cause. */
const MOST_TOLD = 3;
/** The clocks of the engine and of the service differ, and a service may finish after the run. */
const BEFORE_RUN_MIN = 1;
const AFTER_RUN_MIN = 15;

/** The evidence for an operation. */
interface Weighed extends Finding {
  readonly level: Confidence | undefined;
  readonly score: number;
  readonly role: "other" | "own" | "system";
  /** The value of each changed property in its request. */
  readonly settings: readonly Setting[];
}

/**
 * Judges which operation explains a drift.
 *
 * @param traces all of the window, in any order; those about other resources, too
 */
export function judge(drifted: Drifted, traces: readonly Trace[], circumstances: Circumstances): Judgement {
  const { identity } = circumstances;
  const hasNamesake = traces.some((trace) => isNamesake(trace, identity));
  const matched = traces.flatMap((trace) => {
    if (isReadOnly(trace)) {
      return [];
    }
    const matchedBy = matchOf(trace, identity);
    return matchedBy ? [{ trace, matchedBy }] : [];
  });
  const why = new Map(matched.map(({ trace, matchedBy }) => [trace.traceId, matchedBy]));
  const acts = actsOf(matched.map(({ trace }) => trace));
  const findingOf = (act: Act) => ({ act, matchedBy: why.get(act.first.traceId) ?? "mention" });
  const attempts = acts
    .filter((act) => act.hasFailed)
    .map((act) => ({ ...findingOf(act), evidence: ["it failed"], sets: [] }));
  const weighed = acts
    .filter((act) => !act.hasFailed)
    .map((act) => weigh(drifted, findingOf(act), { ...circumstances, hasNamesake }));
  const settled = drifted.kind === "gone" ? withRivals(weighed) : withSuccessors(drifted, weighed);
  const byWeight = settled.filter(({ level }) => level !== undefined).sort(byScore);
  const others = byWeight.filter(({ role }) => role === "other");
  const system = byWeight.filter(({ role }) => role === "system");
  const own = settled.filter(
    ({ role, matchedBy }) => role === "own" && matchedBy !== "mention" && matchedBy !== "parent",
  );
  const [cause, ...also] = others;
  return {
    verdict: cause?.level ?? "unexplained",
    ...(cause && { cause }),
    also: [...also, ...system].slice(0, MOST_TOLD),
    own: own.slice(0, MOST_TOLD),
    attempts: attempts
      .filter(({ matchedBy }) => matchedBy !== "mention" && matchedBy !== "parent")
      .slice(0, MOST_TOLD),
    isSystemOnly: cause === undefined && system.length > 0,
  };
}

function isNamesake({ resourceId, resourceName }: Trace, { ids, names }: Identity): boolean {
  return (
    names.includes(textOf(resourceName)) && textOf(resourceId) !== "" && !ids.includes(textOf(resourceId))
  );
}

function isReadOnly({ readOnly, serviceType, traceName }: Trace): boolean {
  return readOnly === true || isRead(serviceType, traceName);
}

/** Best first, and the newest of equal ones. */
function byScore(one: Weighed, other: Weighed): number {
  const rank = ({ level }: Weighed) =>
    level === undefined ? CONFIDENCES.length : CONFIDENCES.indexOf(level);
  return rank(one) - rank(other) || other.score - one.score || other.act.time - one.act.time;
}

function weigh(
  drifted: Drifted,
  finding: Omit<Finding, "evidence" | "sets">,
  circumstances: Circumstances,
): Weighed {
  const { act, matchedBy } = finding;
  const { identity, own, runs } = circumstances;
  const evidence = [BY_MATCH[matchedBy]];
  const isDirect = matchedBy !== "parent" && matchedBy !== "mention";
  const ceiling = !isDirect
    ? "possible"
    : matchedBy === "resourceName"
      ? ceilingByName(drifted, circumstances)
      : "confirmed";
  const weight = { resourceId: 4, resourceType: 4, resourceName: 3, parent: 1, mention: 2 }[matchedBy];
  const judged =
    drifted.kind === "gone" ? weighDeletion(drifted, act, identity) : weighChange(drifted, act, identity);
  const nearRun = nearRunOf(act, runs);
  if (nearRun !== undefined) {
    evidence.push(nearRun);
  }
  const role =
    isOwn(act, own) ||
    (nearRun !== undefined && !judged.settings.includes("now") && drifted.kind === "changed")
      ? "own"
      : hasUser(act)
        ? "other"
        : "system";
  // Under another resource, an operation must say that it is about this one.
  const isStranger =
    !isDirect &&
    !judged.settings.some((each) => each === "now" || each === "unnamed") &&
    !isAbout(drifted, act, identity);
  return {
    ...finding,
    evidence: [...evidence, ...judged.evidence],
    level: isStranger ? undefined : atMost(ceiling, judged.level),
    score: weight + judged.score,
    role,
    settings: judged.settings,
    sets: [],
  };
}

/** Says that an operation may belong to a run of the stack; undefined where none was near. */
function nearRunOf({ time }: Act, runs: readonly StackRun[]): string | undefined {
  if (runs.some(({ start, end }) => time >= start && time <= end)) {
    return "it was during a run of this stack";
  }
  if (runs.some(({ start }) => time < start && time >= start - BEFORE_RUN_MIN * 60_000)) {
    return `it was within ${BEFORE_RUN_MIN} minute before a run of this stack`;
  }
  if (runs.some(({ end }) => time > end && time <= end + AFTER_RUN_MIN * 60_000)) {
    return `it was within ${AFTER_RUN_MIN} minutes after a run of this stack`;
  }
  return undefined;
}

const BY_MATCH: Readonly<Record<MatchedBy, string>> = {
  resourceId: "the trace has the id of the resource",
  resourceName: "the trace has the name of the resource",
  resourceType: "the project has one such resource",
  parent: "the trace has the id of a resource that this one belongs to",
  mention: "the trace mentions the id of the resource",
};

/** Names need not be unique. Where there is another resource of the name, nobody knows which one is meant. */
function ceilingByName({ kind }: Drifted, { identity, hasNamesake }: Circumstances): Confidence {
  if (identity.kind?.identity === "name") {
    return "confirmed";
  }
  if (!identity.kind || hasNamesake) {
    return "possible";
  }
  return kind === "gone" ? "likely" : "confirmed";
}

function atMost(ceiling: Confidence, level: Confidence | undefined): Confidence | undefined {
  if (level === undefined) {
    return undefined;
  }
  return CONFIDENCES[Math.max(CONFIDENCES.indexOf(ceiling), CONFIDENCES.indexOf(level))];
}

/** True if the traces hold an id of the resource beside that of the other one. */
function isAbout({ id }: Drifted, { traces }: Act, { ids, names, related }: Identity): boolean {
  const words = ids.length > 0 ? ids : [id, ...names, ...related];
  return traces.some((trace) => words.some((word) => word !== trace.resourceId && mentions(trace, word)));
}

type Judged = Pick<Weighed, "level" | "score" | "evidence" | "settings">;

function weighDeletion({ type }: Drifted, { first }: Act, { kind }: Identity): Judged {
  if (!isDeletion(first, kind, type)) {
    return { level: undefined, score: 0, evidence: [], settings: [] };
  }
  return { level: "confirmed", score: 4, evidence: ["the operation deletes the resource"], settings: [] };
}

function weighChange({ type, changes }: Drifted, { traces }: Act, { kind }: Identity): Judged {
  const leaves = traces.flatMap(({ request }) => leavesOf(request));
  const settings = changes.map(
    (each): Setting => (each.secret ? undefined : settingOf(leaves, each.path, each.new)),
  );
  const [first] = traces;
  const purposes = changes.map(({ path }) => (first ? purposeOf(first, kind, type, path) : "other"));
  const told = (setting: Setting) =>
    changes.filter((_, i) => settings[i] === setting).map(({ path }) => path);
  const [set, unnamed, other] = [told("now"), told("unnamed"), told("other")];
  const about = changes.filter((_, i) => purposes[i] === "property").map(({ path }) => path);
  // The names of a bucket's operations tell the part that they change; those of other services may be about more than they say.
  const isElsewhere =
    kind?.identity === "name" && changes.length > 0 && purposes.every((purpose) => purpose === "other");
  const isNamedOtherwise = purposes.length > 0 && purposes.every((purpose) => purpose === "other");
  const evidence = [
    ...set.map((path) => `the request sets ${path} to what is there now`),
    ...unnamed.map((path) => `the request has the value that ${path} has now`),
    ...about.map((path) => `the operation is about ${path}`),
    ...other.map((path) => `the request sets ${path} to another value`),
    ...(isNamedOtherwise && set.length === 0 ? ["the name of the operation is of something else"] : []),
  ];
  const score =
    Math.min(8, 4 * set.length) +
    2 * unnamed.length +
    2 * about.length -
    3 * other.length -
    (isNamedOtherwise ? 1 : 0);
  const isContradicted = other.length > 0 && other.length === changes.length;
  // To make or to delete the resource is no change of it.
  const isOfWhole = purposes.includes("create") || purposes.includes("delete");
  const isUnlikely = isContradicted || isOfWhole || (isElsewhere && unnamed.length === 0);
  const level = set.length > 0 ? "confirmed" : isUnlikely ? "possible" : "likely";
  return { level, score, evidence, settings };
}

/** Two people cannot delete one thing: one of them was too late, and which one is not to be seen. */
function withRivals(weighed: readonly Weighed[]): Weighed[] {
  const deletions = weighed.filter(({ level }) => level === "confirmed");
  const people = new Set(deletions.map(({ act }) => personOf(act)));
  if (people.size < 2) {
    return [...weighed];
  }
  return weighed.map((each) =>
    each.level === "confirmed"
      ? { ...each, level: "likely", evidence: [...each.evidence, "others have deleted it, too"] }
      : each,
  );
}

/** The last one to set a property has set what is there. Whoever set it before has not, whatever the value. */
function withSuccessors({ changes }: Drifted, weighed: readonly Weighed[]): Weighed[] {
  const isDirect = ({ matchedBy }: Weighed) => matchedBy !== "parent" && matchedBy !== "mention";
  const setters = changes.map((_, i) =>
    weighed
      .filter((each) => isDirect(each) && (each.settings[i] === "now" || each.settings[i] === "other"))
      .reduce<Weighed | undefined>(
        (newest, each) => (newest && newest.act.time > each.act.time ? newest : each),
        undefined,
      ),
  );
  return weighed.map((each) => {
    if (each.level !== "confirmed") {
      return each;
    }
    const sets = changes
      .filter((_, i) => each.settings[i] === "now" && setters[i] === each)
      .map(({ path }) => path);
    const isLast = sets.length > 0;
    if (isLast && !each.act.isDoubtful) {
      return { ...each, sets };
    }
    const doubt = isLast
      ? "an operation of this name failed, and it may be this one"
      : "a newer operation sets the same";
    return { ...each, sets, level: isLast ? "likely" : "possible", evidence: [...each.evidence, doubt] };
  });
}
