/**
 * `clouds.yaml` and `secure.yaml`, read as `openstacksdk` reads them: where they are, profiles, regions, templates, keys
 * beside `auth`. Unlike there, only the `secure.yaml` beside the `clouds.yaml` counts: otherwise a `clouds.yaml` in the
 * current directory could send the user's own passwords to any server.
 */
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, dirname, join, resolve as toAbsolute } from "node:path";
import { ConfigError } from "../errors";
import { type CredentialsKind, namesOf, parseSwitch, type Setting, type Source, toSetting } from "./sources";
import { readYaml, type YamlFile, type YamlMap } from "./yamlFile";

/** The places to look in; the defaults are those of a command line. */
export interface CloudFilesOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly directories?: readonly string[];
  /** The region that a higher source has chosen. @defaultValue the first one of the cloud */
  readonly region?: string | undefined;
}

/** Settings by their path, for example `auth.username`. */
type Values = ReadonlyMap<string, Setting>;

/** The profiles of `openstacksdk` for this cloud. It leaves out `https://` of the Swiss one, which cannot be meant. */
const PROFILES: Readonly<Record<string, { readonly authUrl: string; readonly regions: readonly string[] }>> =
  {
    otc: { authUrl: "https://iam.{region_name}.otc.t-systems.com/v3", regions: ["eu-de", "eu-nl"] },
    "otc-swiss": { authUrl: "https://iam-pub.eu-ch2.sc.otc.t-systems.com/v3", regions: ["eu-ch2"] },
  };

/** The kind of credentials that each `auth_type` stands for. */
export const AUTH_TYPES: Readonly<Record<string, CredentialsKind>> = {
  password: "password",
  v3password: "password",
  agency: "password",
  token: "token",
  v3token: "token",
};

/**
 * The settings of one entry.
 *
 * @throws ConfigError where a file cannot be read, or none has the entry: names file and line, or what there is.
 */
export function cloudsSource(cloud: string, options: CloudFilesOptions = {}): Source {
  const directories = searchPath(options);
  const path = cloudsFile(options, directories);
  if (!path) {
    throw new ConfigError(
      `cloud "${cloud}" is asked for (config otc-cts:cloud or OS_CLOUD), but there is no clouds.yaml in ${directories.join(", ")}, and OS_CLIENT_CONFIG_FILE names none`,
    );
  }
  const secure = findSecure(cloud, path, options.env ?? process.env, directories);
  const file = readYaml(path);
  if (!entryOf(file, cloud)) {
    throw unknownCloud(cloud, file);
  }
  const files = [...(secure.path ? [readYaml(secure.path)] : []), file];
  const values = settle(
    files.flatMap((each) => entryOf(each, cloud) ?? []),
    options.region,
  );
  const find = (path: string) => values.get(path);
  return {
    name: `cloud "${cloud}" of ${path}`,
    nameOf: (key) => namesOf(key).cloud[0] && `${namesOf(key).cloud[0]} of cloud "${cloud}" in ${path}`,
    preferredKinds: ["password", "token", "keys"],
    ...(secure.warning && { warnings: [secure.warning] }),
    find(key) {
      const { cloud: paths, cloudOpposite } = namesOf(key);
      const found = paths.map(find).find((setting) => setting);
      if (!cloudOpposite || parseSwitch(found?.value ?? "") === true) {
        return found;
      }
      return opposite(find(cloudOpposite)) ?? found;
    },
  };
}

/** The clouds of the file that would be used, and where it is; undefined where there is no such file. */
export function listClouds(
  options: CloudFilesOptions = {},
): { path: string; clouds: readonly string[] } | undefined {
  const path = cloudsFile(options, searchPath(options));
  return path ? { path, clouds: cloudsIn(readYaml(path)) } : undefined;
}

