import { describe, expect, it } from "vitest";
import { follow } from "../../../cli/traces/follow";
import type { Trace } from "../../../client/api/trace";
import { NetworkError } from "../../../client/errors";
import { ServiceClock } from "../../../client/serviceClock";
import { virtualClock } from "../../support/virtualClock";

const MINUTE = 60_000;
const trouble = new NetworkError("ECONNRESET", { method: "GET", url: "https://cts.example.com" });

/**
 * A log that is read as the service is: from `from` on, earlier than `to`, newest first.
 *
 * @param options.aheadMs how far the machine's clock is ahead
 * @param options.isSilent whether the service does not say what time it is
 */
function scene(options: { ageMs?: number; limit?: number; aheadMs?: number; isSilent?: boolean } = {}) {
  const clock = virtualClock();
  let aheadMs = options.aheadMs ?? 0;
  const serviceClock = new ServiceClock({ ...clock, now: () => clock.now() + aheadMs });
  const answer = (offMs = 0) => {
    if (!options.isSilent) {
      serviceClock.hear(new Date(clock.now() + offMs).toUTCString(), clock.now());
    }
  };
  const log: { id: string; time: number }[] = [];
  const said: string[] = [];
  let windows: { from: number; to: number }[] = [];
  let failures: unknown[] = [];
  const batches = follow({
    begin: async (now) => now - (options.ageMs ?? 60 * MINUTE),
    limit: options.limit,
    intervalMs: 5000,
    clock: serviceClock,
    async *read({ from, to, limit }) {
      windows.push({ from, to });
      // Without this, a missing trace would be waited for without end.
      if (windows.length > 1000) {
        throw new Error("nothing comes");
      }
      const failure = failures.shift();
      if (failure) {
        throw failure;
      }
      // Nothing is sent for an empty window.
      if (from < to) {
        answer();
      }
      const found = log.filter(({ time }) => time >= from && time < to).sort((a, b) => b.time - a.time);
      yield found
        .slice(0, limit)
        .map(({ id, time }): Trace => ({ traceId: id, time: new Date(time).toISOString() }));
    },
    onBegin: () => said.push("begin"),
    onOverflow: () => said.push("overflow"),
    onTrouble: () => said.push("trouble"),
    onRecovery: () => said.push("recovery"),
  });
  return {
    clock,
    said,
    windows: () => windows,
    forgetWindows: () => (windows = []),
    answer,
    setAhead: (ms: number) => (aheadMs = ms),
    fail: (...errors: unknown[]) => (failures = errors),
    add: (id: string, agoMs: number) => log.push({ id, time: clock.now() - agoMs }),
    async next() {
      const { value } = await batches.next();
      // It has failed before.
      if (!value) {
        throw new Error("there is no more");
      }
      return value.map(({ traceId }) => traceId);
    },
  };
}

