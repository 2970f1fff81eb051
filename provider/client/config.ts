import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { cloudsSource } from "./clouds";
import { ConfigError } from "./errors";
import { isLoopback } from "./http";
import { KNOWN_REGIONS } from "./regions";
import {
  bridgedSource,
  environmentSource,
  type Key,
  namesOf,
  parseSwitch,
  pulumiSource,
  type Setting,
  type Source,
} from "./sources";

/** Where to connect, and as whom: every value checked. */
export interface ConnectionSettings {
  /** Region of resources that name none, for example `eu-de`. */
  readonly region?: string;
  /** Base of the identity service, ending in `/v3`. */
  readonly authUrl?: string;
  readonly credentials: Credentials;
  readonly project: ProjectRef;
  /** Base of CTS without version and project; without it the token's catalogue tells, then the region. */
  readonly endpoint?: string;
  /** Which API trackers are managed by. */
  readonly apiVersion: ApiVersion;
  /** Certificates to trust beside the usual ones, PEM. */
  readonly ca?: string;
  /** Whether certificates are not checked, and plain http is used beyond this machine. */
  readonly insecure: boolean;
}

/** `v1` is the legacy API v1.0, for deployments that have no v3. */
export type ApiVersion = "v3" | "v1";

/** Who signs in, and how. Taken whole from one source, which messages name. */
export type Credentials = PasswordCredentials | TokenCredentials | KeyCredentials;

/** A user who signs in with a password. */
export interface PasswordCredentials {
  readonly kind: "password";
  readonly source: string;
  readonly userName: string;
  readonly password: string;
  /** The user's domain (the account), by name or id. */
  readonly domain: { readonly name?: string; readonly id?: string };
}

/** A token that somebody else has got. It is used as it is. */
export interface TokenCredentials {
  readonly kind: "token";
  readonly source: string;
  readonly token: string;
}

/** An access key and its secret key: each request is signed. */
export interface KeyCredentials {
  readonly kind: "keys";
  readonly source: string;
  readonly accessKey: string;
  readonly secretKey: string;
  /** Goes with temporary keys. */
  readonly securityToken?: string;
}

/** A project, by id or by name. */
export interface ProjectRef {
  readonly projectId?: string;
  readonly projectName?: string;
}

/** A project in a region, settled: where one tracker lives. */
export interface Place {
  readonly region: string;
  readonly projectId: string;
}

/** All sources, the first one first. @param get gives the value of a full configuration key of the stack. */
export function standardSources(
  get: (key: string) => string | undefined,
  env: NodeJS.ProcessEnv = process.env,
): Source[] {
  const sources = [pulumiSource(get), bridgedSource(get), environmentSource(env)];
  const cloud = firstOf(sources, "cloud")?.value;
  return cloud ? [...sources, cloudsSource(cloud, { env })] : sources;
}

/** A setting from the first source that has it. */
export function firstOf(sources: readonly Source[], key: Key): Setting | undefined {
  return sources.map((source) => source.find(key)).find((setting) => setting);
}

/**
 * Settles every setting: the first source that has a value wins. What belongs together (credentials; a domain; a
 * project) is taken whole from the first source that has any of it, never mixed from two.
 *
 * @throws ConfigError that names all that is missing or malformed, by config key and environment variable.
 */
