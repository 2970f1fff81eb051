import { describe, expect, it } from "vitest";
import { cancellable } from "../../../client/clock";
import {
  type CtsError,
  MalformedAnswerError,
  NetworkError,
  TimeoutError,
  toApiError,
} from "../../../client/errors";
import { defaultRetryPolicy, retryIdempotent, retryOnce } from "../../../client/http/retry";
import { failureOf } from "../../support/client";
import { virtualClock } from "../../support/virtualClock";

const facts = { method: "PUT", url: "http://127.0.0.1/v3/p/tracker" };

function refusal(status: number, errorCode?: string, retryAfterMs?: number): CtsError {
  const unknown = { requestId: undefined };
  return toApiError({ ...facts, ...unknown, status, errorCode, reason: "refused", retryAfterMs });
}

/** A call that fails so, one failure after the other, and then succeeds; and what becomes of it. */
function callFailingWith(failures: readonly CtsError[], random = 0) {
  const clock = virtualClock(() => random);
  const start = clock.now();
  const left = [...failures];
  const seen = { attempts: 0, waitsMs: [] as number[] };
  let lastAt = start;
  const call = async () => {
    if (seen.attempts > 0) {
      seen.waitsMs.push(clock.now() - lastAt);
    }
    lastAt = clock.now();
    seen.attempts += 1;
    const failure = left.shift();
    if (failure) {
      throw failure;
    }
    return "done";
  };
  return { call, clock, seen };
}

const reset = () => new NetworkError("ECONNRESET", facts);
const refusedConnection = () => new NetworkError("ECONNREFUSED", facts);
const throttled = (retryAfterMs?: number) => refusal(429, "APIGW.0308", retryAfterMs);

/** Failures, and whether they are retried: a call that may, and one that must not be carried out twice. */
const failures: [string, () => CtsError, idempotent: boolean, once: boolean][] = [
  ["429", () => throttled(), true, true],
  ["ECONNREFUSED", refusedConnection, true, true],
  ["ENOTFOUND", () => new NetworkError("ENOTFOUND", facts), true, true],
  ["ECONNRESET", reset, true, false],
  ["EPIPE", () => new NetworkError("EPIPE", facts), true, false],
  ["a timeout", () => new TimeoutError(1, facts), true, false],
  ["a truncated answer", () => new MalformedAnswerError("the answer was cut off", facts), true, false],
  ["500", () => refusal(500), true, false],
  ["502", () => refusal(502), true, false],
  ["503", () => refusal(503), true, false],
  ["408", () => refusal(408), true, false],
  ["400 CTS.0001", () => refusal(400, "CTS.0001"), true, false],
  ["400 CTS.0300", () => refusal(400, "CTS.0300"), true, false],
  ["500 CTS.0004", () => refusal(500, "CTS.0004"), true, false],
  ["400", () => refusal(400, "CTS.0003"), false, false],
  ["400 CTS.0208", () => refusal(400, "CTS.0208"), false, false],
  ["401", () => refusal(401, "APIGW.0301"), false, false],
  ["403", () => refusal(403, "CTS.0013"), false, false],
  ["404", () => refusal(404, "CTS.0214"), false, false],
  ["302", () => refusal(302), false, false],
];

