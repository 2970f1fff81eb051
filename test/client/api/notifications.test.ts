import { beforeEach, describe, expect, it } from "vitest";
import {
  createNotification,
  deleteNotification,
  listNotifications,
  updateNotification,
  type WireNotificationBody,
} from "../../../client/api/notifications";
import type { Project } from "../../../client/connection";
import { failureOf } from "../../support/client";
import { useEmulated } from "../../support/emulated";

const service = useEmulated();
let project: Project;

beforeEach(() => {
  service.emulator.reset();
  project = service.connect().project({ region: "eu-de", projectId: service.emulator.projectId() });
});

const body: WireNotificationBody = {
  notification_name: "alarm",
  operation_type: "complete",
  status: "disabled",
};
const last = () => service.emulator.journal.calls("cts").at(-1);
const all = () => service.emulator.notifications();
const list = async (name?: string) => (await listNotifications(project, name)).map((one) => one.read());

/** Lets the next call be answered with this body. */
const answerWith = (answer: unknown, status = 200) =>
  service.emulator.faults.add({ kind: "status", status, body: answer, times: 6, match: { service: "cts" } });

describe("listNotifications", () => {
  it("asks for all, and reads all of each", async () => {
    service.emulator.setNotification({
      notification_name: "alarm",
      operations: [{ service_type: "ECS", resource_type: "ecs", trace_names: ["deleteServer"] }],
      notify_user_list: [{ user_group: "admin", user_list: ["alice"] }],
      topic_id: "urn:smn:eu-de:p:t",
      filter: { condition: "OR", is_support_filter: true, rule: ["code = 1"] },
    });
    service.emulator.setNotification({ notification_name: "second" });

    expect(await list()).toEqual(all());
    expect(last()).toMatchObject({ method: "GET", query: {} });
    expect(last()?.path).toMatch(/\/v3\/[0-9a-f]+\/notifications\/smn$/);
  });

  it("asks for the one of a name", async () => {
    service.emulator.setNotification({ notification_name: "alarm" });
    service.emulator.setNotification({ notification_name: "second" });

    expect(await list("second")).toMatchObject([{ notification_name: "second" }]);
    expect(last()).toMatchObject({ query: { notification_name: "second" } });
  });

  it.each(["CTS.0214", "CTS.0403"])("finds none where the service says so by 404 %s", async (error_code) => {
    answerWith({ error_code, error_msg: "None." }, 404);

    expect(await listNotifications(project)).toEqual([]);
  });

  it("does not take a wrong address for none", async () => {
    service.emulator.behaviour.v3 = false;

    expect(String(await failureOf(listNotifications(project)))).toContain("does not have this API");
  });

  it.each([
    ["nulls for what is not set", { operations: null, notify_user_list: null, topic_id: null, filter: null }],
    ["nulls in its filter", { filter: { condition: null, is_support_filter: null, rule: null } }],
    ["nulls for what only the service says", { create_time: null, domain_id: null, notification_type: null }],
    ["one more field", { more: { a: 1 } }],
  ])("takes a notification with %s", async (_, change) => {
    service.emulator.setNotification({ notification_name: "alarm" });
    const shown = { ...all()[0], ...change };
    answerWith({ notifications: [shown] });

    expect(await list()).toEqual([shown]);
  });

  it.each([
    ["no list", {}, "notifications"],
    ["no id", { notifications: [{ ...body }] }, "notifications.0.notification_id"],
    ["an empty id", { notifications: [{ ...body, notification_id: "" }] }, "notifications.0.notification_id"],
    [
      "no status",
      { notifications: [{ ...body, notification_id: "1", status: "" }] },
      "notifications.0.status",
    ],
    [
      "a time beyond time",
      { notifications: [{ ...body, notification_id: "1", create_time: 1e99 }] },
      "notifications.0.create_time",
    ],
  ])("refuses an answer with %s", async (_, answer, field) => {
    answerWith(answer);

    expect(String(await failureOf(list()))).toContain(`field ${field} of the answer`);
  });
});

describe("createNotification", () => {
  it("answers the notification, and conflicts with one of its name", async () => {
    expect(await createNotification(project, body)).toEqual(all()[0]);

    const failure = await failureOf(createNotification(project, body));
    expect([failure.name, failure.errorCode]).toEqual(["ConflictError", "CTS.0400"]);
  });

  it("is not sent twice", async () => {
    service.emulator.faults.add({ kind: "reset", when: "after", match: { service: "cts" } });

    await failureOf(createNotification(project, body));

    expect(service.emulator.journal.calls("cts")).toHaveLength(1);
  });

  it("refuses an answer that is no notification", async () => {
    answerWith({ unexpected: true }, 201);

    expect((await failureOf(createNotification(project, body))).name).toBe("MalformedAnswerError");
  });
});

describe("updateNotification", () => {
  it("sends all with the id, and answers the notification", async () => {
    const { notification_id } = await createNotification(project, body);
    const changed = { ...body, notification_name: "renamed" };

    expect(await updateNotification(project, notification_id, changed)).toEqual(all()[0]);
    expect(last()?.body).toEqual({ ...changed, notification_id });
  });

  it("finds none that is gone", async () => {
    expect((await failureOf(updateNotification(project, "gone", body))).name).toBe("NotFoundError");
  });
});

describe("deleteNotification", () => {
  it("names the one, and succeeds where it is gone", async () => {
    service.emulator.setNotification({ notification_name: "other" });
    service.emulator.behaviour.missing = "notFound";
    const { notification_id } = await createNotification(project, body);

    await deleteNotification(project, notification_id);
    await deleteNotification(project, notification_id);

    expect(all().map((one) => one.notification_name)).toEqual(["other"]);
    expect(last()?.query).toEqual({ notification_id });
  });

  it("does not believe an answer that says something else", async () => {
    answerWith({ unexpected: true });

    expect((await failureOf(deleteNotification(project, "any"))).name).toBe("MalformedAnswerError");
  });
});
