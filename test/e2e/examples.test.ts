import { readdirSync } from "node:fs";
import { join } from "node:path";
import { startEmulator } from "pulumi-otc-cts/emulator";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ENGINE_ENV, programOf } from "../../scripts/stack";
import { makeWorkDir, startProject } from "../support/project";
import { startSubscriber } from "../support/subscriber";
import { hasHost, setSettings, typed, whyNoHost } from "../support/typed";

const ROOT = join(__dirname, "..", "..");
const EXAMPLES = readdirSync(join(ROOT, "examples"), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

describe.each(EXAMPLES)("examples/%s", (example) => {
  it("comes up, comes up again without change, and is destroyed with everything as it was", async () => {
    const project = await startProject();
    const { emulator } = project;
    const before = emulator.trackers();
    project.program = programOf(join(ROOT, "examples", example, "index.ts"));
    expect(await project.up()).toMatchObject({ ok: true });
    emulator.journal.clear();
    const again = await project.up();
    expect(again).toMatchObject({ ok: true });
    expect(new Set(Object.values(again.steps))).toEqual(new Set(["same"]));
    // Examples that read traces do so each time.
    const calls = emulator.journal.calls("cts").filter(({ operation }) => operation !== "listTraces");
    expect(calls).toEqual([]);
    expect(await project.destroy()).toMatchObject({ ok: true });
    expect(emulator.trackers()).toEqual(before);
    for (const { region, projectId: project } of before) {
      expect(emulator.notifications({ region, project })).toEqual([]);
    }
  });
});

describe("examples/alarms", () => {
  it("tells of a tracker switched off or deleted, of sign-in without MFA, of logins and of changed policies, and of no more", async () => {
    const { emulator, ...project } = await startProject({
      program: programOf(join(ROOT, "examples", "alarms", "index.ts")),
    });
    const subscriber = await startSubscriber();
    for (const topic of ["security", "security-logins"]) {
      emulator.subscribe(emulator.createTopic(topic), subscriber.url);
    }
    expect(await project.up()).toMatchObject({ ok: true });
    await emulator.delivered();
    const alarmsAt = async (act: () => unknown) => {
      const before = emulator.deliveries.length;
      await act();
      await emulator.delivered();
      return emulator.deliveries.slice(before).map(({ topicUrn, notificationName, status }) => {
        expect(status).toBe(200);
        return `${notificationName} to ${topicUrn.split(":").at(-1)}`;
      });
    };
    const iam = (resource_type: string, trace_name: string, more: object) => () =>
      emulator.emit({ service_type: "IAM", resource_type, trace_name, trace_rating: "normal", ...more });

    expect(await alarmsAt(() => emulator.console.disable())).toEqual(["audit_log to security"]);
    // While there is none that is enabled, nothing is traced.
    emulator.console.enable();
    expect(await alarmsAt(() => emulator.console.notifications.disable("logins"))).toEqual([
      "audit_log to security",
    ]);
    emulator.console.notifications.enable("logins");
    expect(await alarmsAt(() => emulator.console.delete())).toEqual(["audit_log to security"]);
    expect(await alarmsAt(iam("MFA", "UnBindMFA", {}))).toEqual(["without_mfa to security"]);
    expect(await alarmsAt(iam("user", "login", { trace_type: "ConsoleAction" }))).toEqual([
      "logins to security-logins",
    ]);
    expect(await alarmsAt(iam("user", "login", { trace_type: "ApiCall" }))).toEqual([]);
    expect(await alarmsAt(iam("Policy", "updateRole", {}))).toEqual(["policies to security"]);
    expect(await alarmsAt(iam("Policy", "updateRole", { trace_rating: "incident" }))).toEqual([]);
    expect(await alarmsAt(iam("user", "createUser", {}))).toEqual([]);
  });
});

describe.skipIf(!hasHost)(`pulumi up as a user types it${whyNoHost}`, () => {
  const dir = makeWorkDir("typed");
  const env = { ...ENGINE_ENV, PULUMI_BACKEND_URL: `file://${dir}` };
  let emulator: Awaited<ReturnType<typeof startEmulator>>;
  beforeAll(async () => {
    emulator = await startEmulator();
  });
  afterAll(() => emulator.close());

  it.each([
    ["the root, which is examples/quickstart", ROOT],
    ["examples/two-regions", join(ROOT, "examples", "two-regions")],
  ])("works in %s", { timeout: 240_000 }, async (_, cwd) => {
    const stack = ["--stack", "typed"];
    const config = ["--config-file", join(dir, "Pulumi.typed.yaml")];
    await typed(cwd, ["stack", "init", "typed"], env);
    await setSettings(cwd, emulator.settings(), [...stack, ...config], env);
    const before = emulator.trackers();
    const up = await typed(cwd, ["up", "--yes", ...stack, ...config], env);
    expect(up).toMatchObject({ code: 0, output: expect.stringContaining("created") });
    emulator.journal.clear();
    const again = await typed(cwd, ["up", "--yes", "--expect-no-changes", ...stack, ...config], env);
    expect(again).toMatchObject({ code: 0 });
    expect(emulator.journal.calls("cts")).toEqual([]);
    const destroy = await typed(cwd, ["destroy", "--yes", "--remove", ...stack, ...config], env);
    expect(destroy).toMatchObject({ code: 0 });
    expect(emulator.trackers()).toEqual(before);
  });
});
