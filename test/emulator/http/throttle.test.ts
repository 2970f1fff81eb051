import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Emulator, startEmulator } from "../../../emulator";
import { type Caller, signIn, stoppedClock } from "../../support/emulator";

const clock = stoppedClock();

let emulator: Emulator;
let cts: Caller;

beforeAll(async () => {
  emulator = await startEmulator({ clock: clock.now });
});
afterAll(() => emulator.close());
beforeEach(async () => {
  emulator.reset();
  cts = await signIn(emulator);
});

async function statuses(calls: number): Promise<number[]> {
  const replies: number[] = [];
  for (let i = 0; i < calls; i++) {
    replies.push((await cts.get()).status);
  }
  return replies;
}

describe("Behaviour.requestsPerSecond", () => {
  it("is no limit by default", async () => {
    expect(new Set(await statuses(50))).toEqual(new Set([200]));
  });

  it("answers 429 APIGW.0308 beyond it, says when to come again, and changes nothing", async () => {
    emulator.behaviour.requestsPerSecond = 1;
    await cts.get();

    const reply = await cts.put({ status: "disabled" });

    expect(reply).toMatchObject({ status: 429, json: { error_code: "APIGW.0308" } });
    expect(reply.headers.get("Retry-After")).toBe("1");
    expect(reply.json.request_id).toBe(reply.headers.get("X-Request-Id"));
    expect(emulator.tracker()?.status).toBe("enabled");
    expect(emulator.journal.entries.at(-1)).toMatchObject({ operation: "updateTracker", status: 429 });
  });

  it("lets that number pass concurrently, and then one more for each share of a second", async () => {
    emulator.behaviour.requestsPerSecond = 4;

    const burst = await statuses(6);
    clock.advance(250);
    const afterOneShare = await statuses(2);
    clock.advance(60_000);
    const afterRest = await statuses(5);

    expect(burst).toEqual([200, 200, 200, 200, 429, 429]);
    expect(afterOneShare).toEqual([200, 429]);
    expect(afterRest).toEqual([200, 200, 200, 200, 429]);
  });

  it("counts all regions and projects together, and IAM not at all", async () => {
    const other = await signIn(emulator, { region: "eu-nl" });
    emulator.behaviour.requestsPerSecond = 1;
    await other.get();

    expect((await cts.get()).status).toBe(429);
    expect((await signIn(emulator)).token).not.toBe("");
    expect((await signIn(emulator)).token).not.toBe("");
  });

  it("leaves planned faults for a call that passes", async () => {
    emulator.behaviour.requestsPerSecond = 1;
    await cts.get();
    emulator.faults.add({ kind: "status", status: 503 });

    const throttled = await statuses(1);
    clock.advance(1000);

    expect([...throttled, ...(await statuses(1))]).toEqual([429, 503]);
  });

  it("starts again with reset(), and after it was off", async () => {
    emulator.behaviour.requestsPerSecond = 1;
    await cts.get();
    emulator.reset();
    cts = await signIn(emulator);
    emulator.behaviour.requestsPerSecond = 1;
    const afterReset = await statuses(2);
    emulator.behaviour.requestsPerSecond = 0;
    await cts.get();
    emulator.behaviour.requestsPerSecond = 1;

    expect(afterReset).toEqual([200, 429]);
    expect(await statuses(1)).toEqual([200]);
  });
});
