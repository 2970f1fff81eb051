import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { driftCommand } from "../../cli/commands/drift";
import { emulatorCommand } from "../../cli/commands/emulator";
import { tracesCommand } from "../../cli/commands/traces";
import { whoamiCommand } from "../../cli/commands/whoami";
import { FORMATS } from "../../cli/traces/output";
import { KEYS } from "../../client/config/sources";
import { blocksOf, proseOf, readPages } from "../support/markdown";

const ROOT = join(__dirname, "..", "..");
const read = (path: string) => readFileSync(join(ROOT, path), "utf8");
const manifest = JSON.parse(read("package.json"));
const WORKFLOWS = [".github/workflows/ci.yml", ".github/workflows/release.yml", ".gitlab-ci.yml"];
const FORMS = ["fault", "service", "wish", "config"].map((name) => `.github/ISSUE_TEMPLATE/${name}.yml`);

describe("README.md", () => {
  const text = read("README.md");

  it("has the two commands and the first example within 40 lines", () => {
    const screen = text.split("\n").slice(0, 40).join("\n");

    expect(screen).toMatch(/^npm run quickstart\b[\s\S]*^npm test\b[\s\S]*^```ts\n[\s\S]*?^```$/m);
  });

  it("is under 1,100 words, and says that it has not met the real service", () => {
    expect(text.split(/\s+/).length).toBeLessThan(1100);
    expect(proseOf({ path: "README.md", text })).toContain("never run against the real service");
  });
});

describe("docs/installation-configuration.md", () => {
  const rows = read("docs/installation-configuration.md").split("\n");
  const settings = Object.entries(KEYS).map(([key, { env }]) => ({ key, env }));

  it.each(settings)("has $key with its environment variables in one row", ({ key, env }) => {
    const names = [key, ...env].map((name) => `\`${name}\``);

    expect(rows.filter((row) => names.every((name) => row.includes(name)))).toHaveLength(1);
  });
});

describe("docs/guides/cli.md", () => {
  const page = read("docs/guides/cli.md");

  it("has the columns of CSV, in their order", () => {
    const { head } = FORMATS.csv();
    const [, section = ""] = /### CSV columns\n[\s\S]*?order:\n\n([\s\S]*?)\n\n/.exec(page) ?? [];

    expect([...section.matchAll(/`(\w+)`/g)].map(([, name]) => name)).toEqual(head.trim().split(","));
  });

  it("has every option of traces", () => {
    const options = new Set(tracesCommand.help.match(/--[a-z-]+/g));
    options.delete("--help");

    expect([...options].filter((option) => !page.includes(option))).toEqual([]);
  });
});

const files = [
  ...readPages(),
  ...[...WORKFLOWS, ...FORMS].map((path) => ({ path, text: read(path) })),
].filter(({ path }) => path !== "CHANGELOG.md");

describe("every page and workflow", () => {
  it.each(files)("$path runs only scripts that package.json has", ({ text }) => {
    const named = [...text.matchAll(/npm run ([a-z][\w:-]*)/g)].map(([, name = ""]) => name);

    expect(named.filter((name) => !(name in manifest.scripts))).toEqual([]);
  });

  it.each(files)("$path invents no address of this repository", ({ text }) => {
    expect(text).not.toMatch(/(?:github|gitlab)\.com[/:][\w.-]+\/pulumi-otc-cts/);
  });
});

