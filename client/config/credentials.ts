/** The credentials, resolved from the sources. They come whole from one source. */
import type { ProjectRef } from "../place";
import { compact } from "../values";
import { AUTH_TYPES } from "./cloudsYaml";
import { CREDENTIAL_KEYS, type CredentialsKind, type Key, namesOf, type Source } from "./sources";
import { ALL_CREDENTIALS, credentialsSourceOf, sourceOf } from "./trust";

/** The credentials and the way to sign in. They come whole from one source, which messages name. */
export type Credentials = PasswordCredentials | TokenCredentials | KeyCredentials;

/** A user who signs in with a password. */
export interface PasswordCredentials {
  readonly kind: "password";
  readonly source: string;
  /** By name, or else by id. */
  readonly userName?: string;
  readonly userId?: string;
  readonly password: string;
  /** The user's domain. Empty where the user is given by id alone. */
  readonly domain: DomainRef;
  /** The domain of projects that are given by name. @defaultValue the user's */
  readonly projectDomain?: DomainRef;
  readonly agency?: Agency;
}

/** A token from elsewhere. It is used as it is. */
export interface TokenCredentials {
  readonly kind: "token";
  readonly source: string;
  readonly token: string;
  readonly agency?: Agency;
}

/** A domain is what OTC calls an account. Given by name or id. */
export interface DomainRef {
  readonly name?: string;
  readonly id?: string;
}

