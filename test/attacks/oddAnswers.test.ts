/**
 * Attack: answers of the service to calls for trackers and notifications that are not what it documents.
 *
 * Alone: `npx vitest run test/attacks/oddAnswers`
 */
import { beforeEach, describe, expect, it } from "vitest";
import { deleteNotification } from "../../client/api/notifications";
import { createTracker, deleteTracker, getTracker, updateTracker } from "../../client/api/trackers";
import { readNotifications } from "../../provider/functions/getNotifications";
import { KeyEventNotificationResource } from "../../provider/keyEventNotification/resource";
import { failureOf } from "../support/client";
import { engineFor, engineOf, useEmulated } from "../support/emulated";

const service = useEmulated();
beforeEach(() => service.emulator.reset());

const answerWith = (body: unknown, match: object = {}, status = 200) =>
  service.emulator.faults.add({
    kind: "status",
    status,
    body,
    times: 99,
    match: { service: "cts", ...match },
  });
const projectOf = (settings?: Record<string, string>) =>
  service.connect(settings).project({ region: "eu-de", projectId: service.emulator.projectId() });
const calls = () => service.emulator.journal.calls("cts").length;

describe("an error in the dress of a success", () => {
  const inner = { error_code: "cts.0013", error_msg: "No permission." };
  const forms: [string, unknown][] = [
    ["plain", { error_code: "CTS.0013", error_msg: "No permission." }],
    ["in lower case, with an id", { ...inner, request_id: "r1" }],
    ["encoded twice", { error_code: "CTS.0003", error_msg: JSON.stringify(inner) }],
    ["without words", { error_code: "CTS.0013" }],
    ["as IAM says it", { error: { error_code: "CTS.0013", message: "No permission." } }],
  ];

  it.each(forms)("is that error, immediately (%s)", async (_, body) => {
    answerWith(body);
    const project = projectOf();

    const failure = await failureOf(getTracker(project));

    expect(failure).toMatchObject({ status: 200, errorCode: "CTS.0013" });
    expect(calls()).toBe(1);
  });

  it.each([
    ["has words only", { error_msg: "No permission." }, /200 No permission\./],
    ["has neither code nor words", { error: {} }, /200 an error in place of an answer/],
  ])("is an error where it %s", async (_, body, message) => {
    answerWith(body);

    const failure = await failureOf(getTracker(projectOf()));

    expect(failure).toMatchObject({ name: "ApiError", errorCode: undefined });
    expect(failure.message).toMatch(message);
    expect(calls()).toBe(1);
  });

  it.each(["CTS.0004", "CTS.0300", "APIGW.0308"])(
    "is tried again where it may pass (%s)",
    async (error_code) => {
      service.emulator.faults.add({
        kind: "status",
        status: 200,
        body: { error_code },
        match: { service: "cts" },
      });

      expect(await getTracker(projectOf())).toBeDefined();
      expect(calls()).toBe(2);
    },
  );

  const settings = { is_lts_enabled: false, is_support_validate: false };
  it.each([
    ["create", () => createTracker(projectOf(), settings)],
    ["modify", () => updateTracker(projectOf(), settings)],
    ["delete", () => deleteTracker(projectOf())],
    ["delete of a notification", () => deleteNotification(projectOf(), "n1")],
    ["query of quotas", () => projectOf().request({ method: "GET", path: "quotas" })],
  ])("is seen after a %s, too", async (_, call) => {
    answerWith({ error_code: "CTS.0003", error_msg: "Invalid." });

    expect(await failureOf(call())).toMatchObject({ errorCode: "CTS.0003" });
  });

  it("makes a create fail with its code, and nothing is kept", async () => {
    service.emulator.setTracker(undefined);
    const engine = engineOf(service);
    answerWith({ error_code: "CTS.0231", error_msg: "Bad bucket." }, { method: "POST" });

    expect((await engine.up({})).errors[0]).toContain("200 CTS.0231 Bad bucket.");
    expect(engine.resource).toBeUndefined();
  });

  it.each([
    ["null", { error_code: null, error_msg: null }],
    ["empty", { error_code: "", error_msg: "" }],
  ])("is none where its fields are %s", async (_, fields) => {
    answerWith({ trackers: [service.emulator.tracker()], ...fields });
    expect(await getTracker(projectOf())).toMatchObject({ status: "enabled" });
  });
});

