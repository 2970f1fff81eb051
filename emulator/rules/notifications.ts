import { z } from "zod";
import type { WireFilter, WireNotificationSettings } from "../wire/notifications";
import { type Rule, readBody } from "./body";

const createBody = z.object({
  notification_name: z.string(),
  operation_type: z.string(),
  operations: z
    .array(
      z.object({ service_type: z.string(), resource_type: z.string(), trace_names: z.array(z.string()) }),
    )
    .default([]),
  notify_user_list: z.array(z.object({ user_group: z.string(), user_list: z.array(z.string()) })).default([]),
  topic_id: z.string().optional(),
  filter: z
    .object({
      condition: z.string().default("AND"),
      is_support_filter: z.boolean().default(false),
      rule: z.array(z.string()).default([]),
    })
    .optional(),
});

const updateBody = createBody.extend({ notification_id: z.string(), status: z.string().optional() });

/** A body of which only the types are checked. */
type NotificationBody = z.infer<typeof createBody> & {
  notification_id?: string;
  status?: string | undefined;
};

/** The service's limits. The user guide has the first three, the API reference the others. */
const LIMITS = { services: 100, traceNames: 1000, filterRules: 6, userGroups: 10, users: 50 };

/** The service's rules for every body. It has no code for most mistakes in a notification. */
const RULES: Rule<NotificationBody>[] = [
  {
    message: "The notification_name is a string of 1 to 64 letters, digits and underscores.",
    isKept: (body) => /^[A-Za-z0-9_]{1,64}$/.test(body.notification_name),
  },
  {
    message: "The operation_type must be either complete or customized.",
    isKept: (body) => ["complete", "customized"].includes(body.operation_type),
  },
  {
    message: "The operations cannot be included when the operation_type is complete.",
    isKept: (body) => body.operation_type !== "complete" || body.operations.length === 0,
  },
  {
    message: "The operations cannot be empty when the operation_type is customized.",
    isKept: (body) => body.operation_type !== "customized" || body.operations.length > 0,
  },
  {
    message: "The service_type, resource_type and trace_names of operations cannot be empty.",
    isKept: ({ operations }) =>
      operations.every(
        (one) => one.service_type !== "" && one.resource_type !== "" && isListOfNames(one.trace_names),
      ),
  },
  {
    message: `The operations are of at most ${LIMITS.services} services.`,
    isKept: ({ operations }) =>
      new Set(operations.map(({ service_type }) => service_type)).size <= LIMITS.services,
  },
  {
    message: `The operations have at most ${LIMITS.traceNames} trace_names.`,
    isKept: ({ operations }) => operations.flatMap((one) => one.trace_names).length <= LIMITS.traceNames,
  },
  {
    message: "The user_group and user_list of notify_user_list cannot be empty.",
    isKept: (body) =>
      body.notify_user_list.every((one) => one.user_group !== "" && isListOfNames(one.user_list)),
  },
  {
    message: `The notify_user_list has at most ${LIMITS.userGroups} user groups.`,
    isKept: (body) => body.notify_user_list.length <= LIMITS.userGroups,
  },
  {
    message: `The notify_user_list has at most ${LIMITS.users} users.`,
    isKept: (body) => body.notify_user_list.flatMap((one) => one.user_list).length <= LIMITS.users,
  },
  {
    message: "The condition of the filter must be either AND or OR.",
    isKept: ({ filter }) => filter === undefined || ["AND", "OR"].includes(filter.condition),
  },
  {
    message: "The rule of the filter cannot be empty when is_support_filter is true.",
    isKept: ({ filter }) => !filter?.is_support_filter || filter.rule.length > 0,
  },
  {
    message: `The filter has at most ${LIMITS.filterRules} rules.`,
    isKept: ({ filter }) => (filter?.rule.length ?? 0) <= LIMITS.filterRules,
  },
  {
    message:
      "A rule of the filter is field = value or field != value; the field is api_version, code, trace_rating, trace_type, resource_id or resource_name, and the value is one it can have.",
    isKept: ({ filter }) => (filter?.rule ?? []).every((rule) => parseFilterRule(rule) !== undefined),
  },
];

/** More rules for a PUT. */
const UPDATE_RULES: Rule<NotificationBody>[] = [
  {
    errorCode: "CTS.0205",
    message: "Notification status is required and value must be either enabled or disabled.",
    isKept: ({ status }) => status === "enabled" || status === "disabled",
  },
  {
    message: "The topic_id is required when the status is enabled.",
    isKept: (body) => body.status === "disabled" || Boolean(body.topic_id),
  },
];

function isListOfNames(names: readonly string[]): boolean {
  return names.length > 0 && names.every((name) => name !== "");
}

/** The values a field of the filter can have. */
const FILTER_VALUES = {
  api_version: /^[A-Za-z0-9_.-]{1,64}$/,
  code: /^.{1,256}$/,
  trace_rating: /^(normal|warning|incident)$/,
  trace_type: /^(ConsoleAction|ApiCall|SystemAction)$/,
  resource_id: /^.{1,350}$/,
  resource_name: /^.{1,256}$/,
};

/** A parsed rule of a filter. */
export interface FilterRule {
  field: keyof typeof FILTER_VALUES;
  isEqual: boolean;
  value: string;
}

/** Parses a rule of a filter; `undefined` if the service would not accept it. */
export function parseFilterRule(rule: string): FilterRule | undefined {
  const [, field = "", operator, value = ""] = /^(\w+) (!?=) (.*)$/.exec(rule) ?? [];
  if (!isFilterField(field) || !FILTER_VALUES[field].test(value)) {
    return undefined;
  }
  return { field, isEqual: operator === "=", value };
}

function isFilterField(name: string): name is keyof typeof FILTER_VALUES {
  return Object.hasOwn(FILTER_VALUES, name);
}

/**
 * Reads the body of a POST. Ignores its `status`: a notification with a topic is enabled, one without is disabled.
 *
 * @throws ServiceError with the code of the first broken rule
 */
export function readCreateBody(json: unknown): WireNotificationSettings {
  const body = readBody(createBody, json, RULES);
  return toSettings(body, body.topic_id ? "enabled" : "disabled");
}

/**
 * Reads the body of a PUT: an omitted field is unset.
 *
 * @throws ServiceError with the code of the first broken rule
 */
export function readUpdateBody(json: unknown): { id: string; settings: WireNotificationSettings } {
  const { notification_id: id, ...body } = readBody(updateBody, json, [...RULES, ...UPDATE_RULES]);
  return { id, settings: toSettings(body, body.status as "enabled" | "disabled") };
}

function toSettings(
  body: NotificationBody,
  status: WireNotificationSettings["status"],
): WireNotificationSettings {
  return {
    notification_name: body.notification_name,
    operation_type: body.operation_type as WireNotificationSettings["operation_type"],
    operations: body.operations,
    notify_user_list: body.notify_user_list,
    status,
    topic_id: body.topic_id || undefined,
    filter: body.filter as WireFilter | undefined,
  };
}
