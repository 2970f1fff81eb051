import fc from "fast-check";
import { expect, it } from "vitest";
import type { Trace } from "../../client/api/trace";
import { explainDrift } from "../../drift/driftCause";
import { KINDS } from "../../drift/kinds/kinds";
import type { Behaviour, WireTrace } from "../../emulator";
import { eventsOf, MINUTE, NOON } from "../support/drift";
import { useEmulated } from "../support/emulated";
import { listingSwitches } from "../support/listings";
import {
  type Happening,
  happening,
  JudgementCheck,
  lifeOf,
  OWN,
  outcomeOf,
  providerIdOf,
  tracesOf,
} from "../support/lives";
import { propertyRuns } from "../support/runs";

const service = useEmulated();
const GAP_MS = 40 * MINUTE;

/** Every way in which the service may list traces. */
const behaviour: fc.Arbitrary<Partial<Behaviour>> = fc.record({
  ...listingSwitches,
  unknownMarker: fc.constantFrom("rejected" as const, "empty" as const),
  traceIdIgnoresNext: fc.boolean(),
  traceTypeRequired: fc.boolean(),
});

/** As the service lists it. @param shiftMs from the noon of the lives to the time of the emulator. */
function toWire(trace: Trace, shiftMs: number): Partial<WireTrace> {
  const entries = Object.entries(trace)
    .filter(([key]) => key !== "traceId" && key !== "time")
    .map(([key, value]) => [key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`), value]);
  // The emulator would fill these in.
  const absent = { user: undefined, request: undefined, resource_id: undefined, resource_name: undefined };
  return { ...absent, ...Object.fromEntries(entries), time: Date.parse(trace.time) + shiftMs };
}

it("explains the drift of any kind of resource by the life that it had, however the service lists traces", async () => {
  const lives = new JudgementCheck();
  await fc.assert(
    fc.asyncProperty(
      lifeOf(KINDS),
      fc.array(happening, { maxLength: 2 }),
      behaviour,
      async ({ kind, life, uuid, other }, earlier: Happening[], switches) => {
        const { emulator, clock } = service;
        emulator.reset();
        emulator.traces.clear();
        Object.assign(emulator.behaviour, switches);
        const outcome = outcomeOf(life);
        if (!outcome.author) {
          return;
        }
        const id = kind.identity === "tracker" ? "system" : uuid;
        const now = Math.trunc(clock.now());
        const events = [...earlier, ...outcome.happened];
        const shiftMs = now - NOON - events.length * GAP_MS;
        const modified = NOON + earlier.length * GAP_MS - 10 * MINUTE + shiftMs;
        emulator.traces.add(
          events.flatMap((event, i) =>
            tracesOf(event, i * 40, kind, event.isOnOther ? other : id).map((trace) =>
              toWire(trace, shiftMs),
            ),
          ),
        );
        const resource = {
          urn: `urn:pulumi:dev::test::${kind.type}::it`,
          type: kind.type,
          id: providerIdOf(kind, id, emulator.projectId()),
          old: { description: "before" },
          now: outcome.isGone ? undefined : { description: outcome.value },
        };
        const state = JSON.stringify({
          version: 3,
          deployment: {
            resources: [
              {
                ...resource,
                custom: true,
                outputs: resource.old,
                modified: new Date(modified).toISOString(),
              },
            ],
          },
        });

        const { report } = await explainDrift(service.connect(), eventsOf([resource], now), {
          state,
          own: [OWN],
        });

        expect(report.resources).toHaveLength(1);
        const [{ verdict = "unexplained", cause } = {}] = report.resources;
        lives.add(outcome, kind, verdict, cause?.user.name);
      },
    ),
    { numRuns: propertyRuns() },
  );
  lives.expectMostFound();
}, 3_600_000);