describe("an undocumented value", () => {
  const obs_info = { bucket_name: "audit-files" };
  const args = { obsInfo: { bucketName: "audit-files" } };

  it.each([
    ["status", { status: "upgrading" }, "status", 'status is still "upgrading", not "enabled"'],
    ["status in capitals", { status: "ENABLED" }, "status", 'status is still "ENABLED", not "enabled"'],
    [
      "compress_type",
      { obs_info: { ...obs_info, compress_type: "zstd" } },
      "obsInfo",
      "obsInfo.compressType is not what is declared",
    ],
  ])("of a tracker is drift, and named where up cannot change it (%s)", async (_, change, key, reason) => {
    service.emulator.setTracker({ obs_info });
    const engine = engineOf(service);
    expect((await engine.up(args)).errors).toEqual([]);
    answerWith({ trackers: [{ ...service.emulator.tracker(), ...change }] }, { method: "GET" });

    expect((await engine.refresh()).errors).toEqual([]);
    const { inputs, outputs } = engine.resource ?? { inputs: {}, outputs: {} };
    for (const shown of [inputs, outputs]) {
      expect(JSON.stringify(shown[key])).toMatch(/upgrading|ENABLED|zstd/);
    }
    expect((await engine.preview(args)).step).toBe("update");
    expect((await engine.up(args)).errors[0]).toContain(reason);
    expect(service.emulator.journal.mutations().length).toBeGreaterThan(0);

    service.emulator.faults.clear();
    expect((await engine.up(args)).errors).toEqual([]);
    expect((await engine.preview(args)).step).toBe("same");
  });

  it("of a status is no setting that taking over would lose, nor one that ignoreChanges declares", async () => {
    const engine = engineOf(service);
    answerWith({ trackers: [{ ...service.emulator.tracker(), status: "upgrading" }] }, { method: "GET" });

    expect((await engine.preview({})).errors).toEqual([]);
    service.emulator.faults.clear();
    await engine.up({});
    answerWith({ trackers: [{ ...service.emulator.tracker(), status: "upgrading" }] }, { method: "GET" });
    await engine.refresh();
    expect((await engine.preview({ status: "upgrading" })).errors).toEqual([]);
    expect((await engine.destroy()).errors).toEqual([]);
  });

  it.each([
    ["status", { status: "suspended" }, 'status is still "suspended", not "disabled"'],
    ["operation_type", { operation_type: "all" }, 'operationType is still "all", not "complete"'],
    [
      "condition",
      { filter: { condition: "XOR", is_support_filter: true, rule: ["code = 200"] } },
      'filter.condition is still "XOR", not "AND"',
    ],
  ])("of a notification is drift, and named where up cannot change it (%s)", async (_, change, reason) => {
    const declared = { notificationName: "alarm", status: "disabled", filter: { rule: ["code = 200"] } };
    const engine = engineFor(service, KeyEventNotificationResource);
    expect((await engine.up(declared)).errors).toEqual([]);
    const odd = { ...service.emulator.notifications()[0], ...change };
    answerWith({ notifications: [odd] }, { method: "GET" });
    answerWith(odd, { method: "PUT" });

    expect((await engine.refresh()).errors).toEqual([]);
    expect(JSON.stringify(engine.resource?.outputs)).toMatch(/suspended|"all"|XOR/);
    expect((await engine.preview(declared)).step).toBe("update");
    expect((await engine.up(declared)).errors[0]).toContain(reason);

    service.emulator.faults.clear();
    expect((await engine.up(declared)).errors).toEqual([]);
  });
});

