/**
 * Runs one engine operation in a process of its own, so that a test can kill it with everything it has started, or
 * cancel it.
 * Arguments: folder of the stack, operation, settings, and as JSON the arguments of a tracker, or the names of
 * notifications by those of their resources.
 */
import * as cts from "pulumi-otc-cts";
import { openStack } from "../../scripts/stack";

async function main([dir = "", operation, settings = "{}", args = "{}"]: string[]): Promise<void> {
  const program = async () => {
    const { names, ...tracker } = JSON.parse(args) as cts.TrackerArgs & { names?: Record<string, string> };
    if (!names) {
      new cts.Tracker("audit", tracker);
    }
    for (const [name, notificationName] of Object.entries(names ?? {})) {
      new cts.KeyEventNotification(name, { notificationName, topicName: "security" });
    }
  };
  const stack = await openStack({ dir, program, settings: JSON.parse(settings) as Record<string, string> });
  if (operation === "preview") {
    await stack.preview();
  } else {
    await (operation === "destroy" ? stack.destroy() : stack.up());
  }
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`);
  process.exitCode = 1;
});
