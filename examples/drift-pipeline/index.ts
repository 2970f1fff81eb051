import * as cts from "pulumi-otc-cts";

// The pipelines beside this file (.github/workflows/drift.yml, .gitlab-ci.yml) find out who changed it, and anything else of the stack.
const audit = new cts.Tracker("audit", { obsInfo: { bucketName: "audit-files" } });

export const id = audit.id;
