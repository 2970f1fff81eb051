/**
 * Attack: settings files that hang the reader, or fill its memory. Each runs in a process of its own, so that one that
 * hangs fails its test and nothing else.
 *
 * Alone: `npx vitest run test/attacks/files`
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { endOf, spawnCommand } from "../support/processes";

const dir = mkdtempSync(join(tmpdir(), "files-"));
afterAll(() => rmSync(dir, { recursive: true }));

const otcCts = join(__dirname, "..", "..", "cli", "otc-cts.ts");
const KIB = 1024;

/** Everything that the command prints where a variable names this file. The test's time limit ends one that hangs. */
async function outputWith(variable: string, path: string): Promise<string> {
  const isCloud = variable === "OS_CLIENT_CONFIG_FILE";
  const env = { OS_TOKEN: "t", OS_PROJECT_ID: "p", OS_REGION_NAME: "nowhere", OS_CLOUD: isCloud ? "c" : "" };
  const args = ["--import", "tsx", otcCts, "whoami"];
  const { output } = await endOf(
    spawnCommand(process.execPath, args, process.cwd(), { ...env, [variable]: path }),
  );
  return output;
}

function fifo(name: string): string {
  const path = join(dir, name);
  execFileSync("mkfifo", [path]);
  return path;
}

function huge(name: string): string {
  const path = join(dir, name);
  writeFileSync(path, "clouds:\n");
  truncateSync(path, 100 * KIB * KIB);
  return path;
}

describe.each(["OS_CLIENT_CONFIG_FILE", "OS_CACERT"])("a file of %s", (variable) => {
  it.each([
    ["a FIFO that nobody writes to", () => fifo(`fifo-${variable}`), "is not a regular file"],
    ["an endless device", () => "/dev/zero", "is not a regular file"],
    ["a directory", () => dir, "is not a regular file"],
    ["a file of 100 MB", () => huge(`huge-${variable}`), /is larger than \d+ KiB/],
  ])("that is %s is refused by name", async (_, make, problem) => {
    const path = make();

    const output = await outputWith(variable, path);

    expect(output).toContain(path);
    expect(output).toMatch(problem);
  });
});

describe("a clouds.yaml", () => {
  const nested = (levels: number) =>
    Array.from({ length: levels }, (_, i) => {
      const base = i === 0 ? "region_name: eu-de" : `<<: [*m${i - 1}, *m${i - 1}]`;
      return `m${i}: &m${i} { ${base} }\n`;
    }).join("");

  it.each([
    [
      "merges of merges, 498 bytes of them",
      `${nested(14)}clouds: { c: { <<: *m13 } }\n`,
      /region +eu-de|nowhere/,
    ],
    ["merges of merges, 200 levels", `${nested(200)}clouds: { c: { <<: *m199 } }\n`, /nowhere/],
    [
      "more merges than anybody writes",
      `a: &a {}\nclouds: { c: { <<: [${"*a, ".repeat(5000)}] } }\n`,
      /more than 1000 maps/,
    ],
    ["lists in lists", `clouds: ${"[".repeat(200 * KIB)}`, /not valid YAML/],
    ["maps in maps", `clouds: ${"{a: ".repeat(50 * KIB)}`, /not valid YAML/],
    [
      "many keys",
      `${Array.from({ length: 20 * KIB }, (_, i) => `k${i}: 1`).join("\n")}\nclouds: { c: {} }\n`,
      /nowhere/,
    ],
    ["commas", `clouds: [${",".repeat(250 * KIB)}`, /not valid YAML/],
  ])("of %s is read, or refused, in time", async (_, text, outcome) => {
    const path = join(dir, "clouds.yaml");
    writeFileSync(path, text);

    expect(await outputWith("OS_CLIENT_CONFIG_FILE", path)).toMatch(outcome);
  });
});
