import { describe, expect, it } from "vitest";
import { KeyEventNotificationResource } from "../../provider/resources/keyEventNotification";
import { type EventOperations, events } from "../../sdk";
import { useEmulated } from "../support/emulated";

const service = useEmulated();

const { of, ...groups } = events;
const all: [string, EventOperations[]][] = Object.entries(groups).flatMap(([service, group]) =>
  Object.entries(group).map(([name, one]): [string, EventOperations[]] => [
    `${service}.${name}`,
    [one].flat(),
  ]),
);

describe("events", () => {
  it("are what a notification takes, each by itself and all together", async () => {
    const resource = new KeyEventNotificationResource(() => service.connect(), service.clock);
    const problemsWith = async (operations: EventOperations[]) =>
      (await resource.check({ notificationName: "n", operations, topicName: "t" }, undefined, undefined))
        .problems;

    for (const [, operations] of all) expect(await problemsWith(operations)).toEqual([]);
    expect(await problemsWith(all.flatMap(([, operations]) => operations))).toEqual([]);
  });

  it("name each operation of a service once in an entry", () => {
    for (const [name, operations] of all) {
      const names = operations.flatMap((one) =>
        one.traceNames.map((trace) => [one.resourceType, trace].join()),
      );
      expect([name, names]).toEqual([name, [...new Set(names)]]);
      expect(operations.map(({ serviceType }) => serviceType)).toEqual(
        operations.map(() => name.split(".")[0]?.toUpperCase()),
      );
    }
  });

  it("are the common ones, and any other is written by of", () => {
    expect(events.iam.login.traceNames).toContain("login");
    expect(of("ECS", "ecs", "deleteServer", "stopServer")).toEqual({
      serviceType: "ECS",
      resourceType: "ecs",
      traceNames: ["deleteServer", "stopServer"],
    });
  });
});
