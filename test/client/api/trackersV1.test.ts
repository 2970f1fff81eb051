import { beforeEach, describe, expect, it } from "vitest";
import { createTracker, deleteTracker, getTracker, updateTracker } from "../../../client/api/trackers";
import type { Project } from "../../../client/connection";
import { failureOf } from "../../support/client";
import { useEmulated } from "../../support/emulated";

const service = useEmulated();
let project: Project;

beforeEach(() => {
  service.emulator.reset();
  // A deployment that has nothing but v1.0.
  service.emulator.behaviour.v3 = false;
  const connection = service.connect({ ...service.emulator.settings(), apiVersion: "v1" });
  project = connection.project({ region: "eu-de", projectId: service.emulator.projectId() });
});

const body = {
  is_lts_enabled: true,
  is_support_validate: false,
  obs_info: { bucket_name: "audit-files", file_prefix_name: "p", is_obs_created: true },
};
const shown = { obs_info: body.obs_info, lts: { is_lts_enabled: true } };
const lastCall = () => service.emulator.journal.calls("cts").at(-1);
const path = (end: string) => `/eu-de/v1.0/${service.emulator.projectId()}/${end}`;

const answerWith = (answer: unknown, status = 200) =>
  service.emulator.faults.add({ kind: "status", status, body: answer, times: 6, match: { service: "cts" } });

describe("getTracker by v1.0", () => {
  it.each(["object", "list"] as const)(
    "reads the tracker from an answer that is one (%s)",
    async (v1Answer) => {
      service.emulator.behaviour.v1Answer = v1Answer;
      service.emulator.setTracker({ ...body, is_support_validate: true });

      const tracker = await getTracker(project);

      expect(tracker).toMatchObject({
        status: "enabled",
        lts: { is_lts_enabled: true },
        obs_info: { bucket_name: "audit-files", file_prefix_name: "p", is_obs_created: undefined },
      });
      expect(lastCall()).toMatchObject({ path: path("tracker"), query: { tracker_name: "system" } });
    },
  );

  it.each([
    ["object", "notFound"],
    ["list", "empty"],
    ["list", "notFound"],
  ] as const)("finds none where there is none (answer: %s, missing: %s)", async (v1Answer, missing) => {
    Object.assign(service.emulator.behaviour, { v1Answer, missing });
    service.emulator.setTracker(undefined);
    expect(await getTracker(project)).toBeUndefined();
  });

  it.each([{}, [{}], [], null, "", { trackers: [] }, { trackers: [{}] }].map((answer) => [answer]))(
    "finds none where the answer is %j",
    async (answer) => {
      answerWith(answer);
      expect(await getTracker(project)).toBeUndefined();
    },
  );

  it("reads the tracker from a body as v3 has it", async () => {
    answerWith({ trackers: [{ id: "t", tracker_name: "system", status: "enabled", bucket_name: "b" }] });
    expect(await getTracker(project)).toMatchObject({ id: "t", obs_info: { bucket_name: "b" } });
  });

  const odd = [7, [7], "nul", [null], [[]], { trackers: null }, { trackers: {} }, { status: "enabled" }];
  it.each([...odd, { id: "t", tracker_name: "system" }].map((answer) => [answer]))(
    "takes %j for malformed, never for gone",
    async (answer) => {
      answerWith(answer);
      expect(await failureOf(getTracker(project))).toMatchObject({ name: "MalformedAnswerError" });
    },
  );

  it("says what to do where there is no v1.0, as on the Swiss OTC", async () => {
    service.emulator.behaviour.v1 = false;
    const failure = await failureOf(getTracker(project));
    expect(failure).toMatchObject({ name: "ApiError", errorCode: "APIGW.0101" });
    expect(failure.message).toMatch(/use the version of the API that it has: v3 by default/);
  });
});

describe("createTracker, updateTracker and deleteTracker by v1.0", () => {
  const sent = {
    bucket_name: "audit-files",
    file_prefix_name: "p",
    is_obs_created: true,
    lts: { is_lts_enabled: true, log_group_name: "CTS", log_topic_name: "system-trace" },
  };

  it("make, change and delete the tracker system, and always name it", async () => {
    service.emulator.setTracker(undefined);

    await createTracker(project, body);
    expect(lastCall()).toMatchObject({ method: "POST", path: path("tracker") });
    expect(lastCall()?.body).toEqual(sent);
    expect(service.emulator.tracker()).toMatchObject(shown);

    await updateTracker(project, { ...body, is_lts_enabled: false, status: "enabled" });
    expect(lastCall()).toMatchObject({ method: "PUT", path: path("tracker/system") });
    expect(lastCall()?.body).toEqual({
      ...sent,
      lts: { ...sent.lts, is_lts_enabled: false },
      status: "enabled",
    });
    expect(service.emulator.tracker()).toMatchObject({ ...shown, lts: { is_lts_enabled: false } });

    await deleteTracker(project);
    expect(lastCall()).toMatchObject({
      method: "DELETE",
      path: path("tracker"),
      query: { tracker_name: "system" },
    });
    expect(service.emulator.tracker()).toBeUndefined();
    expect(service.emulator.tracker({ project: "eu-nl_demo" })).toBeDefined();
  });

  it("says explicitly that there is no transfer", async () => {
    const { obs_info: _, ...none } = body;
    await updateTracker(project, { ...none, status: "enabled" });
    expect(lastCall()?.body).toMatchObject({ bucket_name: "", file_prefix_name: "" });
  });
});
