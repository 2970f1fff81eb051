import { beforeEach, describe, expect, it } from "vitest";
import { ReadCache } from "../../../provider/core/readCache";
import { virtualClock } from "../../support/virtualClock";

const LIFE_MS = 1000;
let clock: ReturnType<typeof virtualClock>;
let cache: ReadCache<number>;
let reads: number;
const read = async () => ++reads;

beforeEach(() => {
  clock = virtualClock();
  cache = new ReadCache(clock, LIFE_MS);
  reads = 0;
});

describe("ReadCache", () => {
  it("shares one read among all that ask while it is under way, and for its life", async () => {
    expect(await Promise.all([cache.get("a", read), cache.get("a", read)])).toEqual([1, 1]);
    clock.advance(LIFE_MS - 1);
    expect(await cache.get("a", read)).toBe(1);
    clock.advance(1);
    expect(await cache.get("a", read)).toBe(2);
    expect(await cache.get("b", read)).toBe(3);
  });

  it("counts its life from the answer, not from the request", async () => {
    let answer: (value: number) => void = () => {};
    const slow = cache.get("a", () => new Promise((resolve) => (answer = resolve)));
    clock.advance(LIFE_MS * 2);
    answer(7);
    await slow;

    expect(await cache.get("a", read)).toBe(7);
  });

  it("lets a caller ask for a younger answer", async () => {
    await cache.get("a", read);
    clock.advance(10);

    expect(await cache.get("a", read, 11)).toBe(1);
    expect(await cache.get("a", read, 10)).toBe(2);
  });

  it("does not cache a failed read", async () => {
    await expect(cache.get("a", () => Promise.reject(new Error("no")))).rejects.toThrow("no");

    expect(cache.recent("a")).toBeUndefined();
    expect(await cache.get("a", read)).toBe(1);
  });

  it("tells what was read of late, without a read", async () => {
    expect(cache.recent("a")).toBeUndefined();
    await cache.get("a", read);
    expect(await cache.recent("a")).toBe(1);
    clock.advance(LIFE_MS);

    expect(cache.recent("a")).toBeUndefined();
  });

  it.each(["succeeds", "fails"])("forgets what was read before or during a change that %s", async (end) => {
    await cache.get("a", read);
    const change = cache.invalidateAfter("a", async () => {
      await cache.get("a", read);
      if (end === "fails") {
        throw new Error("no");
      }
    });
    await change.catch(() => undefined);

    expect(await cache.get("a", read)).toBe(2);
  });
});
