import { defineConfig } from "vitest/config";
import { SkipReporter } from "./test/support/skipReporter.mts";

// `.ci/run` counts the tests from this file.
const json = process.env["VITEST_JSON"];

// Unit and end-to-end tests share one run. End-to-end files each start real engine processes, so on a small
// machine two workers are the most that help.
export default defineConfig({
  test: {
    reporters: [
      "default",
      new SkipReporter(),
      ...(json ? [["json", { outputFile: json }] as ["json", { outputFile: string }]] : []),
    ],
    include: ["test/**/*.test.ts"],
    pool: "forks",
    // Nobody's usual one, and no whole hours from UTC: local time must not pass for it.
    env: { TZ: "Asia/Kathmandu" },
    maxWorkers: 2,
    maxConcurrency: 2,
    // A shared machine may be slow; no test waits for these.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    // For `npm run coverage`: the tests that need no engine. Those on the engine use the built package, which is not measured.
    coverage: {
      include: ["{sdk,client,provider,emulator,drift,cli}/**/*.ts"],
      reporter: ["text-summary", "html"],
      thresholds: { statements: 87, branches: 82, functions: 88, lines: 87 },
    },
    // End-to-end tests use the built package, as the engine's provider process does.
    server: { deps: { external: [/\/dist\//] } },
  },
});
