import * as pulumi from "@pulumi/pulumi";
import * as cts from "pulumi-otc-cts";

// Credentials come from OS_USERNAME, OS_PASSWORD and OS_DOMAIN_NAME, from clouds.yaml, or from `pulumi config set --secret`.
const bucketName = new pulumi.Config().get("bucketName");

const audit = new cts.Tracker("audit", {
  ...(bucketName && { obsInfo: { bucketName } }),
  isSupportValidate: Boolean(bucketName),
});

export const trackerId = audit.id;
export const status = audit.status;
