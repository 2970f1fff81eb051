/**
 * What `pulumi up` of a tracker costs: calls to the service, bytes in state, and time beside a dynamic resource that
 * does nothing. Times differ from machine to machine and minute to minute, so they are taken in pairs, in turn,
 * each run in a fresh process with a fresh stack, and given as the ratio pair by pair.
 *
 * Run by `npm run bench`; `npm run bench -- 21` takes 21 pairs (default 11).
 */
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import * as cts from "pulumi-otc-cts";
import { type Emulator, startEmulator } from "pulumi-otc-cts/emulator";
import { openStack } from "../scripts/stack";

const WORK = join(__dirname, "..", ".work");
const ARGS: cts.TrackerArgs = { obsInfo: { bucketName: "audit-files" }, isSupportValidate: true };

async function main(pairs: number): Promise<void> {
  mkdirSync(WORK, { recursive: true });
  const adoptable = await countCalls(true);
  const fresh = await countCalls(false);
  console.log(`| calls to CTS, plus one sign-in per process | preview + first up | up again | refresh | destroy |
|---|---|---|---|---|
| the service has made a tracker | ${adoptable.calls.join(" | ")} |
| there is none | ${fresh.calls.join(" | ")} |

serialised provider in state: ${fresh.providerBytes} bytes
`);
  const ratios = await compare(pairs);
  const at = (share: number) => ratios[Math.round(share * (ratios.length - 1))]?.toFixed(3);
  console.log(
    `\`pulumi up\` of a tracker / of a dynamic resource that does nothing, ${pairs} pairs: ` +
      `median ${at(0.5)}, quartiles ${at(0.25)} to ${at(0.75)}, all ${at(0)} to ${at(1)}`,
  );
}

/** Calls of each operation, as the emulator's journal has them. */
async function countCalls(trackerExists: boolean) {
  const emulator = await startEmulator({ behaviour: { trackerExists } });
  const dir = mkdtempSync(join(WORK, "bench-"));
  const program = async () => {
    new cts.Tracker("audit", ARGS);
  };
  const calls: number[] = [];
  const counted = async (...operations: (() => Promise<unknown>)[]) => {
    emulator.journal.clear();
    for (const operation of operations) await operation();
    calls.push(emulator.journal.calls("cts").length);
  };
  try {
    const stack = await openStack({ dir, program, settings: emulator.settings() });
    await counted(
      () => stack.preview(),
      () => stack.up(),
    );
    const state = readFileSync(join(dir, "state/.pulumi/stacks/otc-cts-quickstart/dev.json"), "utf8");
    const code = /"__provider": ?("(?:[^"\\]|\\.)*")/.exec(state)?.[1] ?? '""';
    await counted(() => stack.up());
    await counted(() => stack.refresh());
    await counted(() => stack.destroy());
    return { calls, providerBytes: (JSON.parse(code) as string).length };
  } finally {
    await emulator.close();
    rmSync(dir, { recursive: true, force: true });
  }
}

/** The ratios of the pairs, sorted. */
async function compare(pairs: number): Promise<number[]> {
  const emulator = await startEmulator();
  try {
    const ratios: number[] = [];
    // The first pair warms the caches of the file system and is not counted.
    for (let pair = 0; pair <= pairs; pair++) {
      const nothing = await timeUp("nothing", emulator);
      emulator.reset();
      const tracker = await timeUp("tracker", emulator);
      if (pair > 0) ratios.push(tracker / nothing);
    }
    return ratios.sort((a, b) => a - b);
  } finally {
    await emulator.close();
  }
}

async function timeUp(what: "tracker" | "nothing", emulator: Emulator): Promise<number> {
  const dir = mkdtempSync(join(WORK, "bench-"));
  const args = [
    "--import",
    "tsx",
    join(__dirname, "upOnce.ts"),
    what,
    dir,
    JSON.stringify(emulator.settings()),
  ];
  try {
    const { stdout } = await promisify(execFile)(process.execPath, args);
    return Number(stdout);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

main(Number(process.argv[2] ?? 11)).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
