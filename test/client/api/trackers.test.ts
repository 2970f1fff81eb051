import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createTracker, deleteTracker, getTracker, updateTracker } from "../../../client/api/trackers";
import type { Project } from "../../../client/connection";
import { failureOf } from "../../support/client";
import { type Emulated, startEmulated } from "../../support/emulated";

let service: Emulated;
let project: Project;

beforeAll(async () => {
  service = await startEmulated();
});
afterAll(() => service.emulator.close());
beforeEach(() => {
  service.emulator.reset();
  project = service.connect().project({ region: "eu-de", projectId: service.emulator.projectId() });
});

const settings = {
  is_lts_enabled: true,
  is_support_validate: true,
  obs_info: {
    bucket_name: "audit-files",
    file_prefix_name: "p",
    is_obs_created: false,
    compress_type: "json",
    is_sort_by_service: false,
  },
};
const { is_lts_enabled, ...rest } = settings;
/** The settings as a tracker shows them. */
const shown = { ...rest, lts: { is_lts_enabled } };
const ctsCalls = () => service.emulator.journal.calls("cts");

/** Lets the next calls be answered with this body. */
const answerWith = (body: unknown, status = 200, times = 1) =>
  service.emulator.faults.add({ kind: "status", status, body, times, match: { service: "cts" } });

describe("getTracker", () => {
  it("asks for the tracker by name, and reads all of it", async () => {
    service.emulator.setTracker({ ...settings, obs_info: { bucket_name: "audit-files" } });

    const tracker = await getTracker(project);

    expect(tracker).toEqual(service.emulator.tracker());
    expect(ctsCalls().at(-1)).toMatchObject({ method: "GET", query: { tracker_name: "system" } });
  });

  it.each(["empty", "notFound"] as const)("finds none where there is none (missing: %s)", async (missing) => {
    service.emulator.behaviour.missing = missing;
    service.emulator.setTracker(undefined);
    expect(await getTracker(project)).toBeUndefined();
  });

  it.each([
    ["one more field", { more: { a: 1 } }],
    ["nulls for what is not set", { obs_info: null, lts: null, detail: null, create_time: null }],
    ["nothing for what is not set", { obs_info: undefined, lts: undefined, tracker_type: undefined }],
    ["status error", { status: "error", detail: "noBucket" }],
    ["a status that only the service knows", { status: "upgrading" }],
  ])("takes a tracker with %s", async (_, change) => {
    const tracker = { ...service.emulator.tracker(), ...change };
    answerWith({ trackers: [tracker] });
    expect(await getTracker(project)).toEqual(JSON.parse(JSON.stringify(tracker)));
  });

  it("takes no other tracker for the one it asks for", async () => {
    answerWith({ trackers: [{ ...service.emulator.tracker(), tracker_name: "data" }] });
    expect(await getTracker(project)).toBeUndefined();
  });

  const tracker = { id: "t", tracker_name: "system", status: "enabled" };
  it.each<[unknown, string]>([
    [{}, "field trackers"],
    [{ trackers: null }, "field trackers"],
    [{ trackers: {} }, "field trackers"],
    [{ trackers: "" }, "field trackers"],
    [[], "the body"],
    ["null", "the body"],
    ['""', "the body"],
    ["", "the body"],
    [{ trackers: [null] }, "field trackers.0"],
    [{ trackers: [{}] }, "field trackers.0.id"],
    [{ trackers: [{ ...tracker, id: 7 }] }, "field trackers.0.id"],
    [{ trackers: [{ ...tracker, tracker_name: undefined }] }, "field trackers.0.tracker_name"],
    [{ trackers: [{ ...tracker, status: "" }] }, "field trackers.0.status"],
    [{ trackers: [{ ...tracker, tracker_name: "data" }, null] }, "field trackers.1"],
    [{ trackers: [{ ...tracker, status: undefined }] }, "field trackers.0.status"],
    [{ trackers: [{ ...tracker, obs_info: "" }] }, "field trackers.0.obs_info"],
    [{ trackers: [{ ...tracker, obs_info: { bucket_name: 7 } }] }, "field trackers.0.obs_info.bucket_name"],
    [{ trackers: [{ ...tracker, lts: { is_lts_enabled: "true" } }] }, "field trackers.0.lts.is_lts_enabled"],
    [{ trackers: [{ ...tracker, is_support_validate: "false" }] }, "field trackers.0.is_support_validate"],
    [{ trackers: [{ ...tracker, create_time: 1e300 }] }, "field trackers.0.create_time"],
    [{ trackers: [tracker, { ...tracker, id: null }] }, "field trackers.1.id"],
  ])("takes %j for malformed, never for gone", async (body, field) => {
    answerWith(body, 200, 99);

    const failure = await failureOf(getTracker(project));

    expect(failure.name).toBe("MalformedAnswerError");
    expect(failure.message).toContain(`GET ${service.emulator.endpoint()}/v3/`);
    expect(failure.message).toContain(`${field} of the answer is not as the API promises`);
  });

  it("asks again after an answer that is none", async () => {
    answerWith({ unexpected: true });

    expect(await getTracker(project)).toEqual(service.emulator.tracker());
    expect(ctsCalls()).toHaveLength(2);
  });

  it.each([
    ["a gateway that has no such API", { error_code: "APIGW.0101", error_msg: "The API does not exist." }],
    ["a version that is not there", { error_code: "CTS.0100", error_msg: "No such version." }],
    ["a web server's page", "<html><h1>404 Not Found</h1></html>"],
    ["nothing", ""],
    ["IAM's words", { error: { code: 404, message: "Could not find it.", title: "Not Found" } }],
  ])("does not take the 404 of %s for gone", async (_, body) => {
    answerWith(body, 404);

    const failure = await failureOf(getTracker(project));

    expect(failure).toMatchObject({ name: "ApiError", status: 404 });
    expect(failure.message).toMatch(/endpoint/);
  });

  it("does not take an IAM that is not there for gone", async () => {
    const authUrl = `${service.emulator.url}/elsewhere`;
    const lost = service.connect({ ...service.emulator.settings(), authUrl });

    const failure = await failureOf(
      getTracker(lost.project({ region: "eu-de", projectId: service.emulator.projectId() })),
    );

    expect(failure).toMatchObject({ name: "ApiError", status: 404 });
  });

  it.each(["CTS.0214", "cts.0214"])("takes 404 %s for gone", async (error_code) => {
    answerWith({ error_code, error_msg: "The tracker does not exist." }, 404);
    expect(await getTracker(project)).toBeUndefined();
  });
});

