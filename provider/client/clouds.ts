/**
 * `clouds.yaml` and `secure.yaml`. As OpenStack's own tools do, the first `clouds.yaml` of `OS_CLIENT_CONFIG_FILE`, the
 * current directory, `~/.config/openstack` and `/etc/openstack` counts, and `secure.yaml` goes before it. Unlike them,
 * only the `secure.yaml` beside it counts: otherwise a `clouds.yaml` in the current directory could send the user's own
 * passwords to any server.
 */
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join, resolve as toAbsolute } from "node:path";
import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  type YAMLMap,
} from "yaml";
import { ConfigError } from "./errors";
import { readTextFile } from "./readTextFile";
import { namesOf, parseSwitch, type Setting, type Source, toSetting } from "./sources";

/** Where to look; everything has the default that a command line has. */
export interface CloudFilesOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly directories?: readonly string[];
}

interface File {
  readonly path: string;
  readonly document: Document.Parsed;
  readonly lines: LineCounter;
}

/**
 * The settings of one entry.
 *
 * @throws ConfigError where a file cannot be read, or none has the entry: names file and line, or what there is.
 */
export function cloudsSource(cloud: string, options: CloudFilesOptions = {}): Source {
  const { env = process.env } = options;
  const directories = (
    options.directories ?? [".", join(homedir(), ".config", "openstack"), "/etc/openstack"]
  ).map((directory) => toAbsolute(directory));
  const path = namedFile(env, "OS_CLIENT_CONFIG_FILE") ?? firstIn(directories, "clouds");
  if (!path) {
    throw new ConfigError(
      `cloud "${cloud}" is asked for (config otc-cts:cloud or OS_CLOUD), but there is no clouds.yaml in ${directories.join(", ")}, and OS_CLIENT_CONFIG_FILE names none`,
    );
  }
  const secure = findSecure(cloud, path, env, directories);
  const clouds = read(path);
  if (!isMap(nodeAt(clouds, ["clouds", cloud]))) throw unknownCloud(cloud, clouds);
  const files = [...(secure.path ? [read(secure.path)] : []), clouds];
  return {
    name: `cloud "${cloud}" of ${path}`,
    nameOf: (key) => namesOf(key).cloud[0] && `${namesOf(key).cloud[0]} of cloud "${cloud}" in ${path}`,
    ...(secure.warning && { warnings: [secure.warning] }),
    find(key) {
      const { cloud: paths, cloudOpposite } = namesOf(key);
      const findAt = (file: File, path: string) => findIn(file, ["clouds", cloud, ...path.split(".")]);
      return files
        .flatMap((file) => [
          ...paths.map((path) => findAt(file, path)),
          cloudOpposite ? opposite(findAt(file, cloudOpposite)) : undefined,
        ])
        .find((setting) => setting);
    },
  };
}

/** The file that a variable names. @throws ConfigError where there is none of that name. */
function namedFile(env: NodeJS.ProcessEnv, variable: string): string | undefined {
  const path = env[variable];
  if (path && !existsSync(path)) throw new ConfigError(`${path} does not exist: check ${variable}`);
  return path ? toAbsolute(path) : undefined;
}

function firstIn(directories: readonly string[], name: string): string | undefined {
  return directories
    .flatMap((directory) => [join(directory, `${name}.yaml`), join(directory, `${name}.yml`)])
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
  const isOwn = (path: string) => dirname(path) === dirname(clouds);
  if (!found) return {};
  if (isOwn(found) || (named && env["OS_CLIENT_CONFIG_FILE"])) return { path: found };
  if (!named && !hasCloud(found, cloud)) return {};
  const cure = named
    ? "name both by OS_CLIENT_CONFIG_FILE and OS_CLIENT_SECURE_FILE, or put them into one directory"
    : "put it beside that file if it is meant for it";
  const warning = `${found} is not used, because it does not belong to ${clouds}: ${cure}`;
  return beside ? { path: beside, warning } : { warning };
}

/** Whether a file that is not used has the cloud, so that the user may miss it. It may be broken. */
function hasCloud(path: string, cloud: string): boolean {
  try {
    return isMap(nodeAt(read(path), ["clouds", cloud]));
  } catch {
    return false;
  }
}

/** Parsing a larger one takes seconds. A cloud takes about half a KiB. */
const MAX_KIB = 256;
/** Maps that one map may merge. Each costs a search of the whole file. */
const MAX_MERGED = 1000;

