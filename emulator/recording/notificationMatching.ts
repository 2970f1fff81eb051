import { parseFilterRule } from "../rules/notifications";
import type { WireEvent, WireFilter, WireNotificationSettings, WireNotifyUsers } from "../wire/notifications";

/** The fields of a trace that notifications match. Services write traces in many ways: any field may be missing. */
export type MatchedFields = { readonly [K in keyof WireEvent]?: WireEvent[K] | undefined };

/** True if a notification is about a trace, be it enabled or not. */
export function matches(settings: WireNotificationSettings, trace: MatchedFields): boolean {
  return (
    matchesOperation(settings, trace) &&
    matchesUser(settings.notify_user_list, trace.user) &&
    matchesFilter(settings.filter, trace)
  );
}

function matchesOperation(
  { operation_type, operations }: WireNotificationSettings,
  { service_type, resource_type, trace_name }: MatchedFields,
): boolean {
  return (
    operation_type === "complete" ||
    operations.some(
      (one) =>
        one.service_type === service_type &&
        one.resource_type === resource_type &&
        one.trace_names.some((name) => name === trace_name),
    )
  );
}

/** An empty list means everybody. If the trace does not name its user's group, any group matches. */
function matchesUser(list: readonly WireNotifyUsers[], user: WireEvent["user"]): boolean {
  if (list.length === 0) {
    return true;
  }
  const { name, group } = toUser(user);
  return (
    name !== undefined &&
    list.some(
      ({ user_group, user_list }) =>
        user_list.includes(name) && (group === undefined || group === user_group),
    )
  );
}

/** A text that is not a JSON object names no user. */
function toUser(user: WireEvent["user"]): { name?: string; group?: string } {
  if (typeof user !== "string") {
    return user ?? {};
  }
  try {
    return JSON.parse(user) ?? {};
  } catch {
    return {};
  }
}

/** A field that the trace does not have equals no value. */
function matchesFilter(filter: WireFilter | undefined, trace: MatchedFields): boolean {
  if (!filter?.is_support_filter) {
    return true;
  }
  const isKept = (text: string): boolean => {
    const rule = parseFilterRule(text);
    return rule !== undefined && (String(trace[rule.field] ?? "") === rule.value) === rule.isEqual;
  };
  return filter.condition === "OR" ? filter.rule.some(isKept) : filter.rule.every(isKept);
}
