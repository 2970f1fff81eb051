import { X509Certificate } from "node:crypto";
import { homedir } from "node:os";
import { ConfigError } from "../errors";
import { checkUrl, identityBase, shownUrl } from "../http/urls";
import type { ProjectRef } from "../place";
import { compact } from "../values";
import { type CloudFilesOptions, cloudsSource, listClouds } from "./cloudsYaml";
import {
  agencyOf,
  type Credentials,
  delegatedProject,
  missing,
  resolveCredentials,
  valuesOf,
} from "./credentials";
import { readTextFile } from "./readTextFile";
import { KNOWN_REGIONS } from "./regions";
import {
  bridgedSource,
  environmentSource,
  type Key,
  parseSwitch,
  pulumiSource,
  type Source,
} from "./sources";
import { credentialsSourceOf, findSetting, unusedAddresses } from "./trust";

/** The address and the credentials of a connection: every value checked. */
export interface ConnectionSettings {
  /** Region of resources that name none, for example `eu-de`. */
  readonly region?: string;
  /** Base of the identity service, ending in `/v3`. */
  readonly authUrl?: string;
  readonly credentials: Credentials;
  readonly project: ProjectRef;
  /** Warnings about the settings, one sentence each: for example an address that is not used. */
  readonly warnings: readonly string[];
  /** Base of CTS without version and project; without it the token's catalogue tells, then the region. */
  readonly endpoint?: string;
  /** The API version for trackers. */
  readonly apiVersion: ApiVersion;
  /** Certificates to trust beside the usual ones, PEM. */
  readonly ca?: string;
  /** True if TLS certificates are not verified, and plain http is used beyond this machine. */
  readonly insecure: boolean;
}

/** `v1` is the legacy API v1.0, for deployments that have no v3. */
export type ApiVersion = "v3" | "v1";

/** The places of the sources. */
export interface SourceOptions {
  /** Ranks above all other sources. */
  readonly given?: Source;
  /** @defaultValue that of this process */
  readonly env?: NodeJS.ProcessEnv;
}

/** All sources, the first one first. @param get gives the value of a full configuration key of the stack. */
export function standardSources(
  get: (key: string) => string | undefined,
  { given, env = process.env }: SourceOptions = {},
): Source[] {
  const sources = [...(given ? [given] : []), pulumiSource(get), bridgedSource(get), environmentSource(env)];
  const cloud = findSetting(sources, "cloud")?.value;
  const region = findSetting(sources, "region")?.value;
  if (cloud) {
    return [...sources, cloudsSource(cloud, { env, region })];
  }
  return credentialsSourceOf(sources) ? sources : [...sources, ...onlyCloud({ env, region })];
}

/** As OpenStack's tools do: if no source has credentials, and there is only one cloud, that cloud is used. */
function onlyCloud(options: CloudFilesOptions): Source[] {
  const listed = listClouds(options);
  const [cloud, ...others] = listed?.clouds ?? [];
  if (!listed || cloud === undefined) {
    return [];
  }
  const clouds = `clouds ${listed.clouds.join(", ")}`;
  const choose = `${listed.path} has the ${clouds}: choose one by otc-cts:cloud or OS_CLOUD`;
  if (others.length > 0) {
    return [{ name: listed.path, find: () => undefined, nameOf: () => undefined, warnings: [choose] }];
  }
  const source = cloudsSource(cloud, options);
  const chosen = { value: cloud, origin: `the only cloud of ${listed.path}` };
  return [{ ...source, find: (key) => (key === "cloud" ? chosen : source.find(key)) }];
}

/**
 * Resolves every setting: the first source that has a value wins. Settings that belong together (credentials; a domain;
 * a project) are taken whole from the first source that has any of them. Addresses only come from sources that may name
 * them: see `trust.ts`.
 *
 * @throws ConfigError that names all missing or malformed settings, by config key and environment variable.
 */
