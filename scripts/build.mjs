// Compiles the package to dist/: code without comments, and declarations with them.
import fs from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { decode, encode } from "@jridgewell/sourcemap-codec";
import ts from "typescript";

const root = fileURLToPath(new URL("..", import.meta.url));
const dist = join(root, "dist");
const { exports: entries, files: packed } = JSON.parse(fs.readFileSync(join(root, "package.json"), "utf8"));

// The compiler leaves files of deleted sources, and they would be packed.
fs.rmSync(dist, { recursive: true, force: true });
const config = ts.readConfigFile(join(root, "tsconfig.build.json"), ts.sys.readFile).config;
const { options, fileNames, errors } = ts.parseJsonConfigFileContent(config, ts.sys, root);
const program = ts.createProgram(fileNames, options);
const problems = [...errors, ...ts.getPreEmitDiagnostics(program)];
if (problems.length > 0) {
  process.stderr.write(ts.formatDiagnostics(problems, ts.createCompilerHost(options)));
  process.exit(1);
}

const declarations = outputOf(program, true);
for (const path of reachable(Object.values(entries).flatMap(({ types = [] }) => types))) {
  write(path, declarations);
}
const forCode = { noCheck: true, removeComments: true, declaration: false, declarationMap: false };
const code = outputOf(ts.createProgram(fileNames, { ...options, ...forCode }, undefined, program), false);
for (const path of code.keys()) {
  if (path.endsWith(".js")) {
    write(path, code);
  }
}
fs.chmodSync(join(dist, "cli", "otc-cts.js"), 0o755);
fs.cpSync(join(root, "emulator", "page"), join(dist, "emulator", "page"), { recursive: true });

/** The files that the compiler would write, by their paths. */
function outputOf(compiled, onlyDeclarations) {
  const output = new Map();
  compiled.emit(undefined, (path, text) => output.set(path, text), undefined, onlyDeclarations);
  return output;
}

/** The declarations that the compiler of a program reads, from these on. */
function reachable(paths) {
  const found = new Set(paths.map((path) => resolve(root, path)));
  for (const path of found) {
    for (const { fileName } of ts.preProcessFile(declarations.get(path)).importedFiles) {
      if (fileName.startsWith(".")) {
        found.add(resolve(path, "..", `${fileName}.d.ts`));
      }
    }
  }
  return found;
}

/** Writes a file. Its map is written too where the package has the source that the map leads to. */
function write(path, output) {
  const map = output.get(`${path}.map`);
  const source = relative(root, resolve(path, "..", JSON.parse(map).sources[0]));
  const isPacked = packed.includes(`${dirname(source)}/*.ts`);
  const text = isPacked ? output.get(path) : output.get(path).replace(/^\/\/# sourceMappingURL=.*\n?/m, "");
  fs.mkdirSync(dirname(path), { recursive: true });
  // A program that sets no `target` is checked as ES5, where `#private` is an error in declarations too. This says the same.
  // The name has the class in it: a class must not repeat a private name of the class that it extends.
  fs.writeFileSync(
    path,
    text.replace(/class (\w+)(.*\{\n +)#private;$/gm, "class $1$2private readonly _$1;"),
  );
  if (isPacked) {
    fs.writeFileSync(`${path}.map`, byLine(JSON.parse(map)));
  }
}

/** A map with one place for each line: editors and stack traces need no more, and it is a quarter of the size. */
function byLine(map) {
  const firsts = decode(map.mappings).map((line) => line.slice(0, 1));
  return JSON.stringify({ ...map, mappings: encode(firsts) });
}
