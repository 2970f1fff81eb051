/**
 * The quickstart: a tracker's life on the real Pulumi engine, against the emulator, step by step on screen.
 */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { CommandError, type EngineEvent, type Stack } from "@pulumi/pulumi/automation";
import { connect, driftCause } from "pulumi-otc-cts";
import { type Emulator, startEmulator } from "pulumi-otc-cts/emulator";
import { openStack, programOf } from "./stack";

const ROOT = join(__dirname, "..");
const DIR = join(ROOT, ".work", "quickstart");

async function main(): Promise<void> {
  console.log("A local emulator plays the cloud: no account is needed, and none is touched.");
  rmSync(DIR, { recursive: true, force: true });
  const emulator = await startEmulator();
  console.log(`Its page in a browser shows what happens, until this ends: ${emulator.url}`);
  try {
    const stack = await openStack({
      dir: DIR,
      program: programOf(join(ROOT, "examples", "quickstart", "index.ts")),
      settings: emulator.settings(),
    });
    await walkThrough(stack, emulator);
  } finally {
    await emulator.close();
    rmSync(DIR, { recursive: true, force: true });
  }
}

async function walkThrough(stack: Stack, emulator: Emulator): Promise<void> {
  const show = { onOutput: (text: string) => process.stdout.write(text), signal: engine.signal };
  const before = emulator.tracker();

  say(
    "`pulumi up`: the service has made a tracker by itself; it is taken over and set as the program declares.",
  );
  await stack.up(show);

  say("`pulumi up` again: nothing has changed, so the service gets no call that changes anything.");
  const mutations = emulator.journal.mutations().length;
  await stack.up(show);
  prove(emulator.journal.mutations().length === mutations, "the second up changed nothing");

  say("Somebody switches the validation of files off in the console (the emulator plays that person).");
  emulator.console.change({ is_support_validate: false });
  console.log("    in the console: isSupportValidate true => false");

  say(
    "`pulumi preview --refresh --diff --expect-no-changes`: drift detection finds it, and fails as it should.",
  );
  const events: EngineEvent[] = [];
  const onEvent = (event: EngineEvent) => events.push(event);
  const drifted = await stack
    .preview({ ...show, refresh: true, diff: true, expectNoChanges: true, onEvent })
    .then(
      () => false,
      () => true,
    );
  prove(drifted, "the preview found the drift and did not succeed");

  say("… and this is who did it: the audit log tells, and `npx otc-cts drift` finds it there.");
  const { resources } = await driftCause(connect(emulator.settings()), events, {
    state: JSON.stringify(await stack.exportStack()),
  });
  for (const { type, verdict, cause } of resources) {
    console.log(`    ${type}: ${verdict}, ${cause?.user.name} by ${cause?.traceName} at ${cause?.time}`);
  }
  prove(
    resources.some(({ verdict, cause }) => verdict === "confirmed" && cause?.traceName === "updateTracker"),
    "the trace of the change was found",
  );

  say("`pulumi up --refresh`: the setting is put right.");
  await stack.up({ ...show, refresh: true });
  prove(emulator.tracker()?.is_support_validate === true, "the service has what the program declares");

  say("`pulumi destroy`: the tracker is not deleted but restored, because it was there before us.");
  await stack.destroy(show);
  prove(isDeepStrictEqual(emulator.tracker(), before), "the tracker is as it was found");
  say(
    'Done. The program is examples/quickstart/index.ts; docs/guides/emulator.md, "Try it by hand", goes on from here.',
  );
}

const engine = new AbortController();
let isStopping = false;
let step = 1;

function say(sentence: string): void {
  goOn();
  console.log(`\n=== ${step++}. ${sentence}\n`);
}

function goOn(): void {
  if (isStopping) {
    throw new Error("stopped");
  }
}

function prove(holds: boolean, claim: string): void {
  goOn();
  if (!holds) {
    throw new Error(`The quickstart went wrong: it is not true that ${claim}`);
  }
  console.log(`    proved on the emulator: ${claim}`);
}

/**
 * A running engine is given the time to end its provider, and no further step begins. Ctrl-C reaches the engine by
 * itself; told twice, it would leave its provider behind.
 */
function stop(signal: NodeJS.Signals): void {
  if (isStopping) {
    return;
  }
  console.error(`\nStopping (${signal}).`);
  isStopping = true;
  process.exitCode = 130;
  if (signal !== "SIGINT") {
    engine.abort();
  }
}

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, stop);
}

main().catch((error: unknown) => {
  if (isStopping) {
    return;
  }
  // The Automation API's own message repeats the whole screen.
  console.error(error instanceof CommandError ? "The engine failed, as shown above." : error);
  process.exitCode = 1;
});
