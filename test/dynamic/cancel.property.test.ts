import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cancellable } from "../../provider/client/clock";
import { toDynamicProvider } from "../../provider/dynamic/adapter";
import { TrackerResource } from "../../provider/resources/tracker";
import { setScene, useEmulated } from "../support/emulated";
import { EngineModel, type Outcome } from "../support/engineModel";
import { anyOperation, liveInterrupted } from "../support/interrupted";
import { propertyRuns } from "../support/runs";
import {
  behaviour,
  declaredTracker,
  foundTracker,
  LONGEST_LAG_MS,
  settingsDeclaredBy,
  settingsLeftBy,
  settingsOf,
} from "../support/trackers";

const service = useEmulated({ behaviour: { trackerExists: false } });

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
    if (entry !== journal.entries[first + callsBefore]) return;
    if (phase === "received" && !isCarriedOut) faults.add({ kind: "timeout" });
    if (phase !== (isCarriedOut ? "applied" : "received")) return;
    hit = new Promise((resolve) => {
      const stopWaiting = journal.onRequest((each, end) => {
        if (each !== entry || end !== "answered") return;
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

describe("a run cancelled at any point", () => {
  it("leaves what the next up or destroy brings to the right end, and what was found is not forgotten", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.option(foundTracker, { nil: undefined }),
        declaredTracker,
        declaredTracker,
        behaviour,
        anyOperation,
        fc.nat(8),
        fc.boolean(),
        async (found, first, second, switches, cancelledIn, callsBefore, isCarriedOut) => {
          const { emulator } = service;
          setScene(service, found, switches);
          let clock = cancellable(service.clock, new AbortController().signal);
          let connection = service.connect(emulator.settings(), clock);
          const engine = new EngineModel(() =>
            toDynamicProvider(new TrackerResource(() => connection, clock)),
          );
          const within = async (signal: AbortSignal, work: () => Promise<Outcome>) => {
            const [oldClock, oldConnection] = [clock, connection];
            clock = cancellable(service.clock, signal);
            connection = service.connect(emulator.settings(), clock);
            return work().finally(() => {
              clock = oldClock;
              connection = oldConnection;
            });
          };
          const cancel = (work: () => Promise<Outcome>) =>
            cancelled((signal) => within(signal, work), callsBefore, isCarriedOut);

          const last = await liveInterrupted(engine, {
            brokenOff: cancelledIn,
            declared: { ...first, adopt: true },
            redeclared: { ...second, adopt: true },
            interrupt: cancel,
            expectInEffect: (declared) =>
              expect(settingsOf(emulator.tracker())).toEqual(settingsDeclaredBy(declared)),
          });
          expect(settingsOf(emulator.tracker())).toEqual(settingsLeftBy(last, found));
        },
      ),
      { numRuns: propertyRuns(0.15) },
    );
  }, 3_600_000);
});