/** An agency lets users of one account act in a project of another account, which delegates it. */
export interface Agency {
  readonly name: string;
  /** The account that delegates. */
  readonly domain: DomainRef;
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

/** Advice on how to set a missing setting. */
export function missing(...keys: Key[]): string {
  const ways = keys.map(commandFor).join(" or ");
  const variables = keys.flatMap((key) => namesOf(key).env).join(" or ");
  const paths = keys.flatMap((key) => cloudPathOf(key) ?? []).join(" or ");
  return `${keys.join(" or ")} is missing: set it by ${ways}, or ${variables} in the environment, or ${paths} in clouds.yaml`;
}

function commandFor(key: Key): string {
  const { example } = namesOf(key);
  return `\`pulumi config set ${example ? `otc-cts:${key} ${example}` : `--secret otc-cts:${key}`}\``;
}

function cloudPathOf(key: Key): string | undefined {
  const { cloud } = namesOf(key);
  return cloud.find((path) => path.startsWith("auth.")) ?? cloud[0];
}

/** @returns undefined if they are invalid; the faults are added to the problems. */
export function resolveCredentials(sources: readonly Source[], problems: string[]): Credentials | undefined {
  const source = credentialsSourceOf(sources);
  if (!source) {
    problems.push(missing("userName"), missing("password"), missing("domainName", "domainId"));
    problems.push(
      "or sign in by accessKey and secretKey (OS_ACCESS_KEY, OS_SECRET_KEY), or by token (OS_TOKEN)",
    );
    return undefined;
  }
  const passcode = source.find("passcode");
  if (passcode) {
    problems.push(
      `passcode (${passcode.origin}) is not supported: sign in by accessKey and secretKey, by token, or as a user without a second factor`,
    );
  }
  const kind = kindIn(source, problems);
  if (!kind) {
    return undefined;
  }
  const agency = resolveAgency(sources, kind, problems);
  const withAgency = agency && { agency };
  switch (kind) {
    case "password":
      return { ...passwordOf(source, sources, problems), ...withAgency };
    case "keys":
      return keysOf(source, problems);
    case "token":
      return {
        kind: "token",
        source: source.name,
        token: required(source, "token", problems),
        ...withAgency,
      };
  }
}

/** The agency of credentials that have one. */
export function agencyOf(credentials: Credentials): Agency | undefined {
  return credentials.kind === "keys" ? undefined : credentials.agency;
}

/** The kind of credentials that a source is meant to sign in by. */
function kindIn(source: Source, problems: string[]): CredentialsKind | undefined {
  const authType = source.find("authType");
  if (authType) {
    const kind = Object.hasOwn(AUTH_TYPES, authType.value) ? AUTH_TYPES[authType.value] : undefined;
    if (!kind) {
      problems.push(
        `auth_type ${authType.value} (${authType.origin}) is not supported; use ${Object.keys(AUTH_TYPES).join(", ")}, or leave it out for accessKey and secretKey`,
      );
    }
    return kind;
  }
  const kinds = (Object.keys(CREDENTIAL_KEYS) as CredentialsKind[]).filter((kind) =>
    CREDENTIAL_KEYS[kind].some((key) => source.find(key)),
  );
  const kind = kinds.length === 1 ? kinds[0] : source.preferredKinds?.find((each) => kinds.includes(each));
  if (!kind) {
    const given = kinds.map((each) =>
      CREDENTIAL_KEYS[each].flatMap((key) => source.find(key)?.origin ?? []).join(", "),
    );
    problems.push(
      `${source.name} has more than one kind of credentials: keep one of them, and remove the others: ${given.join("; or ")}`,
    );
  }
  return kind;
}

function passwordOf(source: Source, sources: readonly Source[], problems: string[]): PasswordCredentials {
  const [userName, userId] = [valueIn(source, "userName"), valueIn(source, "userId")];
  if (!userName && !userId) {
    required(source, "userName", problems);
  }
  const password = required(source, "password", problems);
  const domain = domainIn(sources, "domainName", "domainId");
  if (!userId && !isGiven(domain)) {
    problems.push(missing("domainName", "domainId"));
  }
  const projectDomain = domainIn(sources, "projectDomainName", "projectDomainId");
  return {
    kind: "password",
    source: source.name,
    ...(userId ? { userId } : { userName }),
    password,
    domain,
    ...(isGiven(projectDomain) && { projectDomain }),
  };
}

function keysOf(source: Source, problems: string[]): KeyCredentials {
  return {
    kind: "keys",
    source: source.name,
    accessKey: required(source, "accessKey", problems),
    secretKey: required(source, "secretKey", problems),
    ...compact({ securityToken: valueIn(source, "securityToken") }),
  };
}

const AGENCY_KEYS = ["agencyName", "agencyDomainName", "agencyDomainId", "delegatedProject"] as const;

/**
 * The agency that any source names: it selects the account, so it is never ignored.
 *
 * @returns undefined for none, or if it is invalid; the faults are added to the problems.
 */
function resolveAgency(
  sources: readonly Source[],
  kind: CredentialsKind,
  problems: string[],
): Agency | undefined {
  const source = sourceOf(sources, AGENCY_KEYS);
  const [origin] = AGENCY_KEYS.flatMap((key) => source?.find(key)?.origin ?? []);
  if (!origin) {
    return undefined;
  }
  const { agencyName: name } = valuesOf(sources, AGENCY_KEYS);
  const domain = domainIn(sources, "agencyDomainName", "agencyDomainId");
  const wanted = `; ${origin} asks for an agency`;
  if (!name) {
    problems.push(missing("agencyName") + wanted);
  }
  if (!isGiven(domain)) {
    problems.push(missing("agencyDomainName", "agencyDomainId") + wanted);
  }
  if (kind === "keys") {
    problems.push(
      `agencyName (${origin}) cannot be used with accessKey and secretKey: sign in by userName and password, or by token`,
    );
  }
  return name ? { name, domain } : undefined;
}

/** The project of the account that delegates: by name or by id. */
export function delegatedProject(sources: readonly Source[]): ProjectRef {
  const { delegatedProject: project } = valuesOf(sources, AGENCY_KEYS);
  return project ? projectRefOf(project) : {};
}

/** A project that a user gives by name or by id: ids have 32 hexadecimal digits. */
export function projectRefOf(nameOrId: string): ProjectRef {
  return /^[0-9a-f]{32}$/.test(nameOrId) ? { projectId: nameOrId } : { projectName: nameOrId };
}

function domainIn(sources: readonly Source[], nameKey: Key, idKey: Key): DomainRef {
  const { [nameKey]: name, [idKey]: id } = valuesOf(sources, [nameKey, idKey]);
  return compact({ name, id });
}

function isGiven({ name, id }: DomainRef): boolean {
  return name !== undefined || id !== undefined;
}

function valueIn(source: Source, key: Key): string {
  return source.find(key)?.value ?? "";
}

/** Half of a pair is a mistake, not a reason to look further. */
function required(source: Source, key: Key, problems: string[]): string {
  const value = valueIn(source, key);
  if (!value) {
    const given = ALL_CREDENTIALS.flatMap((each) => source.find(each)?.origin ?? []);
    problems.push(
      `${missing(key)}; its partner is from ${given.join(", ") || source.name}, and so must it be`,
    );
  }
  return value;
}

/** The settings of a group, from the first source that has any of them. */
export function valuesOf<K extends Key>(
  sources: readonly Source[],
  keys: readonly K[],
): { [P in K]?: string } {
  const source = sourceOf(sources, keys);
  const entries = keys.map((key) => [key, source?.find(key)?.value]);
  return compact(Object.fromEntries(entries) as { [P in K]?: string });
}
