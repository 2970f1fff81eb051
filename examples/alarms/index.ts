import * as pulumi from "@pulumi/pulumi";
import * as cts from "pulumi-otc-cts";

// A topic of SMN in the same project. pulumi config set topicName security
const topicName = new pulumi.Config().get("topicName") ?? "security";

// Somebody has switched the audit log off, changed it, or deleted it; or one of its alarms.
const auditLog = new cts.KeyEventNotification("audit-log", {
  notificationName: "audit_log",
  operations: [cts.events.cts.trackerChanges, cts.events.cts.notificationChanges],
  topicName,
});

// Somebody can sign in without a second factor from now on. Whether a single login used one, CTS does not let a filter
// see: every login in the console goes to a topic of its own, whose subscribers get the whole trace.
const withoutMfa = new cts.KeyEventNotification("without-mfa", {
  notificationName: "without_mfa",
  operations: cts.events.iam.mfaChanges,
  topicName,
});
const logins = new cts.KeyEventNotification("logins", {
  notificationName: "logins",
  operations: [cts.events.iam.login],
  topicName: `${topicName}-logins`,
  filter: { rule: ["trace_type = ConsoleAction"] },
});

// Somebody may do other things than before. What was refused did not change anything.
const policies = new cts.KeyEventNotification("policies", {
  notificationName: "policies",
  operations: [...cts.events.iam.policyChanges, ...cts.events.iam.agencyChanges],
  topicName,
  filter: { rule: ["trace_rating = normal"] },
});

export const ids = [auditLog, withoutMfa, logins, policies].map(({ id }) => id);
