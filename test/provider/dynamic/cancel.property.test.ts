import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cancellable } from "../../../client/clock";
import { Run } from "../../../provider/core/run";
import { toDynamicProvider } from "../../../provider/dynamic/adapter";
import { useEmulated } from "../../support/emulated";
import { EngineModel, type Outcome } from "../../support/engineModel";
import { anyOperation, liveInterrupted } from "../../support/interrupted";
import { propertyRuns } from "../../support/runs";
import { SUBJECTS, type Subject } from "../../support/subjects";
import { LONGEST_LAG_MS } from "../../support/trackers";

const service = useEmulated();

/**
 * Does work and cancels it during the call that comes after so many others.
 *
 * @param work is given the signal; the provider of its operation must heed it
 */
async function cancelled(
  work: (signal: AbortSignal) => Promise<Outcome>,
  callsBefore: number,
  isCarriedOut: boolean,
): Promise<void> {
  const { journal, faults } = service.emulator;
  const controller = new AbortController();
  const first = journal.entries.length;
  let hit: Promise<void> | undefined;
  const stop = journal.onRequest((entry, phase) => {
    if (entry !== journal.entries[first + callsBefore]) {
      return;
    }
    if (phase === "received" && !isCarriedOut) {
      faults.add({ kind: "timeout" });
    }
    if (phase !== (isCarriedOut ? "applied" : "received")) {
      return;
    }
    hit = new Promise((resolve) => {
      const stopWaiting = journal.onRequest((each, end) => {
        if (each !== entry || end !== "answered") {
          return;
        }
        stopWaiting();
        resolve();
      });
    });
    controller.abort();
  });
  const { errors } = await work(controller.signal);
  stop();
  await hit;
  if (hit) {
    expect(errors.join()).toMatch(/cancelled/);
    // Trying to mend the settings is no use.
    expect(errors.join()).not.toContain("cannot be put back");
    // Nothing more was sent.
    expect(journal.entries).toHaveLength(first + callsBefore + 1);
  }
  service.clock.advance(LONGEST_LAG_MS);
}

/** A stack of one resource, and how to cancel an operation of it. */
function cancellableStack(Kind: Subject<object, object>["Kind"], callsBefore: number, isCarriedOut: boolean) {
  let clock = cancellable(service.clock, new AbortController().signal);
  let connection = service.connect(service.emulator.settings(), clock);
  const engine = new EngineModel(() => toDynamicProvider(new Kind(new Run(() => connection, clock))));
  const within = async (signal: AbortSignal, work: () => Promise<Outcome>) => {
    const [oldClock, oldConnection] = [clock, connection];
    clock = cancellable(service.clock, signal);
    connection = service.connect(service.emulator.settings(), clock);
    return work().finally(() => {
      clock = oldClock;
      connection = oldConnection;
    });
  };
  const interrupt = (work: () => Promise<Outcome>) =>
    cancelled((signal) => within(signal, work), callsBefore, isCarriedOut);
  return { engine, interrupt };
}

describe.each(SUBJECTS)("a run with $name, cancelled at any point", (subject) => {
  it("leaves what the next up or destroy brings to the right end, and what was found is not forgotten", async () => {
    await fc.assert(
      fc.asyncProperty(
        subject.story(service).map(subject.takingOver),
        anyOperation,
        fc.nat(subject.maxCalls),
        fc.boolean(),
        async (story, brokenOff, callsBefore, isCarriedOut) => {
          const { expectInEffect, expectDestroyed } = subject.begin(service, story);
          const { engine, interrupt } = cancellableStack(subject.Kind, callsBefore, isCarriedOut);

          const last = await liveInterrupted(engine, {
            brokenOff,
            declared: story.first,
            redeclared: story.second,
            interrupt,
            expectInEffect,
          });
          expectDestroyed(last);
        },
      ),
      { numRuns: propertyRuns(0.15) },
    );
  }, 3_600_000);
});