/** As `openstacksdk` looks: the current directory, the user's, and the system's. */
function searchPath({ directories, env = process.env }: CloudFilesOptions): string[] {
  const home = join(env["SNAP_REAL_HOME"] || homedir(), ".config");
  const system = env["XDG_CONFIG_DIRS"] || "/etc/xdg";
  const xdg = [env["XDG_CONFIG_HOME"] || home, home, ...system.split(delimiter)];
  const found = directories ?? [".", ...xdg.map((base) => join(base, "openstack")), "/etc/openstack"];
  return [...new Set(found.map((directory) => toAbsolute(directory)))];
}

function cloudsFile({ env = process.env }: CloudFilesOptions, directories: readonly string[]) {
  return namedFile(env, "OS_CLIENT_CONFIG_FILE") ?? firstIn(directories, "clouds");
}

/** The file that a variable names. @throws ConfigError where there is none of that name. */
function namedFile(env: NodeJS.ProcessEnv, variable: string): string | undefined {
  const path = env[variable];
  if (path && !existsSync(path)) {
    throw new ConfigError(`${path} does not exist: check ${variable}`);
  }
  return path ? toAbsolute(path) : undefined;
}

function firstIn(directories: readonly string[], name: string): string | undefined {
  return directories
    .flatMap((directory) => ["yaml", "yml", "json"].map((suffix) => join(directory, `${name}.${suffix}`)))
    .find((path) => existsSync(path));
}

/** The `secure.yaml` that belongs to a `clouds.yaml`: beside it, or named by the environment as the other one is. */
function findSecure(
  cloud: string,
  clouds: string,
  env: NodeJS.ProcessEnv,
  directories: readonly string[],
): { path?: string; warning?: string } {
  const named = namedFile(env, "OS_CLIENT_SECURE_FILE");
  const beside = firstIn([dirname(clouds)], "secure");
  const found = named ?? beside ?? firstIn(directories, "secure");
  if (!found) {
    return {};
  }
  if (dirname(found) === dirname(clouds) || (named && env["OS_CLIENT_CONFIG_FILE"])) {
    return { path: found };
  }
  if (!named && !hasCloud(found, cloud)) {
    return {};
  }
  const cure = named
    ? "name both by OS_CLIENT_CONFIG_FILE and OS_CLIENT_SECURE_FILE, or put them into one directory"
    : "put it beside that file if it is meant for it";
  const warning = `${found} is not used, because it does not belong to ${clouds}: ${cure}`;
  return beside ? { path: beside, warning } : { warning };
}

/** True if a file that is not used has the cloud, so that the user may miss it. That file may be broken. */
function hasCloud(path: string, cloud: string): boolean {
  try {
    return entryOf(readYaml(path), cloud) !== undefined;
  } catch {
    return false;
  }
}

function entryOf(file: YamlFile, cloud: string): YamlMap | undefined {
  return file.root?.map("clouds")?.map(cloud);
}

function cloudsIn(file: YamlFile): string[] {
  return file.root?.map("clouds")?.keys() ?? [];
}

function unknownCloud(cloud: string, file: YamlFile): ConfigError {
  return new ConfigError(
    `${file.path} has no cloud "${cloud}", only ${cloudsIn(file).join(", ") || "none at all"}: check otc-cts:cloud or OS_CLOUD`,
  );
}

/** @param entries the same cloud in several files, the first one first. */
function settle(entries: readonly YamlMap[], wantedRegion: string | undefined): Values {
  const own = merge(entries.map(flatten));
  const profile = profileOf(own.get("profile") ?? own.get("cloud"));
  const regions = entries.map(regionsOf).find(({ length }) => length > 0) ?? profile.regions;
  const region = wantedRegion ? regions.find(({ name }) => name.value === wantedRegion) : regions[0];
  const values = inOneSpelling(merge([region?.values ?? new Map(), own, profile.values]));
  const name = wantedRegion ?? region?.name.value;
  const filled = [...values].map(([path, setting]) => [path, fill(setting, path, name)] as const);
  return new Map(region ? [...filled, ["region_name", region.name]] : filled);
}

/** The first one that has a path counts. */
function merge(all: readonly Values[]): Values {
  return new Map(all.toReversed().flatMap((values) => [...values]));
}

