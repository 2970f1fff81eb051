import { beforeEach, describe, expect, it } from "vitest";
import { PartialError } from "../../../provider/core/managedResource";
import { Run } from "../../../provider/core/run";
import { KeyEventNotificationResource } from "../../../provider/keyEventNotification/resource";
import type { NotificationInputs, NotificationState } from "../../../provider/keyEventNotification/state";
import { failing, useNotifications } from "../../support/notificationBench";

const bench = useNotifications();
const { service, anew, deletions, full, stored, calls, lose, checked, made } = bench;
let topicId: string;
beforeEach(() => {
  topicId = bench.topicId();
});

describe("a notification whose name exists already", () => {
  const theirs = () => ({ notification_name: "alarm", topic_id: topicId });

  it.each([undefined, false])("leaves it alone, and says how to take it over (adopt: %s)", async (adopt) => {
    service.emulator.setNotification(theirs());
    const before = stored();

    const failure = await failing(made({ ...full(), adopt }));

    expect(String(failure)).toMatch(
      /"alarm" \(.+\) exists already in project .*: .*set adopt: true to take it over/,
    );
    expect(failure).not.toBeInstanceOf(PartialError);
    expect(stored()).toEqual(before);
  });

  it("takes it over with adopt: true, with its id, as declared", async () => {
    service.emulator.setNotification(theirs());
    const before = stored();

    const { id, state } = await made({ ...full(), adopt: true });

    expect(id).toContain(before?.notification_id);
    expect(state).toMatchObject({ operations: deletions, adopt: true });
    expect(stored()).toMatchObject({
      operation_type: "customized",
      notification_id: before?.notification_id,
    });
  });

  it("takes it over though the list lags", async () => {
    service.emulator.behaviour.lagMs = 3000;
    service.emulator.console.notifications.create(theirs());

    expect((await made({ ...full(), adopt: true })).state.operations).toEqual(deletions);
  });

  it("does not take its name", async () => {
    const { id, state } = await made();
    service.emulator.setNotification({ notification_name: "theirs" });

    const failure = await failing(
      bench.resource.update(id, state, await checked({ ...full(), notificationName: "theirs" })),
    );

    expect(String(failure)).toMatch(
      /"theirs" exists already in project .*: choose another name, or rename or delete that one first/,
    );
    expect(failure).not.toBeInstanceOf(PartialError);
    expect(calls().filter((call) => call === "updateNotification").length).toBeLessThan(10);
  });

  it.each(["create", "update"])(
    "says what to do where the topic does not exist, in %s",
    async (operation) => {
      const { emulator } = service;
      const first = operation === "update" ? await made() : undefined;
      emulator.behaviour.topics = "existing";

      const failure = await failing(
        first
          ? bench.resource.update(first.id, first.state, await checked({ ...full(), status: "disabled" }))
          : made(),
      );

      expect(String(failure)).toMatch(
        /CTS.0003 .*does not exist.*; check that the topic urn:smn:eu-de:.*:alarm exists, and that its policy/,
      );
      expect(failure).not.toBeInstanceOf(PartialError);
    },
  );

  it("says so where there are as many as there may be, which is not that one exists", async () => {
    for (let i = 0; i < 100; i++) {
      service.emulator.setNotification({ notification_name: `n${i}` });
    }

    expect(String(await failing(made({ ...full(), adopt: true })))).toMatch(/CTS.0200.*upper limit[^;]*$/);
  });
});

