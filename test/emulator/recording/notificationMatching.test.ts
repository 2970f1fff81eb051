import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { WireEvent, WireNotificationSettings } from "../../../emulator";
import { matches } from "../../../emulator/recording/notificationMatching";

const complete: WireNotificationSettings = {
  notification_name: "all",
  operation_type: "complete",
  operations: [],
  notify_user_list: [],
  status: "enabled",
};
const trace: WireEvent = {
  service_type: "ECS",
  resource_type: "server",
  trace_name: "deleteServer",
  user: { name: "alice", group: "admin" },
  api_version: "v1.0",
  code: 204,
  trace_rating: "normal",
  trace_type: "ApiCall",
  resource_id: "id-1",
  resource_name: "a = b",
};

const customized = (some: Partial<WireNotificationSettings["operations"][number]>) => ({
  ...complete,
  operation_type: "customized" as const,
  operations: [
    { service_type: "OBS", resource_type: "bucket", trace_names: ["deleteBucket"] },
    { service_type: "ECS", resource_type: "server", trace_names: ["startServer", "deleteServer"], ...some },
  ],
});
const forUsers = (...lists: [group: string, ...names: string[]][]) => ({
  ...complete,
  notify_user_list: lists.map(([group, ...names]) => ({ user_group: group, user_list: names })),
});
const filtered = (condition: "AND" | "OR", ...rule: string[]) => ({
  ...complete,
  filter: { condition, is_support_filter: true, rule },
});

describe("matches", () => {
  it("says that a trace without a name is one of every operation, but of none that is listed", () => {
    const { trace_name: _, ...nameless } = trace;
    expect(matches(complete, nameless)).toBe(true);
    expect(matches(customized({}), nameless)).toBe(false);
  });

  it.each([
    [true, "complete", complete],
    [true, "one of the operations", customized({})],
    [false, "another service", customized({ service_type: "ecs" })],
    [false, "another type of resource", customized({ resource_type: "bucket" })],
    [false, "another trace", customized({ trace_names: ["deleteservers"] })],
    [false, "no operation", { ...customized({}), operations: [] }],
    [true, "a user of a group", forUsers(["view", "carol"], ["admin", "bob", "alice"])],
    [false, "the same name in another group", forUsers(["view", "alice"])],
    [false, "another user of the group", forUsers(["admin", "bob"])],
    [true, "a rule that is kept", filtered("AND", "code = 204")],
    [false, "a rule that is not", filtered("AND", "code = 200")],
    [true, "every rule with AND", filtered("AND", "code != 200", "trace_rating = normal")],
    [false, "one of two with AND", filtered("AND", "code != 200", "trace_rating = warning")],
    [true, "one of two with OR", filtered("OR", "code = 200", "trace_rating = normal")],
    [false, "none with OR", filtered("OR", "code = 200", "trace_rating = warning")],
    [
      true,
      "every field",
      filtered("AND", "api_version = v1.0", "trace_type = ApiCall", "resource_id = id-1"),
    ],
    [true, "a value with an operator in it", filtered("AND", "resource_name = a = b")],
    [
      true,
      "a filter that is not in effect",
      { ...complete, filter: { condition: "AND" as const, is_support_filter: false, rule: ["code = 1"] } },
    ],
  ])("is %s for %s", (expected, _, settings) => {
    expect(matches(settings, trace)).toBe(expected);
  });

  it.each([
    [true, "a user without a group", { name: "alice" }],
    [true, "a user as JSON text", JSON.stringify({ name: "alice", group: "admin" })],
    [false, "another user as JSON text", JSON.stringify({ name: "alice", group: "view" })],
    [false, "text that is not JSON", "alice"],
    [false, "text that is no object", "null"],
    [false, "a user without a name", { group: "admin" }],
    [false, "nobody", undefined],
  ])("is %s for %s where users are listed", (expected, _, user) => {
    const { user: _user, ...rest } = trace;

    expect(matches(forUsers(["admin", "alice"]), { ...rest, ...(user && { user }) })).toBe(expected);
  });

  it("is about what operations, users and filter have in common", () => {
    const three = {
      ...customized({}),
      notify_user_list: [{ user_group: "admin", user_list: ["alice"] }],
      filter: { condition: "AND" as const, is_support_filter: true, rule: ["code = 204"] },
    };

    expect(matches(three, trace)).toBe(true);
    expect(matches(three, { ...trace, trace_name: "stopServer" })).toBe(false);
    expect(matches(three, { ...trace, user: { name: "bob" } })).toBe(false);
    expect(matches(three, { ...trace, code: 500 })).toBe(false);
  });

  it("takes what a trace does not have for equal to no value", () => {
    const { code: _, ...withoutCode } = trace;

    expect(matches(filtered("AND", "code = 204"), withoutCode)).toBe(false);
    expect(matches(filtered("AND", "code != 204"), withoutCode)).toBe(true);
  });

  it("is true if every rule is kept with AND, and if any is with OR", () => {
    const rule = fc.constantFrom("code = 204", "code != 204", "trace_rating = normal", "resource_id != id-1");
    const rules = fc.array(rule, { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(rules, fc.constantFrom(200, "204", 204, undefined), (all, code) => {
        const { code: _, ...rest } = trace;
        const event = code === undefined ? rest : { ...rest, code };
        const kept = all.map((one) => matches(filtered("AND", one), event));

        expect(matches(filtered("AND", ...all), event)).toBe(!kept.includes(false));
        expect(matches(filtered("OR", ...all), event)).toBe(kept.includes(true));
      }),
    );
  });

  it("tells equal from not equal, for any value a field can have", () => {
    const value = fc.string({ minLength: 1, maxLength: 256 }).filter((text) => /^.+$/.test(text));
    fc.assert(
      fc.property(value, value, (wanted, actual) => {
        const event = { ...trace, resource_name: actual };
        const isEqual = matches(filtered("AND", `resource_name = ${wanted}`), event);

        expect(isEqual).toBe(wanted === actual);
        expect(matches(filtered("AND", `resource_name != ${wanted}`), event)).toBe(!isEqual);
        expect(matches(filtered("AND", `resource_name = ${actual}`), event)).toBe(true);
      }),
    );
  });
});
