import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { type Emulator, startEmulator } from "pulumi-otc-cts/emulator";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { endOf, spawnCommand } from "../support/processes";

const EXAMPLE = join(__dirname, "..", "..", "examples", "drift-pipeline");
const read = (path: string) => parse(readFileSync(join(EXAMPLE, path), "utf8"));

let emulator: Emulator;
let bin = "";

beforeAll(async () => {
  emulator = await startEmulator();
  emulator.console.disable();
  bin = mkdtempSync(join(tmpdir(), "pipelines-"));
  const settings = Object.entries(emulator.settings()).map(([key, value]) => [`otc-cts:${key}`, { value }]);
  writeFileSync(join(bin, "config"), JSON.stringify(Object.fromEntries(settings)));
  // Stands for the Pulumi CLI, whose exit codes are Pulumi's promise, and for an installation, which needs a published package.
  writeFileSync(
    join(bin, "pulumi"),
    `#!/bin/sh
case "$*" in
  config*) cat ${join(bin, "config")} ;;
  "preview --stack prod --refresh --run-program --diff --expect-no-changes") exit "$PREVIEW" ;;
  *) echo "unexpected: $*"; exit 99 ;;
esac
`,
  );
  writeFileSync(join(bin, "npm"), '#!/bin/sh\ntest "$*" = ci\n');
  for (const name of ["pulumi", "npm"]) {
    chmodSync(join(bin, name), 0o755);
  }
});
afterAll(async () => {
  rmSync(bin, { recursive: true, force: true });
  await emulator.close();
});

/** Runs a script as both forges do: the first command that fails ends it. */
function bash(script: string, exitOfPreview: number) {
  const env = { PATH: `${bin}${delimiter}${process.env["PATH"]}`, PREVIEW: String(exitOfPreview) };
  return endOf(spawnCommand("bash", ["-e", "-o", "pipefail", "-c", script], EXAMPLE, env));
}

const PREVIEWS = [
  { code: 0, result: "no drift" },
  { code: 7, result: "drift" },
  { code: 255, result: "a failure" },
];

describe("examples/drift-pipeline", () => {
  it.each(PREVIEWS)(
    "preview.yml: ends with $code after $result, and then says who it was",
    async ({ code }) => {
      const { steps } = read(".github/workflows/preview.yml").jobs.drift;
      let end = { code: 0 as number | null, output: "" };
      for (const step of steps as { run?: string; if?: string }[]) {
        const isDue = step.if === "failure()" ? end.code !== 0 : end.code === 0;
        if (step.run !== undefined && isDue) {
          const { code: ended, output } = await bash(step.run, code);
          end = { code: end.code || ended, output: end.output + output };
        }
      }

      expect(end.code, end.output).toBe(code);
      expect(end.output.includes("::error::The audit log was changed")).toBe(code === 7);
      expect(/updateTracker.* alice /.test(end.output)).toBe(code !== 0);
    },
  );

  it.each(PREVIEWS)(
    ".gitlab-ci.yml: ends with $code after $result, and says who it was",
    async ({ code }) => {
      const { script, after_script } = read(".gitlab-ci.yml").preview as Record<string, string[]>;

      const job = await bash((script ?? []).join("\n"), code);
      const after = await bash((after_script ?? []).join("\n"), code);

      expect(job.code, job.output).toBe(code);
      expect(after.code).toBe(0);
      expect(after.output).toMatch(/updateTracker.* alice /);
    },
  );
});
