import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { seededRandom } from "../../../emulator/synthetic/random";
import { engineFor, useEmulated } from "../../support/emulated";
import { propertyRuns } from "../../support/runs";
import { SUBJECTS } from "../../support/subjects";
import { LONGEST_LAG_MS } from "../../support/trackers";

let random = seededRandom(0);
const service = useEmulated({ random: () => random() });

describe.each(SUBJECTS)("up of $name under faults", (subject) => {
  it("converges, or fails with a state that the next up mends; nothing is orphaned, doubled or forgotten", async () => {
    await fc.assert(
      fc.asyncProperty(
        subject.story(service).map(subject.takingOver),
        fc.constantFrom(0.3, 0.3, 0.6, 0.85),
        fc.integer(),
        async (story, rate, seed) => {
          const { faults } = service.emulator;
          random = seededRandom(seed);
          const { expectInEffect, expectUnchanged, expectDestroyed } = subject.begin(service, story);
          const engine = engineFor(service, subject.Kind);
          const underFaults = async <T>(work: () => Promise<T>): Promise<T> => {
            faults.random({ rate, ...(subject.faults && { kinds: subject.faults }) });
            return work().finally(() => {
              faults.clear();
              service.clock.advance(LONGEST_LAG_MS);
            });
          };
          const up = async (declared: Record<string, unknown>) => {
            const { errors } = await underFaults(() => engine.up(declared));
            if (errors.length === 0) {
              expectInEffect(declared);
            }
          };

          for (let tries = 0; tries < 3; tries++) {
            await up(story.first);
            if (!engine.resource) {
              expectUnchanged();
            }
          }
          // Up with another program, then whatever its end, once more without faults.
          await up(story.second);
          expect((await engine.up(story.second)).errors).toEqual([]);
          service.clock.advance(LONGEST_LAG_MS);
          expectInEffect(story.second);
          expect((await engine.preview(story.second)).step).toBe("same");

          await underFaults(() => engine.refresh());
          expect((await engine.preview(story.second)).step).toBe("same");

          // A destroy that fails keeps the resource; one that succeeds has done it.
          await underFaults(() => engine.destroy());
          if (engine.resource) {
            expect((await engine.destroy()).errors).toEqual([]);
          }
          expectDestroyed(story.second);
        },
      ),
      { numRuns: propertyRuns(0.2) },
    );
  }, 3_600_000);
});
