/**
 * `clouds.yaml` and `secure.yaml`, found and read as OpenStack's own tools do: the first of each in
 * `OS_CLIENT_CONFIG_FILE` (`OS_CLIENT_SECURE_FILE`), the current directory, `~/.config/openstack` and
 * `/etc/openstack`. What `secure.yaml` says goes before what `clouds.yaml` says.
 */
import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  type YAMLMap,
} from "yaml";
import { ConfigError } from "./errors";
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
  const directories = options.directories ?? [".", join(homedir(), ".config", "openstack"), "/etc/openstack"];
  const secure = readFirst("secure", env["OS_CLIENT_SECURE_FILE"], directories);
  const clouds = readFirst("clouds", env["OS_CLIENT_CONFIG_FILE"], directories);
  if (!clouds) {
    throw new ConfigError(
      `cloud "${cloud}" is asked for (config otc-cts:cloud or OS_CLOUD), but there is no clouds.yaml in ${directories.join(", ")}, and OS_CLIENT_CONFIG_FILE names none`,
    );
  }
  if (!isMap(nodeAt(clouds, ["clouds", cloud]))) throw unknownCloud(cloud, clouds);
  const files = [secure, clouds].filter((file) => file !== undefined);
  return {
    name: `cloud "${cloud}" of ${clouds.path}`,
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

function readFirst(
  name: string,
  named: string | undefined,
  directories: readonly string[],
): File | undefined {
  if (named && !existsSync(named)) {
    throw new ConfigError(
      `${named} does not exist: check OS_CLIENT_${name === "clouds" ? "CONFIG" : "SECURE"}_FILE`,
    );
  }
  const candidates = directories.flatMap((directory) => [
    join(directory, `${name}.yaml`),
    join(directory, `${name}.yml`),
  ]);
  const path = named || candidates.find((candidate) => existsSync(candidate));
  return path ? read(path) : undefined;
}

function read(path: string): File {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw new ConfigError(`${path} cannot be read: ${(error as NodeJS.ErrnoException).code}`);
  }
  const lines = new LineCounter();
  // By this schema every value is text: an id such as 007 or 0605767e5 must not become a number.
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, schema: "failsafe" });
  const [problem] = document.errors;
  // The parser's own message may quote the line, and a password with it.
  if (problem)
    throw new ConfigError(`${lineAt({ path, lines }, problem.pos[0])}: not valid YAML (${problem.code})`);
  return { path, document, lines };
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
  const valueIn = (node: unknown, key: string) =>
    mapsIn(node, file)
      .map((map) => map.get(key, true))
      .find((value) => value !== undefined);
  return resolve(keys.reduce<unknown>(valueIn, file.document.contents), file);
}

/** A map, and those that it merges by `<<`: the first one that has a key counts. */
function mapsIn(node: unknown, file: File, seen: readonly unknown[] = []): YAMLMap[] {
  const map = resolve(node, file);
  // An anchor may hold what refers to it.
  if (!isMap(map) || seen.includes(map)) return [];
  const merged = resolve(map.get("<<", true), file);
  const bases = isSeq(merged) ? merged.items : [merged];
  return [map, ...bases.flatMap((base) => mapsIn(base, file, [...seen, map]))];
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
