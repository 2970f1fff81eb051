import { describe, expect, it } from "vitest";
import { useNotifications } from "../../support/notificationBench";

const bench = useNotifications();
const { service, anew, full, calls, checked, made } = bench;

describe("a notification in the list, which may lag", () => {
  it("is not gone because the list does not show it yet", async () => {
    service.emulator.behaviour.lagMs = 3000;
    const { id, state } = await made();

    expect((await anew().read(id, state))?.id).toBe(id);
  });

  it("is looked up though the list does not show it yet", async () => {
    service.emulator.behaviour.lagMs = 3000;
    const { id } = await made();

    expect((await anew().read(id, undefined))?.id).toBe(id);
  });

  it("is gone at once where it was made long ago, or else once the list must show it", async () => {
    const { id, state } = await made();
    service.emulator.removeNotification("alarm");
    service.emulator.journal.clear();

    expect(await anew().read(id, state)).toBeUndefined();
    expect(calls().length).toBeGreaterThan(1);
    service.clock.advance(600_000);
    service.emulator.journal.clear();
    expect(await anew().read(id, state)).toBeUndefined();

    expect(calls()).toEqual(["listNotifications"]);
  });

  it("shares the lists also with others that are gone", async () => {
    const names = ["a", "b", "c", "d"];
    const all = await Promise.all(names.map((notificationName) => made({ ...full(), notificationName })));
    for (const name of names) {
      service.emulator.removeNotification(name);
    }
    service.emulator.journal.clear();

    await Promise.all(all.map(({ id, state }) => bench.resource.read(id, state)));

    // Each by itself would need 7 after the first one.
    expect(calls().length).toBeLessThan(28);
  });

  it("does not take a failed read for gone", async () => {
    const { id, state } = await made();
    service.emulator.faults.add({ kind: "status", status: 503, times: 6 });

    await expect(anew().read(id, state)).rejects.toThrow(/503/);
  });

  it("shares one list among all that are read, until something is changed", async () => {
    const one = await made();
    const two = await made({ ...full(), notificationName: "two" });
    service.emulator.journal.clear();

    await Promise.all([one, two, one].map(({ id, state }) => bench.resource.read(id, state)));
    expect(calls()).toEqual(["listNotifications"]);
    const changed = await bench.resource.update(
      one.id,
      one.state,
      await checked({ ...full(), status: "disabled" }),
    );
    expect((await bench.resource.read(one.id, changed))?.state.status).toBe("disabled");
    service.clock.advance(30_000);
    await bench.resource.read(one.id, changed);

    expect(calls()).toEqual([
      "listNotifications",
      "updateNotification",
      "listNotifications",
      "listNotifications",
    ]);
  });

  it("reads anew after a list that failed", async () => {
    const { id, state } = await made();
    service.emulator.faults.add({ kind: "status", status: 503, times: 6 });
    const [first, second] = [bench.resource.read(id, state), bench.resource.read(id, state)];

    await expect(first).rejects.toThrow(/503/);
    await expect(second).rejects.toThrow(/503/);
    expect((await bench.resource.read(id, state))?.id).toBe(id);
  });
});
