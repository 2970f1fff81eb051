import * as cts from "pulumi-otc-cts";

// The audit log of the stack's project: recorded, and kept in a bucket with proof that no file was changed.
const audit = new cts.Tracker("audit", {
  obsInfo: { bucketName: "audit-files", filePrefixName: "quickstart" },
  isSupportValidate: true,
});

export const id = audit.id;
export const status = audit.status;
export const storedIn = audit.obsInfo.apply((obs) => obs?.bucketName);
