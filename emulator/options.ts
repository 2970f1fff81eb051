import { createHash } from "node:crypto";
import { z } from "zod";
import type { KeyPair } from "./auth/signature";
import { type SpreadName, spreadNames } from "./synthetic/spreads";

/** What the emulator may be told when it starts. Everything has a default. */
export interface EmulatorOptions {
  /** The port on 127.0.0.1; default 0, any free one. */
  port?: number;
  /**
   * Names that the `Host` header of a call may have besides `localhost`, 127.0.0.0/8 and `[::1]`, without port. Only for who
   * puts a proxy in front; anybody who owns such a name can let web pages use the emulator. Default none.
   */
  allowedHosts?: string[];
  /** The regions, at least one; the first is the default region. Default `["eu-de", "eu-nl"]`. */
  regions?: string[];
  /** The account. Default name `OTC-EU-DE-00000000001000000001`; the id is derived from the name. */
  domain?: { id?: string; name?: string };
  /** Who may sign in. Default `demo` with `demo-password`; the id is derived from the name. */
  user?: { name?: string; password?: string; id?: string };
  /**
   * The access keys that calls may be signed with, for every project. Default one permanent pair and one temporary,
   * always the same.
   */
  keys?: KeyPair[];
  /**
   * The projects, at least one; ids are derived from the names. A project belongs to one region: default the one that its
   * name begins with, as in `eu-de_team`, else the first. A region without any has `{region}_demo`.
   */
  projects?: { name: string; id?: string; region?: string }[];
  /**
   * Every project is there in every region, which the real service does not have; default false: a call of a project at
   * the endpoint of another region is refused, 403 `CTS.0013`.
   */
  projectsInEveryRegion?: boolean;
  /**
   * Agencies by which the user may act for other accounts, each in one project. Default none; ids are derived from names.
   */
  agencies?: AgencyOptions[];
  /** How the service behaves where the real one is not known, or can be in several states. */
  behaviour?: Partial<Behaviour>;
  /** Milliseconds since 1970; default `Date.now`. Tests pass a virtual clock. */
  clock?: () => number;
  /** Waits so many milliseconds; default a real timer. Used for latency and for faults that hang. */
  sleep?: (ms: number) => Promise<void>;
  /** A number from 0 up to 1; default `Math.random`. Used for random faults. */
  random?: () => number;
  /** How long a token is valid, in milliseconds; default 24 hours. */
  tokenLifetimeMs?: number;
  /**
   * How many synthetic traces of the last seven days every project has, at the start and after `reset()`: 0 to 1,000,000; default 0. They are made up when they are first asked for, and take 8 bytes each.
   */
  traces?: number;
  /**
   * How synthetic traces are spread over the seven days: `"office"` (default: a day's work, nights, deployments),
   * `"uniform"`, `"working-hours"`, `"dense-hour"`, `"cascades"`, `"deployments"`, `"batches"` or `"recorded-hour"`.
   */
  spread?: SpreadName;
  /** What synthetic traces are made from, a whole number from 0; the same seed and time make the same. Default 1. */
  seed?: number;
}

