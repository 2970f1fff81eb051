import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Emulator, type SignInKind, startEmulator } from "../../emulator";
import { OTC_EXTENSIONS, pythonEnv } from "../support/pythonEnv";

const run = promisify(execFile);
const sdks = {
  huaweiSdk: { packages: ["huaweicloudsdkcts==3.1.219"], ways: ["keys", "temporaryKeys"] },
  otcExtensions: { packages: OTC_EXTENSIONS, ways: ["password"] },
} as const;

let emulator: Emulator;
beforeEach(async () => {
  emulator = await startEmulator({ regions: ["eu-de"], projects: [{ name: "eu-de" }] });
});
afterEach(() => emulator.close());

for (const [program, { packages, ways }] of Object.entries(sdks)) {
  const python = await pythonEnv([...packages]);
  const why = python ? "" : ` (skipped: no Python 3 with ${packages.join(" and ")})`;

  describe.skipIf(!python)(`the emulator, called by ${packages[0]}${why}`, () => {
    it.each<SignInKind>(ways)("serves trackers, notifications, quotas and traces: %s", async (way) => {
      const topic = emulator.createTopic("alarm");
      const script = join(__dirname, "..", "support", "programs", `${program}.py`);

      const args = ["-B", script, JSON.stringify(emulator.settings({}, way)), topic];
      const { stdout } = await run(python ?? "", args);
      const told = JSON.parse(stdout);

      const project_id = emulator.projectId();
      expect(told).toMatchObject({
        found: { tracker_name: "system", status: "enabled", project_id },
        updated: { status: "enabled", obs_info: { bucket_name: "audit-log", file_prefix_name: "cts" } },
        refused: [400, expect.stringContaining("CTS.0201")],
        created: { id: emulator.tracker()?.id, lts: { is_lts_enabled: true, log_group_name: "CTS" } },
        notification: { notification_name: "all", topic_id: topic, status: "enabled", project_id },
        quotas: {
          resources: [
            { type: "system_tracker", used: 1, quota: 1 },
            { type: "smn_notification", used: 1, quota: 100 },
          ],
        },
        notifications: [
          {
            notification_name: "deletions",
            status: "disabled",
            operations: [{ service_type: "ECS", resource_type: "ecs", trace_names: ["deleteServer"] }],
          },
        ],
      });
      expect([told.deleted].flat().filter(Boolean)).toEqual([]);
      expect(told.traces).toEqual([
        "deleteNotification",
        "updateNotification",
        "createNotification",
        "createTracker",
        "deleteTracker",
        "createTracker",
        "updateTracker",
      ]);
      expect(emulator.notifications()).toEqual([]);
      const auth = way === "password" ? "token" : "keys";
      expect(new Set(emulator.journal.calls("cts").map((call) => call.auth ?? call.path))).toEqual(
        new Set(way === "password" ? ["/v3", auth] : [auth]),
      );
    });
  });
}
