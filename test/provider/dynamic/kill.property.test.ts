import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Doom } from "../../support/doom";
import { engineOf, setScene, useEmulated } from "../../support/emulated";
import type { Outcome } from "../../support/engineModel";
import { anyOperation, liveInterrupted } from "../../support/interrupted";
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

describe("a run killed at any point", () => {
  it("leaves what the next up or destroy brings to the right end", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.option(foundTracker, { nil: undefined }),
        declaredTracker,
        declaredTracker,
        behaviour,
        anyOperation,
        fc.nat(8),
        fc.boolean(),
        async (found, first, second, switches, killedIn, callsBefore, isLastCarriedOut) => {
          const { emulator } = service;
          setScene(service, found, switches);
          const connection = service.connect();
          let doom: Doom | undefined;
          const engine = engineOf(service, () => doom?.wrap(connection) ?? connection);
          const killed = async (work: () => Promise<Outcome>) => {
            doom = new Doom(callsBefore, isLastCarriedOut);
            const outcome = await Promise.race([work(), doom.killed]);
            // It was killed, or ended well before that.
            expect(outcome?.errors ?? []).toEqual([]);
            doom = undefined;
            service.clock.advance(LONGEST_LAG_MS);
          };

          const last = await liveInterrupted(engine, {
            brokenOff: killedIn,
            declared: { ...first, adopt: true },
            redeclared: { ...second, adopt: true },
            interrupt: killed,
            expectInEffect: (declared) => {
              expect(settingsOf(emulator.tracker())).toEqual(settingsDeclaredBy(declared));
              // By hand, as docs/decisions/killed-first-up.md has it.
              const recorded = engine.pendingCreate?.["__found"];
              if (engine.resource && recorded) {
                engine.resource.outputs["adopted"] = recorded;
              }
            },
          });

          // If there was none, the next up takes over the tracker of the killed create, or makes it.
          if (killedIn === "create" && !found) {
            return;
          }
          expect(settingsOf(emulator.tracker())).toEqual(settingsLeftBy(last, found));
        },
      ),
      { numRuns: propertyRuns(0.25) },
    );
  }, 3_600_000);
});
