import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cancellable } from "../../../client/clock";
import { Run } from "../../../provider/core/run";
import { toDynamicProvider } from "../../../provider/dynamic/adapter";
import { KeyEventNotificationResource } from "../../../provider/keyEventNotification/resource";
import { TrackerResource } from "../../../provider/tracker/resource";
import { type Kind, setScene, useEmulated } from "../../support/emulated";
import { EngineModel, type Outcome } from "../../support/engineModel";
import { anyOperation, liveInterrupted } from "../../support/interrupted";
import {
  declaredNotification,
  foundNotification,
  notificationBehaviour,
  settingsDeclaredBy as notificationDeclaredBy,
  settingsOf as notificationSettingsOf,
} from "../../support/notifications";
import { propertyRuns } from "../../support/runs";
import {
  behaviour,
  declaredTracker,
  foundTracker,
  LONGEST_LAG_MS,
  settingsDeclaredBy,
  settingsLeftBy,
  settingsOf,
} from "../../support/trackers";

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
function cancellableStack<Inputs, State>(
  Kind: Kind<Inputs, State>,
  callsBefore: number,
  isCarriedOut: boolean,
) {
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
          const { engine, interrupt } = cancellableStack(TrackerResource, callsBefore, isCarriedOut);

          const last = await liveInterrupted(engine, {
            brokenOff: cancelledIn,
            declared: { ...first, adopt: true },
            redeclared: { ...second, adopt: true },
            interrupt,
            expectInEffect: (declared) =>
              expect(settingsOf(emulator.tracker())).toEqual(settingsDeclaredBy(declared)),
          });
          expect(settingsOf(emulator.tracker())).toEqual(settingsLeftBy(last, found));
        },
      ),
      { numRuns: propertyRuns(0.15) },
    );
  }, 3_600_000);

  it("leaves a key event notification that the next up or destroy brings to the right end", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.option(foundNotification(service.emulator.projectId()), { nil: undefined }),
        declaredNotification(service.emulator.projectId()),
        declaredNotification(service.emulator.projectId()),
        notificationBehaviour,
        anyOperation,
        fc.nat(4),
        fc.boolean(),
        async (found, first, second, switches, cancelledIn, callsBefore, isCarriedOut) => {
          const { emulator } = service;
          setScene(service, undefined, switches);
          if (found) {
            emulator.setNotification(found);
          }
          const { engine, interrupt } = cancellableStack(
            KeyEventNotificationResource,
            callsBefore,
            isCarriedOut,
          );
          const others = () =>
            emulator.notifications().filter((one) => one.notification_name !== first.notificationName);
          const before = others();

          await liveInterrupted(engine, {
            brokenOff: cancelledIn,
            declared: { ...first, adopt: true },
            // The same name: what is made by a call whose answer nobody heard is found by its name.
            redeclared: { ...second, notificationName: first.notificationName, adopt: true },
            interrupt,
            expectInEffect: (declared) =>
              expect(emulator.notifications().map(notificationSettingsOf)).toContainEqual(
                notificationDeclaredBy(declared),
              ),
          });
          expect(emulator.notifications()).toEqual(before);
        },
      ),
      { numRuns: propertyRuns(0.15) },
    );
  }, 3_600_000);
});
