/**
 * The sources of settings: the stack's configuration, the bridged provider's, and the environment. Files are in
 * `cloudsYaml.ts`; `settings.ts` resolves them all.
 */

/** A setting and its origin. */
export interface Setting {
  readonly value: string;
  /** The origin, for people: a config key, an environment variable, or a line of a file. */
  readonly origin: string;
}

/** A place that settings come from. */
export interface Source {
  /** For people, for example `environment`. */
  readonly name: string;
  find(key: Key): Setting | undefined;
  /** The name of a setting here, for people, for example `OS_AUTH_URL`; undefined if it cannot be set here. */
  nameOf(key: Key): string | undefined;
  /**
   * The kind of credentials that counts where a source has several, the first one first.
   * @defaultValue none: several kinds are an error
   */
  readonly preferredKinds?: readonly CredentialsKind[];
  /** Warnings about this source, one sentence each. */
  readonly warnings?: readonly string[];
}

interface Names {
  /** Environment variables, in order of preference. */
  readonly env: readonly string[];
  /** The bridged provider's key, where it is another one; false where it has no such setting. */
  readonly bridged?: string | false;
  /** Paths within an entry of `clouds.yaml`, in the order of preference that `openstacksdk` has for each. */
  readonly cloud: readonly string[];
  /** A path there that says the opposite. */
  readonly cloudOpposite?: string;
  /** Absent for a secret. */
  readonly example?: string;
  /** True if its value is never shown. */
  readonly secret?: true;
  /** True if it sets the receiver of secrets, or how they are protected on the way. See `trust.ts`. */
  readonly address?: true;
}

/** Paths of names in an entry of `clouds.yaml` that count first under `auth`, and then beside it. */
const underAuth = (...names: string[]) => names.flatMap((name) => [`auth.${name}`, name]);
/** Paths of names that count first beside `auth`. */
const besideAuth = (...names: string[]) => names.flatMap((name) => [name, `auth.${name}`]);

/** Every setting by its key under `otc-cts:`, and its names elsewhere. */
export const KEYS = {
  region: { env: ["OS_REGION_NAME"], cloud: ["region_name"], example: "eu-de" },
  authUrl: {
    env: ["OS_AUTH_URL"],
    cloud: underAuth("auth_url"),
    example: "https://iam.eu-de.otc.t-systems.com/v3",
    address: true,
  },
  authType: {
    env: ["OS_AUTH_TYPE"],
    bridged: false,
    cloud: ["auth_type", "auth_plugin"],
    example: "password",
  },
  userName: { env: ["OS_USERNAME"], cloud: underAuth("username", "user_name"), example: "alice" },
  userId: { env: ["OS_USER_ID"], cloud: underAuth("user_id"), example: "7116d09f88fa41908676fdd4b039e95b" },
  password: { env: ["OS_PASSWORD"], cloud: underAuth("password"), secret: true },
  passcode: { env: ["OS_PASSCODE"], cloud: besideAuth("passcode"), secret: true },
  domainName: {
    env: ["OS_USER_DOMAIN_NAME", "OS_DOMAIN_NAME"],
    cloud: besideAuth("user_domain_name", "domain_name"),
    example: "OTC-EU-DE-00000000001000012345",
  },
  domainId: {
    env: ["OS_USER_DOMAIN_ID", "OS_DOMAIN_ID"],
    cloud: besideAuth("user_domain_id", "domain_id"),
    example: "2bd9b2ac5ca74a4b8d0ef7a1c0f2c1aa",
  },
  projectName: {
    env: ["OS_PROJECT_NAME", "OS_TENANT_NAME"],
    bridged: "tenantName",
    cloud: besideAuth("project_name", "tenant_name"),
    example: "eu-de_production",
  },
  projectId: {
    env: ["OS_PROJECT_ID", "OS_TENANT_ID"],
    bridged: "tenantId",
    cloud: besideAuth("project_id", "tenant_id"),
    example: "0605767d5e000f5a2f6cc0166f2a0f5a",
  },
  projectDomainName: {
    env: ["OS_PROJECT_DOMAIN_NAME"],
    bridged: false,
    cloud: besideAuth("project_domain_name", "domain_name"),
    example: "OTC-EU-DE-00000000001000012345",
  },
  projectDomainId: {
    env: ["OS_PROJECT_DOMAIN_ID"],
    bridged: false,
    cloud: besideAuth("project_domain_id", "domain_id"),
    example: "2bd9b2ac5ca74a4b8d0ef7a1c0f2c1aa",
  },
  agencyName: {
    env: ["OS_AGENCY_NAME"],
    cloud: underAuth("agency_name", "target_agency_name"),
    example: "audit",
  },
  agencyDomainName: {
    env: ["OS_AGENCY_DOMAIN_NAME"],
    cloud: underAuth("agency_domain_name", "target_domain_name"),
    example: "OTC-EU-DE-00000000001000067890",
  },
  agencyDomainId: {
    env: ["OS_AGENCY_DOMAIN_ID"],
    cloud: underAuth("agency_domain_id", "target_domain_id"),
    example: "5c0e1f2d3b4a49588776655443322110",
  },
  delegatedProject: {
    env: ["OS_DELEGATED_PROJECT"],
    cloud: underAuth("delegated_project", "target_project_name", "target_project_id"),
    example: "eu-de_production",
  },
  accessKey: {
    env: ["OS_ACCESS_KEY"],
    cloud: underAuth("access_key", "ak"),
    example: "QTWAOYTTINDUT2QVKYUC",
  },
  secretKey: { env: ["OS_SECRET_KEY"], cloud: underAuth("secret_key", "sk"), secret: true },
  securityToken: { env: ["OS_SECURITY_TOKEN"], cloud: underAuth("security_token"), secret: true },
  token: { env: ["OS_TOKEN", "OS_AUTH_TOKEN"], cloud: besideAuth("token", "auth_token"), secret: true },
  cloud: { env: ["OS_CLOUD"], cloud: [], example: "production" },
  endpoint: {
    env: ["OS_CTS_ENDPOINT_OVERRIDE"],
    bridged: false,
    cloud: ["cts_endpoint_override"],
    example: "https://cts.eu-de.otc.t-systems.com",
    address: true,
  },
  apiVersion: { env: ["OS_CTS_API_VERSION"], bridged: false, cloud: ["cts_api_version"], example: "v1" },
  caCertFile: {
    env: ["OS_CACERT"],
    bridged: "cacertFile",
    cloud: ["cacert"],
    example: "/etc/ssl/company.pem",
    address: true,
  },
  insecure: {
    env: ["OS_INSECURE"],
    cloud: ["insecure"],
    cloudOpposite: "verify",
    example: "true",
    address: true,
  },
} as const satisfies Record<string, Names>;