describe("createTracker", () => {
  it("makes the tracker system with all that it is given", async () => {
    service.emulator.setTracker(undefined);

    await createTracker(project, settings);

    expect(service.emulator.tracker()).toMatchObject(shown);
    expect(ctsCalls().at(-1)?.body).toEqual({ ...settings, tracker_type: "system", tracker_name: "system" });
  });

  it.each(["CTS.0201", "CTS.0208"] as const)("fails where there is one (%s)", async (existsCode) => {
    service.emulator.behaviour.existsCode = existsCode;

    const failure = await failureOf(createTracker(project, settings));

    expect(failure).toMatchObject({
      name: "ConflictError",
      errorCode: existsCode,
      mayHaveBeenApplied: false,
    });
  });

  it("does not look at the answer: only reading tells what has come of it", async () => {
    service.emulator.setTracker(undefined);
    service.emulator.faults.add({ kind: "wrongJson", when: "after", match: { service: "cts" } });

    await createTracker(project, settings);

    expect(service.emulator.tracker()).toMatchObject(shown);
  });
});

describe("updateTracker", () => {
  it.each(["empty", "tracker"] as const)("changes the tracker (answer: %s)", async (putAnswer) => {
    service.emulator.behaviour.putAnswer = putAnswer;
    const body = { ...settings, status: "enabled" as const };

    await updateTracker(project, body);

    expect(service.emulator.tracker()).toMatchObject(shown);
    expect(ctsCalls().at(-1)?.body).toEqual({ ...body, tracker_type: "system", tracker_name: "system" });
  });

  it("fails where there is none", async () => {
    service.emulator.setTracker(undefined);
    expect(await failureOf(updateTracker(project, settings))).toMatchObject({ name: "NotFoundError" });
  });
});

describe("deleteTracker", () => {
  it("always names the tracker, so that those of other projects stay", async () => {
    await deleteTracker(project);

    expect(service.emulator.tracker()).toBeUndefined();
    expect(service.emulator.tracker({ project: "eu-nl_demo" })).toBeDefined();
    expect(service.emulator.journal.mutations()).toMatchObject([
      { method: "DELETE", query: { tracker_name: "system" } },
    ]);
  });

  it.each(["empty", "notFound"] as const)("succeeds where there is none (missing: %s)", async (missing) => {
    service.emulator.behaviour.missing = missing;
    service.emulator.setTracker(undefined);
    await deleteTracker(project);
    expect(service.emulator.tracker()).toBeUndefined();
  });

  it("succeeds where the answer to its first attempt was lost, and names the tracker again", async () => {
    service.emulator.behaviour.missing = "notFound";
    service.emulator.faults.add({ kind: "reset", when: "after", match: { service: "cts" } });

    await deleteTracker(project);

    const named = { method: "DELETE", query: { tracker_name: "system" } };
    expect(service.emulator.journal.mutations()).toMatchObject([named, named]);
    expect(service.emulator.tracker({ project: "eu-nl_demo" })).toBeDefined();
  });

  it("fails where there is no such API", async () => {
    answerWith({ error_code: "APIGW.0101", error_msg: "The API does not exist." }, 404);
    expect(await failureOf(deleteTracker(project))).toMatchObject({ name: "ApiError" });
  });
});
