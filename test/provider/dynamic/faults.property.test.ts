import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { seededRandom } from "../../../emulator/synthetic/random";
import { engineOf, setScene, useEmulated } from "../../support/emulated";
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

let random = seededRandom(0);
const service = useEmulated({ behaviour: { trackerExists: false }, random: () => random() });

describe("up under faults", () => {
  it("converges, or fails with a state that the next up mends; nothing is orphaned, doubled or forgotten", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.option(foundTracker, { nil: undefined }),
        declaredTracker,
        declaredTracker,
        behaviour,
        fc.constantFrom(0.3, 0.3, 0.6, 0.85),
        fc.integer(),
        async (found, declared, redeclared, switches, rate, seed) => {
          const { emulator } = service;
          random = seededRandom(seed);
          setScene(service, found, switches);
          const before = emulator.tracker();
          const engine = engineOf(service);
          const first = { ...declared, adopt: true };
          const second = { ...redeclared, adopt: true };
          const underFaults = async <T>(work: () => Promise<T>): Promise<T> => {
            emulator.faults.random({ rate });
            return work().finally(() => {
              emulator.faults.clear();
              service.clock.advance(LONGEST_LAG_MS);
            });
          };

          // A first up that fails without keeping anything must have changed nothing.
          for (let tries = 0; tries < 3; tries++) {
            const { errors } = await underFaults(() => engine.up(first));
            if (errors.length === 0) {
              expect(settingsOf(emulator.tracker())).toEqual(settingsDeclaredBy(first));
            }
            if (!engine.resource) {
              expect(settingsOf(emulator.tracker())).toEqual(settingsOf(before));
            }
          }
          // Up with another program, then whatever its end, once more without faults.
          const { errors } = await underFaults(() => engine.up(second));
          if (errors.length === 0) {
            expect(settingsOf(emulator.tracker())).toEqual(settingsDeclaredBy(second));
          }
          expect((await engine.up(second)).errors).toEqual([]);
          expect(settingsOf(emulator.tracker())).toEqual(settingsDeclaredBy(second));
          expect((await engine.preview(second)).step).toBe("same");

          await underFaults(() => engine.refresh());
          expect((await engine.preview(second)).step).toBe("same");

          // A destroy that fails keeps the resource; one that succeeds has done it.
          await underFaults(() => engine.destroy());
          if (engine.resource) {
            expect((await engine.destroy()).errors).toEqual([]);
          }
          expect(settingsOf(emulator.tracker())).toEqual(settingsLeftBy(second, found));
        },
      ),
      { numRuns: propertyRuns(0.2) },
    );
  }, 3_600_000);
});
