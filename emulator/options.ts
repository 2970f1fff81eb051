import { createHash } from "node:crypto";
import type { KeyPair } from "./auth/signature";
import type { Behaviour } from "./behaviour";
import { SPREAD_NAMES, type SpreadName } from "./synthetic/spreads";
import type { WireTraceUser } from "./wire/traces";

/** Options of an emulator. Everything has a default. */
export interface EmulatorOptions {
  /** The port on 127.0.0.1; 0 is any free one. @defaultValue 0 */
  port?: number;
  /**
   * Names that the `Host` header of a call may have besides `localhost`, 127.0.0.0/8 and `[::1]`, without port. Only
   * for a proxy in front: the owner of such a name can let web pages use the emulator. @defaultValue none
   */
  allowedHosts?: string[];
  /** The regions, at least one; the first is the default region. @defaultValue ["eu-de", "eu-nl"] */
  regions?: string[];
  /** The account; the id is derived from the name. @defaultValue name "OTC-EU-DE-00000000001000000001" */
  domain?: { id?: string; name?: string };
  /** The user who may sign in; the id is derived from the name. @defaultValue "demo" with "demo-password" */
  user?: { name?: string; password?: string; id?: string };
  /**
   * The person at the web console: of `emulator.console`, `emulator.change` and the page.
   * @defaultValue "alice", or "bob" where the user who signs in is called so
   */
  consoleUser?: string;
  /**
   * The access keys that calls may be signed with, for every project.
   * @defaultValue one permanent and one temporary pair, always the same
   */
  keys?: KeyPair[];
  /**
   * The projects, at least one; ids are derived from the names. A project belongs to one region: if none is given, the
   * region that its name begins with, as in `eu-de_team`, else the first.
   * @defaultValue `{region}_demo` in each region without a project
   */
  projects?: { name: string; id?: string; region?: string }[];
  /**
   * Every project exists in every region, which the real service does not have. False: a call of a project at the
   * endpoint of another region is refused, 403 `CTS.0013`. @defaultValue false
   */
  projectsInEveryRegion?: boolean;
  /**
   * Agencies that let the user act for other accounts, each in one project; ids derived from names. @defaultValue none
   */
  agencies?: AgencyOptions[];
  /** The behaviour of the service where the real one is unknown, or can be in several states. */
  behaviour?: Partial<Behaviour>;
  /** Milliseconds since 1970. Tests pass a virtual clock. @defaultValue Date.now */
  clock?: () => number;
  /** Waits this many milliseconds, for latency and for faults that hang. @defaultValue a real timer */
  sleep?: (ms: number) => Promise<void>;
  /** A number from 0 up to 1, for random faults. @defaultValue Math.random */
  random?: () => number;
  /** The lifetime of a token, in milliseconds. @defaultValue 24 hours */
  tokenLifetimeMs?: number;
  /**
   * The number of synthetic traces of the last seven days in every project, at the start and after `reset()`: 0 to
   * 1,000,000. They are made when first queried, and take 8 bytes each. @defaultValue 0
   */
  traces?: number;
  /**
   * The spread of synthetic traces over the seven days: `"office"` (a day's work, nights, deployments), `"uniform"`,
   * `"working-hours"`, `"dense-hour"`, `"cascades"`, `"deployments"`, `"batches"` or `"recorded-hour"`.
   * @defaultValue "office"
   */
  spread?: SpreadName;
  /** The seed of the synthetic traces, a whole number from 0; same seed and time, same traces. @defaultValue 1 */
  seed?: number;
}

/** The amount of synthetic traffic in the options, its spread and its seed; refuses a value that is out of range. */
export function resolveTraffic({
  traces: count = 0,
  spread = "office",
  seed = 1,
}: EmulatorOptions): TrafficSettings {
  if (!SPREAD_NAMES.includes(spread)) {
    throw new Error(`spread must be one of ${SPREAD_NAMES.join(", ")}, not ${JSON.stringify(spread)}.`);
  }
  if (!Number.isInteger(count) || count < 0 || count > MAX_TRACES) {
    throw new Error(`traces must be a whole number from 0 to ${MAX_TRACES}, not ${count}.`);
  }
  if (!Number.isInteger(seed) || seed < 0 || seed > MAX_SEED) {
    throw new Error(`seed must be a whole number from 0 to ${MAX_SEED}, not ${seed}.`);
  }
  return { count, spread, seed };
}

/** The amount of synthetic traffic in every place, and its seed. */
export interface TrafficSettings {
  count: number;
  spread: SpreadName;
  seed: number;
}

/** The most synthetic traces that a place can have. */
export const MAX_TRACES = 1_000_000;
/** The greatest seed of synthetic traces. */
export const MAX_SEED = 4_294_967_295;

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
  /** The region of the project. */
  region: string;
}

/** The resolved options: the account, its regions and projects, with every default filled in. */
export interface Account {
  regions: readonly [string, ...string[]];
  domain: { id: string; name: string };
  user: { id: string; name: string; password: string };
  consoleUser: string;
  /** In the order of their regions. */
  projects: readonly [Project, ...Project[]];
  /** Projects are in all regions, and not only in their own. */
  projectsInEveryRegion: boolean;
  agencies: readonly Agency[];
  keys: readonly Readonly<KeyPair>[];
}

/** The regions of an emulator whose options name none. */
export const DEFAULT_REGIONS: readonly string[] = ["eu-de", "eu-nl"];

/** Fills the defaults into the account that the options describe, and refuses one that cannot be served. */
export function resolveAccount(options: EmulatorOptions): Account {
  const [region, ...moreRegions] = new Set(options.regions ?? DEFAULT_REGIONS);
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
    // Drift that the user who signs in has caused counts as their own, so that the cause is not told.
    consoleUser: options.consoleUser ?? (userName === "alice" ? "bob" : "alice"),
    projects: resolveProjects(options, regions),
    agencies: (options.agencies ?? []).map(({ name, domain, project }) => ({
      name,
      domain: { id: domain.id ?? hexId(`domain ${domain.name}`), name: domain.name },
      projectId: project.id ?? hexId(`project ${project.name}`),
    })),
    projectsInEveryRegion: options.projectsInEveryRegion ?? false,
    keys: resolveKeys(options.keys ?? DEMO_KEYS),
  };
}

/** These characters are encoded in a URL, as those of a real secret may be. */
const DEMO_KEYS: KeyPair[] = [
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

/** The user of a trace, with an id made from the name. A service that acts for somebody adds itself to the name. */
export function traceUserOf({ user, domain }: Account, name: string): WireTraceUser {
  const person = name.replace(/\/op_service$/, "");
  return { id: person === user.name ? user.id : hexId(`user ${person}`), name, domain };
}

/** 32 hexadecimal digits, always the same for the same text. */
export function hexId(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 32);
}

/** The same as {@link hexId}, written as the service writes its own ids: in groups of 8, 4, 4, 4 and 12. */
export function dashedId(text: string): string {
  return hexId(text).replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
