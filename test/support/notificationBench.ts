import { beforeEach } from "vitest";
import { Run } from "../../provider/core/run";
import { KeyEventNotificationResource } from "../../provider/keyEventNotification/resource";
import type { NotificationInputs } from "../../provider/keyEventNotification/state";
import { useEmulated } from "./emulated";

/** A resource of key event notifications, and an emulator that is empty before each test. */
export function useNotifications() {
  const service = useEmulated();
  /** As the next run of the provider has it. */
  const anew = () => {
    const connection = service.connect();
    return new KeyEventNotificationResource(new Run(() => connection, service.clock));
  };
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
  const bench = {
    service,
    resource: undefined as unknown as KeyEventNotificationResource,
    anew,
    /** A resource on a machine whose clock is off. */
    withClockAhead: (minutes: number) => {
      const clock = { ...service.clock, now: () => service.clock.now() + minutes * 60_000 };
      const connection = service.connect(service.emulator.settings(), clock);
      return new KeyEventNotificationResource(new Run(() => connection, clock));
    },
    topicId,
    deletions,
    full,
    stored: (name = "alarm") =>
      service.emulator.notifications().find((one) => one.notification_name === name),
    calls: () => service.emulator.journal.calls("cts").map(({ operation }) => operation),
    /** Carries out the next such calls, and loses their answers. */
    lose: (operation: "createNotification" | "updateNotification" | "deleteNotifications", times = 1) =>
      service.emulator.faults.add({ kind: "reset", when: "after", times, match: { operation } }),
    /** The reason by each path. */
    problemsWith: async (args: object, owner?: string) => {
      const { problems } = await bench.resource.check(args, undefined, owner);
      return Object.fromEntries(problems.map(({ path, reason }) => [path, reason]));
    },
    checked: async (args: object): Promise<NotificationInputs> => {
      const { inputs, problems } = await bench.resource.check(args, undefined, undefined);
      if (!inputs) {
        throw new Error(JSON.stringify(problems));
      }
      return inputs;
    },
    made: async (args: object = full()) => bench.resource.create(await bench.checked(args)),
  };
  beforeEach(() => {
    service.emulator.reset();
    bench.resource = anew();
  });
  return bench;
}

/** The error that work ends with; undefined if it ends well. */
export function failing(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => undefined,
    (error: unknown) => error,
  );
}
