/**
 * The settings of a key event notification, in one place: the rules and defaults of each, how it is written to the API
 * and how it is read from there.
 */

import { z } from "zod";
import type { WireNotification, WireNotificationBody } from "../../client/api/notifications";
import { differencesOf } from "../core/differences";
import type { Difference, Problem } from "../core/managedResource";
import { hasUnknown } from "../core/unknown";
import { brokenRules, flag, oneOf, orUnknown, text, textLike } from "../core/validation";

/** The limits of the API reference and the user guide. */
const LIMITS = { services: 100, traceNames: 1000, groups: 10, users: 50, rules: 6 };

/** The values that each field of a filter can have. */
const FILTER_VALUES: readonly (readonly [field: string, pattern: RegExp, rule: string])[] = [
  ["api_version", /^[\w.-]{1,64}$/, "1 to 64 letters, digits, hyphens, underscores and dots"],
  ["code", /^.{1,256}$/, "1 to 256 characters"],
  ["trace_rating", /^(normal|warning|incident)$/, "normal, warning or incident"],
  ["trace_type", /^(ApiCall|ConsoleAction|SystemAction)$/, "ApiCall, ConsoleAction or SystemAction"],
  ["resource_id", /^.{1,350}$/, "1 to 350 characters"],
  ["resource_name", /^.{1,256}$/, "1 to 256 characters"],
];

const name = text.min(1, "must not be empty");

const operation = z.strictObject(
  {
    serviceType: textLike(/^[A-Z][A-Z0-9_-]*$/, 'the acronym of a service in capitals, such as "ECS"'),
    resourceType: orUnknown(name),
    traceNames: orUnknown(
      z
        .array(orUnknown(name.max(64, "must have at most 64 characters")), "must be a list of names")
        .min(1, "must name at least one operation"),
    ),
  },
  "must be an object with serviceType, resourceType and traceNames",
);

const notifyUsers = z.strictObject(
  {
    userGroup: orUnknown(name),
    userList: orUnknown(
      z.array(orUnknown(name), "must be a list of names").min(1, "must name at least one user"),
    ),
  },
  "must be an object with userGroup and userList",
);

const filterRule = text.superRefine((rule, context) => {
  const message = problemOfRule(rule);
  if (message) {
    context.addIssue({ code: "custom", message });
  }
});

const filter = z.strictObject(
  {
    condition: oneOf("AND", "OR").default("AND"),
    isSupportFilter: flag.default(true),
    rule: orUnknown(
      z
        .array(orUnknown(filterRule), "must be a list of rules")
        .min(1, "must have at least one rule")
        .max(LIMITS.rules, `must have at most ${LIMITS.rules} rules`),
    ),
  },
  "must be an object with rule",
);

/** Rules and defaults of every setting (API reference, "Creating a Key Event Notification"). */
export const settingsShape = {
  notificationName: textLike(/^[A-Za-z0-9_]{1,64}$/, "1 to 64 letters, digits and underscores"),
  operationType: oneOf("complete", "customized").optional(),
  operations: orUnknown(z.array(orUnknown(operation), "must be a list of operations")).optional(),
  notifyUserList: orUnknown(
    z.array(orUnknown(notifyUsers), "must be a list of groups and their users"),
  ).optional(),
  topicId: textLike(
    /^urn:smn:[^:\s]+:[^:\s]+:[^:\s]+$/,
    "a topic's URN: urn:smn:{region}:{projectId}:{name}",
  ).optional(),
  filter: orUnknown(filter).optional(),
  status: oneOf("enabled", "disabled").default("enabled"),
};

/** Names a topic in the notification's own project and region, in place of `topicId`. */
export const topicName = textLike(
  /^[A-Za-z0-9][\w-]{0,254}$/,
  "1 to 255 letters, digits, hyphens and underscores, the first a letter or digit",
).optional();

/** Operations of one kind of resource. */
export interface Operation {
  serviceType: string;
  resourceType: string;
  traceNames: string[];
}

/** Users of one group. */
export interface NotifyUsers {
  userGroup: string;
  userList: string[];
}

/** Further conditions on a trace. */
export interface Filter {
  /** `AND`, `OR`, or what else the service says. */
  condition: string;
  isSupportFilter: boolean;
  rule: string[];
}

