import * as pulumi from "@pulumi/pulumi";
import * as cts from "pulumi-otc-cts";

// The root user has the name of the account. Nobody should work as root: there are users with roles for that.
const isRoot = ({ user }: cts.Trace) => user?.name !== undefined && user.name === user.domain?.name;

export const tracesOfTheLastDay = cts.getTracesOutput({ from: "24h" }).apply(({ traces }) => {
  const byRoot = traces.filter(isRoot);
  if (byRoot.length > 0) {
    const what = byRoot
      .slice(0, 5)
      .map((each) => `${each.time} ${each.traceName} from ${each.sourceIp || "?"}`);
    throw new pulumi.RunError(
      `The root user was used ${byRoot.length} times within the last day, lately:\n${what.join("\n")}`,
    );
  }
  return traces.length;
});