export type Key = keyof typeof KEYS;

/** The settings of each kind of credentials. */
export const CREDENTIAL_KEYS = {
  token: ["token"],
  keys: ["accessKey", "secretKey", "securityToken"],
  password: ["userName", "userId", "password", "passcode"],
} as const satisfies Record<string, readonly Key[]>;

export type CredentialsKind = keyof typeof CREDENTIAL_KEYS;

/** The names of a setting in each place. */
export function namesOf(key: Key): Names {
  return KEYS[key];
}

/** Settings that a program hands over. */
export function argumentSource(of: string, args: { readonly [K in Key]?: string | undefined }): Source {
  const nameOf = (key: Key) => `argument ${key}`;
  return { name: `arguments of ${of}`, nameOf, find: (key) => toSetting(args[key], nameOf(key)) };
}

/** The beginning of the names of the sources in the stack's configuration. */
export const PULUMI_CONFIG = "Pulumi config";

/** The stack's configuration, namespace `otc-cts`. @param get gives the value of a full key. */
export function pulumiSource(get: (key: string) => string | undefined): Source {
  return {
    name: `${PULUMI_CONFIG} (otc-cts:*)`,
    nameOf: (key) => `config otc-cts:${key}`,
    find: (key) => toSetting(get(`otc-cts:${key}`), `config otc-cts:${key}`),
  };
}

/** The settings that the stack has for the bridged provider, namespace `opentelekomcloud`. */
export function bridgedSource(get: (key: string) => string | undefined): Source {
  const fullKey = (key: Key) => {
    const { bridged = key } = namesOf(key);
    return bridged === false ? undefined : `opentelekomcloud:${bridged}`;
  };
  return {
    name: `${PULUMI_CONFIG} (opentelekomcloud:*)`,
    // Its users set user, password and keys together, because that provider needs the keys for OBS. This is its order.
    preferredKinds: ["token", "keys", "password"],
    nameOf: (key) => fullKey(key) && `config ${fullKey(key)}`,
    find(key) {
      const name = fullKey(key);
      return name ? toSetting(get(name), `config ${name}`) : undefined;
    },
  };
}

/** The `OS_*` variables that OpenStack's own tools use. */
export function environmentSource(env: NodeJS.ProcessEnv = process.env): Source {
  return {
    name: "environment",
    nameOf: (key) => namesOf(key).env[0],
    find: (key) =>
      namesOf(key)
        .env.map((name) => toSetting(env[name], name))
        .find((setting) => setting),
  };
}

/** Yes or no, as OpenStack's tools spell them; undefined for anything else. */
export function parseSwitch(value: string): boolean | undefined {
  if (/^(true|yes|1)$/i.test(value)) {
    return true;
  }
  return /^(false|no|0)$/i.test(value) ? false : undefined;
}

/** Blank counts as absent. */
export function toSetting(value: string | undefined, origin: string): Setting | undefined {
  const text = value?.trim();
  return text ? { value: text, origin } : undefined;
}
