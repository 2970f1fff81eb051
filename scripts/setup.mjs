// Sets up a checkout: Node's version, dependencies, dist/, a Pulumi CLI. Every step looks first whether there is something
// to do. The run after an interrupted one goes on from there.
import { fileURLToPath } from "node:url";
import { build, dependencies } from "./setup/checkout.mjs";
import { pulumiCli } from "./setup/pulumiCli.mjs";

if (Number.parseInt(process.versions.node, 10) < 20) {
  throw new Error(`Node ${process.versions.node} is too old, 20 or newer is needed: https://nodejs.org`);
}
process.chdir(fileURLToPath(new URL("..", import.meta.url)));
await dependencies();
await build();
await pulumiCli();