/** All that can be set on a key event notification. What has no value is absent. */
export interface NotificationSettings {
  notificationName: string;
  /** `complete`, `customized`, or what else the service says. */
  operationType: string;
  operations?: Operation[];
  notifyUserList?: NotifyUsers[];
  topicId?: string;
  filter?: Filter;
  /** `enabled`, `disabled`, or what else the service says. */
  status: string;
}

/** Finds contradictions and exceeded limits among arguments that may still be of wrong types. */
export function contradictionsIn(given: Readonly<Record<string, unknown>>): Problem[] {
  const { operationType, operations, topicId, topicName, status } = given;
  const isListed = Array.isArray(operations) && operations.length > 0;
  const isEmptyList = Array.isArray(operations) && !isListed;
  const hasTopic = (topicId ?? topicName) !== undefined;
  const reasonForTopic =
    'is required (or topicName), unless status is "disabled": without a topic nobody is told';
  return [
    ...brokenRules(
      [
        operationType === "complete" && isListed,
        "operations",
        'must be left out where operationType is "complete", which is every operation',
      ],
      [
        isEmptyList && (operationType ?? "customized") === "customized",
        "operations",
        "must have at least one, or be left out for every operation",
      ],
      [
        operationType === "customized" && operations === undefined,
        "operations",
        'is required where operationType is "customized"',
      ],
      [
        topicId !== undefined && topicName !== undefined,
        "topicName",
        "must be left out where topicId is given: both name the topic",
      ],
      [!hasTopic && (status === undefined || status === "enabled"), "topicId", reasonForTopic],
    ),
    ...excessesIn(given),
  ];
}

/** The limits on lists as a whole. Entries that are not known yet, or of wrong types, do not count. */
function excessesIn(given: Readonly<Record<string, unknown>>): Problem[] {
  const operations = listIn(given["operations"]).filter((one) => isText(one["serviceType"]));
  const users = listIn(given["notifyUserList"]).filter((one) => isText(one["userGroup"]));
  const groups = merged("notifyUserList", users);
  const services = new Set(operations.map((one) => one["serviceType"]));
  const traceNames = merged("operations", operations).flatMap((one) => one["traceNames"]);
  const userNames = groups.flatMap((one) => one["userList"]);
  const excess = (path: string, count: number, limit: number, what: string) =>
    [count > limit, path, `must have at most ${limit} ${what}, got ${count}`] as const;
  return brokenRules(
    excess("operations", services.size, LIMITS.services, "services"),
    excess("operations", traceNames.length, LIMITS.traceNames, "traceNames together"),
    excess("notifyUserList", groups.length, LIMITS.groups, "groups"),
    excess("notifyUserList", userNames.length, LIMITS.users, "users together"),
  );
}

/** Every setting, whole: a modify loses what it leaves out. */
export function toWire(settings: NotificationSettings): WireNotificationBody {
  const { operations, notifyUserList, topicId, filter: wanted } = settings;
  return {
    notification_name: settings.notificationName,
    operation_type: settings.operationType,
    ...(operations?.length && {
      operations: merged("operations", operations).map((one) => ({
        service_type: one.serviceType,
        resource_type: one.resourceType,
        trace_names: one.traceNames,
      })),
    }),
    ...(notifyUserList?.length && {
      notify_user_list: merged("notifyUserList", notifyUserList).map((one) => ({
        user_group: one.userGroup,
        user_list: one.userList,
      })),
    }),
    ...(topicId && { topic_id: topicId }),
    // Without is_support_filter the console does not show the filter (tf#2790).
    ...(wanted && {
      filter: { condition: wanted.condition, is_support_filter: wanted.isSupportFilter, rule: wanted.rule },
    }),
    status: settings.status,
  };
}

