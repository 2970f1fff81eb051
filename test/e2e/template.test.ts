import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { startEmulator } from "pulumi-otc-cts/emulator";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ENGINE_ENV } from "../../scripts/stack";
import { endOf, spawnCommand } from "../support/processes";
import { installInto, linkInto, makeBox, packInto } from "../support/tarball";
import { hasHost, PATH, setSettings, typed, whyNoHost } from "../support/typed";

const ROOT = join(__dirname, "..", "..");
const NAME = "otc-cts-typescript";

describe("docs/installation-configuration.md: from the template, with a tarball", () => {
  const box = makeBox("from-template");
  afterAll(() => rmSync(box, { recursive: true, force: true }));

  it("makes a project whose package is the tarball, and asks npm for nothing before", async () => {
    packInto(box);
    const page = readFileSync(join(ROOT, "docs", "installation-configuration.md"), "utf8");
    const [, script = ""] = /### From the template[\s\S]*?```sh\n([\s\S]*?)```/.exec(page) ?? [];
    const lines = script
      // An installation needs the registry: this is what npm would write.
      .replace(/^npm install (\S+)$/m, "test -f $1 && npm pkg set dependencies.pulumi-otc-cts=file:$1")
      // Without a language host, or with one that needs the installation, the CLI fails after it has made the project.
      .replace(/^(pulumi new .*)$/m, "$1 || test -f audit-log/Pulumi.yaml");
    const env = { ...ENGINE_ENV, PULUMI_BACKEND_URL: `file://${box}`, PATH };

    const { code, output } = await endOf(spawnCommand("bash", ["-ec", lines], box, env));

    expect(script).toContain("npm install ../pulumi-otc-cts");
    expect(code, output).toBe(0);
    const { name, dependencies } = JSON.parse(readFileSync(join(box, "audit-log", "package.json"), "utf8"));
    const project = readFileSync(join(box, "audit-log", "Pulumi.yaml"), "utf8");
    expect(project).toContain("description: The audit log (CTS) of a project of Open Telekom Cloud\n");
    expect([name, dependencies["pulumi-otc-cts"]]).toEqual(["audit-log", "file:../pulumi-otc-cts-0.1.0.tgz"]);
  });
});

/** A folder of a new project with the packed package and what `npm install` would bring. */
describe.skipIf(!hasHost)(`pulumi new with the packed template${whyNoHost}`, () => {
  const box = makeBox("template");
  const modules = join(box, "node_modules");
  const env = { ...ENGINE_ENV, PULUMI_BACKEND_URL: `file://${join(box, ".pulumi-state")}` };
  let emulator: Awaited<ReturnType<typeof startEmulator>>;
  beforeAll(async () => {
    mkdirSync(join(box, ".pulumi-state"));
    const tarball = packInto(box);
    installInto(modules, tarball);
    rmSync(tarball);
    linkInto(modules, "typescript");
    linkInto(modules, "@types/node");
    linkInto(modules, ".bin/otc-cts", join(modules, "pulumi-otc-cts", "dist", "cli", "otc-cts.js"));
    emulator = await startEmulator();
  });
  afterAll(async () => {
    await emulator.close();
    rmSync(box, { recursive: true, force: true });
  });

  it("makes a project that goes up, tells who changed the tracker, and goes down", {
    timeout: 300_000,
  }, async () => {
    const template = join(modules, "pulumi-otc-cts", "templates", NAME);
    const before = emulator.trackers();

    const made = await typed(
      box,
      ["new", template, "--generate-only", "--force", "--yes", "--name", "audit-log"],
      env,
    );
    await typed(box, ["stack", "init", "dev"], env);
    await setSettings(box, emulator.settings(), [], env);
    await typed(box, ["config", "set", "bucketName", "audit-files"], env);
    const up = await typed(box, ["up", "--yes"], env);
    const compiled = await endOf(spawnCommand(join(ROOT, "node_modules", ".bin", "tsc"), ["-p", "."], box));

    expect(made, made.output).toMatchObject({ code: 0 });
    expect(JSON.parse(readFileSync(join(box, "package.json"), "utf8")).name).toBe("audit-log");
    expect(up, up.output).toMatchObject({ code: 0 });
    expect(emulator.tracker()?.obs_info?.bucket_name).toBe("audit-files");
    expect(compiled).toEqual({ code: 0, output: "" });

    emulator.setTracker({ status: "disabled" });
    emulator.traces.add({
      ...{ trace_name: "updateTracker", trace_type: "ConsoleAction", request: '{"status":"disabled"}' },
      ...{ service_type: "CTS", resource_type: "tracker", resource_name: "system" },
      user: { id: "b", name: "bob", domain: { id: "d", name: "account" } },
    });
    const drift = await endOf(
      spawnCommand("npx", ["--no-install", "otc-cts", "drift", "--stack", "dev"], box, { ...env, PATH }),
    );
    expect(drift, drift.output).toMatchObject({
      code: 3,
      output: expect.stringMatching(/confirmed .*bob/),
    });

    const destroyed = await typed(box, ["destroy", "--yes", "--remove"], env);
    expect(destroyed, destroyed.output).toMatchObject({ code: 0 });
    expect(emulator.trackers()).toEqual(before);
  });
});