/** What the facts about the real service leave open, and the states it can be in. Can be changed at any time. */
export interface Behaviour {
  /** What a PUT of a tracker leaves out: `"reset"` to the service's default (default), or `"keep"` as it was. */
  put: "reset" | "keep";
  /**
   * A tracker or notification that is not there reads as an `"empty"` list (default), or is `"notFound"`: 404
   * `CTS.0214`. With `v1Answer: "object"` a tracker is always the latter in v1.0, as there is no list that could be
   * empty.
   */
  missing: "empty" | "notFound";
  /** The body of the answer to a PUT of a tracker: `"empty"` (default), or the `"tracker"`. */
  putAnswer: "empty" | "tracker";
  /** A PUT that reaches a disabled tracker takes effect in its `status` only; default true. */
  disabledIgnoresChanges: boolean;
  /** A PUT that disables the tracker drops every other change it carries; default true. */
  disablingDropsChanges: boolean;
  /** Every project has a tracker at service defaults, at the start and after `reset()`; default true. */
  trackerExists: boolean;
  /** GET trackers and notifications show the state of so many milliseconds ago; default 0. */
  lagMs: number;
  /**
   * Anything but `"ok"` (default) makes an enabled tracker that transfers to a bucket read as status `error`, with
   * this as its `detail`; `"arrears"` also one that does not transfer.
   */
  obs: "ok" | "noBucket" | "bucketPolicyError" | "arrears";
  /** With `obs: "noBucket"`, a POST or PUT that names a bucket is refused: 400 `CTS.0211`; default false. */
  rejectMissingBucket: boolean;
  /** `is_obs_created: true` for a bucket that exists and is not the tracker's own: 400 `CTS.0215`; default false. */
  rejectExistingBucket: boolean;
  /** The code of the 400 that answers a POST where there is a tracker; default `CTS.0201`. */
  existsCode: "CTS.0201" | "CTS.0208";
  /** Every call of CTS and IAM takes at least so many milliseconds, and is carried out when half of them are over; default 0. */
  latencyMs: number;
  /**
   * How many calls of CTS per second the gateway lets pass, and at once after a second of rest, for all projects
   * together; beyond it, it answers 429 `APIGW.0308` with `Retry-After: 1`. A whole number; default 0, no limit.
   */
  requestsPerSecond: number;
  /** API v1.0 is there; default true. False: its calls are answered 404 `APIGW.0101`. */
  v1: boolean;
  /** API v2.0, which only has traces, is there; default true. False: its calls are answered 404 `APIGW.0101`. */
  v2: boolean;
  /** API v3 is there; default true. False: its calls are answered 404 `APIGW.0101`. */
  v3: boolean;
  /**
   * The topics that a notification may name: `"any"` of its project and region (default), or only `"existing"` ones,
   * which were created or subscribed to; another is refused: 400 `CTS.0003`.
   */
  topics: "any" | "existing";
  /** What GET tracker of v1.0 answers: the tracker, `"object"` (default), or a `"list"` of it. */
  v1Answer: "object" | "list";
  /** So many milliseconds after its `time` a trace of what happens here is written down and can be queried; default 0. */
  recordLagMs: number;
  /** Traces are written down also where the tracker is disabled, or there is none; default false. */
  recordsAlways: boolean;
  /** GET traces of v3 without `trace_type` is refused: 400 `CTS.0003`; default false. */
  traceTypeRequired: boolean;
  /**
   * Which page of traces has a marker: `"always"` (default), every one that shows any, though it be the last; `"full"`,
   * not a last page that is shorter than asked for.
   */
  marker: "always" | "full";
  /** What stands in place of the marker where there is none: `"null"` (default), or it is `"absent"`. */
  noMarker: "null" | "absent";
  /**
   * Pages of traces are `"full"` as far as there are traces (default); or `"short"`, of 1 to as many as were asked for;
   * or `"scanned"`: the criteria are applied to a page after it was cut, so that it may be short, and even empty with
   * a marker in the middle of the log.
   */
  pages: "full" | "short" | "scanned";
  /** A page of traces begins with the trace of the marker, which the page before has shown; default false. */
  repeatsMarked: boolean;
  /** Which traces `next` without `from` and `to` goes through: those of the `"lastHour"` (default), or `"all"`. */
  windowOfNext: "lastHour" | "all";
  /** A `next` that is the id of no trace is `"rejected"`: 400 `CTS.0003` (default), or the page is `"empty"`. */
  unknownMarker: "rejected" | "empty";
  /**
   * A `from` of more than seven days ago is `"ignored"`: the traces that are left are shown (default), or
   * `"rejected"`: 400 `CTS.0003`.
   */
  fromBeforeRetention: "ignored" | "rejected";
  /** With `trace_id`, `next` is ignored as everything else is: the same trace on every page; default false. */
  traceIdIgnoresNext: boolean;
}

/** The {@link Behaviour} of an emulator that is told nothing. */
export const defaultBehaviour: Readonly<Behaviour> = {
  put: "reset",
  missing: "empty",
  putAnswer: "empty",
  disabledIgnoresChanges: true,
  disablingDropsChanges: true,
  trackerExists: true,
  lagMs: 0,
  obs: "ok",
  rejectMissingBucket: false,
  rejectExistingBucket: false,
  existsCode: "CTS.0201",
  latencyMs: 0,
  requestsPerSecond: 0,
  v1: true,
  v2: true,
  v3: true,
  topics: "any",
  v1Answer: "object",
  recordLagMs: 0,
  recordsAlways: false,
  traceTypeRequired: false,
  marker: "always",
  noMarker: "null",
  pages: "full",
  repeatsMarked: false,
  windowOfNext: "lastHour",
  unknownMarker: "rejected",
  fromBeforeRetention: "ignored",
  traceIdIgnoresNext: false,
};