/** Reads the settings of a notification; `""`, null, an empty list and absent are the same. */
export function fromWire(wire: WireNotification): NotificationSettings {
  const { operations, notify_user_list: users, topic_id, filter: found } = wire;
  return {
    notificationName: wire.notification_name,
    operationType: wire.operation_type,
    ...(operations?.length && {
      operations: operations.map((one) => ({
        serviceType: one.service_type,
        resourceType: one.resource_type,
        traceNames: one.trace_names,
      })),
    }),
    ...(users?.length && {
      notifyUserList: users.map((one) => ({ userGroup: one.user_group, userList: one.user_list })),
    }),
    ...(topic_id && { topicId: topic_id }),
    ...(found?.rule?.length && {
      filter: {
        condition: found.condition || "AND",
        isSupportFilter: found.is_support_filter ?? false,
        rule: found.rule,
      },
    }),
    status: wire.status,
  };
}

/** Setting by setting, what would have to change. The order of lists makes no difference. */
export function settingDifferences(
  from: Partial<NotificationSettings>,
  to: Partial<NotificationSettings>,
): Difference[] {
  return differencesOf(SETTINGS, from, to, { isSame, within: { filter: Object.keys(filter.shape) } });
}

/** The settings, each list that says the same as one of `before` in the words and order of that one. */
export function keepDeclaredOrder(
  before: Partial<NotificationSettings>,
  settings: NotificationSettings,
): NotificationSettings {
  const kept = <T>(key: string, was: T | undefined, now: T) => (was && isSame(key, was, now) ? was : now);
  const { operations, notifyUserList, filter: now } = settings;
  return {
    ...settings,
    ...(operations && { operations: kept("operations", before.operations, operations) }),
    ...(notifyUserList && { notifyUserList: kept("notifyUserList", before.notifyUserList, notifyUserList) }),
    ...(now && { filter: { ...now, rule: kept("rule", before.filter?.rule, now.rule) } }),
  };
}

const SETTINGS = Object.keys(settingsShape);

/** Nobody can tell that something is the same as what is not known yet. */
function isSame(key: string, a: unknown, b: unknown): boolean {
  if (hasUnknown(a) || hasUnknown(b)) {
    return false;
  }
  return JSON.stringify(normal(key, a)) === JSON.stringify(normal(key, b));
}

/** A value such that all of one meaning look the same; Pulumi also orders the fields of objects as it likes. */
function normal(key: string, value: unknown): unknown {
  if (!Array.isArray(value)) {
    return value;
  }
  if (value.length === 0) {
    return undefined;
  }
  if (key !== "operations" && key !== "notifyUserList") {
    return sorted([...new Set(value)]);
  }
  const { kind, names } = LISTS[key];
  return sorted(merged(key, value).map((one) => [...kind.map((field) => one[field]), ...sorted(one[names])]));
}

function sorted(list: readonly unknown[]): unknown[] {
  return [...list].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}

/** The lists whose entries name things of one kind, or of one group: the fields that say which, and the one with the names. */
const LISTS = {
  operations: { kind: ["serviceType", "resourceType"], names: "traceNames" },
  notifyUserList: { kind: ["userGroup"], names: "userList" },
} as const;

/** One entry for each kind or group, with each name once. */
function merged<T extends object>(list: keyof typeof LISTS, entries: readonly T[]): T[] {
  const { kind, names } = LISTS[list];
  const byKind = new Map<string, Record<string, unknown>>();
  for (const entry of entries as readonly Record<string, unknown>[]) {
    const key = JSON.stringify(kind.map((field) => entry[field]));
    const first = byKind.get(key) ?? { ...entry, [names]: [] };
    const all = [...listIn(first[names]), ...listIn(entry[names])].filter(isText);
    byKind.set(key, { ...first, [names]: [...new Set(all)] });
  }
  return [...byKind.values()] as T[];
}

/** The items of what should be a list of objects, or of texts. */
function listIn(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter((one) => one !== null && one !== undefined) : [];
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

/** The fault of a filter's rule; undefined for none. */
function problemOfRule(rule: string): string | undefined {
  const [, field, value = ""] = /^(\S+) !?= (.*)$/.exec(rule) ?? [];
  if (field === undefined) {
    return 'must be "field = value" or "field != value", with one space on each side of the sign';
  }
  const [, pattern, words] = FILTER_VALUES.find(([name]) => name === field) ?? [];
  if (!pattern) {
    return `must be about one of ${FILTER_VALUES.map(([name]) => name).join(", ")}`;
  }
  return pattern.test(value) ? undefined : `must have as its value ${words}`;
}