describe("an answer about another project", () => {
  const OTHER = "another0123456789";
  const about = (project_id: unknown) => ({ ...service.emulator.tracker(), project_id });
  const bothIds = (message: string | undefined) => {
    expect(message).toContain(OTHER);
    expect(message).toContain(service.emulator.projectId());
  };

  it.each(["v3", "v1"])("is an error that names both (%s)", async (apiVersion) => {
    const settings = { ...service.emulator.settings(), apiVersion };
    const engine = engineOf(service, () => service.connect(settings));
    const args = { obsInfo: { bucketName: "audit-files" }, adopt: true };
    await engine.up(args);
    const before = JSON.stringify(engine.resource);
    answerWith(apiVersion === "v3" ? { trackers: [about(OTHER)] } : about(OTHER), { method: "GET" });

    bothIds((await engine.refresh()).errors[0]);
    bothIds((await engine.up({ ...args, isLtsEnabled: true })).errors[0]);
    expect(JSON.stringify(engine.resource)).toBe(before);
    expect(service.emulator.journal.mutations()).toHaveLength(1);
  });

  it.each([[""], [null], [undefined]])("is none where the service does not say: %j", async (project_id) => {
    answerWith({ trackers: [about(project_id)] });
    expect(await getTracker(projectOf())).toBeDefined();
  });

  it("is an error for a list of notifications, whoever reads it", async () => {
    const engine = engineFor(service, KeyEventNotificationResource);
    await engine.up({ notificationName: "alarm", status: "disabled" });
    answerWith(
      { notifications: [{ ...service.emulator.notifications()[0], project_id: OTHER }] },
      { method: "GET" },
    );

    bothIds((await engine.refresh()).errors[0]);
    bothIds(String(await failureOf(readNotifications(service.connect(), {}))));
  });

  it.each(["POST", "PUT"])("is an error, and no state, after a %s of a notification", async (method) => {
    const engine = engineFor(service, KeyEventNotificationResource);
    const declared = { notificationName: "alarm", status: "disabled" };
    if (method === "PUT") {
      await engine.up(declared);
    }
    const body = {
      notification_id: "n",
      notification_name: "alarm",
      operation_type: "complete",
      status: "disabled",
    };
    answerWith({ ...body, project_id: OTHER }, { method }, 201);

    bothIds((await engine.up({ ...declared, filter: { rule: ["code = 1"] } })).errors[0]);
    expect(JSON.stringify(engine.resource?.outputs) ?? "").not.toContain(OTHER);
  });

  it.each([
    ["POST", { notification_id: "n", notification_name: "theirs" }, "notification theirs, not alarm"],
    ["PUT", { notification_id: "theirs", notification_name: "alarm" }, "notification theirs, not "],
  ])("or about another notification is an error after a %s", async (method, who, message) => {
    const engine = engineFor(service, KeyEventNotificationResource);
    const declared = { notificationName: "alarm", status: "disabled" };
    if (method === "PUT") {
      await engine.up(declared);
    }
    answerWith({ ...who, operation_type: "complete", status: "disabled" }, { method });

    const { errors } = await engine.up({ ...declared, filter: { rule: ["code = 1"] } });

    expect(errors[0]).toContain(message);
    expect(JSON.stringify(engine.resource?.outputs) ?? "").not.toContain("theirs");
  });
});

describe("a destroy that restores", () => {
  const setUp = async () => {
    service.emulator.setTracker({ obs_info: { bucket_name: "theirs" } });
    const engine = engineOf(service);
    await engine.up({ adopt: true });
    return engine;
  };

  it.each([
    ["a reset", { kind: "reset" }],
    ["a cut answer", { kind: "truncated" }],
    ["a 503", { kind: "status", status: 503 }],
    ["throttling", { kind: "status", status: 429 }],
    ["a refused token", { kind: "status", status: 401, errorCode: "APIGW.0301" }],
    ["a missing role", { kind: "status", status: 403, errorCode: "CTS.0013" }],
    ["a wrong address", { kind: "status", status: 404, body: "<html>" }],
    ["a redirect", { kind: "status", status: 302, body: "" }],
  ] as const)("does not advise another onDestroy after %s", async (_, fault) => {
    const engine = await setUp();
    service.emulator.faults.add({ ...fault, times: 999, match: { service: "cts", method: "PUT" } });

    const { errors } = await engine.destroy();

    expect(errors).toHaveLength(1);
    expect(errors[0]).not.toContain("onDestroy");
  });

  it.each([
    ["a refusal", { status: 400, errorCode: "CTS.0211" }],
    ["a refusal in the dress of a success", { status: 200, body: { error_code: "CTS.0211" } }],
  ])("advises another onDestroy after %s", async (_, fault) => {
    const engine = await setUp();
    service.emulator.faults.add({ kind: "status", ...fault, times: 99, match: { method: "PUT" } });

    expect((await engine.destroy()).errors[0]).toContain('set onDestroy to "disable" or "delete"');
  });
});
