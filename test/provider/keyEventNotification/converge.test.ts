import { describe, expect, it } from "vitest";
import { PartialError } from "../../../provider/core/managedResource";
import { failing, useNotifications } from "../../support/notificationBench";

const bench = useNotifications();
const { service, anew, withClockAhead, deletions, full, stored, calls, lose, checked, made } = bench;

describe("a notification under faults", () => {
  it.each([0, 3000])(
    "finds what a create has made whose answer was lost (list lags %i ms)",
    async (lagMs) => {
      service.emulator.behaviour.lagMs = lagMs;
      lose("createNotification");

      const { id, state } = await made();

      expect(service.emulator.notifications()).toHaveLength(1);
      expect(id).toContain(stored()?.notification_id);
      expect(state.operations).toEqual(deletions);
    },
  );

  it.each([-60, 60])("finds it also where this machine's clock is %i minutes ahead", async (minutes) => {
    bench.resource = withClockAhead(minutes);
    lose("createNotification");

    await made();

    expect(service.emulator.notifications()).toHaveLength(1);
  });

  it.each([-60, 60])(
    "takes a new one for lagging, not for gone, where this machine's clock is %i minutes ahead",
    async (minutes) => {
      service.emulator.behaviour.lagMs = 3000;
      const { id, state } = await made();

      expect((await withClockAhead(minutes).read(id, state))?.id).toBe(id);
    },
  );

  it("sends a create again that did not arrive", async () => {
    service.emulator.faults.add({ kind: "status", status: 500, match: { operation: "createNotification" } });

    await made();

    expect(service.emulator.notifications()).toHaveLength(1);
  });

  it("goes on where the list cannot be read after a create whose answer was lost", async () => {
    lose("createNotification");
    const match = { operation: "listNotifications" } as const;
    service.emulator.faults.add({ kind: "status", status: 503, times: 18, match });

    expect((await made()).state.notificationId).toBe(stored()?.notification_id);
  });

  it("does not take for its own what was there before, though it looks the same", async () => {
    await made();
    service.clock.advance(3_600_000);
    lose("createNotification");

    expect(String(await failing(anew().create(await checked(full()))))).toContain("adopt: true");
  });

  it("does not take for its own what looks the same, where no answer was lost", async () => {
    await made();

    expect(String(await failing(anew().create(await checked(full()))))).toContain("adopt: true");
  });

  it("does not take for its own what is not as declared", async () => {
    service.emulator.setNotification({ notification_name: "alarm" });
    lose("createNotification");

    expect(String(await failing(made()))).toContain("adopt: true");
  });

  it.each(["reset", "wrongJson"] as const)(
    "sends a change again whose answer was lost (%s)",
    async (kind) => {
      const { id, state } = await made();
      const match = { operation: "updateNotification" } as const;
      service.emulator.faults.add({ kind, when: "before", match });

      const now = await bench.resource.update(id, state, await checked({ ...full(), status: "disabled" }));

      expect([now.status, stored()?.status]).toEqual(["disabled", "disabled"]);
    },
  );

  it("needs no further change where the list shows what a lost answer did not", async () => {
    const { id, state } = await made();
    service.emulator.faults.add({
      kind: "wrongJson",
      when: "after",
      match: { operation: "updateNotification" },
    });
    service.emulator.journal.clear();

    await bench.resource.update(id, state, await checked({ ...full(), status: "disabled" }));

    expect(calls()).toEqual(["updateNotification", "listNotifications"]);
  });

  it.each(["before", "after"] as const)("makes sure that a delete has been done (%s)", async (when) => {
    const { id, state } = await made();
    service.emulator.faults.add({ kind: "wrongJson", when, match: { operation: "deleteNotifications" } });

    await anew().delete(id, state);

    expect(service.emulator.notifications()).toEqual([]);
  });

  it("keeps in the state what was made and cannot be switched off", async () => {
    const match = { operation: "updateNotification" } as const;
    service.emulator.faults.add({ kind: "status", status: 403, match });

    const failure = await failing(made({ ...full(), status: "disabled" }));

    expect(failure).toBeInstanceOf(PartialError);
    expect(failure).toMatchObject({
      id: expect.stringContaining(stored()?.notification_id ?? "none"),
      state: { status: "enabled", notificationId: stored()?.notification_id },
      reasons: [expect.stringContaining("403")],
    });
  });

  it("keeps the old state, to be tried again, where nobody knows what a change has done", async () => {
    const { id, state } = await made();
    service.emulator.faults.add({ kind: "status", status: 503, times: 1000 });

    const failure = await failing(
      bench.resource.update(id, state, await checked({ ...full(), status: "disabled" })),
    );

    expect(failure).toMatchObject({ id, state, reasons: [expect.stringContaining("503")] });
  });

  it("changes nothing in the state where a change is refused", async () => {
    const { id, state } = await made();
    const match = { operation: "updateNotification" } as const;
    service.emulator.faults.add({ kind: "status", status: 403, match });

    const failure = await failing(
      bench.resource.update(id, state, await checked({ ...full(), status: "disabled" })),
    );

    expect(failure).not.toBeInstanceOf(PartialError);
    expect(String(failure)).toContain("CTS Administrator");
  });

  it("names each setting that the service does not take", async () => {
    const { id, state } = await made();
    const match = { operation: "updateNotification" } as const;
    service.emulator.faults.add({ kind: "status", status: 200, body: stored(), times: 2, match });

    const failure = await failing(
      bench.resource.update(id, state, await checked({ ...full(), status: "disabled" })),
    );

    expect(failure).toMatchObject({ state, reasons: ['status is still "enabled", not "disabled"'] });
  });
});