const behaviourSchema = z.strictObject({
  put: z.enum(["reset", "keep"]).optional(),
  missing: z.enum(["empty", "notFound"]).optional(),
  putAnswer: z.enum(["empty", "tracker"]).optional(),
  disabledIgnoresChanges: z.boolean().optional(),
  disablingDropsChanges: z.boolean().optional(),
  trackerExists: z.boolean().optional(),
  lagMs: z.number().nonnegative().optional(),
  obs: z.enum(["ok", "noBucket", "bucketPolicyError", "arrears"]).optional(),
  rejectMissingBucket: z.boolean().optional(),
  rejectExistingBucket: z.boolean().optional(),
  existsCode: z.enum(["CTS.0201", "CTS.0208"]).optional(),
  latencyMs: z.number().nonnegative().optional(),
  requestsPerSecond: z.number().int().nonnegative().optional(),
  v1: z.boolean().optional(),
  v2: z.boolean().optional(),
  v3: z.boolean().optional(),
  topics: z.enum(["any", "existing"]).optional(),
  v1Answer: z.enum(["object", "list"]).optional(),
  recordLagMs: z.number().int().nonnegative().optional(),
  recordsAlways: z.boolean().optional(),
  traceTypeRequired: z.boolean().optional(),
  marker: z.enum(["always", "full"]).optional(),
  noMarker: z.enum(["null", "absent"]).optional(),
  pages: z.enum(["full", "short", "scanned"]).optional(),
  repeatsMarked: z.boolean().optional(),
  windowOfNext: z.enum(["lastHour", "all"]).optional(),
  unknownMarker: z.enum(["rejected", "empty"]).optional(),
  fromBeforeRetention: z.enum(["ignored", "rejected"]).optional(),
  traceIdIgnoresNext: z.boolean().optional(),
} satisfies Record<keyof Behaviour, z.ZodType>);

/**
 * Checks some settings of a {@link Behaviour}.
 *
 * @throws Error that names every setting that is unknown or has a value it cannot have.
 */
export function parseBehaviour(value: unknown): Partial<Behaviour> {
  const parsed = behaviourSchema.safeParse(value);
  if (!parsed.success) {
    throw new Error(`The behaviour is not valid. ${describeIssues(parsed.error)}`);
  }
  return Object.fromEntries(Object.entries(parsed.data).filter(([, setting]) => setting !== undefined));
}

/** What is wrong with a value, one clause per problem, each with the path it is about. */
export function describeIssues(error: {
  issues: readonly { path: PropertyKey[]; message: string }[];
}): string {
  return error.issues.map((issue) => `${issue.path.join(".") || "value"}: ${issue.message}`).join("; ");
}

/** How much synthetic traffic the options ask for, and what it is made from; refuses what is out of range. */
export function resolveTraffic({
  traces: count = 0,
  spread = "office",
  seed = 1,
}: EmulatorOptions): TrafficSettings {
  if (!spreadNames.includes(spread)) {
    throw new Error(`spread must be one of ${spreadNames.join(", ")}, not ${JSON.stringify(spread)}.`);
  }
  if (!Number.isInteger(count) || count < 0 || count > maxTraces) {
    throw new Error(`traces must be a whole number from 0 to ${maxTraces}, not ${count}.`);
  }
  if (!Number.isInteger(seed) || seed < 0 || seed > maxSeed) {
    throw new Error(`seed must be a whole number from 0 to ${maxSeed}, not ${seed}.`);
  }
  return { count, spread, seed };
}

/** How much synthetic traffic there is in every place, and what it is made from. */
export interface TrafficSettings {
  count: number;
  spread: SpreadName;
  seed: number;
}

/** The most synthetic traces that a place can have. */
export const maxTraces = 1_000_000;
/** The greatest seed of synthetic traces. */
export const maxSeed = 4_294_967_295;

/** An agency of another account. */
export interface AgencyOptions {
  /** For example `audit`. */
  name: string;
  /** The account that delegates. */
  domain: { id?: string; name: string };
  /** The project that is delegated; it is one of the emulator's, beside those of the user's own account. */
  project: { name: string; id?: string; region?: string };
}

/** An agency with every default filled in. */
export interface Agency {
  name: string;
  domain: { id: string; name: string };
  projectId: string;
}

/** A project of the account, or one that another account delegates. */
export interface Project {
  /** 32 hexadecimal digits. */
  id: string;
  name: string;
  /** Where it is. */
  region: string;
}

