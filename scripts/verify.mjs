// Runs every check, also where an earlier one has failed, and says at the end which did.
import { spawnSync } from "node:child_process";

const checks = [
  "npm run lint",
  "npm run types",
  "npm run deadcode",
  "npm run prose",
  "npx --no-install vitest run",
];

const failed = checks.filter((command) => {
  console.log(`\n--- ${command}`);
  return spawnSync(command, { shell: true, stdio: "inherit" }).status !== 0;
});

if (failed.length > 0) {
  console.error(`\nfailed: ${failed.join(", ")}`);
  process.exitCode = 1;
}
