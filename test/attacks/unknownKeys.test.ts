/**
 * Attack: settings under names that are none, such as `otc-cts:regoin`, which would otherwise count as absent.
 *
 * Alone: `npm run build && npx vitest run test/attacks/unknownKeys`
 */
import { chmodSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import type { EngineEvent } from "@pulumi/pulumi/automation";
import * as cts from "pulumi-otc-cts";
import { describe, expect, it } from "vitest";
import { KEYS } from "../../client/config/sources";
import { unknownKeys } from "../../client/config/unknownKeys";
import { otcCts } from "../support/cli";
import { startProject } from "../support/project";
import { makeBox } from "../support/tarball";

const WARNING = "config otc-cts:regoin is no setting and has no effect: otc-cts:region is probably meant";

describe("unknownKeys", () => {
  it.each([
    ["regoin", "region"],
    ["Region", "region"],
    ["regions", "region"],
    ["pasword", "password"],
    ["passwrod", "password"],
    ["username", "userName"],
    ["user_name", "userName"],
    ["authURL", "authUrl"],
    ["auth-url", "authUrl"],
    ["OS_AUTH_URL", "authUrl"],
    ["acessKey", "accessKey"],
    ["ak", "accessKey"],
    ["tenantName", "projectName"],
    ["cacertFile", "caCertFile"],
    ["inscure", "insecure"],
  ])("takes %s for %s", (given, meant) => {
    expect(unknownKeys([`otc-cts:${given}`])).toEqual([
      `config otc-cts:${given} is no setting and has no effect: otc-cts:${meant} is probably meant`,
    ]);
  });

  it.each(["retention", "x", "", "toString", "__proto__"])("lists the settings for %j", (given) => {
    const [warning] = unknownKeys([`otc-cts:${given}`]);

    expect(warning).toContain(
      `config otc-cts:${given} is no setting and has no effect: the settings are region, `,
    );
  });

  it("says nothing of settings, and of other namespaces", () => {
    const keys = Object.keys(KEYS).map((key) => `otc-cts:${key}`);

    expect(
      unknownKeys([...keys, "aws:regoin", "opentelekomcloud:regoin", "regoin", "otc-ctsx:regoin"]),
    ).toEqual([]);
  });

  it("does not repeat a value that was typed into the key", () => {
    expect(unknownKeys(["otc-cts:password=hunter2"])).toEqual([
      "config otc-cts:password… is no setting and has no effect: otc-cts:password is probably meant",
    ]);
  });
});

describe("a stack with otc-cts:regoin", () => {
  const declares = async () => {
    new cts.Tracker("audit");
    new cts.KeyEventNotification("alarm", {
      notificationName: "alarm",
      operationType: "complete",
      topicId: "urn:smn:eu-de:0:security",
    });
  };
  const reads = async () => {
    await cts.getTracker();
    await cts.getQuotas();
  };

  it.each([
    ["declares resources", declares],
    ["only reads", reads],
  ])("is warned of once where its program %s", { timeout: 200_000 }, async (_, program) => {
    const project = await startProject({ program });
    await project.stack.setConfig("otc-cts:regoin", { value: "eu-nl" });

    const warnings = async () => {
      const told: string[] = [];
      const onEvent = ({ diagnosticEvent: event }: EngineEvent) => {
        if (event?.severity === "warning") {
          told.push(event.message);
        }
      };
      await project.stack.preview({ onEvent });
      return told;
    };

    expect(await warnings()).toEqual([expect.stringContaining(WARNING)]);
    // One process runs both programs.
    expect(await warnings()).toEqual([expect.stringContaining(WARNING)]);
  });

  it("is warned of by the command", async () => {
    const box = makeBox("unknown-keys");
    const config = { "otc-cts:regoin": { value: "eu-nl" }, "aws:regoin": { value: "eu-nl" } };
    writeFileSync(join(box, "pulumi"), `#!/bin/sh\necho '${JSON.stringify(config)}'\n`);
    chmodSync(join(box, "pulumi"), 0o755);
    const env = {
      PATH: `${box}${delimiter}${process.env["PATH"]}`,
      OS_TOKEN: "any",
      OS_PROJECT_ID: "p",
      OS_REGION_NAME: "eu-de",
      OS_CTS_ENDPOINT_OVERRIDE: "http://127.0.0.1:1",
    };

    for (const command of ["whoami", "traces"]) {
      const { status, stderr } = otcCts([command, "--stack", "dev"], env);
      await status;
      expect(stderr().split(WARNING)).toHaveLength(2);
    }
    rmSync(box, { recursive: true, force: true });
  });
});
