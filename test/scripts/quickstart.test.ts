import { existsSync, readdirSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { endOf, spawnScript } from "../support/processes";

const ROOT = join(__dirname, "..", "..");
const DIR = join(ROOT, ".work", "quickstart");

/** Processes that still work in the quickstart's folder, also after it was removed. */
function leftBehind(): string[] {
  return readdirSync("/proc").filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readlinkSync(`/proc/${pid}/cwd`).startsWith(DIR);
    } catch {
      return false;
    }
  });
}

describe.skipIf(process.platform !== "linux")("npm run quickstart", () => {
  it("ends cleanly when it is told to in the middle of a step, and begins no other", async () => {
    const child = spawnScript(join(ROOT, "scripts", "quickstart.ts"), []);
    let output = "";
    child.stdout?.on("data", (data) => {
      output += String(data);
      if (/=== 2\./.test(output) && !child.killed) {
        child.kill("SIGTERM");
      }
    });

    const { code } = await endOf(child);

    expect(code).toBe(130);
    expect(output).not.toContain("=== 3.");
    expect(existsSync(DIR)).toBe(false);
    expect(leftBehind()).toEqual([]);
  });
});
