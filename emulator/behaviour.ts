import { z } from "zod";
import { parseAs, withoutUndefined } from "./parse";

/**
 * Every switch, with the value that it has by default: true or false, a number of which 0 is the least, or the first of
 * several words. A new switch is declared here, and nowhere else; the route or rule that it changes reads it from the state.
 */
const SWITCHES = {
  /** A setting missing in a PUT of a tracker: `"reset"` to its default, or `"keep"`. @defaultValue "reset" */
  put: ["reset", "keep"],
  /**
   * A missing tracker or notification reads as an `"empty"` list, or is `"notFound"`: 404 `CTS.0214` for a tracker,
   * 404 `CTS.0403` for a notification. With `v1Answer: "object"` a tracker is always `"notFound"` in v1.0, which has no
   * list. @defaultValue "empty"
   */
  missing: ["empty", "notFound"],
  /** The body of the answer to a PUT of a tracker: `"empty"`, or the `"tracker"`. @defaultValue "empty" */
  putAnswer: ["empty", "tracker"],
  /** A PUT that reaches a disabled tracker takes effect in its `status` only. @defaultValue true */
  disabledIgnoresChanges: true,
  /** A PUT that disables the tracker drops every other change it carries. @defaultValue true */
  disablingDropsChanges: true,
  /** Every project has a tracker at service defaults, at the start and after `reset()`. @defaultValue true */
  trackerExists: true,
  /** GET trackers and notifications show the state of this many milliseconds ago. @defaultValue 0 */
  lagMs: 0,
  /**
   * Anything but `"ok"` makes an enabled tracker that transfers to a bucket read as status `error`, with this as its
   * `detail`; `"arrears"` also one that does not transfer. @defaultValue "ok"
   */
  obs: ["ok", "noBucket", "bucketPolicyError", "arrears"],
  /** With `obs: "noBucket"`, a POST or PUT that names a bucket is refused: 400 `CTS.0211`. @defaultValue false */
  rejectMissingBucket: false,
  /** `is_obs_created: true` for a bucket that exists and is not the tracker's own: 400 `CTS.0215`. @defaultValue false */
  rejectExistingBucket: false,
  /** The code of the 400 that answers a POST where there is a tracker. @defaultValue "CTS.0201" */
  existsCode: ["CTS.0201", "CTS.0208"],
  /** The least time of a call of CTS and IAM in milliseconds; it is carried out after half of it. @defaultValue 0 */
  latencyMs: 0,
  /**
   * Calls of CTS per second that the gateway lets pass, and concurrently after a second of rest, for all projects
   * together; beyond it, it answers 429 `APIGW.0308` with `Retry-After: 1`. A whole number; 0 is no limit.
   * @defaultValue 0
   */
  requestsPerSecond: 0,
  /** API v1.0 exists. False: its calls are answered 404 `APIGW.0101`. @defaultValue true */
  v1: true,
  /** API v2.0, which only has traces, exists. False: its calls are answered 404 `APIGW.0101`. @defaultValue true */
  v2: true,
  /** API v3 exists. False: its calls are answered 404 `APIGW.0101`. @defaultValue true */
  v3: true,
  /**
   * The topics that a notification may name: `"any"` of its project and region, or only `"existing"` ones, which were
   * created or subscribed to; another is refused: 400 `CTS.0003`. @defaultValue "any"
   */
  topics: ["any", "existing"],
  /** The answer to GET tracker of v1.0: the tracker, `"object"`, or a `"list"` of it. @defaultValue "object" */
  v1Answer: ["object", "list"],
  /** Milliseconds from the `time` of a trace of a call here until it can be queried. @defaultValue 0 */
  recordLagMs: 0,
  /** Traces are recorded even if the tracker is disabled or missing. @defaultValue false */
  recordsAlways: false,
  /** GET traces of v3 without `trace_type` is refused: 400 `CTS.0003`. @defaultValue false */
  traceTypeRequired: false,
  /**
   * The pages of traces with a marker: `"always"`, every page that has a trace, even the last; `"full"`, not a last
   * page that is shorter than the limit. @defaultValue "always"
   */
  marker: ["always", "full"],
  /** The value of a missing marker: `"null"`, or it is `"absent"`. @defaultValue "null" */
  noMarker: ["null", "absent"],
  /**
   * Pages of traces are `"full"` while there are traces; or `"short"`, of 1 up to the limit; or `"scanned"`: the
   * criteria are applied to a page after it was cut, so that it may be short, and even empty with a marker in the
   * middle of the log. @defaultValue "full"
   */
  pages: ["full", "short", "scanned"],
  /** A page of traces begins with the trace of the marker, which the page before has shown. @defaultValue false */
  repeatsMarked: false,
  /** Traces that `next` without `from` and `to` goes through: the `"lastHour"`, or `"all"`. @defaultValue "lastHour" */
  windowOfNext: ["lastHour", "all"],
  /** A `next` that is no trace's id: `"rejected"`, 400 `CTS.0003`, or an `"empty"` page. @defaultValue "rejected" */
  unknownMarker: ["rejected", "empty"],
  /**
   * A `from` of more than seven days ago is `"ignored"`: the remaining traces are shown, or `"rejected"`: 400
   * `CTS.0003`. @defaultValue "ignored"
   */
  fromBeforeRetention: ["ignored", "rejected"],
  /** With `trace_id`, `next` is ignored as everything else is: the same trace on every page. @defaultValue false */
  traceIdIgnoresNext: false,
} as const;

type Widened<Default> = Default extends readonly (infer Word)[]
  ? Word
  : Default extends boolean
    ? boolean
    : number;

/** Switches for unknown facts about the real service, and for the states it can be in. Can be changed at any time. */
export type Behaviour = { -readonly [Name in keyof typeof SWITCHES]: Widened<(typeof SWITCHES)[Name]> };

/** The default {@link Behaviour}. */
export const DEFAULT_BEHAVIOUR = Object.fromEntries(
  Object.entries(SWITCHES).map(([name, value]) => [name, isWords(value) ? value[0] : value]),
) as Readonly<Behaviour>;

const behaviourSchema = z.strictObject(
  Object.fromEntries(Object.entries(SWITCHES).map(([name, value]) => [name, ruleOf(value).optional()])),
);

function ruleOf(value: (typeof SWITCHES)[keyof Behaviour]): z.ZodType {
  if (isWords(value)) {
    return z.enum(value);
  }
  return typeof value === "boolean" ? z.boolean() : z.number().int().nonnegative();
}

function isWords(value: unknown): value is readonly [string, ...string[]] {
  return Array.isArray(value);
}

/**
 * Checks some settings of a {@link Behaviour}.
 *
 * @throws Error that names every setting that is unknown or has a value it cannot have.
 */
export function parseBehaviour(value: unknown): Partial<Behaviour> {
  return withoutUndefined(parseAs(behaviourSchema, value, "behaviour")) as Partial<Behaviour>;
}