/** Who there is, and where: the options of an emulator with every default filled in. */
export interface Account {
  regions: readonly [string, ...string[]];
  domain: { id: string; name: string };
  user: { id: string; name: string; password: string };
  /** In the order of their regions. */
  projects: readonly [Project, ...Project[]];
  /** Projects are in all regions, and not only in their own. */
  projectsInEveryRegion: boolean;
  agencies: readonly Agency[];
  keys: readonly Readonly<KeyPair>[];
}

/** The regions of an emulator that is told none. */
export const defaultRegions: readonly string[] = ["eu-de", "eu-nl"];

/** Fills the defaults into the account that the options describe, and refuses one that cannot be served. */
export function resolveAccount(options: EmulatorOptions): Account {
  const [region, ...moreRegions] = new Set(options.regions ?? defaultRegions);
  if (region === undefined) {
    throw new Error("The emulator needs at least one region.");
  }
  const regions: Account["regions"] = [region, ...moreRegions];
  for (const name of regions) {
    if (!/^[a-z0-9][a-z0-9-]*$/.test(name) || /^v\d/.test(name)) {
      throw new Error(
        `"${name}" cannot be a region: use lower-case letters, digits and "-", for example "eu-de".`,
      );
    }
  }
  const domainName = options.domain?.name ?? "OTC-EU-DE-00000000001000000001";
  const userName = options.user?.name ?? "demo";
  return {
    regions,
    domain: { id: options.domain?.id ?? hexId(`domain ${domainName}`), name: domainName },
    user: {
      id: options.user?.id ?? hexId(`user ${userName}`),
      name: userName,
      password: options.user?.password ?? "demo-password",
    },
    projects: resolveProjects(options, regions),
    agencies: (options.agencies ?? []).map(({ name, domain, project }) => ({
      name,
      domain: { id: domain.id ?? hexId(`domain ${domain.name}`), name: domain.name },
      projectId: project.id ?? hexId(`project ${project.name}`),
    })),
    projectsInEveryRegion: options.projectsInEveryRegion ?? false,
    keys: resolveKeys(options.keys ?? demoKeys),
  };
}

/** With characters that are written differently in a URL, as a real secret may have. */
const demoKeys: KeyPair[] = [
  { accessKey: "DEMOPERMANENTKEY0001", secretKey: "demo+permanent/secret+key/0123456789abcd" },
  {
    accessKey: "DEMOTEMPORARYKEY0001",
    secretKey: "demo+temporary/secret+key/0123456789abcd",
    securityToken: `demo+security/token/${"0123456789abcdef".repeat(8)}==`,
  },
];

function resolveKeys(keys: readonly KeyPair[]): KeyPair[] {
  keys.forEach(({ accessKey }, i) => {
    if (!/^[^/,\s]+$/.test(accessKey) || keys.findIndex((other) => other.accessKey === accessKey) !== i) {
      throw new Error(
        `"${accessKey}" cannot be an access key: it must be unique, without space, "/" and ",".`,
      );
    }
  });
  return keys.map((pair) => ({ ...pair }));
}

function resolveProjects(
  { projects, agencies = [] }: EmulatorOptions,
  regions: Account["regions"],
): Account["projects"] {
  if (projects?.length === 0) {
    throw new Error("The emulator needs at least one project.");
  }
  const toProject = ({ name, id, region }: NonNullable<EmulatorOptions["projects"]>[number]): Project => {
    const named = regions.find((one) => name === one || name.startsWith(`${one}_`));
    const home = region ?? named ?? regions[0];
    if (!regions.includes(home)) {
      throw new Error(
        `The project "${name}" is of region "${home}", which the emulator does not have. It has: ${regions.join(", ")}.`,
      );
    }
    return { id: id ?? hexId(`project ${name}`), name, region: home };
  };
  const given = (projects ?? []).map(toProject);
  const own = regions.flatMap((region) => {
    const here = given.filter((project) => project.region === region);
    const name = `${region}_demo`;
    return here.length > 0 ? here : [{ id: hexId(`project ${name}`), name, region }];
  });
  const resolved = [...own, ...agencies.map(({ project }) => toProject(project))];
  const twice = resolved.find(
    ({ id, name }, i) => resolved.findIndex((other) => other.id === id || other.name === name) !== i,
  );
  if (twice) {
    throw new Error(`There are two projects "${twice.name}": their names and ids must be unique.`);
  }
  return resolved as [Project, ...Project[]];
}

/** 32 hexadecimal digits, always the same for the same text. */
export function hexId(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 32);
}

/** The same as {@link hexId}, written as the service writes its own ids: in groups of 8, 4, 4, 4 and 12. */
export function dashedId(text: string): string {
  return hexId(text).replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
