/** YAML files of settings, with the line of each value. Limits keep hostile files from making it slow. */
import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  type Scalar,
  type YAMLMap,
} from "yaml";
import { ConfigError } from "../errors";
import { readTextFile } from "./readTextFile";

/** Parsing a larger one takes seconds. A cloud takes about half a KiB. */
const MAX_KIB = 256;
/** Maps that one map may merge. Each costs a search of the whole file. */
const MAX_MERGED = 1000;

/** A text in a file. Numbers are texts, too: an id such as 007 or 0605767e5 must not become a number. */
export interface YamlScalar {
  readonly text: string;
  /** File and line, for people. */
  readonly origin: string;
}

/** A text or a map. */
export interface YamlItem {
  readonly scalar: YamlScalar | undefined;
  readonly map: YamlMap | undefined;
}

/** A map with those that it merges by `<<`. The first one that has a key counts. */
export interface YamlMap {
  keys(): string[];
  /** Undefined for null, and for a value that is no text. */
  scalar(key: string): YamlScalar | undefined;
  map(key: string): YamlMap | undefined;
  /** The items of a list; empty for anything else. */
  items(key: string): YamlItem[];
}

export interface YamlFile {
  readonly path: string;
  /** Undefined if the file is empty, or is no map. */
  readonly root: YamlMap | undefined;
}

/** @throws ConfigError that names the file, and the line, but repeats nothing of it: it may be a password. */
export function readYaml(path: string): YamlFile {
  const file = readTextFile(path, MAX_KIB);
  if ("problem" in file) {
    throw new ConfigError(`${path} ${file.problem}`);
  }
  const lines = new LineCounter();
  const document = parse(file.text, lines, path);
  const reader = new Reader(path, document, lines);
  const [problem] = document.errors;
  if (problem) {
    throw new ConfigError(`${reader.lineAt(problem.pos[0])}: not valid YAML (${problem.code})`);
  }
  return { path, root: reader.mapOf(document.contents) };
}

function parse(text: string, lineCounter: LineCounter, path: string): Document.Parsed {
  try {
    return parseDocument(text, {
      lineCounter,
      prettyErrors: false,
      schema: "failsafe",
      // The parser compares each key with all others of its map, which takes minutes for a large one. See mergedIn.
      uniqueKeys: false,
    });
  } catch {
    throw new ConfigError(`${path}: not valid YAML (nested too deeply)`);
  }
}

class Reader {
  constructor(
    private readonly path: string,
    private readonly document: Document.Parsed,
    private readonly lines: LineCounter,
  ) {}

  lineAt(offset = 0): string {
    return `${this.path}, line ${this.lines.linePos(offset).line}`;
  }

  mapOf(node: unknown): YamlMap | undefined {
    const target = this.#resolve(node);
    if (!isMap(target)) {
      return undefined;
    }
    const values = this.#mergedIn(target);
    const nodeAt = (key: string) => this.#resolve(values.get(key));
    return {
      keys: () => [...values.keys()],
      scalar: (key) => this.#scalarOf(nodeAt(key)),
      map: (key) => this.mapOf(nodeAt(key)),
      items: (key) => {
        const list = nodeAt(key);
        const items = isSeq(list) ? list.items : [];
        return items
          .map((item) => ({ scalar: this.#scalarOf(this.#resolve(item)), map: this.mapOf(item) }))
          .filter(({ scalar, map }) => scalar ?? map);
      },
    };
  }

  #scalarOf(node: unknown): YamlScalar | undefined {
    if (!isScalar(node) || isNull(node)) {
      return undefined;
    }
    return { text: textOf(node), origin: this.lineAt(node.range?.[0]) };
  }

  /**
   * The values of a map, and of those that it merges by `<<`. Each map is visited once: a map that is merged again adds
   * nothing, and nested merges of merges would take for ever.
   *
   * @throws ConfigError where a map has a key twice: one of the values would be dropped silently.
   */
  #mergedIn(map: YAMLMap): Map<string, unknown> {
    const values = new Map<string, unknown>();
    const visited = new Set<YAMLMap>();
    let visits = 0;
    const visit = (node: unknown): void => {
      if (++visits > MAX_MERGED) {
        throw new ConfigError(`${this.#lineOf(node)}: more than ${MAX_MERGED} maps are merged here`);
      }
      const each = this.#resolve(node);
      if (!isMap(each) || visited.has(each)) {
        return;
      }
      visited.add(each);
      const own = this.#ownValues(each);
      const merged = this.#resolve(own.get("<<"));
      own.delete("<<");
      for (const [key, value] of own) {
        if (!values.has(key)) {
          values.set(key, value);
        }
      }
      for (const base of isSeq(merged) ? merged.items : [merged]) {
        visit(base);
      }
    };
    visit(map);
    return values;
  }

  #ownValues(map: YAMLMap): Map<string, unknown> {
    const own = new Map<string, unknown>();
    for (const { key, value } of map.items) {
      const name = isScalar(key) ? textOf(key) : undefined;
      if (name === undefined) {
        continue;
      }
      if (own.has(name)) {
        throw new ConfigError(`${this.#lineOf(key)}: ${name} is given twice: keep one of them`);
      }
      own.set(name, value);
    }
    return own;
  }

  /** @throws ConfigError where an alias leads to nothing. */
  #resolve(node: unknown): unknown {
    if (!isAlias(node)) {
      return node;
    }
    const target = node.resolve(this.document);
    if (target) {
      return target;
    }
    throw new ConfigError(`${this.#lineOf(node)}: nothing has the name that *${node.source} refers to`);
  }

  #lineOf(node: unknown): string {
    return this.lineAt(isNode(node) ? node.range?.[0] : 0);
  }
}

function textOf(scalar: Scalar): string {
  return String(scalar.value ?? "");
}

function isNull(scalar: Scalar): boolean {
  return scalar.type === "PLAIN" && /^(~|null|)$/i.test(textOf(scalar));
}
