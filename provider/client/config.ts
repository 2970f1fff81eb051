import { ConfigError } from "./errors";
import { isLoopback } from "./http";

/** Where to connect, and as whom. Every value is as the user wrote it, checked and with its source known. */
export interface ConnectionSettings {
  /** Region of resources that name none, for example `eu-de`. */
  readonly region?: string;
  /** Base of the identity service, ending in `/v3`. */
  readonly authUrl?: string;
  readonly credentials: PasswordCredentials;
  readonly project: ProjectRef;
  /** Base of CTS without version and project; without it the token's catalogue tells. */
  readonly endpoint?: string;
}

/** A user who signs in with a password. */
export interface PasswordCredentials {
  readonly userName: string;
  readonly password: string;
  /** The user's domain (the account), by name or id. */
  readonly domain: { readonly name?: string; readonly id?: string };
  /** What the credentials were taken from, for messages: `Pulumi config` or `environment`. */
  readonly source: string;
}

/** A project, by id or by name. */
export interface ProjectRef {
  readonly projectId?: string;
  readonly projectName?: string;
}

/** A place settings come from. */
export interface Source {
  /** For messages. */
  readonly name: string;
  get(key: Key): string | undefined;
}

/** Every setting: its key under `otc-cts:`, its environment variables in order of preference, an example. */
const KEYS = {
  region: { env: ["OS_REGION_NAME"], example: "eu-de" },
  authUrl: { env: ["OS_AUTH_URL"], example: "https://iam.eu-de.otc.t-systems.com/v3" },
  userName: { env: ["OS_USERNAME"], example: "alice" },
  password: { env: ["OS_PASSWORD"], example: "--secret …" },
  domainName: { env: ["OS_DOMAIN_NAME", "OS_USER_DOMAIN_NAME"], example: "OTC-EU-DE-00000000001000012345" },
  domainId: { env: ["OS_DOMAIN_ID", "OS_USER_DOMAIN_ID"], example: "2bd9b2ac5ca74a4b8d0ef7a1c0f2c1aa" },
  projectName: { env: ["OS_PROJECT_NAME", "OS_TENANT_NAME"], example: "eu-de_production" },
  projectId: { env: ["OS_PROJECT_ID", "OS_TENANT_ID"], example: "0605767d5e000f5a2f6cc0166f2a0f5a" },
  endpoint: { env: ["OS_CTS_ENDPOINT_OVERRIDE"], example: "https://cts.eu-de.otc.t-systems.com" },
  insecure: { env: ["OS_INSECURE"], example: "true" },
} as const;

type Key = keyof typeof KEYS;

/** The stack's configuration, namespace `otc-cts`. */
export function pulumiSource(get: (key: string) => string | undefined): Source {
  return { name: "Pulumi config", get: (key) => get(`otc-cts:${key}`) };
}

/** The `OS_*` variables that OpenStack's own tools use. */
export function environmentSource(env: NodeJS.ProcessEnv = process.env): Source {
  return {
    name: "environment",
    get: (key) => KEYS[key].env.map((name) => env[name]).find((value) => value?.trim()),
  };
}

/**
 * Settles every setting: the first source that has a value wins. What belongs together (user and password; a
 * domain; a project) is taken whole from the first source that has any of it, never mixed from two.
 *
 * @throws ConfigError that names all that is missing or malformed, by config key and environment variable.
 */
export function resolveSettings(sources: readonly Source[]): ConnectionSettings {
  const problems: string[] = [];
  const first = (...keys: Key[]) => sources.find((source) => keys.some((key) => lookUp(source, key)));
  const single = (key: Key) => lookUp(first(key), key);

  const insecure = single("insecure") === "true";
  const region = single("region");
  const authUrl = checkUrl("authUrl", single("authUrl") ?? knownAuthUrl(region), insecure, problems);
  const endpoint = checkUrl("endpoint", single("endpoint"), insecure, problems);
  const project = first("projectId", "projectName");
  const credentials = resolveCredentials(
    first("userName", "password"),
    first("domainId", "domainName"),
    problems,
  );
  if (!authUrl && !problems.some((problem) => problem.startsWith("authUrl")))
    problems.push(missing("authUrl"));
  if (problems.length > 0)
    throw new ConfigError(`The connection to CTS is not set up: ${problems.join("; ")}`);

  return {
    ...(region && { region }),
    ...(authUrl && { authUrl: /\/v3$/.test(authUrl) ? authUrl : `${authUrl}/v3` }),
    ...(endpoint && { endpoint }),
    credentials,
    project: pick({ projectId: lookUp(project, "projectId"), projectName: lookUp(project, "projectName") }),
  };
}

/** How to set a setting that is missing. */
export function missing(...keys: Key[]): string {
  const ways = keys.map((key) => `\`pulumi config set otc-cts:${key} ${exampleOf(key)}\``).join(" or ");
  return `${keys.join(" or ")} is missing: set it by ${ways}, or ${keys.flatMap((key) => KEYS[key].env).join(" or ")} in the environment`;
}

function resolveCredentials(user: Source | undefined, domain: Source | undefined, problems: string[]) {
  const userName = lookUp(user, "userName");
  const password = lookUp(user, "password");
  if (!userName) problems.push(missing("userName"));
  if (!password) problems.push(missing("password"));
  if (!domain) problems.push(missing("domainName", "domainId"));
  return {
    userName: userName ?? "",
    password: password ?? "",
    domain: pick({ name: lookUp(domain, "domainName"), id: lookUp(domain, "domainId") }),
    source: user?.name ?? "",
  };
}

/** IAM of the regions that share one scheme of names. Swiss OTC has another one: its `authUrl` must be given. */
function knownAuthUrl(region: string | undefined): string | undefined {
  return region === "eu-de" || region === "eu-nl" ? `https://iam.${region}.otc.t-systems.com/v3` : undefined;
}

function checkUrl(key: Key, value: string | undefined, insecure: boolean, problems: string[]) {
  if (value === undefined) return undefined;
  const problem = urlProblem(value, insecure);
  if (problem) problems.push(`${key} (${nameOf(key)}) ${problem}, got ${JSON.stringify(withoutUser(value))}`);
  return problem ? undefined : value.replace(/\/+$/, "");
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

/** A URL as a message may show it, well-formed or not. */
function withoutUser(url: string): string {
  return url.replace(/^.*@/s, "***@");
}

function lookUp(source: Source | undefined, key: Key): string | undefined {
  return source?.get(key)?.trim() || undefined;
}

function nameOf(key: Key): string {
  return `config otc-cts:${key} or ${KEYS[key].env[0]}`;
}

function exampleOf(key: Key): string {
  return KEYS[key].example;
}

/** Without the keys that have no value. */
function pick<T extends Record<string, string | undefined>>(values: T): { [K in keyof T]?: string } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value)) as {
    [K in keyof T]?: string;
  };
}
