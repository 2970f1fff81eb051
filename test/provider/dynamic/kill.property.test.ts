import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Doom } from "../../support/doom";
import { engineFor, useEmulated } from "../../support/emulated";
import type { Outcome } from "../../support/engineModel";
import { anyOperation, liveInterrupted } from "../../support/interrupted";
import { propertyRuns } from "../../support/runs";
import { SUBJECTS } from "../../support/subjects";
import { LONGEST_LAG_MS } from "../../support/trackers";

const service = useEmulated();

describe.each(SUBJECTS)("a run with $name, killed at any point", (subject) => {
  it("leaves what the next up or destroy brings to the right end", async () => {
    await fc.assert(
      fc.asyncProperty(
        subject.story(service).map(subject.takingOver),
        anyOperation,
        fc.nat(subject.maxCalls),
        fc.boolean(),
        async (story, brokenOff, callsBefore, isLastCarriedOut) => {
          const { expectInEffect, expectDestroyed } = subject.begin(service, story);
          const connection = service.connect();
          let doom: Doom | undefined;
          const engine = engineFor(service, subject.Kind, () => doom?.wrap(connection) ?? connection);
          const interrupt = async (work: () => Promise<Outcome>) => {
            doom = new Doom(callsBefore, isLastCarriedOut);
            const outcome = await Promise.race([work(), doom.killed]);
            // It was killed, or ended well before that.
            expect(outcome?.errors ?? []).toEqual([]);
            doom = undefined;
            service.clock.advance(LONGEST_LAG_MS);
          };

          const last = await liveInterrupted(engine, {
            brokenOff,
            declared: story.first,
            redeclared: story.second,
            interrupt,
            expectInEffect: (declared) => {
              expectInEffect(declared);
              // By hand, as docs/decisions/killed-first-up.md has it.
              const recorded = engine.pendingCreate?.["__found"];
              if (engine.resource && recorded) {
                engine.resource.outputs["adopted"] = recorded;
              }
            },
          });

          // If there was none, the next up takes over the tracker of the killed create, or makes it.
          if (brokenOff !== "create" || story.found) {
            expectDestroyed(last);
          }
        },
      ),
      { numRuns: propertyRuns(0.25) },
    );
  }, 3_600_000);
});
