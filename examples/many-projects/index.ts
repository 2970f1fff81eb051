import * as pulumi from "@pulumi/pulumi";
import { auditAll } from "./audit";

// pulumi config set --path 'projects[0]' eu-de_production, and so on
const config = new pulumi.Config();
const projectNames = config.getObject<string[]>("projects") ?? ["eu-de_demo"];
const bucketName = config.get("bucketName") ?? "audit-files";

export const ids = auditAll(projectNames, bucketName).map((tracker) => tracker.id);
