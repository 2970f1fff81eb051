import { describe, expect, it } from "vitest";
import { ServiceClock, ServiceClocks } from "../../client/serviceClock";
import { virtualClock } from "../support/virtualClock";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const URL = "https://cts.example.com/v3/p/traces";

/** A machine whose clock is off, and what answers tell it. */
function scene(aheadMs = 0) {
  const time = virtualClock();
  const machine = { ...time, now: () => time.now() + aheadMs };
  const warnings: string[] = [];
  const clocks = new ServiceClocks(machine, (message) => warnings.push(message));
  return {
    time,
    warnings,
    clocks,
    clock: clocks.of(URL),
    set: (ms: number) => (aheadMs = ms),
    /** An answer that takes this long, stamped half-way. */
    answer(tookMs = 0, url = URL, serviceAheadMs = 0) {
      const sentAt = time.monotonic();
      time.advance(tookMs / 2);
      const date = new Date(time.now() + serviceAheadMs).toUTCString();
      time.advance(tookMs / 2);
      clocks.hear(url, date, sentAt);
    },
    errorMs: () => Math.abs(clocks.of(URL).now() - time.now()),
  };
}

describe("ServiceClock", () => {
  it.each([0, 100, -100, 2400, -1900])(
    "is this machine's where that is %i ms ahead, as it may be",
    (aheadMs) => {
      const { clock, time, answer } = scene(aheadMs);
      time.advance(400);
      answer();
      expect(clock.now()).toBe(time.now() + aheadMs);
    },
  );

  it.each([4 * SECOND, -4 * SECOND, 20 * MINUTE, -20 * MINUTE, 240 * HOUR, -240 * HOUR])(
    "is the service's, to a second, where this machine's is %i ms ahead",
    (aheadMs) => {
      const { answer, errorMs, clock, time } = scene(aheadMs);
      time.advance(700);
      answer(300);
      expect(errorMs()).toBeLessThanOrEqual(clock.uncertaintyMs);
      expect(clock.uncertaintyMs).toBe(650);
    },
  );

  it("knows the time better by each answer", () => {
    const { answer, clock, time } = scene(HOUR);
    answer();
    expect(clock.uncertaintyMs).toBe(500);
    time.advance(700);
    answer();
    expect(clock.uncertaintyMs).toBe(150);
  });

  it("knows nothing before an answer", () => {
    const { clock, time } = scene(HOUR);
    expect([clock.isHeard, clock.uncertaintyMs]).toEqual([false, Number.POSITIVE_INFINITY]);
    expect(clock.now()).toBe(time.now() + HOUR);
  });

  it.each([3 * HOUR, -3 * HOUR])(
    "goes on rightly where this machine's clock is set %i ms ahead",
    (aheadMs) => {
      const { answer, set, errorMs } = scene();
      answer();
      set(aheadMs);
      expect(errorMs()).toBeLessThanOrEqual(500);
    },
  );

  it("goes by the last answer where it contradicts the ones before", () => {
    const { answer, errorMs, warnings } = scene();
    answer(0, URL, 2 * HOUR);
    answer();
    expect(errorMs()).toBe(0);
    expect(warnings).toHaveLength(1);
  });

  it.each([
    undefined,
    "",
    "soon",
    "2026-01-01T00:00:00Z",
    "Thu Jan  1 00:00:00 2026",
    "Thu, 99 Foo 2026 00:00:00 GMT",
  ])("takes nothing from a Date of %j", (date) => {
    const clock = new ServiceClock(virtualClock());
    clock.hear(date, 0);
    expect(clock.isHeard).toBe(false);
  });
});

describe("ServiceClock.settled", () => {
  it("does work once where the time was right", async () => {
    const { clock, answer } = scene();
    const times: number[] = [];
    await clock.settled(async (now) => times.push(answer() ?? now));
    expect(times).toHaveLength(1);
  });

  it.each([false, true])(
    "repeats the work if its answer shows another time; the work fails: %s",
    async (fails) => {
      const { clock, answer, time } = scene(HOUR);
      const times: number[] = [];
      await clock.settled(async (now) => {
        times.push(now - time.now());
        answer();
        if (fails && times.length === 1) {
          throw new Error("refused");
        }
      });
      expect(times).toEqual([HOUR, 500]);
    },
  );

  it("passes a failure on that is not the time's", async () => {
    const { clock, answer } = scene();
    const work = clock.settled(async () => {
      answer();
      throw new Error("refused");
    });
    await expect(work).rejects.toThrow("refused");
  });

  it("ends where the answers never agree", async () => {
    const { clock, answer } = scene();
    let count = 0;
    await clock.settled(async () => answer(0, URL, ++count * HOUR));
    expect(count).toBe(3);
  });
});

describe("ServiceClocks", () => {
  it("keeps a clock for each service, and guesses by another one before its first answer", () => {
    const { clocks, answer, time } = scene(HOUR);
    const iam = "https://iam.example.com/v3/auth/tokens";
    answer(0, iam, 10 * MINUTE);
    expect(clocks.of(URL).now()).toBe(time.now() + 10 * MINUTE + 500);
    answer();
    expect(clocks.of(URL).now()).toBe(time.now() + 500);
    expect(clocks.of(`${iam}/more`).now()).toBe(time.now() + 10 * MINUTE + 500);
  });

  it.each([
    [50 * SECOND, []],
    [20 * MINUTE, [expect.stringMatching(/(1199|1200) s ahead of the service's/)]],
    [-20 * MINUTE, [expect.stringMatching(/120[01] s behind the service's/)]],
  ])("warns once of a clock that is %i ms ahead", (aheadMs, expected) => {
    const { answer, warnings } = scene(aheadMs);
    answer();
    answer();
    answer(0, "https://iam.example.com/");
    expect(warnings).toEqual(expected);
  });

  it("warns once in a process, whatever number of connections there are", () => {
    const warnings: string[] = [];
    const warn = (message: string) => warnings.push(message);
    for (let i = 0; i < 3; i++) {
      new ServiceClocks(virtualClock(), warn).hear(URL, new Date().toUTCString(), 0);
    }
    expect(warnings).toHaveLength(1);
  });
});