function read(path: string): File {
  const file = readTextFile(path, MAX_KIB);
  if ("problem" in file) throw new ConfigError(`${path} ${file.problem}`);
  const lines = new LineCounter();
  const document = parse(file.text, lines, path);
  const [problem] = document.errors;
  // The parser's own message may quote the line, and a password with it.
  if (problem) {
    throw new ConfigError(`${lineAt({ path, lines }, problem.pos[0])}: not valid YAML (${problem.code})`);
  }
  return { path, document, lines };
}

function parse(text: string, lineCounter: LineCounter, path: string): Document.Parsed {
  try {
    return parseDocument(text, {
      lineCounter,
      prettyErrors: false,
      // By this schema every value is text: an id such as 007 or 0605767e5 must not become a number.
      schema: "failsafe",
      // The parser compares each key with all others of its map, which takes minutes for a large one. See valueIn.
      uniqueKeys: false,
    });
  } catch {
    throw new ConfigError(`${path}: not valid YAML (nested too deeply)`);
  }
}

function unknownCloud(cloud: string, file: File): ConfigError {
  const keys = mapsIn(nodeAt(file, ["clouds"]), file).flatMap(({ items }) =>
    items.map(({ key }) => String(key)),
  );
  const known = [...new Set(keys)].filter((key) => key !== "<<").join(", ");
  return new ConfigError(
    `${file.path} has no cloud "${cloud}", only ${known || "none at all"}: check otc-cts:cloud or OS_CLOUD`,
  );
}

function findIn(file: File, keys: readonly string[]) {
  const node = nodeAt(file, keys);
  if (!isScalar(node) || (node.type === "PLAIN" && /^(~|null)$/i.test(String(node.value)))) return undefined;
  return toSetting(String(node.value), `${lineAt(file, node.range?.[0])} (${keys.slice(2).join(".")})`);
}

/** What is written at a path, wherever an alias or a merge key leads to. */
function nodeAt(file: File, keys: readonly string[]): unknown {
  const step = (node: unknown, key: string) =>
    mapsIn(node, file)
      .map((map) => valueIn(map, key, file))
      .find((value) => value !== undefined);
  return resolve(keys.reduce<unknown>(step, file.document.contents), file);
}

/** @throws ConfigError where a map has a key twice: one of the values would be dropped silently. */
function valueIn(map: YAMLMap, key: string, file: File): unknown {
  const [pair, second] = map.items.filter(({ key: each }) => isScalar(each) && each.value === key);
  if (!second) return pair?.value ?? undefined;
  throw new ConfigError(`${lineAt(file, offsetOf(second.key))}: ${key} is given twice: keep one of them`);
}

/**
 * A map, and those that it merges by `<<`. The first one that has a key counts. Each is visited once: a map that is
 * merged again adds nothing, and nested merges of merges would take for ever.
 */
function mapsIn(node: unknown, file: File): YAMLMap[] {
  const maps = new Set<YAMLMap>();
  let visits = 0;
  const visit = (each: unknown): void => {
    if (++visits > MAX_MERGED) {
      throw new ConfigError(`${lineAt(file, offsetOf(each))}: more than ${MAX_MERGED} maps are merged here`);
    }
    const map = resolve(each, file);
    if (!isMap(map) || maps.has(map)) return;
    maps.add(map);
    const merged = resolve(valueIn(map, "<<", file), file);
    for (const base of isSeq(merged) ? merged.items : [merged]) visit(base);
  };
  visit(node);
  return [...maps];
}

function offsetOf(node: unknown): number {
  return isNode(node) ? (node.range?.[0] ?? 0) : 0;
}

function resolve(node: unknown, file: File): unknown {
  if (!isAlias(node)) return node;
  const target = node.resolve(file.document);
  if (target) return target;
  throw new ConfigError(
    `${lineAt(file, node.range?.[0])}: nothing has the name that *${node.source} refers to`,
  );
}

/** A place in a file, for people. */
function lineAt({ path, lines }: Pick<File, "path" | "lines">, offset = 0): string {
  return `${path}, line ${lines.linePos(offset).line}`;
}

/** What is neither yes nor no stays as it is: it is reported with its origin, as any other value. */
function opposite(setting: Setting | undefined): Setting | undefined {
  const value = parseSwitch(setting?.value ?? "");
  return setting && value !== undefined ? { ...setting, value: String(!value) } : setting;
}
