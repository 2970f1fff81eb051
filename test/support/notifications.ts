import fc from "fast-check";
import type { Behaviour, WireNotification, WireNotificationSettings } from "../../emulator";
import { LONGEST_LAG_MS } from "./trackers";

/** A key event notification as a program declares it. */
export interface DeclaredNotification {
  notificationName: string;
  operationType?: "complete" | "customized";
  operations?: { serviceType: string; resourceType: string; traceNames: string[] }[];
  notifyUserList?: { userGroup: string; userList: string[] }[];
  topicId?: string;
  filter?: { condition?: "AND" | "OR"; isSupportFilter?: boolean; rule: string[] };
  status?: "enabled" | "disabled";
  adopt?: boolean;
}

const some = (...names: string[]) => fc.uniqueArray(fc.constantFrom(...names), { minLength: 1 });
const services = fc.constantFrom("ECS", "IAM");
const kinds = fc.constantFrom("ecs", "user");
const traceNames = some("createServer", "deleteServer", "login");
const condition = fc.constantFrom("AND" as const, "OR" as const);
const rule = some("code != 200", "trace_type = ApiCall", "resource_name = a = b");
const status = fc.constantFrom("enabled" as const, "disabled" as const);

const operations = fc.array(fc.record({ serviceType: services, resourceType: kinds, traceNames }), {
  minLength: 1,
  maxLength: 3,
});
const users = fc.array(
  fc.record({ userGroup: fc.constantFrom("admin", "view"), userList: some("alice", "bob") }),
  { minLength: 1, maxLength: 3 },
);
const topicId = (projectId: string) =>
  fc.constantFrom("alarm", "security").map((name) => `urn:smn:eu-de:${projectId}:${name}`);

/** Any notification that a program may declare in a project of `eu-de`. */
export function declaredNotification(projectId: string): fc.Arbitrary<DeclaredNotification> {
  return fc
    .record(
      {
        notificationName: fc.constantFrom("alarm", "Alarm_2"),
        operations,
        notifyUserList: users,
        topicId: topicId(projectId),
        filter: fc.record({ condition, isSupportFilter: fc.boolean(), rule }, { requiredKeys: ["rule"] }),
        status,
        adopt: fc.boolean(),
      },
      { requiredKeys: ["notificationName"] },
    )
    .chain((declared) => {
      const operationType = declared.operations ? ("customized" as const) : ("complete" as const);
      return fc.constantFrom({}, { operationType }).map((type) => ({
        ...declared,
        ...type,
        // Without a topic nobody can be told.
        ...(!declared.topicId && { status: "disabled" as const }),
      }));
    });
}

/** Settings that a notification may already have. */
export function foundNotification(projectId: string): fc.Arbitrary<WireNotificationSettings> {
  return declaredNotification(projectId).map((declared) => ({
    notification_name: declared.notificationName,
    operation_type: declared.operations ? "customized" : "complete",
    operations: (declared.operations ?? []).map((one) => ({
      service_type: one.serviceType,
      resource_type: one.resourceType,
      trace_names: one.traceNames,
    })),
    notify_user_list: (declared.notifyUserList ?? []).map((one) => ({
      user_group: one.userGroup,
      user_list: one.userList,
    })),
    status: declared.status ?? "enabled",
    topic_id: declared.topicId,
    filter: declared.filter && {
      condition: declared.filter.condition ?? "AND",
      is_support_filter: declared.filter.isSupportFilter ?? false,
      rule: declared.filter.rule,
    },
  }));
}

/** Every way in which the service may work, as far as notifications are concerned. */
export const notificationBehaviour: fc.Arbitrary<Partial<Behaviour>> = fc.record({
  missing: fc.constantFrom("empty" as const, "notFound" as const),
  trackerExists: fc.boolean(),
  lagMs: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: LONGEST_LAG_MS })),
});

const inAnyOrder = (list: readonly string[]) => [...new Set(list)].sort();

/** The settings of a notification, in a form in which equal meaning is equal. Written anew, on purpose. */
export function settingsOf(wire: WireNotification | WireNotificationSettings | undefined) {
  if (!wire) {
    return undefined;
  }
  return {
    name: wire.notification_name,
    type: wire.operation_type,
    operations: inAnyOrder(
      wire.operations.flatMap((one) =>
        one.trace_names.map((name) => `${one.service_type} ${one.resource_type} ${name}`),
      ),
    ),
    users: inAnyOrder(
      wire.notify_user_list.flatMap((one) => one.user_list.map((name) => `${one.user_group} ${name}`)),
    ),
    topic: wire.topic_id,
    filter: wire.filter && [
      wire.filter.condition,
      wire.filter.is_support_filter,
      ...inAnyOrder(wire.filter.rule),
    ],
    status: wire.status,
  };
}

/** The same of a declaration. */
export function settingsDeclaredBy(declared: DeclaredNotification): ReturnType<typeof settingsOf> {
  const { operations: ops = [], notifyUserList = [], filter } = declared;
  return {
    name: declared.notificationName,
    type: ops.length > 0 ? "customized" : "complete",
    operations: inAnyOrder(
      ops.flatMap((one) => one.traceNames.map((name) => `${one.serviceType} ${one.resourceType} ${name}`)),
    ),
    users: inAnyOrder(
      notifyUserList.flatMap((one) => one.userList.map((name) => `${one.userGroup} ${name}`)),
    ),
    topic: declared.topicId,
    filter: filter && [filter.condition ?? "AND", filter.isSupportFilter ?? true, ...inAnyOrder(filter.rule)],
    status: declared.status ?? "enabled",
  };
}

/** The same, all lists the other way round. */
export function shuffled(declared: DeclaredNotification): DeclaredNotification {
  const { operations, notifyUserList, filter } = declared;
  return {
    ...declared,
    ...(operations && {
      operations: operations.map((one) => ({ ...one, traceNames: one.traceNames.toReversed() })).toReversed(),
    }),
    ...(notifyUserList && {
      notifyUserList: notifyUserList
        .map((one) => ({ ...one, userList: one.userList.toReversed() }))
        .toReversed(),
    }),
    ...(filter && { filter: { ...filter, rule: filter.rule.toReversed() } }),
  };
}
