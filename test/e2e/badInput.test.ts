import * as cts from "pulumi-otc-cts";
import { describe, expect, it } from "vitest";
import { startProject } from "../support/project";

/** Arguments as a JavaScript program may give them, unchecked by a compiler. */
const untyped = (args: Record<string, unknown>) => args as cts.TrackerArgs;

describe("bad input on the real engine", () => {
  it("is reported in the preview, all of it at once, each on its property, and nothing is changed", async () => {
    const project = await startProject();
    project.program = async () => {
      new cts.Tracker(
        "wrong",
        untyped({
          status: "on",
          obsInfo: { bucketName: "Bad_Name", filePrefixName: "a/b", compressType: "zip", lifecycle: 3 },
          isLtsEnabled: "yes",
          onDestroy: "keep",
          retention: 7,
        }),
      );
    };
    const { ok, output } = await project.preview();
    expect(ok).toBe(false);
    for (const line of [
      /property status .*must be "enabled" or "disabled", got "on"/,
      /has a problem: obsInfo.bucketName must be 3 to 63 lower-case letters, digits, hyphens and dots, got "Bad_Name"/,
      /has a problem: obsInfo.filePrefixName must be at most 64 letters, .*got "a\\?\/b"/,
      /has a problem: obsInfo.compressType must be "gzip" or "json", got "zip"/,
      /has a problem: obsInfo.lifecycle is not a known property/,
      /property isLtsEnabled .*must be true or false, got "yes"/,
      /property onDestroy .*must be "delete", "disable" or "restore", got "keep"/,
      /property retention .*is not a known property/,
    ]) {
      expect(output).toMatch(line);
    }
    expect(project.emulator.journal.mutations()).toEqual([]);
  });

  it("names config key and environment variable of every setting that is missing", async () => {
    const project = await startProject({ settings: {}, env: { OS_USERNAME: "", OS_PASSWORD: "" } });
    project.program = async () => {
      new cts.Tracker("audit");
    };
    const { ok, output } = await project.preview();
    expect(ok).toBe(false);
    for (const [key, variable] of [
      ["authUrl", "OS_AUTH_URL"],
      ["userName", "OS_USERNAME"],
      ["password", "OS_PASSWORD"],
      ["domainName", "OS_DOMAIN_NAME"],
    ]) {
      expect(output).toContain(`otc-cts:${key}`);
      expect(output).toContain(variable);
    }
    expect(output).not.toMatch(/\.js:\d+/);
    expect(project.emulator.journal.entries).toEqual([]);
  });

  it("fails the preview on a wrong password without showing it, or a stack trace", async () => {
    const project = await startProject();
    await project.stack.setConfig("otc-cts:password", { value: "not-the-password", secret: true });
    project.program = async () => {
      new cts.Tracker("audit");
    };
    const { ok, output } = await project.preview();
    expect(ok).toBe(false);
    expect(output).toMatch(/401 .*check userName, password, domainName and projectName \(config otc-cts:\*/);
    expect(output).not.toContain("not-the-password");
    expect(output).not.toMatch(/\.js:\d+/);
    expect(project.emulator.journal.calls("cts")).toEqual([]);
  });

  it("is a second tracker for the same project and region", async () => {
    const project = await startProject();
    project.program = async () => {
      new cts.Tracker("one");
      new cts.Tracker("two", { projectId: project.emulator.projectId() });
    };
    const { ok, output } = await project.preview();
    expect(ok).toBe(false);
    expect(output).toMatch(/whose one tracker is declared by .*Tracker::(one|two) already: declare it once/);
    expect(project.emulator.journal.mutations()).toEqual([]);
  });

  it("is a tracker that exists with settings that would be lost: they are listed, and adopt takes it over", async () => {
    const project = await startProject();
    const { emulator } = project;
    emulator.console.change({ obs_info: { bucket_name: "their-bucket" }, is_lts_enabled: true });
    project.program = async () => {
      new cts.Tracker("audit", { obsInfo: { bucketName: "our-bucket" } });
    };
    const { ok, output } = await project.preview();
    expect(ok).toBe(false);
    expect(output).toMatch(
      /obsInfo.bucketName .*is "their-bucket" on the tracker that exists already, and would become "our-bucket"/,
    );
    expect(output).toMatch(
      /isLtsEnabled .*is true on the tracker that exists already, and would become false/,
    );
    expect(output).toMatch(/has a problem: adopt .*set adopt: true to take it over/);
    expect((await project.up()).ok).toBe(false);
    expect(emulator.journal.mutations()).toEqual([]);

    project.program = async () => {
      new cts.Tracker("audit", { obsInfo: { bucketName: "our-bucket" }, adopt: true });
    };
    expect((await project.up()).ok).toBe(true);
    expect(emulator.tracker()).toMatchObject({ obs_info: { bucket_name: "our-bucket" } });
    expect((await project.destroy()).ok).toBe(true);
    expect(emulator.tracker()).toMatchObject({ obs_info: { bucket_name: "their-bucket" } });
  });
});
