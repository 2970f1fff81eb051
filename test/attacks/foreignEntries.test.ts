/**
 * Attack: lists with entries that are none of ours: other kinds of things, odd values, and what is no entry at all. None of
 * them may spoil what we manage, hide that it is there, or pass for "gone".
 *
 * Alone: `npx vitest run test/attacks/foreignEntries`
 */
import { beforeEach, describe, expect, it } from "vitest";
import { listQuotas } from "../../client/api/quotas";
import { readNotifications } from "../../provider/functions/getNotifications";
import { KeyEventNotificationResource } from "../../provider/keyEventNotification/resource";
import { connectWith, failureOf, signedIn } from "../support/client";
import { engineFor, engineOf, useEmulated } from "../support/emulated";
import { json, startRawServer } from "../support/rawServer";

const service = useEmulated();
beforeEach(() => service.emulator.reset());

/** Every further read of lists is answered with this body. */
const answerWith = (body: unknown) =>
  service.emulator.faults.add({
    kind: "status",
    status: 200,
    body,
    times: 99,
    match: { service: "cts", method: "GET" },
  });

const NOT_EVEN_OBJECTS: unknown[] = [null, 7, "text", true, [], {}, [{}]];

describe("a list of trackers", () => {
  const data = {
    id: "d",
    tracker_name: "data-1",
    tracker_type: "data",
    status: 7,
    obs_info: "none",
    lts: [],
  };
  it.each<readonly [string, unknown]>([
    ["a data tracker with nothing that we would understand", data],
    ["a tracker without id", { ...data, id: undefined }],
    ["a tracker that other projects share", { ...data, project_id: "another" }],
    ...NOT_EVEN_OBJECTS.map((entry) => [JSON.stringify(entry), entry] as const),
  ])("does not spoil the refresh of ours by %s", async (_, foreign) => {
    const engine = engineOf(service);
    expect((await engine.up({})).errors).toEqual([]);
    const ours = service.emulator.tracker();
    for (const trackers of [
      [foreign, ours],
      [ours, foreign],
    ]) {
      answerWith({ trackers });

      expect((await engine.refresh()).errors).toEqual([]);
      expect(engine.resource?.outputs["trackerId"]).toBe(ours?.id);
      service.emulator.faults.clear();
    }
  });

  it("says that ours is gone where there are only others", async () => {
    const engine = engineOf(service);
    await engine.up({});
    answerWith({ trackers: [data, { tracker_name: "System" }] });

    await engine.refresh();

    expect(engine.resource).toBeUndefined();
  });

  it.each(NOT_EVEN_OBJECTS.map((entry) => [entry]))(
    "does not take %j for a proof that ours is gone",
    async (entry) => {
      const engine = engineOf(service);
      await engine.up({});
      answerWith({ trackers: [data, entry] });

      expect((await engine.refresh()).errors[0]).toContain("field trackers.1");
      expect(engine.resource).toBeDefined();
    },
  );
});

