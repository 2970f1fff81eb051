import { join, relative } from "node:path";
import ts from "typescript";
import { describe, expect, it } from "vitest";

const ROOT = join(__dirname, "..", "..");
const ENTRIES = ["sdk", "provider", "emulator"].map((folder) => join(ROOT, folder, "index.ts"));
const program = ts.createProgram(ENTRIES, {
  module: ts.ModuleKind.Preserve,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  target: ts.ScriptTarget.ES2022,
  skipLibCheck: true,
});
const checker = program.getTypeChecker();

interface Export {
  readonly name: string;
  readonly isFunction: boolean;
  readonly text: string;
  readonly tags: readonly string[];
  /** Docstrings of its fields and methods. */
  readonly members: readonly string[];
}

const textOf = (symbol: ts.Symbol) => ts.displayPartsToString(symbol.getDocumentationComment(checker));

function exportsOf(entry: string): Export[] {
  const file = program.getSourceFile(entry);
  const module = file && checker.getSymbolAtLocation(file);
  return (module ? checker.getExportsOfModule(module) : []).map((symbol) => {
    const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
    return {
      name: symbol.name,
      isFunction: (target.flags & ts.SymbolFlags.Function) !== 0,
      text: textOf(target),
      tags: target.getJsDocTags(checker).map(({ name }) => name),
      members: checker.getDeclaredTypeOfSymbol(target).getProperties().map(textOf),
    };
  });
}

const entries = ENTRIES.map((entry) => ({ entry: relative(ROOT, entry), all: exportsOf(entry) }));

describe.each(entries)("the exports of $entry", ({ all }) => {
  it("say by themselves what they do, and so do their members", () => {
    const texts = all.flatMap(({ text, members }) => [text, ...members]);

    expect(texts.length).toBeGreaterThan(0);
    expect(texts.filter((text) => /^(The same|Likewise|As above|As before)\b/.test(text))).toEqual([]);
  });
});

describe("the functions that a program imports", () => {
  it("say what arguments they take", () => {
    const functions = (entries[0]?.all ?? []).filter(({ isFunction }) => isFunction);

    expect(functions.map(({ name }) => name)).toContain("getTracesOutput");
    expect(functions.filter(({ tags }) => !tags.includes("param")).map(({ name }) => name)).toEqual([]);
  });
});

describe("an editor, where the pointer is on a class after new", () => {
  const file = join(ROOT, "examples", "hovered.ts");
  const hover = (name: string): ts.QuickInfo | undefined => {
    const text = `import * as cts from "../sdk/index";\nnew cts.${name}(`;
    const service = ts.createLanguageService({
      getScriptFileNames: () => [file],
      getScriptVersion: () => "1",
      getScriptSnapshot: (path) => {
        const found = path === file ? text : ts.sys.readFile(path);
        return found === undefined ? undefined : ts.ScriptSnapshot.fromString(found);
      },
      getCurrentDirectory: () => ROOT,
      getCompilationSettings: () => program.getCompilerOptions(),
      getDefaultLibFileName: ts.getDefaultLibFilePath,
      fileExists: (path) => path === file || ts.sys.fileExists(path),
      readFile: ts.sys.readFile,
    });
    return service.getQuickInfoAtPosition(file, text.lastIndexOf(name) + 1);
  };

  it.each(["AuditBaseline", "KeyEventNotification", "Tracker"])(
    "shows what %s is, and an example",
    { timeout: 60_000 },
    (name) => {
      const shown = hover(name);

      expect(ts.displayPartsToString(shown?.documentation)).toMatch(/^(Makes|Manages) /);
      expect(shown?.tags?.map((tag) => tag.name)).toContain("example");
    },
  );
});
