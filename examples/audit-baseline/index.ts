import * as pulumi from "@pulumi/pulumi";
import * as cts from "pulumi-otc-cts";

const config = new pulumi.Config();
// pulumi config set --path 'places[0].region' eu-de; pulumi config set --path 'places[0].projectName' eu-de_production
const places = config.getObject<cts.AuditedPlace[]>("places") ?? [
  { region: "eu-de", projectName: "eu-de_demo" },
  { region: "eu-nl", projectName: "eu-nl_demo" },
];

const baseline = new cts.AuditBaseline("audit", { places, topicName: config.get("topicName") ?? "security" });

export const trackers = baseline.trackers.map(({ id }) => id);
export const alarms = baseline.notifications.map(({ id }) => id);