export function resolveSettings(sources: readonly Source[]): ConnectionSettings {
  const problems: string[] = [];
  const insecure = readSwitch(sources, "insecure", problems);
  const region = firstOf(sources, "region")?.value;
  const authUrl = checkUrl(sources, "authUrl", insecure, problems) ?? KNOWN_REGIONS[region ?? ""]?.authUrl;
  const endpoint = checkUrl(sources, "endpoint", insecure, problems);
  const apiVersion = readApiVersion(sources, problems);
  const ca = readCertificates(sources, problems);
  const credentials = resolveCredentials(sources, problems);
  // Keys and tokens do without it, so long as the project's id is known.
  const isNeeded = !credentials || credentials.kind === "password";
  if (!authUrl && isNeeded && !firstOf(sources, "authUrl")) {
    problems.unshift(region ? missing("authUrl") : missing("region", "authUrl"));
  }
  if (problems.length > 0 || !credentials) {
    throw new ConfigError(
      "The connection to CTS is not set up:",
      problems.map((each) => `- ${each}`),
    );
  }
  return {
    ...(region && { region }),
    ...(authUrl && { authUrl: /\/v3$/.test(authUrl) ? authUrl : `${authUrl}/v3` }),
    ...(endpoint && { endpoint }),
    apiVersion,
    ...(ca && { ca }),
    insecure,
    credentials,
    project: valuesOf(sources, ["projectId", "projectName"]),
  };
}

/** How to set a setting that is missing. */
export function missing(...keys: Key[]): string {
  const ways = keys.map(commandFor).join(" or ");
  const variables = keys.flatMap((key) => namesOf(key).env).join(" or ");
  const paths = keys.flatMap((key) => namesOf(key).cloud[0] ?? []).join(" or ");
  return `${keys.join(" or ")} is missing: set it by ${ways}, or ${variables} in the environment, or ${paths} in clouds.yaml`;
}

function commandFor(key: Key): string {
  const { example, secret } = namesOf(key);
  return secret
    ? `\`pulumi config set --secret otc-cts:${key}\``
    : `\`pulumi config set otc-cts:${key} ${example}\``;
}

const KINDS = {
  token: ["token"],
  keys: ["accessKey", "secretKey", "securityToken"],
  password: ["userName", "password"],
} as const satisfies Record<Credentials["kind"], Key[]>;

/** @returns undefined where something is wrong with them, which is added to the problems. */
function resolveCredentials(sources: readonly Source[], problems: string[]): Credentials | undefined {
  const source = sourceOf(sources, Object.values(KINDS).flat());
  if (!source) {
    problems.push(missing("userName"), missing("password"), missing("domainName", "domainId"));
    problems.push(
      "or sign in by accessKey and secretKey (OS_ACCESS_KEY, OS_SECRET_KEY), or by token (OS_TOKEN)",
    );
    return undefined;
  }
  const kinds = Object.values(KINDS).filter((keys) => keys.some((key) => source.find(key)));
  if (kinds.length > 1) {
    const given = kinds.flat().flatMap((key) => source.find(key)?.origin ?? []);
    problems.push(`${source.name} has more than one kind of credentials: keep one of ${given.join(", ")}`);
    return undefined;
  }
  if (kinds.includes(KINDS.password)) return passwordOf(source, sources, problems);
  if (kinds.includes(KINDS.keys)) return keysOf(source, problems);
  return { kind: "token", source: source.name, token: valueIn(source, "token") };
}

function passwordOf(source: Source, sources: readonly Source[], problems: string[]): PasswordCredentials {
  requirePair(source, ["userName", "password"], problems);
  const { domainName, domainId } = valuesOf(sources, ["domainName", "domainId"]);
  if (!domainName && !domainId) problems.push(missing("domainName", "domainId"));
  return {
    kind: "password",
    source: source.name,
    userName: valueIn(source, "userName"),
    password: valueIn(source, "password"),
    domain: { ...(domainName && { name: domainName }), ...(domainId && { id: domainId }) },
  };
}

function keysOf(source: Source, problems: string[]): KeyCredentials {
  requirePair(source, ["accessKey", "secretKey"], problems);
  const securityToken = valueIn(source, "securityToken");
  return {
    kind: "keys",
    source: source.name,
    accessKey: valueIn(source, "accessKey"),
    secretKey: valueIn(source, "secretKey"),
    ...(securityToken && { securityToken }),
  };
}

function valueIn(source: Source, key: Key): string {
  return source.find(key)?.value ?? "";
}

