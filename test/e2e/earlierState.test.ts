import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import * as cts from "pulumi-otc-cts";
import { describe, expect, it } from "vitest";
import { startProject } from "../support/project";

/** Of commit a21f92d, before the folders were ordered: `pulumi up` of the program below, without source positions. */
const STATE = join(__dirname, "..", "fixtures", "stateBeforeFolders.json");

describe("a state that an earlier version wrote", () => {
  it("is read without a change, and destroyed as it says", async () => {
    const project = await startProject();
    const { emulator, dir } = project;
    project.program = async () => {
      new cts.Tracker("audit", {
        obsInfo: pulumi.secret({ bucketName: "our-bucket" }),
        adopt: true,
        isSupportValidate: true,
      });
      new cts.KeyEventNotification("alarm", {
        notificationName: "alarm",
        operations: [cts.events.cts.trackerChanges],
        topicName: "security",
      });
    };
    // Makes the stack, and what the state tells of.
    expect(await project.up()).toMatchObject({ ok: true });
    const earlier = readFileSync(STATE, "utf8");
    const idNow = (await project.state()).resources.find(({ urn }) => urn.endsWith("::alarm"))?.id ?? "";
    const idThen = /eu-de\/[0-9a-f]{32}\/(?!system)[\w-]+/.exec(earlier)?.[0] ?? "none";
    const adapted = earlier
      .replaceAll(idThen, idNow)
      .replaceAll(idThen.split("/")[2] ?? "", idNow.split("/")[2] ?? "");
    writeFileSync(join(dir, "state", ".pulumi", "stacks", "otc-cts-quickstart", "dev.json"), adapted);
    emulator.journal.clear();

    const { ok, steps, output } = await project.preview();

    expect(ok, output).toBe(true);
    expect(steps).toMatchObject({ audit: "same", alarm: "same" });
    // The first up tells the state's provider where the service is now.
    expect(await project.up()).toMatchObject({ ok: true, steps: { audit: "same", alarm: "same" } });
    expect(await project.preview({ refresh: true, expectNoChanges: true })).toMatchObject({ ok: true });
    expect(emulator.journal.mutations()).toEqual([]);
    expect(await project.destroy()).toMatchObject({ ok: true });
    // The settings that were found stand in the earlier state.
    expect(emulator.tracker()).toMatchObject({ obs_info: { bucket_name: "their-bucket" } });
    expect(emulator.notifications()).toEqual([]);
  }, 180_000);
});
