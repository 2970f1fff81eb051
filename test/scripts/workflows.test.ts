import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { endOf, spawnCommand } from "../support/processes";
import { pythonEnv } from "../support/pythonEnv";

const ROOT = join(__dirname, "..", "..");

/** Files by the schema that `check-jsonschema` has of them. */
const SCHEMAS: Record<string, RegExp> = {
  "vendor.github-workflows": /(^|\/)\.github\/workflows\/[^/]+$/,
  "vendor.github-issue-forms": /^\.github\/ISSUE_TEMPLATE\/(?!config)[^/]+$/,
  "vendor.github-issue-config": /^\.github\/ISSUE_TEMPLATE\/config\.yml$/,
  "vendor.gitlab-ci": /(^|\/)\.gitlab-ci\.yml$/,
  "vendor.renovate": /^renovate\.json$/,
  "vendor.dependabot": /^\.github\/dependabot\.yml$/,
};

const files = [".github", "examples", "templates", ".gitlab-ci.yml", "renovate.json"].flatMap((start) =>
  filesIn(start),
);

function filesIn(path: string): string[] {
  try {
    return readdirSync(join(ROOT, path)).flatMap((name) =>
      name === "node_modules" ? [] : filesIn(join(path, name)),
    );
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ENOTDIR" ? [path] : [];
  }
}

const CHECKER = "check-jsonschema==0.39.0";
const python = await pythonEnv([CHECKER]);
const whyNotPython = python ? "" : ` (skipped: no Python 3 with ${CHECKER})`;

describe("pipelines", () => {
  const pages = ["docs/guides/drift-in-ci.md"];
  const named = [...files.filter((path) => /\.yml$/.test(path)), ...pages].flatMap((path) =>
    [
      ...readFileSync(join(ROOT, path), "utf8").matchAll(
        /(?:uses|image): ["']?([\w./-]+?)(?:-(\d+)|[@:]([\w.-]+))?["']?$/gm,
      ),
    ].map(([, name = "", suffix, tag]) => ({ name, version: suffix ?? tag, path })),
  );
  // Publishing needs the npm of a newer Node.
  const used = named.filter(({ name, version }) => name !== "node" || version !== "24");

  it.each([...new Set(used.map(({ name }) => name))])("use %s in one version", (name) => {
    const versions = used.filter((each) => each.name === name);

    expect(new Set(versions.map(({ version }) => version)).size, JSON.stringify(versions)).toBe(1);
  });

  it("use what this test knows", () => {
    expect(new Set(used.map(({ name }) => name))).toEqual(
      new Set([
        ...["actions/checkout", "actions/setup-node", "actions/setup-go", "pulumi/actions"],
        ...["actions/upload-artifact", "actions/download-artifact", "github/codeql-action/upload-sarif"],
        ...["pulumi/pulumi-nodejs", "node", "registry.gitlab.com/gitlab-org/cli"],
      ]),
    );
  });
});

describe.skipIf(!python)(`settings of forges, by schemas of others${whyNotPython}`, () => {
  const check = (schema: string, ...paths: string[]) =>
    endOf(spawnCommand(python ?? "", ["-m", "check_jsonschema", "--builtin-schema", schema, ...paths], ROOT));
  const chosen = Object.entries(SCHEMAS).map(
    ([schema, pattern]) => [schema, files.filter((path) => pattern.test(path))] as const,
  );

  it.each(chosen.filter(([, paths]) => paths.length > 0))("%s: %j", async (schema, paths) => {
    expect(await check(schema, ...paths)).toMatchObject({ code: 0 });
  });

  it("are all checked", () => {
    const settings = files.filter(
      (path) => /\.(yml|yaml|json)$/.test(path) && /\.git(hub|lab)|renovate/.test(path),
    );

    expect(chosen.flatMap(([, paths]) => paths).sort()).toEqual(settings.sort());
    expect(settings).toContain("examples/drift-pipeline/.gitlab-ci.yml");
  });

  it("do not pass where a job has no place to run", async () => {
    expect(await check("vendor.github-workflows", "package.json")).toMatchObject({ code: 1 });
  });
});

/** The job's own command, so that its version stands in one place. */
const [, command = "", actionlint = ""] =
  /- run: ((go run \S+actionlint@\S+).*)/.exec(
    readFileSync(join(ROOT, ".github/workflows/ci.yml"), "utf8"),
  ) ?? [];
const shell = (line: string) => endOf(spawnCommand("bash", ["-c", line], ROOT));
const runs = (await shell(`${actionlint} -version`)).code === 0;

describe.skipIf(!runs)(`workflows${runs ? "" : " (skipped: no Go that can run actionlint)"}`, () => {
  it("pass actionlint", async () => {
    expect(await shell(command)).toEqual({ code: 0, output: "" });
  });

  it("are all looked at", async () => {
    const { output } = await shell(command.replace(actionlint, `${actionlint} -verbose`));

    for (const path of files.filter((each) => SCHEMAS["vendor.github-workflows"]?.test(each))) {
      expect(output).toContain(path);
    }
  });
});