/**
 * OpenStack's tools take `auth-url` for `auth_url`. They merge files and regions by the keys as they are spelled, and
 * then the spelling with hyphens wins.
 */
function inOneSpelling(values: Values): Values {
  const isHyphened = ([path]: [string, unknown]) => path.includes("-");
  const all = [...values];
  const ordered = [...all.filter((entry) => !isHyphened(entry)), ...all.filter(isHyphened)];
  return new Map(ordered.map(([path, setting]) => [path.replaceAll("-", "_"), setting]));
}

/** The texts of an entry and of its `auth`, by the keys as they are spelled. */
function flatten(entry: YamlMap): Values {
  const values = new Map<string, Setting>();
  const add = (prefix: string, map: YamlMap | undefined) => {
    for (const key of map?.keys() ?? []) {
      const scalar = map?.scalar(key);
      const path = prefix + key;
      const setting = toSetting(scalar?.text, `${scalar?.origin} (${prefix}${key})`);
      if (setting) {
        values.set(path, setting);
      }
    }
  };
  add("", entry);
  add("auth.", entry.map("auth"));
  return values;
}

interface Region {
  readonly name: Setting;
  /** Settings that hold in this region only. */
  readonly values: Values;
}

/** The regions of an entry: a list of names, or of names with settings of their own, or names with commas between. */
function regionsOf(entry: YamlMap): Region[] {
  const items = entry.items("regions");
  if (items.length > 0) {
    return items.flatMap(({ map, scalar = map?.scalar("name") }) => {
      const name = toSetting(scalar?.text, `${scalar?.origin} (regions)`);
      const values = map?.map("values");
      return name ? [{ name, values: values ? flatten(values) : new Map() }] : [];
    });
  }
  const names = [
    entry.scalar("region_name") ?? entry.scalar("region-name"),
    ...entry.items("region_name").map(({ scalar }) => scalar),
  ];
  return names.flatMap((scalar) =>
    (scalar?.text ?? "").split(",").flatMap((text) => {
      const name = toSetting(text, `${scalar?.origin} (region_name)`);
      return name ? [{ name, values: new Map() }] : [];
    }),
  );
}

function profileOf(setting: Setting | undefined): { values: Values; regions: Region[] } {
  if (!setting) {
    return { values: new Map(), regions: [] };
  }
  const profile = Object.hasOwn(PROFILES, setting.value) ? PROFILES[setting.value] : undefined;
  if (!profile) {
    throw new ConfigError(
      `profile "${setting.value}" (${setting.origin}) is not known: use ${Object.keys(PROFILES).join(" or ")}, or leave it out and set auth_url`,
    );
  }
  const origin = `profile ${setting.value}, ${setting.origin}`;
  return {
    values: new Map([["auth.auth_url", { value: profile.authUrl, origin }]]),
    regions: profile.regions.map((value) => ({ name: { value, origin }, values: new Map() })),
  };
}

/** Fills the region into a template, as in `https://iam.{region_name}.example.com`. A password is no template. */
function fill(setting: Setting, path: string, region: string | undefined): Setting {
  const isTemplate = /(^|\.)(auth_url|cacert|\w+_endpoint_override)$/.test(path);
  if (!isTemplate || !setting.value.includes("{region_name}")) {
    return setting;
  }
  if (region === undefined || !/^[\w-]+$/.test(region)) {
    throw new ConfigError(
      `${setting.value} (${setting.origin}) needs a region such as eu-de: set region_name in clouds.yaml, otc-cts:region or OS_REGION_NAME`,
    );
  }
  return { ...setting, value: setting.value.replaceAll("{region_name}", region) };
}

/** A value that is neither yes nor no stays as it is, so that it is reported with its origin. */
function opposite(setting: Setting | undefined): Setting | undefined {
  const value = parseSwitch(setting?.value ?? "");
  return setting && value !== undefined ? { ...setting, value: String(!value) } : setting;
}
