import { afterEach, describe, expect, it, vi } from "vitest";
import { type Emulator, startEmulator, type WireTrace } from "../../../emulator";
import { Traffic } from "../../../emulator/synthetic/traffic";
import { DAY_MS, HOUR_MS } from "../../support/emulatedTraces";
import { pagesOf, signIn, stoppedClock } from "../../support/emulator";

const clock = stoppedClock();
const now = clock.now();

describe("EmulatorOptions.traces", () => {
  const running: Emulator[] = [];
  const start = async (traces: number, seed?: number): Promise<Emulator> => {
    const started = await startEmulator({ traces, clock: clock.now, ...(seed !== undefined && { seed }) });
    running.push(started);
    return started;
  };
  afterEach(async () => {
    vi.restoreAllMocks();
    await Promise.all(running.splice(0).map((each) => each.close()));
  });

  it("each place has this number of traces, which depend on the seed only", async () => {
    const [first, same, other] = [await start(300, 5), await start(300, 5), await start(300, 6)];

    const traces = first.traces.list();
    expect(traces).toHaveLength(300);
    expect(same.traces.list()).toEqual(traces);
    expect(other.traces.list()).not.toEqual(traces);
    const there = first.traces.list({ region: "eu-nl" });
    expect(there).toHaveLength(300);
    expect(there.some(({ trace_id }) => traces.some((trace) => trace.trace_id === trace_id))).toBe(false);
  });

  it("reset makes the same traces again, and clear removes them", async () => {
    const started = await start(20);
    const traces = started.traces.list();
    await (await signIn(started)).put();
    started.reset();
    const again = started.traces.list();
    started.traces.clear();

    expect(again).toEqual(traces);
    expect(started.traces.list()).toEqual([]);
  });

  it("the default spread has busy hours, bursts and recent traces", async () => {
    const traces = (await start(20_000)).traces.list();
    const times = traces.map(({ time }) => time);
    const inHours = (hours: number[]): number =>
      times.filter((time) => time < now - HOUR_MS && hours.includes(new Date(time).getUTCHours())).length;
    const within = (ms: number): number =>
      Math.max(...times.map((time, i) => times.findIndex((other, j) => j > i && other < time - ms) - i));

    expect(times.every((time) => time < now && time > now - 7 * DAY_MS + HOUR_MS)).toBe(true);
    expect(inHours([20, 21, 22, 23, 0, 1, 2, 3, 4])).toBe(0);
    expect(inHours([8, 9, 10, 11])).toBeGreaterThan(5000);
    expect(times.filter((time) => time > now - HOUR_MS).length).toBeGreaterThan(300);
    expect(within(20_000)).toBeGreaterThan(300);
    expect(within(0)).toBeGreaterThan(5);
  });

  it("the traces have all variations of real logs", async () => {
    const traces = (await start(5000)).traces.list();
    const share = (holds: (trace: WireTrace) => boolean): number =>
      traces.filter(holds).length / traces.length;

    const variations: [name: string, min: number, max: number, holds: (trace: WireTrace) => boolean][] = [
      ["code as a number", 0.04, 0.15, ({ code }) => typeof code === "number"],
      ["response as an object", 0.04, 0.15, ({ response }) => typeof response === "object"],
      ["user as text", 0.01, 0.1, ({ user }) => typeof user === "string"],
      ["no resource", 0.01, 0.1, (trace) => !("resource_id" in trace)],
      ["no code", 0.01, 0.1, (trace) => !("code" in trace)],
      ["a message", 0.02, 0.2, ({ message }) => message !== undefined],
      ["fields of newer regions", 0.005, 0.1, (trace) => "read_only" in trace],
      ["a long request", 0.002, 0.05, ({ request }) => String(request).length > 4000],
      ["warning", 0.01, 0.1, ({ trace_rating }) => trace_rating === "warning"],
      ["incident", 0.001, 0.02, ({ trace_rating }) => trace_rating === "incident"],
      ["normal", 0.9, 1, ({ trace_rating }) => trace_rating === "normal"],
    ];
    for (const [name, min, max, holds] of variations) {
      expect(share(holds), name).toBeGreaterThan(min);
      expect(share(holds), name).toBeLessThan(max);
    }
    for (const type of ["ApiCall", "ConsoleAction", "SystemAction"]) {
      expect(share(({ trace_type }) => trace_type === type)).toBeGreaterThan(0.02);
    }
    expect(share(({ trace_type, source_ip }) => (trace_type === "SystemAction") === (source_ip === ""))).toBe(
      1,
    );
    expect(
      share(({ source_ip }) =>
        /^(192\.0\.2|198\.51\.100|203\.0\.113)\.|^2001:db8:|^$/.test(source_ip ?? "-"),
      ),
    ).toBe(1);
    expect(share(({ record_time = 0, time }) => record_time >= time && record_time <= now)).toBe(1);
    expect(new Set(traces.map(({ service_type }) => service_type)).size).toBeGreaterThan(8);
    expect(new Set(traces.map(({ trace_id }) => trace_id)).size).toBe(5000);
  });

  it("each criterion, trace_id and paging find synthetic traces among recorded ones", async () => {
    const started = await start(2000);
    const caller = await signIn(started);
    await caller.put();
    started.traces.add({ time: now - DAY_MS });
    const truth = started.traces.list();
    const window = `from=${now - 7 * DAY_MS}&to=${now + 1}`;

    const all = (await pagesOf(caller, `/traces?limit=200&${window}`)).flat();
    expect(all).toEqual(truth);
    expect(truth).toHaveLength(2002);
    const sample = truth.find(({ trace_rating, resource_id }) => trace_rating === "warning" && resource_id);
    for (const field of [
      "service_type",
      "resource_type",
      "resource_id",
      "resource_name",
      "trace_name",
      "trace_rating",
    ]) {
      const found = (
        await pagesOf(
          caller,
          `/traces?limit=200&${window}&${field}=${encodeURIComponent(String(sample?.[field]))}`,
        )
      ).flat();
      expect(found).toEqual(truth.filter((trace) => trace[field] === sample?.[field]));
    }
    const byUser = (await pagesOf(caller, `/traces?limit=200&${window}&user=terraform`)).flat();
    expect(byUser).toEqual(truth.filter(({ user }) => JSON.stringify(user).includes("terraform")));
    const byId = await caller.call("GET", `/traces?trace_id=${sample?.trace_id}`);
    expect(byId.json.traces).toEqual([sample]);
  });

  it("a page of 200,000 traces generates only the traces that it shows", async () => {
    const started = await start(200_000);
    const caller = await signIn(started);
    const window = `from=${now - 7 * DAY_MS}&to=${now + 1}`;
    const first = await caller.call("GET", `/traces?limit=200&${window}`);
    const made = vi.spyOn(Traffic.prototype, "trace");
    const outlined = vi.spyOn(Traffic.prototype, "searchFields");
    const looked = vi.spyOn(Traffic.prototype, "timeAt");

    const second = await caller.call("GET", `/traces?limit=50&${window}&next=${first.json.meta_data.marker}`);

    expect(second.json.traces).toHaveLength(50);
    expect(first.json.traces.every(({ record_time = 0 }) => record_time <= now)).toBe(true);
    expect(made).toHaveBeenCalledTimes(50);
    expect(outlined).not.toHaveBeenCalled();
    expect(looked.mock.calls.length).toBeLessThan(400);
    await caller.call("GET", `/traces?limit=5&${window}&resource_name=nobody`);
    expect(made).toHaveBeenCalledTimes(50);
    expect(outlined).toHaveBeenCalledTimes(200_000);
  });

  it("the id of a synthetic trace cannot be used again", async () => {
    const started = await start(10);
    const [{ trace_id = "" } = {}] = started.traces.list();

    expect(() => started.traces.add({ trace_id })).toThrow(`There is a trace ${trace_id} already.`);
  });

  it("with synthetic traces there is no trace of the creation of a tracker", async () => {
    expect((await start(10)).traces.list().every(({ service_type }) => service_type !== "CTS")).toBe(true);
  });
});
