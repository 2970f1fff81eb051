/**
 * Runs one engine operation in a process of its own, so that a test can kill it with everything it has started, or
 * cancel it.
 * Arguments: folder of the stack, operation, settings and tracker arguments as JSON.
 */
import * as cts from "pulumi-otc-cts";
import { openStack } from "../../scripts/stack";

async function main([dir = "", operation, settings = "{}", args = "{}"]: string[]): Promise<void> {
  const program = async () => {
    new cts.Tracker("audit", JSON.parse(args) as cts.TrackerArgs);
  };
  const stack = await openStack({ dir, program, settings: JSON.parse(settings) as Record<string, string> });
  if (operation === "preview") await stack.preview();
  else await (operation === "destroy" ? stack.destroy() : stack.up());
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`);
  process.exitCode = 1;
});
