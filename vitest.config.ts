import { defineConfig } from "vitest/config";

// Unit and end-to-end tests share one run. End-to-end files each start real engine processes, so on a small
// machine two workers are the most that help.
export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
