import { readFileSync, rmSync } from "node:fs";
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

  it("is found right by every way of resolving modules (attw)", { timeout: 300_000 }, async () => {
    expect(await tool("attw", "--format", "ascii", "--no-color", tarball)).toMatchObject({ code: 0 });
  });

  it("has a package.json without mistakes (publint)", async () => {
    expect(await tool("publint", "--strict", tarball)).toMatchObject({ code: 0 });
  });
});

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
