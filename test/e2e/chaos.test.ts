import fc from "fast-check";
import * as cts from "pulumi-otc-cts";
import type { RandomFaults, SignInKind } from "pulumi-otc-cts/emulator";
import { afterAll, describe, expect, it } from "vitest";
import { seededRandom } from "../../emulator/synthetic/random";
import { type Project, type Run, startProject } from "../support/project";
import {
  behaviour,
  type DeclaredTracker,
  declaredTracker,
  foundTracker,
  LONGEST_LAG_MS,
  settingsDeclaredBy,
  settingsLeftBy,
  settingsOf,
} from "../support/trackers";

/** `CHAOS_RUNS=200 npx vitest run test/e2e/chaos` runs as many, two at a time; `npm test` affords these. */
const RUNS = Number(process.env["CHAOS_RUNS"] ?? 3);
/** Of the first run; each further one has the next. A failure names its own: with it, that run comes first. */
const FIRST_SEED = Number(process.env["CHAOS_SEED"] ?? Date.now() % 1_000_000_000);
/** As often as a patient pipeline tries again. */
const MAX_TRIES = 5;

const FAULTS: RandomFaults = {
  rate: 0.3,
  kinds: ["status", "reset", "timeout", "truncated", "wrongJson", "html"],
  // A client that had to give up by itself would make a run last minutes.
  hangMs: 50,
};

/** All that is random about a run, beside which calls fail. */
const history = fc.record({
  found: fc.option(foundTracker, { nil: undefined }),
  declared: declaredTracker,
  drift: fc.oneof({ arbitrary: foundTracker, weight: 4 }, fc.constant("deleted" as const)),
  switches: behaviour,
  signIn: fc.constantFrom<SignInKind[]>("password", "keys", "temporaryKeys", "token"),
});

const count = { runs: 0, calls: 0, faults: 0, operations: 0, failures: 0 };
afterAll(() => {
  process.stdout.write(`chaos from seed ${FIRST_SEED}: ${JSON.stringify(count)}\n`);
});

describe("a stack's life while 30 % of all calls fail", () => {
  it.each(Array.from({ length: RUNS }, (_, run) => [run + 1, FIRST_SEED + run]))(
    "ends right: run %i",
    { timeout: 600_000, concurrent: true },
    async (_, seed) => {
      try {
        await live(seed);
        count.runs++;
      } catch (error) {
        throw new Error(`CHAOS_SEED=${seed} repeats it. ${String(error)}`, { cause: error });
      }
    },
  );
});

/** Up, a person's drift, up --refresh, destroy, each tried until it succeeds, and judged each time. */
async function live(seed: number): Promise<void> {
  const [story] = fc.sample(history, { seed, numRuns: 1 });
  if (!story) {
    throw new Error("fast-check gave no sample");
  }
  const { found, drift, switches, signIn } = story;
  // Refused takeovers have tests of their own. The copy is as a program writes it: fast-check also makes objects
  // without a prototype, which Pulumi's SDK does not take.
  const declared: DeclaredTracker = structuredClone({ ...story.declared, ...(found && { adopt: true }) });
  let elapsedMs = 0;
  const project = await startProject({
    random: seededRandom(seed),
    clock: () => Date.now() + elapsedMs,
    signIn,
    program: async () => {
      new cts.Tracker("audit", declared);
    },
  });
  const { emulator } = project;
  Object.assign(emulator.behaviour, switches);
  emulator.setTracker(found);
  const neighbours = neighboursIn(project);
  emulator.faults.random(FAULTS);

  await untilOk(async () => {
    const up = await project.up();
    if (up.ok) {
      expectAsDeclared(project, declared);
    } else {
      await expectHonest(project, up, found);
    }
    elapsedMs += LONGEST_LAG_MS;
    return up;
  });

  if (drift === "deleted") {
    emulator.console.delete();
  } else {
    emulator.console.change(drift);
  }
  elapsedMs += LONGEST_LAG_MS;
  await untilOk(async () => {
    const up = await project.up({ refresh: true });
    if (up.ok) {
      expectAsDeclared(project, declared);
    } else {
      expectNoBug(up);
    }
    elapsedMs += LONGEST_LAG_MS;
    return up;
  });

  await untilOk(async () => {
    const destroy = await project.destroy();
    expect((await storedTracker(project)) === undefined).toBe(destroy.ok);
    if (!destroy.ok) {
      expectNoBug(destroy);
    }
    elapsedMs += LONGEST_LAG_MS;
    return destroy;
  });
  // Of what a person has deleted, nothing is left to restore.
  expect(settingsOf(emulator.tracker())).toEqual(
    settingsLeftBy(declared, drift === "deleted" ? undefined : found),
  );

  expect(neighboursIn(project)).toEqual(neighbours);
  for (const call of emulator.journal.mutations()) {
    expect(call).toMatchObject({ region: "eu-de", projectId: emulator.projectId() });
    expect(call.method === "DELETE" ? call.query["tracker_name"] : "system").toBe("system");
  }
  count.calls += emulator.journal.calls().length;
  count.faults += emulator.journal.calls().filter(({ fault }) => fault).length;
  await emulator.close();
}

async function untilOk(operation: () => Promise<Run>): Promise<void> {
  let run: Run;
  let tries = 0;
  do {
    run = await operation();
    count.operations++;
    if (!run.ok) {
      count.failures++;
    }
  } while (!run.ok && ++tries < MAX_TRIES);
  expect(run.ok, run.output).toBe(true);
}

function expectAsDeclared({ emulator }: Project, declared: DeclaredTracker): void {
  expect(settingsOf(emulator.tracker())).toEqual(settingsDeclaredBy(declared));
}

/** A first up that failed has kept what it has begun as not done, or has begun nothing. */
async function expectHonest(project: Project, up: Run, found: Parameters<typeof settingsOf>[0]) {
  expectNoBug(up);
  const stored = await storedTracker(project);
  if (stored) {
    expect(stored.initErrors).toHaveLength(1);
  } else {
    expect(settingsOf(project.emulator.tracker())).toEqual(settingsOf(found));
  }
}

function expectNoBug({ output }: Run): void {
  expect(output).not.toContain("This is a bug");
  expect(output).toMatch(/error: .*(http:\/\/127\.0\.0\.1|not all are in effect|still lists it)/s);
}

async function storedTracker(project: Project) {
  return (await project.state()).resources.find(({ id }) => id?.endsWith("/system"));
}

/** Every tracker but the declared one. */
function neighboursIn({ emulator }: Project) {
  const own = emulator.projectId();
  return emulator.trackers().filter(({ region, projectId }) => region !== "eu-de" || projectId !== own);
}
