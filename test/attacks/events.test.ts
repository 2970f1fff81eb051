/**
 * Attack: an operation happens under each name that some guide gives it, and an alarm that a program declares by a helper
 * of `events`, as one entry or as a list, must tell of it. On the real engine.
 *
 * Alone: `npm run build && npx vitest run test/attacks/events`
 */
import * as pulumi from "@pulumi/pulumi";
import * as cts from "pulumi-otc-cts";
import { describe, expect, it } from "vitest";
import { helpers, keyOperations } from "../support/keyOperations";
import { startProject } from "../support/project";
import { startSubscriber } from "../support/subscriber";

/** The helpers of which each alarm of the baseline consists (docs of `AuditBaselineArgs.alarms`). */
const BASELINE: Record<string, string[]> = {
  audit_auditLog: ["cts.trackerChanges", "cts.trackerDeleted", "cts.notificationChanges"],
  audit_signIn: ["iam.loginFailed", "iam.mfaChanges"],
  audit_access: [
    "iam.userChanges",
    "iam.groupChanges",
    "iam.accessKeyChanges",
    "iam.identityProviderChanges",
    "iam.policyChanges",
    "iam.agencyChanges",
    "iam.securityPolicyChanges",
  ],
  audit_storage: ["obs.bucketPolicyChanges", "obs.bucketDeleted", "obs.bucketLifecycleChanges"],
  audit_keys: ["kms.keyDisabled", "kms.grantChanges"],
  audit_network: ["vpc.securityGroupChanges"],
};

describe("alarms by events on the real engine", () => {
  it("tell of every operation under every name that a guide gives it", async () => {
    const project = await startProject();
    const { emulator } = project;
    const subscriber = await startSubscriber();
    emulator.subscribe(emulator.createTopic("security"), subscriber.url);
    project.program = async () => {
      new cts.AuditBaseline("audit", { places: [{}], topicName: "security" });
      for (const [helper, one] of helpers()) {
        const notificationName = helper.replace(".", "_");
        // "serviceType" in one: one entry, as programs wrote it while there was one spelling.
        const operations = "serviceType" in one ? [one] : [...one];
        new cts.KeyEventNotification(helper, { notificationName, operations, topicName: "security" });
      }
      new cts.KeyEventNotification("later", {
        notificationName: "later",
        operations: pulumi.output([cts.events.obs.bucketDeleted]),
        topicName: "security",
      });
    };

    expect(await project.up()).toMatchObject({ ok: true });

    await emulator.delivered();
    const missed: string[] = [];
    for (const { helper, serviceType, resourceType, traceName } of keyOperations()) {
      subscriber.received.length = 0;
      await emulator.emit({ service_type: serviceType, resource_type: resourceType, trace_name: traceName });
      await emulator.delivered();
      const told = subscriber.received.map(({ subject }) => subject.split(" ").at(-1));
      const ofBaseline = Object.keys(BASELINE).filter((alarm) => BASELINE[alarm]?.includes(helper));
      const alarms = [
        helper.replace(".", "_"),
        ...ofBaseline,
        ...(helper === "obs.bucketDeleted" ? ["later"] : []),
      ];
      missed.push(
        ...alarms
          .filter((alarm) => !told.includes(alarm))
          .map((alarm) => `${alarm}: ${resourceType} ${traceName}`),
      );
    }
    expect(missed).toEqual([]);
    for (const { notification_name: name, operations = [] } of emulator.notifications()) {
      const services = new Set(operations.map(({ service_type }) => service_type));
      const traceNames = operations.flatMap(({ trace_names }) => trace_names);
      expect([name, services.size <= 100, traceNames.length <= 1000]).toEqual([name, true, true]);
    }
  }, 180_000);
});
