import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Behaviour, type Emulator, startEmulator, type WireTrace } from "../../../emulator";
import { type Caller, pagesOf, signIn, stoppedClock } from "../../support/emulator";
import { propertyRuns } from "../../support/runs";

const clock = stoppedClock();
const start = clock.now() - 1000;

/** So few different times that many traces share one. */
const traces = fc.array(
  fc.record({
    time: fc.integer({ min: start, max: start + 12 }),
    service_type: fc.constantFrom("ECS", "OBS"),
    record_time: fc.constantFrom(undefined, start, clock.now() + 1),
  }),
  { maxLength: 40 },
);
const switches: fc.Arbitrary<Partial<Behaviour>> = fc.record({
  marker: fc.constantFrom("always" as const, "full" as const),
  noMarker: fc.constantFrom("null" as const, "absent" as const),
  pages: fc.constantFrom("full" as const, "short" as const, "scanned" as const),
  repeatsMarked: fc.boolean(),
});
const query = fc.record({
  limit: fc.integer({ min: 1, max: 20 }),
  from: fc.integer({ min: start - 1, max: start + 12 }),
  length: fc.integer({ min: 0, max: 14 }),
  service: fc.constantFrom(undefined, "ECS"),
});

describe("paging through traces", () => {
  let emulator: Emulator;
  let synthetic: Emulator;
  let cts: Caller;
  beforeAll(async () => {
    emulator = await startEmulator({ clock: clock.now });
    synthetic = await startEmulator({ clock: clock.now, traces: 60 });
    cts = await signIn(emulator);
  });
  afterAll(() => Promise.all([emulator.close(), synthetic.close()]));

  /** Without the trace that a page begins with though the one before has ended with it. */
  function withoutRepeated(pages: WireTrace[][]): WireTrace[] {
    return pages.flat().filter((trace, i, all) => trace.trace_id !== all[i - 1]?.trace_id);
  }

  it("yields exactly what lies in the open interval, each once, newest first, however it is paged", async () => {
    await fc.assert(
      fc.asyncProperty(traces, switches, query, async (added, on, { limit, from, length, service }) => {
        emulator.traces.clear();
        emulator.traces.add(added);
        Object.assign(emulator.behaviour, on);
        const criterion = service ? `&service_type=${service}` : "";

        const path = `/traces?limit=${limit}&from=${from}&to=${from + length}${criterion}`;
        const pages = await pagesOf(cts, path);

        const expected = emulator.traces
          .list()
          .filter(
            ({ time, record_time = 0 }) => time > from && time < from + length && record_time <= clock.now(),
          )
          .filter(({ service_type }) => service === undefined || service_type === service);
        expect(withoutRepeated(pages)).toEqual(expected);
        expect(pages.every((page) => page.length <= limit)).toBe(true);
      }),
      { numRuns: propertyRuns(0.1) },
    );
  });

  it("merges synthetic and written traces into one order, whatever arrives in between", async () => {
    const week = 7 * 24 * 3_600_000;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(60), { maxLength: 10 }),
        fc.integer({ min: 1, max: 30 }),
        fc.array(fc.integer({ min: 1, max: week - 1 }), { maxLength: 5 }),
        async (ties, limit, late) => {
          synthetic.reset();
          const cts = await signIn(synthetic);
          const times = synthetic.traces.list().map(({ time }) => time);
          // Some at the very times of synthetic ones.
          synthetic.traces.add(ties.map((i) => ({ time: times[i] ?? clock.now() - 1 })));
          const path = `/traces?limit=${limit}&from=${clock.now() - week}&to=${clock.now()}`;
          const truth = synthetic.traces.list();

          const first = (await cts.call("GET", path)).json;
          synthetic.traces.add(late.map((age) => ({ time: clock.now() - age })));
          const last = first.traces.at(-1);
          const rest = (await pagesOf(cts, path, first.meta_data.marker)).flat();

          const now = synthetic.traces.list();
          const seen = now.findIndex(({ trace_id }) => trace_id === last?.trace_id);
          expect(first.traces).toEqual(truth.slice(0, limit));
          expect(rest).toEqual(now.slice(seen + 1));
        },
      ),
      { numRuns: propertyRuns(0.05) },
    );
  });
});
