import { createRequire } from "node:module";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { unknownKeys } from "../../client/config/unknownKeys";

/** The folder that the provider's process also starts in. Read early, because a program may change its folder. */
const FOLDER = process.cwd();

let isFound = false;

/**
 * Pulumi's provider process loads this package from the program's folder. It is not found there where only a package
 * that the program uses has it, and `node_modules` is isolated (pnpm, Yarn, npm's `install-strategy=linked`).
 *
 * Nothing is checked where the CLI did not start the program: the provider's folder is not known then.
 *
 * @throws pulumi.RunError, which Pulumi shows without a stack.
 */
export function assertInstalled(): void {
  if (isFound || !process.env["PULUMI_NODEJS_MONITOR"]) {
    return;
  }
  try {
    // From here `require.resolve` would always find it: a package finds itself by its own name.
    createRequire(join(FOLDER, "program.js")).resolve("pulumi-otc-cts/provider");
  } catch {
    throw new pulumi.RunError(
      `pulumi-otc-cts is not found from ${FOLDER}, where Pulumi's provider process loads it: add "pulumi-otc-cts" to the dependencies of the program's package.json and install it, even if only another package imports it`,
    );
  }
  isFound = true;
}

/** Several programs may run in one process. */
const warned = new WeakSet<pulumi.Resource>();

/** Warns, once per run of a program, of keys under `otc-cts:` in the stack's configuration that are no settings. */
export function warnOfUnknownKeys(): void {
  const stack = pulumi.runtime.getStackResource();
  // A project of this name keeps settings of its own in the same namespace.
  if (!stack || warned.has(stack) || pulumi.getProject() === "otc-cts") {
    return;
  }
  warned.add(stack);
  for (const warning of unknownKeys(Object.keys(pulumi.runtime.allConfig()))) {
    void pulumi.log.warn(warning);
  }
}
