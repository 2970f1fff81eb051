import { parseFilterRule } from "../rules/notifications";
import type { WireEvent, WireFilter, WireNotificationSettings, WireNotifyUsers } from "../wire/notifications";

/** What notifications look at in a trace. Services write traces in many ways: any of it may be missing. */
export type MatchedFields = { readonly [K in keyof WireEvent]?: WireEvent[K] | undefined };

/** Whether a trace is one that a notification is about, be it enabled or not. */
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

/** Nobody in the list means everybody. Where the trace does not say in which group its user is, any will do. */
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

/** A text that is no JSON object is nobody in particular. */
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

/** What a trace does not have is equal to no value. */
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