/** Both, or neither: half of a pair is a mistake, not a reason to look further. */
function requirePair(source: Source, pair: readonly [Key, Key], problems: string[]): void {
  const given = pair.flatMap((key) => source.find(key)?.origin ?? []);
  for (const key of pair.filter((half) => !source.find(half))) {
    problems.push(`${missing(key)}; its partner is from ${given.join() || source.name}, and so must it be`);
  }
}

function checkUrl(sources: readonly Source[], key: Key, insecure: boolean, problems: string[]) {
  const setting = firstOf(sources, key);
  if (!setting) return undefined;
  const problem = urlProblem(setting.value, insecure);
  if (problem) {
    const names = `config otc-cts:${key} or ${namesOf(key).env[0]}`;
    problems.push(
      `${key} (${names}) ${problem}, got ${JSON.stringify(shownUrl(setting.value))} from ${setting.origin}`,
    );
  }
  return problem ? undefined : setting.value.replace(/\/+$/, "");
}

/** What is wrong with a base URL, or undefined. Plain http would show the password to the network. */
export function urlProblem(value: string, insecure = false): string | undefined {
  if (!URL.canParse(value)) return "must be a URL such as https://iam.eu-de.otc.t-systems.com/v3";
  const url = new URL(value);
  if (url.username || url.password) return "must not hold a user or password";
  if (/[?#]/.test(value)) return "must not hold a query or fragment";
  if (url.protocol === "https:") return undefined;
  if (url.protocol !== "http:") return "must begin with https://";
  return isLoopback(url) || insecure ? undefined : "must begin with https:// (http only to this machine)";
}

/** A URL as others may see it, well-formed or not: without user, password and query. */
export function shownUrl(url: string): string {
  return url.replace(/^.*@/s, "***@").replace(/[?#].*$/s, "?***");
}

function readApiVersion(sources: readonly Source[], problems: string[]): ApiVersion {
  const setting = firstOf(sources, "apiVersion");
  if (setting?.value === "v1") return "v1";
  if (setting && setting.value !== "v3") {
    problems.push(
      `apiVersion (${setting.origin}) must be v3, or v1 for the legacy API v1.0, got ${JSON.stringify(setting.value)}`,
    );
  }
  return "v3";
}

/** Off where it is not set. */
function readSwitch(sources: readonly Source[], key: Key, problems: string[]): boolean {
  const setting = firstOf(sources, key);
  if (!setting) return false;
  const value = parseSwitch(setting.value);
  if (value === undefined) {
    problems.push(
      `${key} must be true or false, got ${JSON.stringify(setting.value)} from ${setting.origin}`,
    );
  }
  return value === true;
}

function readCertificates(sources: readonly Source[], problems: string[]): string | undefined {
  const setting = firstOf(sources, "caCertFile");
  if (!setting) return undefined;
  try {
    const text = readFileSync(setting.value, "utf8");
    if (holdsCertificates(text)) return text;
    problems.push(
      `caCertFile ${setting.value} (${setting.origin}) holds no certificate in PEM form, or a broken one`,
    );
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    problems.push(`caCertFile ${setting.value} (${setting.origin}) cannot be read: ${code}`);
  }
  return undefined;
}

/** Node passes over what it cannot read, and then trusts nothing more than before. */
function holdsCertificates(text: string): boolean {
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]*(-----END CERTIFICATE-----)?/g) ?? [];
  try {
    return blocks.map((block) => new X509Certificate(block)).length > 0;
  } catch {
    return false;
  }
}

function sourceOf(sources: readonly Source[], keys: readonly Key[]): Source | undefined {
  return sources.find((source) => keys.some((key) => source.find(key)));
}

/** What one source has of a group, from the first source that has any of it. */
function valuesOf<K extends Key>(sources: readonly Source[], keys: readonly K[]): { [P in K]?: string } {
  const source = sourceOf(sources, keys);
  const entries = keys.flatMap((key) => {
    const setting = source?.find(key);
    return setting ? [[key, setting.value]] : [];
  });
  return Object.fromEntries(entries) as { [P in K]?: string };
}