describe("follow", () => {
  it("hands on what is there, oldest first, then what comes in", async () => {
    const { add, next } = scene();
    for (const [id, ago] of [
      ["c", 1],
      ["a", 59 * MINUTE],
      ["too old", 61 * MINUTE],
      ["b", MINUTE],
    ] as const) {
      add(id, ago);
    }

    expect(await next()).toEqual(["a", "b", "c"]);
    add("d", 0);
    expect(await next()).toEqual(["d"]);
  });

  it("hands on what comes in up to a quarter of an hour late, once", async () => {
    const { add, next, clock } = scene();
    add("a", 10);
    await next();
    add("late", 14 * MINUTE);
    add("sentinel", -3 * MINUTE);

    const found = [await next(), await next()];

    expect(found).toEqual([["late"], ["sentinel"]]);
    expect(clock.now()).toBeGreaterThan(3 * MINUTE);
  });

  it("looks far back once a minute, and else only for what is a little late", async () => {
    const { add, next, windows, forgetWindows } = scene();
    add("a", 10);
    await next();
    forgetWindows();
    add("b", -2 * MINUTE);

    await next();

    const spans = windows().map(({ from, to }) => to - from);
    expect(spans.filter((span) => span > 10 * MINUTE)).toHaveLength(3);
    expect(spans.filter((span) => span < 2 * MINUTE).length).toBeGreaterThan(20);
  });

  it("misses nothing on the border of two windows", async () => {
    const { add, next, windows } = scene({ ageMs: 180 * MINUTE });
    add("on the border", 120 * MINUTE);
    add("end", 10);

    expect(await next()).toEqual(["on the border", "end"]);
    expect(windows().length).toBeGreaterThan(1);
  });

  it("begins with the newest of the limit, and counts none of the others as new", async () => {
    const { add, next } = scene({ limit: 2 });
    for (const [id, ago] of [
      ["c", 1000],
      ["b", 2000],
      ["a", 3000],
    ] as const) {
      add(id, ago);
    }

    expect(await next()).toEqual(["b", "c"]);
    ["d", "e", "f"].forEach((id, i) => void add(id, -i));
    expect(await next()).toEqual(["d", "e", "f"]);
  });

  it("reads a long past in pieces of a bounded size", async () => {
    const { add, next, windows } = scene({ ageMs: 48 * 60 * MINUTE });
    const total = 48 * 60 * 20;
    for (let i = 0; i < total; i++) {
      add(String(i), 48 * 60 * MINUTE - i * 3000 - 1);
    }
    const sizes: number[] = [];
    const all: string[] = [];

    while (all.length < total) {
      const batch = await next();
      sizes.push(batch.length);
      all.push(...batch);
    }

    expect(all).toEqual(Array.from({ length: total }, (_, i) => String(i)));
    expect(Math.max(...sizes)).toBeLessThan(20_000);
    expect(windows().length).toBeLessThan(48);
  });

  it("reads less at a time where it was much", async () => {
    const hours = 60 * MINUTE;
    const { add, next } = scene({ ageMs: 168 * hours });
    for (let ago = 96 * hours; ago > 0; ago -= 10_000) {
      add(String(ago), ago);
    }

    const sizes = [(await next()).length, (await next()).length, (await next()).length];

    expect(sizes[0]).toBeGreaterThan(15_000);
    expect(sizes[1]).toBeLessThan(12_000);
  });

  it("goes on after trouble that may pass, says so once, and hands on what came in meanwhile", async () => {
    const { add, next, fail, said } = scene();
    add("a", 10);
    await next();
    fail(trouble, trouble);
    add("b", 0);

    expect(await next()).toEqual(["b"]);
    expect(said).toEqual(["begin", "trouble", "recovery"]);
  });

  it.each([20 * MINUTE, -20 * MINUTE])(
    "begins by the service's time, %i ms behind this machine's",
    async (aheadMs) => {
      const { add, next, said } = scene({ aheadMs });
      add("too old", 61 * MINUTE);
      add("a", 59 * MINUTE);
      add("b", 1000);

      expect(await next()).toEqual(["a", "b"]);
      expect(said).toEqual(["begin"]);
    },
  );

  it.each([3 * 60 * MINUTE, -3 * 60 * MINUTE])(
    "loses nothing where this machine's clock is set %i ms ahead",
    async (ms) => {
      const { add, next, setAhead } = scene();
      add("a", 10);
      await next();

      setAhead(ms);
      add("b", 0);
      expect(await next()).toEqual(["b"]);
      add("late", 14 * MINUTE);
      expect(await next()).toEqual(["late"]);
      setAhead(0);
      add("c", 0);
      expect(await next()).toEqual(["c"]);
    },
  );

  it.each([3 * 60 * MINUTE, -3 * 60 * MINUTE, 9 * 24 * 60 * MINUTE])(
    "loses nothing where an answer's Date is wrong by %i ms, as a gateway's may be",
    async (ms) => {
      const { add, next, fail, answer } = scene({ ageMs: 6 * 24 * 60 * MINUTE });
      add("a", 6 * 24 * 60 * MINUTE - 10);
      await next();
      answer(ms);
      fail(trouble);
      add("b", 5 * 24 * 60 * MINUTE);
      add("c", 10);

      expect([await next(), await next()]).toEqual([["b"], ["c"]]);
    },
  );

  it("finds late ones also where the service does not say its time and this machine's clock is set back", async () => {
    const { add, next, setAhead } = scene({ isSilent: true });
    add("a", 10);
    await next();
    // By a look far back.
    add("b", 5 * MINUTE);
    await next();

    setAhead(-3 * 60 * MINUTE);
    add("late", 10 * MINUTE);

    expect(await next()).toEqual(["late"]);
  });

  it("asks for nothing that is too old after a long sleep of the machine", async () => {
    const { add, next, clock, windows, forgetWindows } = scene();
    add("a", 10);
    await next();
    forgetWindows();
    clock.advance(30 * 24 * 60 * MINUTE);
    add("b", 10);

    expect(await next()).toEqual(["b"]);
    const [{ from, to } = { from: 0, to: 0 }] = windows();
    expect(from).toBeGreaterThan(clock.now() - 8 * 24 * 60 * MINUTE);
    expect(to - from).toBeLessThan(120 * MINUTE);
  });

  it.each([
    ["trouble at the first reading", trouble, 0],
    ["what does not pass", new Error("no"), 1],
  ])("fails by %s", async (_, error, worked) => {
    const { add, next, fail } = scene();
    add("a", 10);
    for (let i = 0; i < worked; i++) {
      await next();
    }
    fail(error);

    await expect(next()).rejects.toBe(error);
  });
});
