// Sets up a checkout: Node's version, dependencies, dist/, a Pulumi CLI. Every step looks first whether there is anything
// to do, so a second run is quick and says nothing. The run after an interrupted one goes on from there.
import { realpathSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build, dependencies } from "./setup/checkout.mjs";
import { SetupError } from "./setup/process.mjs";
import { pulumiCli } from "./setup/pulumiCli.mjs";

export { build, dependencies, pulumiCli };

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** Runs the steps in order. On failure it says why and exits with 1. */
export async function setUp(steps = [nodeVersion, dependencies, build, pulumiCli], root = ROOT) {
  try {
    for (const step of steps) {
      await step(root);
    }
  } catch (error) {
    console.error(error instanceof SetupError || error.syscall ? `\n${error.message}` : error);
    process.exit(1);
  }
}

function nodeVersion() {
  if (Number.parseInt(process.versions.node, 10) < 20) {
    throw new SetupError(
      `Node ${process.versions.node} is too old, 20 or newer is needed: https://nodejs.org`,
    );
  }
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  await setUp();
}