export function resolveSettings(sources: readonly Source[]): ConnectionSettings {
  const problems: string[] = [];
  const insecure = readSwitch(sources, "insecure", problems);
  const region = findSetting(sources, "region")?.value;
  const known = KNOWN_REGIONS[region ?? ""];
  const authUrl = checkUrl(sources, "authUrl", insecure, problems) ?? known?.authUrl;
  const endpoint = checkUrl(sources, "endpoint", insecure, problems);
  const apiVersion = readApiVersion(sources, problems);
  const ca = readCertificates(sources, problems);
  const credentials = resolveCredentials(sources, problems);
  // Keys and tokens do not need it if the project's id is known and no agency is used.
  const isNeeded = !credentials || credentials.kind === "password" || agencyOf(credentials) !== undefined;
  if (!authUrl && isNeeded && !findSetting(sources, "authUrl")) {
    const hint = known?.authUrlHint ? `; for ${region} it is ${known.authUrlHint}` : "";
    problems.unshift((region ? missing("authUrl") : missing("region", "authUrl")) + hint);
  }
  const warnings = warningsOf(sources, authUrl);
  if (problems.length > 0 || !credentials) {
    throw new ConfigError(
      "The connection to CTS is not set up:",
      [...problems, ...warnings].map((each) => `- ${each}`),
    );
  }
  return {
    ...compact({ region, authUrl, endpoint, ca }),
    apiVersion,
    insecure,
    credentials,
    project: agencyOf(credentials)
      ? delegatedProject(sources)
      : valuesOf(sources, ["projectId", "projectName"]),
    warnings,
  };
}

/** One sentence for each address that is ignored, unless the address in effect is the same. */
function warningsOf(sources: readonly Source[], authUrl: string | undefined): string[] {
  const isInEffect = (value: string) => authUrl !== undefined && identityBase(value) === authUrl;
  const unused = unusedAddresses(sources).filter(
    ({ key, value }) => !(key === "authUrl" && isInEffect(value)),
  );
  return [
    ...unused.map(({ reason, value }) => reason(shownUrl(value))),
    ...sources.flatMap(({ warnings = [] }) => warnings),
  ];
}

function readApiVersion(sources: readonly Source[], problems: string[]): ApiVersion {
  const setting = findSetting(sources, "apiVersion");
  if (setting?.value === "v1") {
    return "v1";
  }
  if (setting && setting.value !== "v3") {
    problems.push(
      `apiVersion (${setting.origin}) must be v3, or v1 for the legacy API v1.0, got ${JSON.stringify(setting.value)}`,
    );
  }
  return "v3";
}

/** Off where it is not set. */
function readSwitch(sources: readonly Source[], key: Key, problems: string[]): boolean {
  const setting = findSetting(sources, key);
  if (!setting) {
    return false;
  }
  const value = parseSwitch(setting.value);
  if (value === undefined) {
    problems.push(
      `${key} must be true or false, got ${JSON.stringify(setting.value)} from ${setting.origin}`,
    );
  }
  return value === true;
}

function readCertificates(sources: readonly Source[], problems: string[]): string | undefined {
  const setting = findSetting(sources, "caCertFile");
  if (!setting) {
    return undefined;
  }
  const file = readTextFile(setting.value.replace(/^~(?=\/|$)/, homedir()), MAX_CERTIFICATES_KIB);
  if ("text" in file && holdsCertificates(file.text)) {
    return file.text;
  }
  const problem = "text" in file ? "holds no certificate in PEM form, or a broken one" : file.problem;
  problems.push(`caCertFile ${setting.value} (${setting.origin}) ${problem}`);
  return undefined;
}

/** A bundle of all authorities that browsers trust takes a quarter of it. */
const MAX_CERTIFICATES_KIB = 1024;

/** Node ignores certificates that it cannot read, and then trusts nothing more than before. */
function holdsCertificates(text: string): boolean {
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]*(-----END CERTIFICATE-----)?/g) ?? [];
  try {
    return blocks.map((block) => new X509Certificate(block)).length > 0;
  } catch {
    return false;
  }
}