describe("names that pass on within a run", () => {
  type Made = { id: string; state: NotificationState };
  const args = (notificationName: string, more: object = {}) => ({ ...full(), notificationName, ...more });
  const names = () => service.emulator.notifications().map((one) => one.notification_name);
  const nameOf = ({ id }: Made) =>
    service.emulator.notifications().find((one) => id.endsWith(one.notification_id))?.notification_name;
  /** As the engine plans it: check and diff. */
  const planned = async ({ id, state }: Made, wanted: object, owner: string) => {
    const { inputs, problems } = await bench.resource.check(wanted, state, owner);
    if (!inputs || problems.length > 0) {
      throw new Error(JSON.stringify(problems));
    }
    bench.resource.remember(id, state);
    return { inputs, differences: bench.resource.diff(id, state, inputs) };
  };
  const two = async (): Promise<[Made, Made]> => {
    const made = [
      await bench.resource.create(await checked(args("a"))),
      await bench.resource.create(await checked(args("b", { notifyUserList: undefined }))),
    ] as [Made, Made];
    bench.resource = anew();
    service.emulator.journal.clear();
    return made;
  };
  const update = ({ id, state }: Made, inputs: NotificationInputs) =>
    bench.resource.update(id, state, inputs);

  it.each(["concurrently", "one after the other"])("does not swap two names, changed %s", async (how) => {
    const [a, b] = await two();
    const toB = await planned(a, args("b"), "A");
    const toA = await planned(b, args("a"), "B");

    const first = failing(update(a, toB.inputs));
    if (how === "one after the other") {
      await first;
    }
    const failures = await Promise.all([first, failing(update(b, toA.inputs))]);

    for (const failure of failures) {
      expect(String(failure)).toMatch(/cannot be swapped.*rename in two ups/);
    }
    expect([nameOf(a), nameOf(b)]).toEqual(["a", "b"]);
    expect(names()).toHaveLength(2);
  });

  it("passes a name on along a chain, whichever change comes first", async () => {
    const [a, b] = await two();
    const toB = await planned(a, args("b"), "A");
    const toC = await planned(b, args("c", { notifyUserList: undefined }), "B");

    const states = await Promise.all([update(a, toB.inputs), update(b, toC.inputs)]);

    expect([nameOf(a), nameOf(b)]).toEqual(["b", "c"]);
    expect(states.map((state) => state.notificationName)).toEqual(["b", "c"]);
    expect(new Set(calls())).toEqual(new Set(["updateNotification"]));
  });

  it("compares without a trace: what was only compared can keep its name", async () => {
    const [a, b] = await two();
    const { inputs } = await planned(b, args("b", { notifyUserList: undefined }), "B");
    bench.resource.diff(b.id, b.state, { ...inputs, notificationName: "c" });
    await update(b, inputs);

    const toB = await bench.resource.check(args("b"), a.state, "A");

    expect(toB.problems.map(({ path }) => path)).toEqual(["notificationName"]);
  });

  it.each(["create", "update"])(
    "waits for a declaration that is heard of later, in %s",
    async (operation) => {
      const [a, b] = await two();
      let renaming: Promise<unknown> | undefined;
      const clock = {
        ...service.clock,
        sleep: async (ms: number) => {
          await service.clock.sleep(ms);
          renaming ??= planned(b, args("c"), "B").then(({ inputs }) => update(b, inputs));
          await renaming;
        },
      };
      const connection = service.connect();
      bench.resource = new KeyEventNotificationResource(new Run(() => connection, clock));
      const { inputs } = await (operation === "update"
        ? planned(a, args("b"), "A")
        : bench.resource.check(args("b"), undefined, "new"));

      const wanted = inputs as NotificationInputs;
      await (operation === "update" ? update(a, wanted) : bench.resource.create(wanted));

      expect(stored("b")?.notification_id).not.toBe(b.state.notificationId);
      expect(nameOf(b)).toBe("c");
    },
  );

  it.each([undefined, true])("gives the name to a new one as well (adopt: %s)", async (adopt) => {
    const [, b] = await two();
    const toC = await planned(b, args("c"), "B");
    const { inputs } = await bench.resource.check(args("b", { adopt }), undefined, "new");

    const [made, renamed] = await Promise.all([
      bench.resource.create(inputs as NotificationInputs),
      update(b, toC.inputs),
    ]);

    expect(made.id).not.toBe(b.id);
    expect([nameOf(made), nameOf(b), renamed.notificationName]).toEqual(["b", "c", "c"]);
    expect(names()).toHaveLength(3);
    // The run knows where the name went, so it reads no list.
    expect(calls()).not.toContain("listNotifications");
  });

  it("does not adopt the name of another declaration that never gives it up", async () => {
    const [, b] = await two();
    await planned(b, args("c"), "B");
    const { inputs } = await bench.resource.check(args("b", { adopt: true }), undefined, "new");

    const failure = await failing(bench.resource.create(inputs as NotificationInputs));

    expect(String(failure)).toMatch(/"b" .*another notification of this program.*rename in two ups/);
    expect([nameOf(b), names()]).toEqual(["b", ["b", "a"]]);
  });

  it("does not take over one that has another name by now, though the list lags", async () => {
    const [, b] = await two();
    const { inputs } = await bench.resource.check(args("b", { adopt: true }), undefined, "new");
    const toC = await planned(b, args("c"), "B");
    service.emulator.behaviour.lagMs = 3000;
    service.clock.advance(3000);
    await update(b, toC.inputs);
    lose("createNotification");

    const made = await bench.resource.create(inputs as NotificationInputs);

    expect(made.id).not.toBe(b.id);
    expect([nameOf(made), nameOf(b)]).toEqual(["b", "c"]);
  });

  it("makes anew what another declaration has adopted before this one was heard of", async () => {
    const [, b] = await two();
    const { inputs } = await bench.resource.check(args("b", { adopt: true }), undefined, "new");
    const adopted = await bench.resource.create(inputs as NotificationInputs);
    expect(adopted.id).toBe(b.id);

    const { differences } = await planned(b, args("c"), "B");
    expect(differences.filter(({ replaces }) => replaces).map(({ path }) => path)).toContain(
      "notificationName",
    );
    await bench.resource.delete(b.id, b.state);
    const again = await bench.resource.check(args("c"), undefined, "B");
    const made = await bench.resource.create(again.inputs as NotificationInputs);

    expect([nameOf(adopted), nameOf(made)]).toEqual(["b", "c"]);
  });

  it("gives the name of one that moves to another region", async () => {
    const [a, b] = await two();
    const toB = await planned(a, args("b"), "A");
    const elsewhere = { region: "eu-nl", projectName: "eu-nl_demo", topicId: undefined, topicName: "t" };
    await planned(b, args("b", elsewhere), "B");
    // The engine checks a replacement a second time, as the one that is to be made.
    await bench.resource.check(args("b", elsewhere), undefined, "B");

    await Promise.all([update(a, toB.inputs), bench.resource.delete(b.id, b.state)]);

    expect([nameOf(a), names()]).toEqual(["b", ["b"]]);
  });

  it("fails where the name is somebody else's by now", async () => {
    const [a] = await two();
    service.emulator.removeNotification("b");
    service.emulator.setNotification({ notification_name: "b" });
    const toB = await planned(a, args("b"), "A");

    expect(String(await failing(update(a, toB.inputs)))).toMatch(/"b" exists already .*choose another name/);
    expect(nameOf(a)).toBe("a");
  });
});
