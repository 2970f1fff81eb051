import { describe, expect, it } from "vitest";
import { startEmulator, type WireTrace } from "../../../emulator";
import { emulateTraces } from "../../support/emulatedTraces";
import { type Reply, request } from "../../support/emulator";

const { emulator, cts, clock, now, get } = await emulateTraces();
const seen = (): WireTrace[] => emulator.traces.list();
const body = { tracker_type: "system", tracker_name: "system", is_lts_enabled: true };

describe("the audit trail of CTS itself", () => {
  it("a change of the tracker leaves a trace with user, address, time, request and answer", async () => {
    const reply = await cts.call("PUT", "/tracker", body);

    const tracker = emulator.tracker();
    expect(seen()).toEqual([
      {
        trace_id: expect.stringMatching(
          /^[0-9a-f]{8}-[0-9a-f]{4}-1[0-9a-f]{3}-[89][0-9a-f]{3}-[0-9a-f]{12}$/,
        ),
        trace_name: "updateTracker",
        trace_rating: "normal",
        trace_type: "ApiCall",
        time: now,
        record_time: now,
        user: {
          id: expect.stringMatching(/^[0-9a-f]{32}$/),
          name: "demo",
          domain: { id: tracker?.domain_id, name: "OTC-EU-DE-00000000001000000001" },
        },
        service_type: "CTS",
        resource_type: "tracker",
        resource_name: "system",
        resource_id: tracker?.id,
        source_ip: "127.0.0.1",
        code: "200",
        api_version: "v3",
        request: JSON.stringify(body),
        response: "",
        request_id: reply.headers.get("X-Request-Id"),
        tracker_name: "system",
      },
    ]);
    expect((await get()).json.traces).toEqual(seen());
  });

  it("changes leave traces, refused ones as warnings, and reads leave none", async () => {
    const before = emulator.tracker()?.id;
    await cts.post();
    await cts.put({ obs_info: { bucket_name: "-" } });
    await cts.delete();
    const created = await cts.post();
    await cts.get();
    await get();

    expect(seen()).toMatchObject([
      {
        trace_name: "createTracker",
        trace_rating: "normal",
        code: "201",
        response: created.text,
        resource_id: created.json.id,
      },
      {
        trace_name: "deleteTracker",
        code: "204",
        request: '{"tracker_name":"system"}',
        response: "",
        resource_id: before,
      },
      {
        trace_name: "updateTracker",
        trace_rating: "warning",
        code: "400",
        response: expect.stringContaining("CTS.0231"),
      },
      { trace_name: "createTracker", trace_rating: "warning", code: "400", resource_id: before },
    ]);
    expect(seen()).toHaveLength(4);
  });

  it("changes by v1.0 leave traces", async () => {
    const v1 = (method: string, path: string, json?: unknown): Promise<Reply> =>
      request(`${emulator.endpoint()}/v1.0/${emulator.projectId()}${path}`, {
        method,
        headers: { "X-Auth-Token": cts.token },
        json,
      });
    await v1("PUT", "/tracker/system", {});
    await v1("DELETE", "/tracker?tracker_name=system");
    await v1("POST", "/tracker", { bucket_name: "audit-log" });

    const names = seen().map(({ trace_name, api_version }) => `${api_version} ${trace_name}`);
    expect(names).toEqual(["v1.0 createTracker", "v1.0 deleteTracker", "v1.0 updateTracker"]);
  });

  it("a DELETE without a name leaves a trace in each project whose tracker it deletes", async () => {
    const there = { project: "eu-de_team" };

    await cts.call("DELETE", "/trackers");

    expect(seen()).toMatchObject([{ trace_name: "deleteTracker" }]);
    expect(emulator.traces.list(there)).toMatchObject([{ trace_name: "deleteTracker" }]);
    expect(emulator.traces.list({ region: "eu-nl" })).toEqual([]);
  });

  it("a call that the gateway refuses leaves no trace", async () => {
    await request(`${emulator.endpoint()}/v3/${emulator.projectId()}/tracker`, { method: "PUT", json: body });
    emulator.behaviour.requestsPerSecond = 1;
    await cts.get();
    await cts.put();
    emulator.behaviour.requestsPerSecond = 0;
    emulator.faults.add({ kind: "status", status: 503 });
    await cts.put();
    emulator.faults.add({ kind: "html" });
    await cts.put();

    expect(seen()).toEqual([]);
  });

  it("a call whose answer was lost leaves a trace, and a failure in CTS leaves an incident", async () => {
    emulator.faults.add({ kind: "status", status: 503, when: "after" });
    await cts.put();
    emulator.faults.add({ kind: "status", status: 500 });
    await cts.put({ status: "disabled" });
    emulator.faults.add({ kind: "status", status: 500 });
    await request(`${emulator.endpoint()}/v3/${emulator.projectId()}/tracker`, { method: "PUT", json: body });

    expect(seen()).toMatchObject([
      { trace_rating: "incident", code: "500", response: expect.stringContaining("CTS.0004") },
      { trace_rating: "normal", code: "200" },
    ]);
    expect(seen()).toHaveLength(2);
  });

  it("traces contain no secrets", async () => {
    await cts.put({ password: "hidden-1", nested: { token: "hidden-2" } });
    await cts.call("DELETE", "/trackers?tracker_name=system&token=hidden-3");

    expect(JSON.stringify(seen())).toContain("***");
    expect(JSON.stringify(seen())).not.toMatch(/hidden-/);
    expect(JSON.stringify(seen())).not.toContain(cts.token);
  });

  it("actions in the console leave traces of type ConsoleAction", () => {
    emulator.console.change({ is_lts_enabled: true });
    emulator.console.delete();
    emulator.console.create();

    expect(seen()).toMatchObject([
      {
        trace_name: "createTracker",
        trace_type: "ConsoleAction",
        code: "201",
        resource_id: emulator.tracker()?.id,
      },
      { trace_name: "deleteTracker", trace_type: "ConsoleAction", code: "204" },
      {
        trace_name: "updateTracker",
        trace_type: "ConsoleAction",
        code: "200",
        user: { name: "alice" },
        source_ip: "127.0.0.1",
        request: '{"is_lts_enabled":true}',
      },
    ]);
  });

  it("changes of notifications by API and console leave traces in the projects of the notifications", async () => {
    const notification = { notification_name: "all", operation_type: "complete" };
    const post = await cts.call("POST", "/notifications", notification);
    await cts.call("POST", "/notifications", notification);
    const { notification_id } = post.json;
    await cts.call("PUT", "/notifications", {
      ...notification,
      notification_id,
      notification_name: "renamed",
      status: "disabled",
    });
    await cts.call("PUT", "/notifications", {
      ...notification,
      notification_id: "nobody's",
      status: "disabled",
    });
    emulator.console.notifications.create({ notification_name: "second" });
    emulator.console.notifications.change("second", { filter: undefined });
    emulator.console.notifications.delete("second");
    emulator.setNotification({ notification_name: "there" }, { project: "eu-de_team" });
    await cts.call("GET", "/notifications/smn");
    await cts.call("DELETE", "/notifications");

    const resource_id = notification_id;
    const shown = (where?: object) =>
      emulator.traces
        .list(where)
        .filter(({ resource_type }) => resource_type === "notification")
        .map(({ trace_name, trace_type, code, resource_name }) => [
          trace_name,
          trace_type,
          code,
          resource_name,
        ])
        .reverse();
    expect(shown()).toEqual([
      ["createNotification", "ApiCall", "201", "all"],
      ["createNotification", "ApiCall", "400", "all"],
      ["updateNotification", "ApiCall", "200", "all"],
      ["updateNotification", "ApiCall", "404", undefined],
      ["createNotification", "ConsoleAction", "201", "second"],
      ["updateNotification", "ConsoleAction", "200", "second"],
      ["deleteNotification", "ConsoleAction", "204", "second"],
      ["deleteNotification", "ApiCall", "204", "renamed"],
    ]);
    expect(shown({ project: "eu-de_team" })).toEqual([["deleteNotification", "ApiCall", "204", "there"]]);
    expect(emulator.traces.list().at(-1)).toMatchObject({ resource_id, response: post.text });
  });

  it("trackers that exist from the start leave a SystemAction without user and address", async () => {
    emulator.reset();
    const atStart = seen();
    emulator.behaviour.trackerExists = false;
    const bare = await startEmulator({ behaviour: { trackerExists: false } });
    await bare.close();

    expect(atStart).toMatchObject([
      {
        trace_name: "createTracker",
        trace_type: "SystemAction",
        source_ip: "",
        user: { name: "" },
        resource_id: emulator.tracker()?.id,
      },
    ]);
    expect(bare.traces.list()).toEqual([]);
  });

  it("without an enabled tracker only the calls that enable and disable it leave traces", async () => {
    await cts.put({ status: "disabled" });
    await cts.put({ is_lts_enabled: true });
    emulator.console.change({ is_lts_enabled: true });
    await cts.put({ status: "enabled" });
    emulator.setTracker(undefined);
    await cts.put();

    expect(seen().map(({ request }) => JSON.parse(String(request)))).toMatchObject([
      { status: "enabled" },
      { status: "disabled" },
    ]);
    expect(seen()).toHaveLength(2);
  });

  it("recordsAlways: true records without an enabled tracker", async () => {
    emulator.behaviour.recordsAlways = true;
    emulator.console.disable();
    emulator.console.change({ is_lts_enabled: true });
    emulator.setTracker(undefined);
    await cts.put();

    expect(seen()).toMatchObject([{ trace_rating: "warning", code: "404" }, {}, {}]);
    expect(seen()[0]).not.toHaveProperty("resource_id");
  });

  it("times of traces are whole milliseconds", async () => {
    const fine = await startEmulator({ clock: () => now + 0.75 });
    fine.console.disable();
    fine.traces.add({});
    await fine.close();

    expect(fine.traces.list().map(({ time, record_time }) => [time, record_time])).toEqual([
      [now, now],
      [now, now],
      [now, now],
    ]);
  });

  it("a trace can be queried recordLagMs after its time", async () => {
    emulator.behaviour.recordLagMs = 1000;
    await cts.put();
    clock.advance(999);
    const before = (await get()).json.traces;
    clock.advance(1);

    expect(before).toEqual([]);
    expect((await get()).json.traces).toMatchObject([{ time: now, record_time: now + 1000 }]);
  });
});
