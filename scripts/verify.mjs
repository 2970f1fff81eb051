// Runs every check, also where an earlier one has failed, and says at the end which did.
import { spawnSync } from "node:child_process";

const checks = {
  lint: ["biome", "check", "--error-on-warnings", "."],
  types: ["tsc", "--noEmit"],
  "types of the page": ["tsc", "-p", "tsconfig.page.json"],
  "dead code": ["knip"],
  prose: ["node", "scripts/prose.mjs"],
  tests: ["vitest", "run"],
};

const failed = Object.entries(checks).filter(([name, command]) => {
  console.log(`\n--- ${name}: ${command.join(" ")}`);
  return spawnSync("npx", ["--no-install", ...command], { stdio: "inherit" }).status !== 0;
});

if (failed.length > 0) {
  console.error(`\nfailed: ${failed.map(([name]) => name).join(", ")}`);
  process.exitCode = 1;
}