describe("a list of notifications", () => {
  const foreign = { notification_id: "n9", notification_name: "theirs", operation_type: 7, status: null };
  const declared = { notificationName: "alarm", status: "disabled" };
  const connection = () => service.connect();
  const kept = () => service.emulator.notifications()[0];

  it.each<readonly [string, unknown]>([
    ["an odd notification", foreign],
    ["one without name", { notification_id: "n9" }],
    ["one of another project", { ...foreign, project_id: "another" }],
    ...NOT_EVEN_OBJECTS.map((entry) => [JSON.stringify(entry), entry] as const),
  ])("does not spoil the refresh of ours by %s", async (_, entry) => {
    const engine = engineFor(service, KeyEventNotificationResource);
    expect((await engine.up(declared)).errors).toEqual([]);
    answerWith({ notifications: [entry, kept()] });

    expect((await engine.refresh()).errors).toEqual([]);
    expect(engine.resource?.outputs["notificationName"]).toBe("alarm");
  });

  it.each(NOT_EVEN_OBJECTS.map((entry) => [entry]))(
    "does not take %j for a proof that ours is gone",
    async (entry) => {
      const engine = engineFor(service, KeyEventNotificationResource);
      await engine.up(declared);
      answerWith({ notifications: [entry] });

      expect((await engine.refresh()).errors[0]).toContain("field notifications.0");
      expect(engine.resource).toBeDefined();
    },
  );

  it("is read as a whole by getNotifications: an odd one is there, with what is the matter with it", async () => {
    const engine = engineFor(service, KeyEventNotificationResource);
    await engine.up(declared);
    answerWith({ notifications: [foreign, { notification_id: "n8", operation_type: "all" }, kept()] });

    const list = await readNotifications(connection(), {});

    expect(list.map((one) => one.notificationId)).toEqual(["n9", "n8", kept()?.notification_id]);
    expect(list[0]).toMatchObject({
      notificationName: "theirs",
      problem: expect.stringContaining("operation_type"),
    });
    expect(list[0]).not.toHaveProperty("status");
    expect(list[1]).toMatchObject({ problem: expect.stringContaining("notification_name") });
    expect(list[2]).toMatchObject({ status: "disabled" });
    expect(list[2]).not.toHaveProperty("problem");
  });

  it.each(NOT_EVEN_OBJECTS.map((entry) => [entry]))(
    "with %j in it is no list for getNotifications",
    async (entry) => {
      answerWith({ notifications: [entry] });

      const failure = await failureOf(readNotifications(connection(), {}));

      expect(String(failure)).toContain("field notifications.0");
    },
  );

  it("that has others than the one that was asked for is read for that one", async () => {
    answerWith({ notifications: [foreign] });

    expect(await readNotifications(connection(), { notificationName: "alarm" })).toEqual([]);
  });
});

describe("a list of quotas", () => {
  const ours = { type: "system_tracker", used: 1, quota: 1 };
  const read = (entry: unknown) => {
    answerWith({ resources: [entry, ours] });
    return listQuotas(
      service.connect().project({ region: "eu-de", projectId: service.emulator.projectId() }),
    );
  };

  it.each(
    [{ type: "data_tracker", used: null, quota: "unlimited" }, { used: 1 }, ...NOT_EVEN_OBJECTS].map((e) => [
      e,
    ]),
  )("is read without %j", async (entry) => {
    expect(await read(entry)).toEqual([ours]);
  });

  it("is not read where ours is odd", async () => {
    const failure = await failureOf(read({ type: "smn_notification", used: 1 }));
    expect(String(failure)).toContain("field resources.0.quota");
  });
});

describe("IAM's lists", () => {
  it("of projects is read for the one that is asked for", async () => {
    const server = await startRawServer(
      json(200, { projects: [null, 7, {}, { name: "odd", id: null }, { name: "wanted", id: "p1" }] }),
    );
    const connection = connectWith({ region: "eu-de", authUrl: server.url, token: "t" });

    expect(await connection.locate({ projectName: "wanted" })).toMatchObject({ projectId: "p1" });
    expect(String(await failureOf(connection.locate({ projectName: "odd" })))).toContain(
      "field projects.3.id",
    );
    expect(String(await failureOf(connection.locate({ projectName: "none" })))).toContain(
      "there is no project",
    );
    await server.close();
  });

  it("of services is read for CTS", async () => {
    const cts = { type: "cts", endpoints: [{ region: "eu-xx", url: "" }] };
    const server = await startRawServer();
    cts.endpoints[0] = { region: "eu-xx", url: `${server.url}/v1.0/p1` };
    const tracker = { id: "t", tracker_name: "system", status: "enabled" };
    server.answer = (response, request) =>
      (request.method === "POST"
        ? signedIn({ catalog: [null, 7, { type: null }, { type: "obs", endpoints: null }, cts] })
        : json(200, { trackers: [tracker] }))(response, request);
    const user = { authUrl: server.url, userName: "u", password: "p", domainName: "d" };
    const connection = connectWith({ region: "eu-xx", ...user });

    const answer = await connection
      .project({ region: "eu-xx", projectId: "p1" })
      .request({ method: "GET", path: "trackers" });

    expect(answer.body).toEqual({ trackers: [tracker] });
    await server.close();
  });
});
