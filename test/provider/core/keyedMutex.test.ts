import { describe, expect, it } from "vitest";
import { KeyedMutex } from "../../../provider/core/keyedMutex";

describe("KeyedMutex", () => {
  it("does work on one thing in turn, and on others meanwhile", async () => {
    const mutex = new KeyedMutex();
    const events: string[] = [];
    let finish: () => void = () => {};
    const first = mutex.runExclusive("a", async () => {
      events.push("first begins");
      await new Promise<void>((resolve) => {
        finish = resolve;
      });
      events.push("first ends");
      return 1;
    });
    const second = mutex.runExclusive("a", async () => {
      events.push("second");
      return 2;
    });
    await mutex.runExclusive("b", async () => events.push("other"));
    finish();

    expect(await Promise.all([first, second])).toEqual([1, 2]);
    expect(events).toEqual(["first begins", "other", "first ends", "second"]);
  });

  it("goes on after work that failed, and reports the failure to its own caller only", async () => {
    const mutex = new KeyedMutex();
    const failed = mutex.runExclusive("a", () => Promise.reject(new Error("broken")));
    const next = mutex.runExclusive("a", async () => "done");

    await expect(failed).rejects.toThrow("broken");
    expect(await next).toBe("done");
  });
});
