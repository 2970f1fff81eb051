import { describe, expect, it } from "vitest";
import { Run } from "../../provider/core/run";
import { KeyEventNotificationResource } from "../../provider/keyEventNotification/resource";
import { type EventOperations, events } from "../../sdk";
import { useEmulated } from "../support/emulated";
import { helpers, keyOperations } from "../support/keyOperations";

const service = useEmulated();
const { of } = events;

/** Names that the table of operations lacks: it has no guide of Huawei's IAM (usermanual-iam/iam_01_0012.html). */
const NOT_IN_TABLE: Record<string, string> = {
  "iam.loginFailed IAM user loginFailed": "Huawei's guide; OTC's writes loginfailed",
  "iam.passwordChanges IAM user fpwdResetSuccess": "Huawei's guide, resetting the password",
  "iam.groupChanges IAM userGroup createUserGroup": "Huawei's guide for eu-west-0",
  "iam.groupChanges IAM userGroup updateUserGroup": "Huawei's guide for eu-west-0",
  "iam.groupChanges IAM userGroup deleteUserGroup": "Huawei's guide for eu-west-0",
};

const all = helpers().map(([name, one]): [string, EventOperations[]] => [
  name,
  Symbol.iterator in one ? [...one] : [one],
]);

const namesIn = (operations: readonly EventOperations[]) =>
  operations.flatMap(({ serviceType, resourceType, traceNames }) =>
    traceNames.map((traceName) => `${serviceType} ${resourceType} ${traceName}`),
  );

const documented = keyOperations().map(({ helper, serviceType, resourceType, traceName }) => ({
  helper,
  operation: `${serviceType} ${resourceType} ${traceName}`,
}));

describe("events", () => {
  it.each(all)(
    "%s has every spelling of the guides, and no other name without a reason",
    (name, operations) => {
      const inGuides = documented.filter(({ helper }) => helper === name).map(({ operation }) => operation);
      const exceptions = Object.keys(NOT_IN_TABLE)
        .filter((key) => key.startsWith(`${name} `))
        .map((key) => key.slice(name.length + 1));

      expect(inGuides).not.toEqual([]);
      expect(namesIn(operations).sort()).toEqual([...new Set([...inGuides, ...exceptions])].sort());
    },
  );

  it("are what a notification takes, each by itself and all together", async () => {
    const resource = new KeyEventNotificationResource(new Run(() => service.connect(), service.clock));
    const problemsWith = async (operations: EventOperations[]) =>
      (await resource.check({ notificationName: "n", operations, topicName: "t" }, undefined, undefined))
        .problems;

    for (const [, operations] of all) {
      expect(await problemsWith(operations)).toEqual([]);
    }
    expect(await problemsWith(all.flatMap(([, operations]) => operations))).toEqual([]);
  });

  it.each(all)("%s has one entry for each kind of resource", (_, operations) => {
    const kinds = operations.map(({ serviceType, resourceType }) => `${serviceType} ${resourceType}`);

    expect(kinds).toEqual([...new Set(kinds)]);
  });

  it("of several spellings are a list, and read as the entry that they were before", () => {
    const { bucketDeleted } = events.obs;
    const { serviceType, resourceType, traceNames } = bucketDeleted;

    expect({ serviceType, resourceType, traceNames }).toEqual(of("OBS", "bucket", "deleteBucket"));
    expect([...bucketDeleted]).toEqual([
      of("OBS", "bucket", "deleteBucket"),
      of("OBS", "Bucket", "deleteBucket"),
    ]);
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