describe("retryIdempotent", () => {
  it.each(failures)("after %s: repeats or not", async (_, failure, isRepeated) => {
    const { call, clock, seen } = callFailingWith([failure()]);

    const outcome = await retryIdempotent(call, clock).catch(() => "failed");

    expect(outcome).toBe(isRepeated ? "done" : "failed");
    expect(seen.attempts).toBe(isRepeated ? 2 : 1);
  });

  it("gives up after the number of attempts of the policy, with the last failure", async () => {
    const all = Array.from({ length: 10 }, reset);
    const { call, clock, seen } = callFailingWith(all);

    const failure = await failureOf(retryIdempotent(call, clock));

    expect(failure).toBe(all[defaultRetryPolicy.attempts - 1]);
    expect(seen.attempts).toBe(6);
  });

  it.each([
    [0, [125, 250, 500, 1000, 2000]],
    [0.5, [187.5, 375, 750, 1500, 3000]],
  ])("doubles its waits, jittered (%d)", async (random, expected) => {
    const { call, clock, seen } = callFailingWith(Array.from({ length: 5 }, reset), random);

    await retryIdempotent(call, clock);

    expect(seen.waitsMs).toEqual(expected);
  });

  it("never waits longer than the policy says on its own account", async () => {
    const policy = { ...defaultRetryPolicy, attempts: 9 };
    const { call, clock, seen } = callFailingWith(Array.from({ length: 8 }, reset), 0);

    await retryIdempotent(call, clock, policy);

    expect(Math.max(...seen.waitsMs)).toBe(5000);
  });

  it.each([
    ["as long as asked", 7000, 7125],
    ["up to the cap", 3_600_000, 60_125],
    ["its own time where none is asked", 0, 125],
  ])("waits %s", async (_, retryAfterMs, expected) => {
    const { call, clock, seen } = callFailingWith([throttled(retryAfterMs)]);

    await retryIdempotent(call, clock);

    expect(seen.waitsMs).toEqual([expected]);
  });

  it("honours a Retry-After of any status that is repeated", async () => {
    const { call, clock, seen } = callFailingWith([refusal(503, undefined, 7000)]);

    await retryIdempotent(call, clock);

    expect(seen.waitsMs).toEqual([7125]);
  });

  it.each<[string, CtsError[], boolean]>([
    ["only refusals", Array.from({ length: 6 }, () => throttled()), false],
    ["connections that were never made", Array.from({ length: 6 }, refusedConnection), false],
    ["one final refusal", [refusal(400, "CTS.0003")], false],
    ["a lost answer, then refusals", [reset(), ...Array.from({ length: 5 }, () => throttled())], true],
    ["a lost answer, then a final refusal", [refusal(500), refusal(400, "CTS.0003")], true],
    ["a lost answer, then one refused token", [throttled(), reset(), refusal(401)], true],
    ["lost answers only", Array.from({ length: 6 }, reset), true],
  ])("says whether it may be done all the same after %s", async (_, all, mayHaveBeenApplied) => {
    const { call, clock } = callFailingWith(all);

    const failure = await failureOf(retryIdempotent(call, clock));

    expect(failure.mayHaveBeenApplied).toBe(mayHaveBeenApplied);
  });

  it.each<[string, () => CtsError, boolean]>([
    ["a refusal", throttled, false],
    ["a lost answer", reset, true],
  ])(
    "ends when it is cancelled while it waits after %s, and says why it waited",
    async (_, failure, mayHaveBeenApplied) => {
      const controller = new AbortController();
      const { call, clock, seen } = callFailingWith([failure()]);
      // A wait that only a cancellation ends.
      clock.sleep = () => new Promise(() => controller.abort());

      const cancelled = await failureOf(retryIdempotent(call, cancellable(clock, controller.signal)));

      expect(cancelled).toMatchObject({ name: "CancelledError", mayHaveBeenApplied });
      expect(cancelled.message).toMatch(/tracker: .*; cancelled while waiting/);
      expect(seen.attempts).toBe(1);
    },
  );

  it("throws an error that is not of this package immediately", async () => {
    const bug = new TypeError("bug");
    const { call, clock, seen } = callFailingWith([bug as unknown as CtsError]);

    expect(await failureOf(retryIdempotent(call, clock))).toBe(bug);
    expect(seen.attempts).toBe(1);
  });
});

describe("retryOnce", () => {
  it.each(failures)("after %s: repeats only what has changed nothing", async (_, failure, __, isRepeated) => {
    const { call, clock, seen } = callFailingWith([failure()]);

    const outcome = await retryOnce(call, clock).catch(() => "failed");

    expect(outcome).toBe(isRepeated ? "done" : "failed");
    expect(seen.attempts).toBe(isRepeated ? 2 : 1);
  });

  it("stops at the first answer that is lost, even after refusals", async () => {
    const { call, clock, seen } = callFailingWith([throttled(), refusedConnection(), reset()]);

    const failure = await failureOf(retryOnce(call, clock));

    expect(failure).toMatchObject({ code: "ECONNRESET", mayHaveBeenApplied: true });
    expect(seen.attempts).toBe(3);
  });
});
