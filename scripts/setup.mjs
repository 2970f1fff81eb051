// Sets up a checkout: Node's version, dependencies, dist/, a Pulumi CLI. Every step looks first whether there is anything
// to do, so a second run is quick and says nothing; whatever was interrupted goes on where it was.
import { realpathSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "./setup/build.mjs";
import { dependencies } from "./setup/dependencies.mjs";
import { SetupError } from "./setup/process.mjs";
import { pulumiCli } from "./setup/pulumiCli.mjs";

export { build, dependencies, pulumiCli };

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const NODE_NEEDED = 20;

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
  if (Number.parseInt(process.versions.node, 10) < NODE_NEEDED) {
    throw new SetupError(
      `Node ${process.versions.node} is too old: version ${NODE_NEEDED} or newer is needed, see https://nodejs.org`,
    );
  }
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  await setUp();
}
