import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as cts from "pulumi-otc-cts";
import { startEmulator } from "pulumi-otc-cts/emulator";
import { openStack } from "../scripts/stack";
import { compare, inWorkDir, type Say, summary, timeUp } from "./timing";

const ARGS: cts.TrackerArgs = { obsInfo: { bucketName: "audit-files" }, isSupportValidate: true };

/**
 * Measures one tracker: calls to the service, bytes in state, and time beside a resource that does nothing.
 */
export async function benchOne(pairs: number, say: Say): Promise<void> {
  const adoptable = await countCalls(true);
  const fresh = await countCalls(false);
  say(`| calls to CTS, beside one sign-in per process | preview + first up | up again | refresh | destroy |
|---|---|---|---|---|
| the service has made a tracker | ${adoptable.calls.join(" | ")} |
| there is none | ${fresh.calls.join(" | ")} |

Provider code in the state of a tracker: ${fresh.providerBytes} bytes.
`);
  const emulator = await startEmulator();
  try {
    const up = (declared: "tracker" | "nothing") => () => {
      emulator.reset();
      return timeUp(declared, ["eu-de_demo"], emulator.settings());
    };
    const ratios = await compare(pairs, up("tracker"), up("nothing"));
    say(
      `Time of \`pulumi up\` of a tracker / of a dynamic resource that does nothing: ${summary(ratios)}.\n`,
    );
  } finally {
    await emulator.close();
  }
}

/** Calls of each operation, as the emulator's journal has them. */
async function countCalls(trackerExists: boolean) {
  const emulator = await startEmulator({ behaviour: { trackerExists } });
  const program = async () => {
    new cts.Tracker("audit", ARGS);
  };
  const calls: number[] = [];
  const counted = async (...operations: (() => Promise<unknown>)[]) => {
    emulator.journal.clear();
    for (const operation of operations) {
      await operation();
    }
    calls.push(emulator.journal.calls("cts").length);
  };
  try {
    return await inWorkDir(async (dir) => {
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
    });
  } finally {
    await emulator.close();
  }
}
