import { beforeEach, describe, expect, it } from "vitest";
import { Run } from "../../../provider/core/run";
import { readNotifications } from "../../../provider/functions/getNotifications";
import { KeyEventNotificationResource } from "../../../provider/keyEventNotification/resource";
import type { NotificationInputs } from "../../../provider/keyEventNotification/state";
import { useEmulated } from "../../support/emulated";

const service = useEmulated();
beforeEach(() => service.emulator.reset());

const calls = () => service.emulator.journal.calls("cts").map(({ operation }) => operation);
const made = async (args: object = full()) => {
  const connection = service.connect();
  const notification = new KeyEventNotificationResource(new Run(() => connection, service.clock));
  const { inputs } = await notification.check(args, undefined, undefined);
  return notification.create(inputs as NotificationInputs);
};
const full = () => ({
  notificationName: "alarm",
  operations: [{ serviceType: "ECS", resourceType: "ecs", traceNames: ["deleteServer"] }],
  notifyUserList: [{ userGroup: "admin", userList: ["alice", "bob"] }],
  topicId: `urn:smn:eu-de:${service.emulator.projectId()}:alarm`,
  filter: { rule: ["code != 200"] },
});
const failing = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );

describe("readNotifications", () => {
  it("has each as its declaration would have it, by one call", async () => {
    const { id, state } = await made();
    const bare = await made({ notificationName: "bare", status: "disabled" });
    service.emulator.journal.clear();

    const listed = await readNotifications(service.connect(), { projectName: "eu-de_demo" });

    expect(listed).toEqual([
      { id: bare.id, ...bare.state },
      { id, ...state },
    ]);
    expect(calls()).toEqual(["listNotifications"]);
    const { projectName: _, ...unnamed } = state;
    expect(
      await readNotifications(service.connect(), { projectId: state.projectId, notificationName: "alarm" }),
    ).toEqual([{ id, ...unnamed }]);
  });

  it.each(["empty", "notFound"] as const)("is of one project and region (missing: %s)", async (missing) => {
    await made();
    service.emulator.behaviour.missing = missing;

    expect(
      await readNotifications(service.connect(), { region: "eu-nl", projectName: "eu-nl_demo" }),
    ).toEqual([]);
    expect(await readNotifications(service.connect(), { notificationName: "other" })).toEqual([]);
    expect(await readNotifications(service.connect(), {})).toHaveLength(1);
  });

  it.each(["", "no-hyphens", null])("refuses the name %j before any call", async (notificationName) => {
    const failure = await failing(
      readNotifications(service.connect(), { notificationName: notificationName as string }),
    );

    expect(String(failure)).toMatch(
      /ArgumentError: The query of notifications is not valid: notificationName must be .*, got /,
    );
    expect(service.emulator.journal.entries).toEqual([]);
  });
});
