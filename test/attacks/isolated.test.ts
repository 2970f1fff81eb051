/**
 * Attack: `node_modules` layouts in which only a package that the program uses has pulumi-otc-cts (pnpm, Yarn, npm's
 * `install-strategy=linked`), so that Pulumi's provider process does not find it.
 *
 * Alone: `npm run build && npx vitest run test/attacks/isolated`
 */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { endOf, spawnCommand } from "../support/processes";
import { installInto, linkInto, makeBox, packInto } from "../support/tarball";

const ROOT = join(__dirname, "..", "..");
const REQUIRE_FROM_STRING = join(ROOT, "node_modules", "require-from-string");

/** A component's package, as a platform team shares it. */
const COMPONENT = `
const cts = require("pulumi-otc-cts");
exports.audit = () => new cts.Tracker("audit");
`;
/** Pulumi's runner starts programs with this variable; the mocks stand for the engine. */
const PROGRAM = `
const pulumi = require("@pulumi/pulumi");
const registered = [];
pulumi.runtime.setMocks({
  newResource: ({ inputs, name, type }) => (registered.push(inputs.__provider ?? type), { id: name, state: inputs }),
  call: () => ({}),
});
const { audit } = require("component");
// A program may work in another folder; the provider's process does not follow it.
process.chdir("/");
audit().urn.apply(() => process.stdout.write(String(registered)));
`;
/** Pulumi's provider process does this with the line in a resource's state. */
const LOADER = `process.stdout.write(typeof require(process.argv[1])(process.argv[2]).handler().create);`;
const LINE = 'exports.handler = () => require("pulumi-otc-cts/provider").provider("Tracker");';

describe("a component that declares a tracker", () => {
  const box = makeBox("isolated");
  /** As pnpm keeps packages: each beside its own dependencies. */
  const store = join(box, "store", "node_modules");
  beforeAll(() => {
    installInto(store, packInto(box));
    write(join(store, "component", "index.js"), COMPONENT);
  });
  afterAll(() => rmSync(box, { recursive: true, force: true }));

  function write(file: string, text: string) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }

  /** A program in a folder of its own. @param installed what is in each `node_modules`, by its folder */
  async function run(folder: string, installed: Record<string, string[]>, env: Record<string, string> = {}) {
    const root = join(box, folder.split("/")[0] ?? "");
    const cwd = join(box, folder);
    write(join(cwd, "index.js"), PROGRAM);
    for (const [at, names] of Object.entries(installed)) {
      const modules = join(root, at, "node_modules");
      for (const name of names) {
        linkInto(modules, name, join(store, name));
      }
      linkInto(modules, "@pulumi/pulumi");
    }
    const start = (...args: string[]) =>
      endOf(spawnCommand(process.execPath, args, cwd, { PULUMI_NODEJS_MONITOR: "127.0.0.1:1", ...env }));
    return {
      cwd,
      program: await start("index.js"),
      provider: await start("-e", LOADER, REQUIRE_FROM_STRING, LINE),
    };
  }

  it.each([
    ["hoisted", "hoisted", { ".": ["component", "pulumi-otc-cts"] }],
    ["the root of a monorepo", "monorepo/apps/audit", { ".": ["component", "pulumi-otc-cts"] }],
    ["isolated, with the program's own", "own", { ".": ["component", "pulumi-otc-cts"] }],
  ])("registers it where pulumi-otc-cts is found: %s", async (_, folder, installed) => {
    const { program, provider } = await run(folder, installed);

    expect(provider).toEqual({ code: 0, output: "function" });
    expect(program).toEqual({ code: 0, output: LINE });
  });

  it.each([
    ["isolated", "isolated", { ".": ["component"] }],
    ["isolated in a monorepo", "isolated-monorepo/apps/audit", { "apps/audit": ["component"] }],
    [
      "elsewhere in a monorepo",
      "elsewhere/apps/audit",
      { ".": ["component"], "apps/other": ["pulumi-otc-cts"] },
    ],
  ])("says what to add where it is not found: %s", async (_, folder, installed) => {
    const { cwd, program, provider } = await run(folder, installed);

    expect(provider.output).toContain("Cannot find module 'pulumi-otc-cts/provider'");
    expect(program.code).not.toBe(0);
    expect(program.output).toContain(
      `pulumi-otc-cts is not found from ${cwd}, where Pulumi's provider process loads it: add "pulumi-otc-cts" to the dependencies of the program's package.json`,
    );
    expect(program.output).not.toContain(LINE);
  });

  it("says nothing in a process that the CLI has not started, such as a unit test", async () => {
    const { program } = await run("unit-test", { ".": ["component"] }, { PULUMI_NODEJS_MONITOR: "" });

    expect(program).toEqual({ code: 0, output: LINE });
  });
});