describe("every command line of otc-cts", () => {
  const commands = {
    drift: driftCommand,
    emulator: emulatorCommand,
    traces: tracesCommand,
    whoami: whoamiCommand,
  };
  const lines = files.flatMap(({ path, text }) =>
    [...text.matchAll(/otc-cts (drift|emulator|traces|whoami)\b([^`|#\n]*)/g)].map(
      ([, name, options = ""]) => ({
        path,
        name: name as keyof typeof commands,
        options: options.match(/(?<!\S)--[a-z-]+/g) ?? [],
      }),
    ),
  );

  it("has only options that there are", () => {
    expect(lines.length).toBeGreaterThan(10);
    expect(
      lines.filter(({ name, options }) => options.some((one) => !commands[name].help.includes(one))),
    ).toEqual([]);
  });
});

describe("every command line of pulumi that reads the cloud", () => {
  const lines = files.flatMap(({ path, text }) =>
    [
      ...text.matchAll(
        /pulumi (?:refresh|destroy|(?:preview|up)(?=[^`\n|]*--refresh))\b[^`\n|#]*--[^`\n|#]*/g,
      ),
    ].map(([line]) => ({ path, line })),
  );

  it("has --run-program, so that it signs in as configured today", () => {
    // otc-cts drift itself runs no program, and an import of a record reads nothing.
    const others = lines.filter(
      ({ line }) => !/--run-program|--import-pending|^pulumi refresh --preview-only$/.test(line.trim()),
    );

    expect(lines.length).toBeGreaterThan(5);
    expect(others).toEqual([]);
  });
});

describe("every command line that pipes pulumi into otc-cts drift", () => {
  const lines = files.flatMap(({ path, text }) =>
    [...text.matchAll(/pulumi [^`\n|]*\\?\| npx otc-cts drift -[^`\n|]*/g)].map(([line]) => ({ path, line })),
  );

  it("names the stack on both sides", () => {
    expect(lines.length).toBeGreaterThan(0);
    expect(lines.filter(({ line }) => line.match(/--stack (prod)\b/g)?.length !== 2)).toEqual([]);
  });
});

describe("docs/guides/drift-in-ci.md", () => {
  const page = read("docs/guides/drift-in-ci.md");

  it("copies the pipeline files that it names", () => {
    const box = mkdtempSync(join(tmpdir(), "pipeline-files-"));
    mkdirSync(join(box, "node_modules"));
    symlinkSync(ROOT, join(box, "node_modules", "pulumi-otc-cts"));
    const [, script = "exit 9"] = /```sh\n([^`]*drift-pipeline[^`]*)```/.exec(page) ?? [];

    execFileSync("sh", ["-ec", script], { cwd: box });
    rmSync(join(box, "node_modules"), { recursive: true });
    const copied = readdirSync(box, { recursive: true }).filter((name) => /\.yml$/.test(String(name)));
    rmSync(box, { recursive: true });

    expect(copied.sort()).toEqual([
      ".github/workflows/drift.yml",
      ".github/workflows/preview.yml",
      ".gitlab-ci.yml",
    ]);
  });

  it("names every variable of the pipelines", () => {
    const workflow = read("examples/drift-pipeline/.github/workflows/preview.yml");
    const names = [...workflow.matchAll(/secrets\.(\w+)/g)].map(([, name = ""]) => name);
    const [, gitlab = ""] = page.split("\n## GitLab CI\n");

    expect(names.length).toBeGreaterThan(3);
    expect(names.filter((name) => !gitlab.includes(name))).toEqual([]);
  });
});

describe("workflows and forms", () => {
  it.each([...WORKFLOWS, ...FORMS])("%s is YAML, every key once", (path) => {
    expect(parse(read(path), { uniqueKeys: true, strict: true })).toBeTypeOf("object");
  });

  it("of pages are YAML as well", () => {
    const blocks = readPages()
      .flatMap((page) => blocksOf(page))
      .filter(({ language }) => language === "yaml");

    expect(blocks.length).toBeGreaterThan(0);
    for (const { code } of blocks) {
      expect(parse(code, { uniqueKeys: true })).toBeTypeOf("object");
    }
  });

  it("use the version of Node that .node-version says, which package.json allows", () => {
    const oldest = Number(/\d+/.exec(manifest.engines.node)?.[0]);

    expect(Number(read(".node-version"))).toBeGreaterThanOrEqual(oldest);
  });
});
