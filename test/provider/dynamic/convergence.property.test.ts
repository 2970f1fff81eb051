import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { engineFor, useEmulated } from "../../support/emulated";
import { propertyRuns } from "../../support/runs";
import { type Step, SUBJECTS_BY_API } from "../../support/subjects";
import { LONGEST_LAG_MS } from "../../support/trackers";

const service = useEmulated({ behaviour: { trackerExists: false } });

describe.each(SUBJECTS_BY_API)("$name, whatever is found, wanted or switched", (subject) => {
  it("is as declared after up, and the next preview is empty; drift is seen and mended; destroy leaves what it should", async () => {
    await fc.assert(
      fc.asyncProperty(subject.story(service), fc.boolean(), async (story, isRemoved) => {
        const { emulator, clock } = service;
        const { refusal, drift, remove, second, ...expected } = subject.begin(service, story);
        const connection = service.connect({
          ...emulator.settings(),
          apiVersion: subject.apiVersion ?? "v3",
        });
        const engine = engineFor(service, subject.Kind, () => connection);
        const { first } = story;
        const timePasses = () => clock.advance(subject.isListed ? LONGEST_LAG_MS : 0);
        /** Does a step of the engine, with no more calls than it needs. */
        const step = async <T>(name: Step, declared: typeof story.first, work: () => Promise<T>) => {
          emulator.journal.clear();
          const outcome = await work();
          const calls = emulator.journal.calls("cts").map(({ operation }) => operation);
          // A create looks at a thing that somebody else made before it takes it over.
          if (name !== "create" || !story.found) {
            expect(calls.length, calls.join()).toBeLessThanOrEqual(subject.callsOf(name, declared));
          }
          timePasses();
          return outcome;
        };

        const up = await step("create", first, () => engine.up({ ...first }));
        if (refusal) {
          expect(up.errors.join()).toMatch(refusal);
          expect(engine.resource).toBeUndefined();
          expect(emulator.journal.mutations().filter(({ status = 0 }) => status < 300)).toEqual([]);
          expected.expectUnchanged();
          return;
        }
        expect(up).toEqual({ step: "create", errors: [] });
        expected.expectInEffect(first);
        expect((await step("same", first, () => engine.up({ ...first }))).step).toBe("same");
        const id = engine.resource?.id;

        const hasDrifted = drift();
        timePasses();
        expect(await step("refresh", first, () => engine.refresh())).toEqual({
          step: "refresh",
          errors: [],
        });
        expect((await engine.preview({ ...first })).step).toBe(hasDrifted ? "update" : "same");
        if (remove && isRemoved) {
          remove();
          timePasses();
          await engine.refresh();
          expect(engine.resource).toBeUndefined();
        }

        const wanted = second();
        const isNew = engine.resource === undefined;
        expect((await step(isNew ? "create" : "update", wanted, () => engine.up(wanted))).errors).toEqual([]);
        expect(isNew || engine.resource?.id === id).toBe(true);
        expected.expectInEffect(wanted);
        expect((await engine.preview(wanted)).step).toBe("same");
        await engine.refresh();
        expect((await engine.preview(subject.respelled(wanted))).step).toBe("same");

        expect(await step("delete", wanted, () => engine.destroy())).toEqual({
          step: "delete",
          errors: [],
        });
        expected.expectDestroyed(wanted);
      }),
      { numRuns: propertyRuns(subject.apiVersion ? 0.1 : 1) },
    );
  }, 7_200_000);
});
