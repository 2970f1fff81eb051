import { existsSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { SourceMap, type SourceMapping } from "node:module";
import { join, relative, resolve } from "node:path";
import ts from "typescript";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { endOf, spawnCommand } from "../support/processes";
import { installInto, makeBox, packInto } from "../support/tarball";

const ROOT = join(__dirname, "..", "..");

describe("the packed package", () => {
  const box = makeBox("tarball");
  const installed = join(box, "node_modules", "pulumi-otc-cts");
  let tarball: string;
  beforeAll(() => {
    tarball = packInto(box);
    installInto(join(box, "node_modules"), tarball);
  });
  afterAll(() => rmSync(box, { recursive: true, force: true }));

  const tool = (name: string, ...args: string[]) =>
    endOf(spawnCommand(join(ROOT, "node_modules", ".bin", name), args, box));

  // A program without skipLibCheck compiles the declarations of every package that ours import.
  it("has public declarations that import nothing but Pulumi and Node", () => {
    const { files, imports } = reachable(entriesOf(installed));

    expect(files.map((file) => relative(installed, file))).toContain("dist/client/connection.d.ts");
    expect(imports.filter((name) => name !== "@pulumi/pulumi" && !name.startsWith("node:"))).toEqual([]);
  });

  it("is smaller than 300 kB", () => {
    expect(statSync(tarball).size).toBeLessThan(300_000);
  });

  it("has no test and no benchmark, and no generated pages", () => {
    const surplus =
      /(^|\/)(test|tests|bench|coverage|\.work|\.vitepress|node_modules)\/|\.(test|spec|bench)\.|^docs\/api\//;

    expect(filesIn(installed).filter((name) => surplus.test(name))).toEqual([]);
  });

  it("has maps that lead to sources in the package, and no source without one", () => {
    const mapped = filesIn(installed).flatMap((name) => {
      const [, map] =
        /^\/\/# sourceMappingURL=(.*)$/m.exec(readFileSync(join(installed, name), "utf8")) ?? [];
      return map && /\.(js|d\.ts)$/.test(name) ? [join(installed, name, "..", map)] : [];
    });
    const sources = mapped.flatMap((map) =>
      (JSON.parse(readFileSync(map, "utf8")).sources as string[]).map((source) => resolve(map, "..", source)),
    );
    const sourceFiles = filesIn(installed).filter(
      (name) => name.endsWith(".ts") && !/^(dist|examples|templates)\//.test(name),
    );
    const maps = filesIn(installed).filter((name) => name.endsWith(".map"));

    expect(mapped.map((map) => relative(installed, map)).sort()).toEqual(maps.sort());
    expect([...new Set(sources.map((source) => relative(installed, source)))].sort()).toEqual(
      sourceFiles.sort(),
    );
    expect(sourceFiles).toContain("sdk/tracker.ts");
    expect(sources.filter((source) => !existsSync(source))).toEqual([]);
  });

  it("leads from the declaration of a class to its source", () => {
    const declaration = join(installed, "dist", "sdk", "tracker.d.ts");
    const before = readFileSync(declaration, "utf8").split("class Tracker ")[0]?.split("\n") ?? [];
    const map = new SourceMap(JSON.parse(readFileSync(`${declaration}.map`, "utf8")));

    const found = map.findEntry(before.length - 1, (before.at(-1) ?? "").length) as SourceMapping;

    const lines = readFileSync(resolve(declaration, "..", found.originalSource), "utf8").split("\n");
    expect(lines[found.originalLine]).toBe("export class Tracker extends DynamicResource {");
  });

  it("leads from a stack trace to the line of the source", async () => {
    const program = `const cts = require("pulumi-otc-cts");
      try { new cts.AuditBaseline("audit", { places: [], alarms: ["none"] }); } catch (error) { console.log(error.stack); }`;

    const { output } = await endOf(
      spawnCommand(process.execPath, ["--enable-source-maps", "-e", program], box),
    );

    const [, line] = /pulumi-otc-cts\/sdk\/auditBaseline\.ts:(\d+)/.exec(output) ?? [];
    expect(
      readFileSync(join(installed, "sdk", "auditBaseline.ts"), "utf8").split("\n")[Number(line) - 1],
    ).toContain("throw new CtsError(");
  });

  it("keeps the comments of declarations, and none of code", () => {
    const read = (name: string) => readFileSync(join(installed, "dist", "sdk", name), "utf8");

    expect(read("tracker.d.ts")).toContain("Manages the management tracker");
    expect(read("tracker.js")).not.toContain("Manages the management tracker");
  });

  it("is found right by every way of resolving modules (attw)", { timeout: 300_000 }, async () => {
    expect(await tool("attw", "--format", "ascii", "--no-color", tarball)).toMatchObject({ code: 0 });
  });

  it("has a package.json without mistakes (publint)", async () => {
    expect(await tool("publint", "--strict", tarball)).toMatchObject({ code: 0 });
  });
});

function filesIn(folder: string): string[] {
  const entries = readdirSync(folder, { withFileTypes: true, recursive: true });
  return entries
    .filter((each) => each.isFile())
    .map((each) => relative(folder, join(each.parentPath, each.name)));
}

/** The declarations of all entries that package.json exports. */
function entriesOf(installed: string): string[] {
  const { exports } = JSON.parse(readFileSync(join(installed, "package.json"), "utf8"));
  return Object.values<{ types?: string } | string>(exports).flatMap((entry) =>
    typeof entry === "object" && entry.types ? [join(installed, entry.types)] : [],
  );
}

/** All files that a compiler reads from these on, and the packages that they import or refer to. */
function reachable(entries: readonly string[]): { files: string[]; imports: string[] } {
  const files = [...entries];
  const imports = new Set<string>();
  for (const file of files) {
    const { importedFiles, typeReferenceDirectives } = ts.preProcessFile(readFileSync(file, "utf8"));
    for (const { fileName } of [...importedFiles, ...typeReferenceDirectives]) {
      if (!fileName.startsWith(".")) {
        imports.add(fileName);
      } else {
        const target = resolve(file, "..", `${fileName}.d.ts`);
        if (!files.includes(target)) {
          files.push(target);
        }
      }
    }
  }
  return { files, imports: [...imports] };
}
