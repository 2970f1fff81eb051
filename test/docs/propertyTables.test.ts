import { readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { describe, expect, it } from "vitest";

const ROOT = join(__dirname, "..", "..");
const read = (path: string) => readFileSync(join(ROOT, path), "utf8");

const RESOURCES = [
  { name: "Tracker", source: "sdk/tracker.ts", page: "docs/guides/tracker.md", heading: "" },
  {
    name: "KeyEventNotification",
    source: "sdk/keyEventNotification.ts",
    page: "docs/guides/notifications.md",
    heading: "",
  },
  {
    name: "AuditBaseline",
    source: "sdk/auditBaseline.ts",
    page: "docs/guides/notifications.md",
    heading: "Audit baseline",
  },
];

/** The properties that an interface or class of a file declares, and those of the interfaces of the file that they hold. */
function propertiesOf(source: string, name: string, isDeep: boolean): string[] {
  const file = ts.createSourceFile(source, read(source), ts.ScriptTarget.Latest);
  const find = (wanted: string) =>
    file.statements.find(
      (one): one is ts.InterfaceDeclaration | ts.ClassDeclaration =>
        (ts.isInterfaceDeclaration(one) || ts.isClassDeclaration(one)) && one.name?.text === wanted,
    );
  const membersOf = (declaration: ReturnType<typeof find>, prefix = ""): string[] =>
    [...(declaration?.members ?? [])].flatMap((member) => {
      if (!(ts.isPropertySignature(member) || ts.isPropertyDeclaration(member)) || !member.type) {
        return [];
      }
      const path = prefix + member.name.getText(file);
      const type = member.type.getText(file);
      const inner = [...type.matchAll(/\w+/g)]
        .map(([word]) => find(word))
        .find((one) => one !== undefined && ts.isInterfaceDeclaration(one));
      const isList = /\[\]|readonly \w+\[\]/.test(type);
      return [path, ...(isDeep && inner ? membersOf(inner, `${path}${isList ? "[]" : ""}.`) : [])];
    });
  return membersOf(find(name));
}

/** The members that an interface of the emulator has, also those of the interfaces that it extends. */
function membersOfEmulator(): string[] {
  const program = ts.createProgram([join(ROOT, "emulator", "emulator.ts")], {
    strict: true,
    skipLibCheck: true,
  });
  const file = program.getSourceFile(join(ROOT, "emulator", "emulator.ts"));
  const declared = file?.statements.find(
    (one): one is ts.InterfaceDeclaration => ts.isInterfaceDeclaration(one) && one.name.text === "Emulator",
  );
  const checker = program.getTypeChecker();
  return declared
    ? checker
        .getTypeAtLocation(declared)
        .getProperties()
        .map(({ name }) => name)
    : [];
}

/** The names in the first column of a table. */
function namesBelow(text: string, column: string): string[] {
  const [, rows = ""] = new RegExp(`^\\| ${column} \\|.*\\n\\|[-|]+\\n((?:\\|.*\\n)+)`, "m").exec(text) ?? [];
  return rows
    .split("\n")
    .flatMap((row) => [...(row.split("|")[1] ?? "").matchAll(/`([^`]+)`/g)].map(([, name = ""]) => name));
}

describe.each(RESOURCES)("$page on $name", ({ name, source, page, heading }) => {
  const text = read(page);
  const section = heading === "" ? text : text.slice(text.indexOf(`\n## ${heading}\n`));

  it("has each argument in its table, and no other", () => {
    const declared = propertiesOf(source, `${name}Args`, true);

    expect(declared.length).toBeGreaterThan(5);
    expect(namesBelow(section, "argument").sort()).toEqual(declared.sort());
  });

  it("has each output in its table, and no other", () => {
    // Parts of outputs that are parts of arguments too have no rows of their own.
    const parts = name === "Tracker";
    const declared = propertiesOf(source, name, parts).filter((path) => !/^adopted\.|^lts$/.test(path));

    expect(declared.length).toBeGreaterThan(1);
    expect(namesBelow(section, "output").sort()).toEqual(declared.sort());
  });
});

describe("docs/guides/emulator.md on Emulator", () => {
  it("has each member in its table, and no other", { timeout: 60_000 }, () => {
    const named = namesBelow(read("docs/guides/emulator.md"), "member").map((name) =>
      name.replace(/\(.*/, ""),
    );
    const declared = membersOfEmulator();

    expect(declared.length).toBeGreaterThan(20);
    expect(named.sort()).toEqual(declared.sort());
  });
});
