import type { Trace } from "../client/api/trace";
import { isRecord } from "../client/values";
import { textOf } from "./identity";
import { wordsOf } from "./operation";
import { leavesOf } from "./request";

/** An operation: its trace, or the two of an asynchronous one. */
export interface Act {
  /** The trace of the request: who asked, and from where. */
  readonly first: Trace;
  /** The oldest first. */
  readonly traces: readonly Trace[];
  /** When it was asked for, in milliseconds since the epoch. */
  readonly time: number;
  readonly hasFailed: boolean;
  /** True if one of several operations of the same name failed, and nothing says which. */
  readonly isDoubtful: boolean;
}

/** Whose operations explain nothing. */
export type Own = ReadonlySet<string>;

/** The result of an operation is recorded within this time. */
const LONGEST_MS = 30 * 60_000;

/** Joins the traces of a resource to operations. The result of an asynchronous one is a trace of its own, mostly without a user. */
export function actsOf(traces: readonly Trace[]): Act[] {
  const unique = [...new Map(traces.map((trace) => [trace.traceId, trace])).values()];
  const acts: { first: Trace; traces: Trace[]; isDoubtful: boolean }[] = [];
  for (const trace of unique.sort((a, b) => Date.parse(a.time) - Date.parse(b.time))) {
    const asked = acts.filter(({ first, traces: before }) => before.length < 3 && isResultOf(trace, first));
    const byJob = asked.filter(({ first }) => isOfJob(trace, first));
    const [candidates, isSure] = byJob.length > 0 ? [byJob, true] : [asked, asked.length === 1];
    const act = candidates.at(-1);
    if (!act) {
      acts.push({ first: trace, traces: [trace], isDoubtful: false });
    } else if (isSure || !hasFailed(trace)) {
      act.traces.push(trace);
    } else {
      for (const each of candidates) {
        each.isDoubtful = true;
      }
    }
  }
  return acts.map((act) => ({
    ...act,
    time: Date.parse(act.first.time),
    hasFailed: act.traces.some(hasFailed),
  }));
}

function isResultOf(trace: Trace, first: Trace): boolean {
  const later = Date.parse(trace.time) - Date.parse(first.time);
  if (later < 0 || later > LONGEST_MS || !hasPerson(first) || hasFailed(first)) {
    return false;
  }
  if (
    textOf(trace.resourceId) !== "" &&
    textOf(first.resourceId) !== "" &&
    trace.resourceId !== first.resourceId
  ) {
    return false;
  }
  if (isOfJob(trace, first)) {
    return true;
  }
  if (!isSameName(trace, first)) {
    return false;
  }
  // Another request of a person is another operation.
  return !hasPerson(trace) || (isByService(trace) && nameOf(trace) === nameOf(first));
}

function isOfJob(trace: Trace, first: Trace): boolean {
  const [one, other] = [jobsOf(trace), jobsOf(first)];
  return one.some((job) => other.includes(job));
}

function jobsOf({ requestId, request, response }: Trace): string[] {
  const jobs = [...leavesOf(request), ...leavesOf(response)].filter(({ path }) => path.at(-1) === "jobId");
  return [textOf(requestId), ...jobs.map(({ value }) => value)].filter((each) => each !== "");
}

/** `createServer` and `createSingleServer`, or `submitCreateDCSInstanceRequest` and `createDCSInstance`. */
function isSameName(one: Trace, other: Trace): boolean {
  return baseOf(one) === baseOf(other);
}

function baseOf({ traceName = "" }: Trace): string {
  const inner = new Set(["single", "submit", "request", "task", "success", "failure", "failed", "v2", "job"]);
  return wordsOf(traceName)
    .filter((word) => !inner.has(word))
    .join(" ");
}

/** True if an operation did not do what was asked. That proves nothing about what it changed. */
export function hasFailed({ traceRating, traceName, code }: Trace): boolean {
  return (
    traceRating === "warning" ||
    traceRating === "incident" ||
    Number(code) >= 400 ||
    /fail(ed|ure)$/i.test(traceName ?? "")
  );
}

const OP_SERVICE = /\/?op_service$/;

/** The user without what a service adds that acts for somebody. */
export function nameOf({ user }: Trace): string {
  return textOf(user?.name).replace(OP_SERVICE, "");
}

function isByService(trace: Trace): boolean {
  return trace.traceType === "SystemAction" || OP_SERVICE.test(textOf(trace.user?.name));
}

function hasPerson({ user, ...trace }: Trace): boolean {
  return (
    nameOf({ ...trace, user } as Trace) !== "" ||
    textOf(user?.principalUrn) !== "" ||
    textOf(user?.userName) !== ""
  );
}

/** True if somebody asked for it. */
export function hasUser({ first }: Act): boolean {
  return hasPerson(first);
}

/** Tells people apart. */
export function personOf({ first }: Act): string {
  const { user } = first;
  return nameOf(first) || textOf(user?.id) || textOf(user?.principalUrn);
}

/** True if it was done by one of those whose operations explain nothing: by name, id, key or agency. */
export function isOwn({ traces }: Act, own: Own): boolean {
  return traces.some(({ user, ...trace }) => {
    const { id, name, userName, accessKeyId, principalUrn, principalId } = isRecord(user) ? user : {};
    const marks = [id, name, userName, accessKeyId, principalUrn, principalId].map(textOf);
    return [...marks, nameOf({ ...trace, user } as Trace)].some((mark) => mark !== "" && own.has(mark));
  });
}
