import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { seededRandom } from "../../../emulator/synthetic/random";
import { KeyEventNotificationResource } from "../../../provider/keyEventNotification/resource";
import { Doom } from "../../support/doom";
import { setScene, stackFor, useEmulated } from "../../support/emulated";
import { notificationBehaviour } from "../../support/notifications";
import { propertyRuns } from "../../support/runs";
import { LONGEST_LAG_MS } from "../../support/trackers";

let random = seededRandom(0);
const service = useEmulated({ random: () => random() });

const named = (name: string) =>
  service.emulator.notifications().find((one) => one.notification_name === name);

/** The list lags behind what a run has changed, as its answers need no list; the engine takes seconds to start again. */
const timePasses = () => service.clock.advance(LONGEST_LAG_MS);

/** Another notification beside it, and one of the same name in another project: nobody must touch them. */
function setNeighbours(): () => void {
  const { emulator } = service;
  const elsewhere = { project: "eu-nl_demo" };
  emulator.setNotification({ notification_name: "neighbour" });
  emulator.setNotification({ notification_name: "alarm" }, elsewhere);
  const seen = () => [named("neighbour"), emulator.notifications(elsewhere)];
  const before = seen();
  return () => expect(seen()).toEqual(before);
}

describe("key event notifications that pass their names on to each other, and to a new one", () => {
  it("have them in one up, unless in a circle, and keep their ids; none is lost or doubled, also killed or under faults", async () => {
    const names = fc.shuffledSubarray(["a", "b", "c", "d"], { minLength: 4 });
    await fc.assert(
      fc.asyncProperty(
        names,
        names,
        fc.boolean(),
        fc.boolean(),
        notificationBehaviour,
        fc.oneof(
          fc.constant({}),
          fc.record({ callsBefore: fc.nat(12), isLastCarriedOut: fc.boolean() }),
          fc.record({ rate: fc.constantFrom(0.3, 0.6), seed: fc.integer() }),
        ),
        async (before, after, isOneNew, oneByOne, switches, trouble: Trouble) => {
          const { emulator } = service;
          setScene(service, undefined, switches);
          const expectNeighboursUntouched = setNeighbours();
          const others = emulator.notifications().length;
          const connection = service.connect();
          let doom: Doom | undefined;
          const connect = () => doom?.wrap(connection) ?? connection;
          // The last one is to be made, or there is none: its name is free then.
          const count = isOneNew ? 4 : 3;
          const stack = stackFor(service, KeyEventNotificationResource, count, { connect, oneByOne });
          const ids = () => stack.engines.map((engine) => engine.resource?.id);
          const declared = (index: number) => ({
            notificationName: after[index],
            // Only then is one taken over whose making was broken off.
            adopt: true,
            status: "disabled",
          });
          await stack.run(async (engine, index) => {
            if (index === 3) {
              return;
            }
            const declared = { notificationName: before[index], adopt: true, status: "disabled" };
            expect((await engine.up(declared)).errors).toEqual([]);
          });
          timePasses();
          const idsBefore = ids();

          if (trouble.callsBefore !== undefined) {
            doom = new Doom(trouble.callsBefore, trouble.isLastCarriedOut ?? false);
            await Promise.race([stack.run((engine, index) => engine.up(declared(index))), doom.killed]);
            doom = undefined;
          }
          if (trouble.rate !== undefined) {
            random = seededRandom(trouble.seed ?? 0);
            emulator.faults.random({
              rate: trouble.rate,
              kinds: ["status", "reset", "truncated", "html", "wrongJson"],
            });
            await stack.run((engine, index) => engine.up(declared(index)));
            emulator.faults.clear();
          }
          timePasses();
          const up = async (nameOf: (index: number) => string | undefined) => {
            const outcomes = await stack.run((engine, index) =>
              engine.up({ ...declared(index), notificationName: nameOf(index) }),
            );
            timePasses();
            return outcomes.flatMap(({ errors }) => errors);
          };
          const isCircle = hasCircle(before.slice(0, 3), after.slice(0, count));
          const isUntroubled = trouble.callsBefore === undefined && trouble.rate === undefined;
          const errors = await up((index) => after[index]);
          if (isUntroubled && isCircle) {
            expect(errors.join()).toContain("rename in two ups");
            expect(ids().slice(0, 3)).toEqual(idsBefore.slice(0, 3));
          } else if (isUntroubled && !oneByOne) {
            expect(errors).toEqual([]);
          }
          // As the error advises.
          if (errors.length > 0) {
            expect(await up((index) => `free_${index}`)).toEqual([]);
            expect(await up((index) => after[index])).toEqual([]);
          }

          expect(ids().slice(0, 3)).toEqual(idsBefore.slice(0, 3));
          const there = new Map(emulator.notifications().map((one) => [one.notification_id, one]));
          const nameNow = (id: string | undefined) => there.get(id?.split("/")[2] ?? "")?.notification_name;
          expect(ids().map(nameNow)).toEqual(after.slice(0, count));
          expect(there.size).toBe(others + count);
          timePasses();
          await stack.run((engine) => engine.refresh());
          const planned = await stack.run((engine, index) => engine.preview(declared(index)));
          expect(planned.map(({ step }) => step)).toEqual(planned.map(() => "same"));

          await stack.run((engine) => engine.destroy());
          expect(emulator.notifications()).toHaveLength(others);
          expectNeighboursUntouched();
        },
      ),
      { numRuns: propertyRuns(0.25) },
    );
  }, 3_600_000);
});

/** True if a name passes on along declarations and comes back to the first. */
function hasCircle(before: readonly string[], after: readonly string[]): boolean {
  return before.some((_, start) => {
    let at = start;
    for (let steps = 1; steps <= before.length; steps++) {
      at = before.indexOf(after[at] ?? "");
      if (at < 0) {
        return false;
      }
      if (at === start) {
        return steps > 1;
      }
    }
    return false;
  });
}

interface Trouble {
  callsBefore?: number;
  isLastCarriedOut?: boolean;
  rate?: number;
  seed?: number;
}
