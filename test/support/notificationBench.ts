import { KeyEventNotificationResource } from "../../provider/keyEventNotification/resource";
import { useResource } from "./resourceBench";

/** The resource of key event notifications, and an emulator that is empty before each test. */
export function useNotifications() {
  const bench = useResource(KeyEventNotificationResource);
  const { service } = bench;
  const topicId = () => `urn:smn:eu-de:${service.emulator.projectId()}:alarm`;
  const deletions = [{ serviceType: "ECS", resourceType: "ecs", traceNames: ["deleteServer"] }];
  /** Arguments that declare everything. */
  const full = () => ({
    notificationName: "alarm",
    operations: deletions,
    notifyUserList: [{ userGroup: "admin", userList: ["alice", "bob"] }],
    topicId: topicId(),
    filter: { rule: ["code != 200"] },
  });
  return Object.assign(bench, {
    /** A resource on a machine whose clock is off. */
    withClockAhead: (minutes: number) =>
      bench.anew(undefined, { ...service.clock, now: () => service.clock.now() + minutes * 60_000 }),
    topicId,
    deletions,
    full,
    stored: (name = "alarm") =>
      service.emulator.notifications().find((one) => one.notification_name === name),
    calls: () => service.emulator.journal.calls("cts").map(({ operation }) => operation),
    /** Carries out the next such calls, and loses their answers. */
    lose: (operation: "createNotification" | "updateNotification" | "deleteNotifications", times = 1) =>
      service.emulator.faults.add({ kind: "reset", when: "after", times, match: { operation } }),
    made: async (args: object = full()) => bench.resource.create(await bench.checked(args)),
  });
}

/** The error that work ends with; undefined if it ends well. */
export function failing(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => undefined,
    (error: unknown) => error,
  );
}
