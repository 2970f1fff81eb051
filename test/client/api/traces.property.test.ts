import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { listTraces, traces } from "../../../client/api/traces";
import { CtsError } from "../../../client/errors";
import type { Behaviour, WireTrace } from "../../../emulator";
import { seededRandom } from "../../../emulator/synthetic/random";
import { type Emulated, startEmulated } from "../../support/emulated";
import { listingSwitches } from "../../support/listings";
import { propertyRuns } from "../../support/runs";

const DAY = 24 * 3_600_000;

let service: Emulated;
beforeAll(async () => {
  service = await startEmulated();
});
afterAll(() => service.emulator.close());

/** Traces bunch: each bunch has so many, within so many milliseconds, so long ago. */
const bunches = fc.array(
  fc.record({
    count: fc.oneof(fc.nat(20), fc.nat(300)),
    spanMs: fc.constantFrom(0, 3, 1000, 3_600_000, 2 * DAY),
    agoMs: fc.integer({ min: 1, max: 7 * DAY - 2 * 60_000 }),
  }),
  { maxLength: 5 },
);

/** Every way in which the service may page, throttle and fail. */
const behaviour: fc.Arbitrary<Partial<Behaviour>> = fc.record({
  ...listingSwitches,
  requestsPerSecond: fc.constantFrom(0, 0, 20),
});

const window = fc.record({ from: fc.integer({ min: 1, max: 7 * DAY }), to: fc.nat(6 * DAY) });
const criteria = fc.constantFrom({}, { serviceType: "ECS" }, { serviceType: "ECS", user: "alice" });

/** Lays the bunches out. The same seed gives the same traces. */
function layOut(shape: { count: number; spanMs: number; agoMs: number }[], seed: number, now: number) {
  const random = seededRandom(seed);
  return shape.flatMap(({ count, spanMs, agoMs }) =>
    Array.from({ length: count }, () => ({
      time: Math.min(now - 1, now - agoMs + Math.floor(random() * spanMs)),
      service_type: random() < 0.7 ? "ECS" : "OBS",
      user: { id: "1", name: random() < 0.3 ? "alice" : "bob", domain: { id: "2", name: "d" } },
    })),
  );
}

const matches = (query: { serviceType?: string; user?: string }) => (trace: WireTrace) => {
  const user = typeof trace.user === "object" ? trace.user.name : undefined;
  return (
    (!query.serviceType || trace.service_type === query.serviceType) && (!query.user || user === query.user)
  );
};

describe("listTraces and traces, however traces are spread and whatever the service does", () => {
  it("find exactly the matching ones, in order, none lost, none twice; what arrives meanwhile once at most", async () => {
    let failures = 0;
    // A reading must not be harmed by what the one before has learned. New connections alone would leave thousands of sockets.
    const shared = service.connect();
    await fc.assert(
      fc.asyncProperty(
        bunches,
        window,
        criteria,
        behaviour,
        fc.constantFrom(0, 0, 0.2),
        fc.oneof(fc.integer({ min: 1, max: 400 }), fc.constant(undefined)),
        fc.boolean(),
        fc.constantFrom(true, false, false, false),
        fc.nat(),
        async (shape, { from: age, to }, query, switches, faultRate, limit, isIterated, isNew, seed) => {
          const { emulator, clock } = service;
          const connection = isNew ? service.connect() : shared;
          emulator.reset();
          emulator.traces.clear();
          Object.assign(emulator.behaviour, switches);
          const now = Math.floor(clock.now());
          emulator.traces.add(layOut(shape, seed, now));
          const end = now - to;
          const begin = Math.max(end - age, now - 7 * DAY + 60_000);
          const expected = emulator.traces
            .list()
            .filter(({ time }) => time >= begin && time < end)
            .filter(matches(query))
            .map(({ trace_id }) => trace_id);
          // Something happens all the time, at any time.
          const random = seededRandom(seed + 1);
          const stop = emulator.journal.onRequest(({ operation }, phase) => {
            if (operation !== "listTraces" || phase !== "received") {
              return;
            }
            const late = { count: 1, spanMs: 0, agoMs: 1 + Math.floor(random() * 7 * DAY) };
            emulator.traces.add(layOut([late], seed, now));
          });
          if (faultRate > 0) {
            emulator.faults.random({ rate: faultRate });
          }

          const asked = { ...query, from: begin, to: end };
          let found: string[];
          try {
            const limited = { ...asked, ...(limit && { limit }) };
            if (isIterated) {
              found = [];
              for await (const { traceId } of traces(connection, limited)) {
                found.push(traceId);
              }
            } else {
              const result = await listTraces(connection, limited);
              found = result.traces.map(({ traceId }) => traceId);
              if (result.truncated) {
                expect(found).toHaveLength(limit ?? Number.NaN);
              }
            }
            if (limit) {
              expect(found.length).toBeLessThanOrEqual(limit);
            }
          } catch (error) {
            expect(error).toBeInstanceOf(CtsError);
            if (faultRate === 0) {
              throw error;
            }
            failures++;
            return;
          } finally {
            stop();
            emulator.faults.clear();
          }

          const known = new Set(expected);
          const old = found.filter((id) => known.has(id));
          // Of a list that is cut off, the beginning; newcomers take up some of its room.
          expect(old).toEqual(expected.slice(0, limit ? old.length : undefined));
          if (limit && found.length < limit) {
            expect(old).toEqual(expected);
          }
          expect(new Set(found).size).toBe(found.length);
          const times = new Map(emulator.traces.list().map(({ trace_id, time }) => [trace_id, time]));
          const inOrder = found.map((id) => times.get(id) ?? Number.NaN);
          expect(inOrder).toEqual([...inOrder].sort((a, b) => b - a));
        },
      ),
      { numRuns: propertyRuns(0.5) },
    );
    // Else the property would say little.
    expect(failures).toBeLessThan(propertyRuns(0.5) / 10 + 1);
  }, 3_600_000);
});
