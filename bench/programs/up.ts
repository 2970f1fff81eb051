/**
 * One `pulumi up` in a process of its own, timed. Arguments: what to declare (`tracker` or `nothing`) for each project,
 * the folder of the stack, the projects and the settings, both as JSON. Prints the milliseconds that the engine took.
 */
import * as pulumi from "@pulumi/pulumi";
import { auditAll } from "../../examples/many-projects/audit";
import { openStack } from "../../scripts/stack";
import type { Declared } from "../timing";

/** A dynamic resource that only repeats its arguments: the cost of any. */
class Nothing extends pulumi.dynamic.Resource {
  constructor(name: string, args: pulumi.Inputs) {
    super({ create: async (inputs) => ({ id: "nothing", outs: inputs }) }, name, { ...args });
  }
}

const declare: Record<Declared, (projectNames: readonly string[]) => unknown> = {
  tracker: (projectNames) => auditAll(projectNames, "audit-files"),
  nothing: (projectNames) =>
    projectNames.map(
      (name) =>
        new Nothing(name, {
          obsInfo: { bucketName: "audit-files", filePrefixName: name },
          isSupportValidate: true,
        }),
    ),
};

async function main([declared, dir = "", projects = "[]", settings = "{}"]: string[]): Promise<void> {
  const projectNames = JSON.parse(projects) as string[];
  const stack = await openStack({
    dir,
    program: async () => {
      declare[declared as Declared](projectNames);
    },
    settings: JSON.parse(settings) as Record<string, string>,
  });
  const start = performance.now();
  await stack.up();
  console.log(performance.now() - start);
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
