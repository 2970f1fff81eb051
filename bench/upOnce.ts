/**
 * One `pulumi up` in a process of its own, timed. Arguments: what to declare (`tracker` or `nothing`), the folder of
 * the stack, settings as JSON. Prints the milliseconds that the engine took.
 */
import * as pulumi from "@pulumi/pulumi";
import * as cts from "pulumi-otc-cts";
import { openStack } from "../scripts/stack";

const ARGS = { obsInfo: { bucketName: "audit-files", filePrefixName: "bench" }, isSupportValidate: true };

/** What any dynamic resource costs: it only repeats its arguments. */
class Nothing extends pulumi.dynamic.Resource {
  constructor(name: string, args: pulumi.Inputs) {
    super({ create: async (inputs) => ({ id: "nothing", outs: inputs }) }, name, { ...args });
  }
}

async function main([what, dir = "", settings = "{}"]: string[]): Promise<void> {
  const program = async () => {
    if (what === "tracker") new cts.Tracker("audit", ARGS);
    else new Nothing("audit", ARGS);
  };
  const stack = await openStack({ dir, program, settings: JSON.parse(settings) as Record<string, string> });
  const start = performance.now();
  await stack.up();
  console.log(performance.now() - start);
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
