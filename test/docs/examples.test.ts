import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { describe, expect, it } from "vitest";
import { type Block, blocksOf, readPages } from "../support/markdown";

const ROOT = join(__dirname, "..", "..");
/** Here the package and its tools are found by name. Nothing is written. */
const FOLDER = join(__dirname, "virtual");
const OPTIONS: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  lib: ["lib.es2023.d.ts"],
  module: ts.ModuleKind.Preserve,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  types: ["node"],
  strict: true,
  skipLibCheck: true,
  noEmit: true,
};

const pages = readPages().map((page) => ({ path: page.path, blocks: blocksOf(page) }));
const typed = pages
  .map(({ path, blocks }) => ({
    path,
    blocks: blocks.filter(({ language, from }) => language === "ts" && !from),
  }))
  .filter(({ blocks }) => blocks.length > 0);
const quoted = pages.flatMap(({ path, blocks }) =>
  blocks.flatMap(({ code, from }) => (from ? [{ path, code, from }] : [])),
);

/** Compiles files that exist in memory only. */
function problemsIn(files: ReadonlyMap<string, string>): string {
  const host = ts.createCompilerHost(OPTIONS);
  const { fileExists, readFile } = host;
  host.fileExists = (name) => files.has(name) || fileExists(name);
  host.readFile = (name) => files.get(name) ?? readFile(name);
  host.getSourceFile = (name, target) => {
    const text = host.readFile(name);
    return text === undefined ? undefined : ts.createSourceFile(name, text, target);
  };
  // The folder itself does not exist.
  delete host.directoryExists;
  const program = ts.createProgram([...files.keys()], OPTIONS, host);
  return ts.formatDiagnostics(ts.getPreEmitDiagnostics(program), host);
}

/** A block that begins with a comment such as `// audit.ts` is that file, for the other blocks of its page. */
function filesOf(path: string, blocks: readonly Pick<Block, "code">[]): [string, string][] {
  return blocks.map(({ code }, index) => {
    const [, name = `${index}.ts`] = /^\/\/ (\S+\.ts)\n/.exec(code) ?? [];
    return [join(FOLDER, path.replaceAll("/", "_"), name), `${code}\nexport {};\n`];
  });
}

describe("the examples", () => {
  it("of all pages compile against the package", { timeout: 120_000 }, () => {
    const files = new Map(typed.flatMap(({ path, blocks }) => filesOf(path, blocks)));

    expect(files.size).toBeGreaterThan(5);
    expect(problemsIn(files)).toBe("");
  });

  it("of all docstrings compile against the package", { timeout: 120_000 }, () => {
    const sources = readdirSync(join(ROOT, "sdk")).filter((name) => name.endsWith(".ts"));
    const blocks = sources.flatMap((name) => {
      const text = readFileSync(join(ROOT, "sdk", name), "utf8").replace(/^ *\* ?/gm, "");
      return blocksOf({ path: name, text }).map(({ code }) => ({
        code: code.includes("import ") ? code : `import * as cts from "pulumi-otc-cts";\n${code}`,
      }));
    });

    expect(blocks.length).toBeGreaterThan(4);
    expect(problemsIn(new Map(filesOf("docstrings", blocks)))).toBe("");
  });

  it.each(readPages())("of $path are in blocks that these tests read", (page) => {
    const blocks = blocksOf(page);
    const fences = page.text.match(/^\s*(?:```|~~~)/gm) ?? [];

    expect(fences).toHaveLength(2 * blocks.length);
    expect(
      blocks.filter(({ language }) => !["ts", "js", "sh", "yaml", "json", "text"].includes(language)),
    ).toEqual([]);
  });

  it("of pipelines are quoted", () => {
    const unquoted = pages.flatMap(({ path, blocks }) =>
      blocks.flatMap(({ language, from, code }) =>
        language === "yaml" && !from ? [`${path}: ${code}`] : [],
      ),
    );

    expect(unquoted).toEqual([]);
  });

  it.each(quoted)("of $path are quoted from $from", ({ code, from }) => {
    expect(readFileSync(join(ROOT, from), "utf8")).toContain(code.trimEnd());
  });

  it("of a name that is wrong do not compile", () => {
    const code = 'import * as cts from "pulumi-otc-cts";\nnew cts.Tracker("audit", { bucket: "files" });\n';

    expect(problemsIn(new Map(filesOf("wrong", [{ code }])))).toContain("'bucket' does not exist");
  });
});
