import { beforeEach, describe, expect, it } from "vitest";
import { ThrottledError } from "../../provider/client/errors";
import { Pace } from "../../provider/client/pace";
import { virtualClock } from "../support/virtualClock";

const ANSWER_MS = 10;

let clock: ReturnType<typeof virtualClock>;
let pace: Pace;
let service: { perSecond: number; left: number; countedAt: number; throttled: number };

beforeEach(() => {
  clock = virtualClock();
  pace = new Pace(12, clock);
  service = { perSecond: 20, left: 20, countedAt: clock.now(), throttled: 0 };
});

/** A service that lets so many calls a second pass, and as many at once after a second of rest. */
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
    answeredAt: undefined,
  });
}

/** How long it takes until so many calls are answered, in milliseconds. */
async function timeOf(answers: number): Promise<number> {
  const startedAt = clock.now();
  for (let left = answers; left > 0; ) if (await pace.run(call)) left--;
  return clock.now() - startedAt;
}

describe("Pace", () => {
  it("waits for nothing as long as nothing is throttled", async () => {
    service.perSecond = 1000;
    service.left = 1000;
    expect(await timeOf(500)).toBe(500 * ANSWER_MS);
    expect(pace.allowed).toBe(12);
    expect(pace.isLimited).toBe(false);
  });

  it("is throttled once, and from then on sends as fast as the service has shown that it bears", async () => {
    const leastMs = ((200 - 20) / 20) * 1000;
    expect(await timeOf(200)).toBeLessThan(1.1 * leastMs);
    expect(service.throttled).toBe(1);
    expect(pace.isLimited).toBe(true);
  });

  it.each([0, 5])(
    "takes throttling after %i answers for others' doing, and learns nothing from it",
    async (answers) => {
      service.perSecond = 1000;
      service.left = 1000;
      await timeOf(answers);
      service.left = 0;
      service.countedAt = clock.now() + 1000;
      expect(await pace.run(call)).toBeUndefined();
      expect(await timeOf(100)).toBeLessThanOrEqual(1000 + 100 * ANSWER_MS);
      expect(pace.isLimited).toBe(false);
    },
  );

  it("halves what goes at once, and grows again", async () => {
    await timeOf(25);
    expect(service.throttled).toBe(1);
    expect(pace.allowed).toBeLessThan(9);
    await timeOf(80);
    expect(pace.allowed).toBe(12);
  });

  it("forgets the limit after half a minute, as others may have been the reason", async () => {
    await timeOf(30);
    service.perSecond = 1000;
    clock.advance(31_000);
    expect(await timeOf(500)).toBe(500 * ANSWER_MS);
    expect(pace.isLimited).toBe(false);
  });

  it("waits no longer than it would remember the limit, however many wait before", async () => {
    const answer = async () => "answer";
    const slow = async (): Promise<never> => {
      throw throttled(60_000);
    };
    for (let i = 0; i < 12; i++) await pace.run(answer);
    expect(await pace.run(slow)).toBeUndefined();
    await pace.run(answer);
    const waits: number[] = [];
    clock.sleep = async (ms) => void waits.push(ms);
    // Their shares come back one in five seconds.
    await Promise.all(Array.from({ length: 24 }, () => pace.run(answer)));
    expect(Math.max(...waits)).toBe(30_000);
  });
});
