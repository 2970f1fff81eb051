import { beforeEach, describe, expect, it } from "vitest";
import { ThrottledError } from "../../../client/errors";
import { RateLimiter } from "../../../client/paging/rateLimiter";
import { virtualClock } from "../../support/virtualClock";

const ANSWER_MS = 10;
const MOST = 12;

let clock: ReturnType<typeof virtualClock>;
let limiter: RateLimiter;
let service: { perSecond: number; left: number; countedAt: number; throttled: number };

beforeEach(() => {
  clock = virtualClock();
  limiter = new RateLimiter(clock, MOST);
  service = { perSecond: 20, left: 20, countedAt: clock.now(), throttled: 0 };
});

/** A service with a token bucket: a number of calls per second, and that number concurrently after a second of rest. */
async function call(): Promise<"answer"> {
  const { perSecond, left, countedAt } = service;
  const now = clock.now();
  service.left = Math.min(perSecond, left + ((now - countedAt) * perSecond) / 1000);
  service.countedAt = now;
  clock.advance(ANSWER_MS);
  if (service.left < 1) {
    service.throttled++;
    throw throttled(1000);
  }
  service.left--;
  return "answer";
}

function throttled(retryAfterMs: number): ThrottledError {
  return new ThrottledError({
    method: "GET",
    url: "https://cts.example.com/traces",
    status: 429,
    reason: "too many",
    errorCode: undefined,
    requestId: undefined,
    retryAfterMs,
  });
}

/** Milliseconds until this number of calls is answered. */
async function timeOf(answers: number): Promise<number> {
  const startedAt = clock.now();
  for (let left = answers; left > 0; ) {
    if (await limiter.run(call)) {
      left--;
    }
  }
  return clock.now() - startedAt;
}

