import { afterAll, beforeEach } from "vitest";
import { type Emulator, startEmulator } from "../../emulator";
import { type Caller, type Reply, signIn, stoppedClock } from "./emulator";

export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;

/** The refusal of a query. */
export const refused = { status: 400, json: { error_code: "CTS.0003" } };

/** An emulator for queries of traces. */
interface EmulatedTraces {
  emulator: Emulator;
  /** Signed in anew before each test. */
  cts: Caller;
  clock: ReturnType<typeof stoppedClock>;
  /** The time at which each test begins. */
  now: number;
  /** GET /traces of v3. */
  get(query?: string): Promise<Reply>;
  /** The ids in the answer of GET /traces. */
  ids(query?: string): Promise<string[]>;
  /** Adds the traces a, b, c…, one for each minute before now. `a` is the newest. */
  addTraces(count: number): void;
}

/** Starts an emulator for the tests of a file. Each test begins at the same time, without traces. */
export async function emulateTraces(): Promise<EmulatedTraces> {
  const clock = stoppedClock();
  const now = clock.now();
  const emulator = await startEmulator({
    clock: clock.now,
    projects: [{ name: "eu-de_demo" }, { name: "eu-de_team" }],
  });
  const cts = await signIn(emulator);
  beforeEach(async () => {
    clock.advance(now - clock.now());
    emulator.reset();
    emulator.traces.clear();
    Object.assign(cts, await signIn(emulator));
  });
  afterAll(() => emulator.close());

  const get = (query = ""): Promise<Reply> => cts.call("GET", `/traces${query}`);
  return {
    emulator,
    cts,
    clock,
    now,
    get,
    ids: async (query) => (await get(query)).json.traces.map(({ trace_id }) => trace_id),
    addTraces: (count) => {
      const traces = Array.from({ length: count }, (_, i) => ({
        trace_id: String.fromCharCode(97 + i),
        time: now - (i + 1) * 60_000,
      }));
      emulator.traces.add(traces);
    },
  };
}
