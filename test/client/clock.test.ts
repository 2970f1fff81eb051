import { describe, expect, it } from "vitest";
import { cancellable, systemClock } from "../../client/clock";
import { failureOf } from "../support/client";
import { virtualClock } from "../support/virtualClock";

const HOUR_MS = 3_600_000;

describe("cancellable", () => {
  it("waits as the clock does until it is cancelled", async () => {
    const clock = virtualClock();
    const start = clock.now();

    await cancellable(clock, new AbortController().signal).sleep(HOUR_MS);

    expect(clock.now() - start).toBe(HOUR_MS);
  });

  it.each(["before", "after"])("ends a wait that was begun %s the cancellation", async (when) => {
    const controller = new AbortController();
    const clock = cancellable({ ...systemClock, sleep: () => new Promise(() => {}) }, controller.signal);
    if (when === "after") {
      controller.abort();
    }

    const failure = failureOf(clock.sleep(HOUR_MS));
    controller.abort();

    expect((await failure).name).toBe("CancelledError");
  });

  it("is cancelled from the start where the signal is", async () => {
    const clock = cancellable({ ...systemClock, sleep: () => new Promise(() => {}) }, AbortSignal.abort());
    expect((await failureOf(clock.sleep(HOUR_MS))).name).toBe("CancelledError");
  });
});