describe("RateLimiter", () => {
  it("waits for nothing as long as nothing is throttled", async () => {
    service.perSecond = 1000;
    service.left = 1000;
    expect(await timeOf(500)).toBe(500 * ANSWER_MS);
    expect(limiter.concurrency).toBe(MOST);
    expect(limiter.isRateLimited).toBe(false);
  });

  it("is throttled once, and from then on sends as fast as the service has shown that it bears", async () => {
    const leastMs = ((200 - 20) / 20) * 1000;
    expect(await timeOf(200)).toBeLessThan(1.1 * leastMs);
    expect(service.throttled).toBe(1);
    expect(limiter.isRateLimited).toBe(true);
  });

  it.each([0, 5])(
    "takes the rate of what was accepted until the refused one was sent, whatever of %i sent later is accepted",
    async (later) => {
      const answer = async () => clock.now();
      for (let i = 0; i < 20; i++) {
        await limiter.run(answer);
        clock.advance(50);
      }
      const settle: (() => void)[] = [];
      const refused = limiter.run(
        () => new Promise((_, reject) => settle.push(() => reject(throttled(1000)))),
      );
      clock.advance(500);
      const accepted = Array.from({ length: later }, () =>
        limiter.run(() => new Promise<void>((resolve) => settle.push(resolve))),
      );
      await Promise.resolve();
      for (const each of settle) {
        each();
        await Promise.resolve();
      }
      await Promise.all([refused, ...accepted]);
      const sent: (number | undefined)[] = [];
      for (let i = 0; i < 12; i++) {
        sent.push(await limiter.run(answer));
      }
      const resumedAt = sent[0] ?? Number.NaN;
      // 20 and a half in two seconds, so 10 in the pause; half a one stays in reserve.
      const waits = [...Array(9).fill(0), 50, 150, 250];
      expect(sent.map((time) => Math.round((time ?? 0) - resumedAt))).toEqual(waits);
    },
  );

  it("counts those that are refused together once, however late their answers come", async () => {
    const refusals: ((error: unknown) => void)[] = [];
    const refused = [0, 1, 2].map(() => limiter.run(() => new Promise((_, reject) => refusals.push(reject))));
    await Promise.resolve();
    refusals[0]?.(throttled(1000));
    refusals[1]?.(throttled(1000));
    await Promise.all(refused.slice(0, 2));
    expect(await limiter.run(async () => "answer")).toBe("answer");
    refusals[2]?.(throttled(1000));
    await refused[2];
    expect(limiter.concurrency).toBe(MOST / 2);
  });

  it("sends nothing while the service has asked for a pause, also what has waited for its share by then", async () => {
    await timeOf(60);
    expect(limiter.isRateLimited).toBe(true);
    const startedAt = clock.now();
    const waits: (() => void)[] = [];
    const { sleep } = clock;
    clock.sleep = () => new Promise((resolve) => waits.push(resolve));
    const sent: number[] = [];
    const answers = [0, 1].map(() => limiter.run(async () => void sent.push(clock.now() - startedAt)));
    const refused = limiter.run(async () => {
      throw throttled(5000);
    });
    await Promise.resolve();
    expect(waits).toHaveLength(3);
    clock.sleep = sleep;
    clock.advance(1000);
    // The one that came last is awake first.
    waits[2]?.();
    await refused;
    for (const wake of waits) {
      wake();
    }
    await Promise.all(answers);
    expect(Math.min(...sent)).toBeGreaterThanOrEqual(1000 + 5000);
  });

  it.each([0, 5])(
    "takes throttling after %i answers for others' doing, and learns nothing from it",
    async (answers) => {
      service.perSecond = 1000;
      service.left = 1000;
      await timeOf(answers);
      service.left = 0;
      service.countedAt = clock.now() + 1000;
      expect(await limiter.run(call)).toBeUndefined();
      expect(await timeOf(100)).toBeLessThanOrEqual(1000 + 100 * ANSWER_MS);
      expect(limiter.isRateLimited).toBe(false);
    },
  );

  it("halves the concurrent calls, and grows again", async () => {
    await timeOf(25);
    expect(service.throttled).toBe(1);
    expect(limiter.concurrency).toBeLessThan(9);
    await timeOf(80);
    expect(limiter.concurrency).toBe(MOST);
  });

  it("forgets the limit after half a minute, as others may have been the reason", async () => {
    await timeOf(30);
    service.perSecond = 1000;
    clock.advance(31_000);
    expect(await timeOf(500)).toBe(500 * ANSWER_MS);
    expect(limiter.isRateLimited).toBe(false);
  });

  it("is throttled once when it puts the limit to the test, and then goes on as before", async () => {
    const leastMs = ((1000 - 20) / 20) * 1000;
    expect(await timeOf(1000)).toBeLessThan(1.03 * leastMs);
    expect(service.throttled).toBe(2);
    expect(limiter.isRateLimited).toBe(true);
  });

  it("takes what a pause brings, not all that the service permits after a longer one", async () => {
    const answer = async () => clock.now();
    const refuse = (retryAfterMs: number) =>
      limiter.run(async (): Promise<never> => {
        throw throttled(retryAfterMs);
      });
    for (let i = 0; i < 20; i++) {
      await limiter.run(answer);
    }
    clock.advance(50);
    // 20 in two seconds.
    await refuse(2000);
    await refuse(1000);
    const sent: number[] = [];
    for (let i = 0; i < 12; i++) {
      sent.push((await limiter.run(answer)) ?? Number.NaN);
    }
    expect(sent.map((time) => time - (sent[0] ?? 0))).toEqual([...Array(10).fill(0), 100, 200]);
  });

  it("learns the limit anew from what is sent after it was forgotten, not from how slowly it was asked before", async () => {
    await timeOf(30);
    for (let i = 0; i < 75; i++) {
      clock.advance(250);
      await timeOf(1);
    }
    clock.advance(31_000);
    const leastMs = ((200 - 20) / 20) * 1000;
    expect(await timeOf(200)).toBeLessThan(1.2 * leastMs);
  });

  it("learns the limit from what is sent since a time without requests, however long that was", async () => {
    await timeOf(15);
    clock.advance(10_000);
    const leastMs = ((200 - 20) / 20) * 1000;
    expect(await timeOf(200)).toBeLessThan(1.1 * leastMs);
    expect(service.throttled).toBe(1);
  });

  it.each([5, 25])(
    "has its whole patience again when somebody comes long after %i answers and a refusal",
    async (answers) => {
      await timeOf(answers);
      service.left = 0;
      service.countedAt = clock.now();
      await limiter.run(call);
      clock.advance(200_000);
      service.left = 0;
      service.countedAt = clock.now();
      expect(await limiter.run(call)).toBeUndefined();
    },
  );

  it("waits as usual where the time to wait for has passed by its own clock", async () => {
    const startedAt = clock.now();
    await limiter.run(async () => {
      throw throttled(0);
    });
    await timeOf(1);
    expect(clock.now() - startedAt).toBe(1000 + ANSWER_MS);
  });

  it("waits no longer than it would remember the limit, however many wait before", async () => {
    const answer = async () => "answer";
    const slow = async (): Promise<never> => {
      throw throttled(60_000);
    };
    for (let i = 0; i < MOST; i++) {
      await limiter.run(answer);
    }
    expect(await limiter.run(slow)).toBeUndefined();
    await limiter.run(answer);
    const waits: number[] = [];
    clock.sleep = async (ms) => void waits.push(ms);
    // Their shares come back one in five seconds.
    await Promise.all(Array.from({ length: 2 * MOST }, () => limiter.run(answer)));
    expect(Math.max(...waits)).toBe(30_000);
  });
});
