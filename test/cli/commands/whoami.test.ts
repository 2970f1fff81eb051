import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { environmentOf } from "../../support/cli";
import { useEmulated } from "../../support/emulated";
import { endOf, spawnCommand } from "../../support/processes";

const service = useEmulated();

/** Runs the command with settings from the environment and nothing else. */
function whoami(settings: Record<string, string>, args: string[] = []) {
  const script = join(__dirname, "..", "..", "..", "cli", "otc-cts.ts");
  return endOf(
    spawnCommand(
      process.execPath,
      ["--import", "tsx", script, "whoami", ...args],
      process.cwd(),
      environmentOf(settings),
    ),
  );
}

describe("otc-cts whoami", () => {
  it("says what is in effect and from where, masks secrets, and tries it", async () => {
    const settings = service.emulator.settings({}, "temporaryKeys");

    const { code, output } = await whoami(settings);

    expect(output).toMatch(/^region +eu-de +OS_REGION_NAME$/m);
    expect(output).toMatch(/^secretKey +\*{3} +OS_SECRET_KEY$/m);
    expect(output).toContain("Signed in by keys, with credentials from the environment.");
    expect(output).toContain(
      `Project ${service.emulator.projectId()} in region eu-de: its tracker is enabled.`,
    );
    expect(output).toContain(`Identity service: ${service.emulator.authUrl}`);
    expect(output).toContain(`CTS: ${service.emulator.endpoint()}`);
    for (const secret of [settings["secretKey"], settings["securityToken"]]) {
      expect(output).not.toContain(secret);
    }
    expect(code).toBe(0);
    expect(service.emulator.journal.mutations()).toEqual([]);
  });

  it("shows the settings also where they do not work, and says what is wrong", async () => {
    const { code, output } = await whoami({ ...service.emulator.settings(), password: "wrong-password" });

    expect(output).toMatch(/^userName +demo +OS_USERNAME$/m);
    expect(output).toMatch(/otc-cts: .*401 .*the credentials are from the environment/);
    expect(output).not.toContain("wrong-password");
    expect(code).toBe(1);
  });

  it("shows no password that was put into a URL", async () => {
    const { code, output } = await whoami({ authUrl: "https://alice:pa55word@iam.example.com/v3" });

    expect(output).toMatch(/^authUrl +\*{3}@iam\.example\.com\/v3 +OS_AUTH_URL$/m);
    expect(output).not.toContain("pa55word");
    expect(code).toBe(1);
  });

  it("says what is missing", async () => {
    const { code, output } = await whoami({ region: "eu-de" });

    expect(output).toContain("userName is missing");
    expect(code).toBe(1);
  });
});
