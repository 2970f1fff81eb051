import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Emulator, startEmulator, type WireTraceUser } from "../../../emulator";
import { type Reply, request, signIn } from "../../support/emulator";

const transfer = {
  bucket_name: "audit-log",
  file_prefix_name: "prod",
  is_obs_created: false,
  compress_type: "json",
  is_sort_by_service: false,
} as const;

let emulator: Emulator;

beforeAll(async () => {
  emulator = await startEmulator();
});
afterAll(() => emulator.close());
beforeEach(() => emulator.reset());

const control = (method: string, path: string, json?: unknown): Promise<Reply> =>
  request(`${emulator.url}/_emulator${path}`, { method, json });

const place = { region: "eu-nl", project: "eu-nl_demo" };
const overHttp = (method: string, action = "", json?: unknown): Promise<Reply> =>
  control(method, `/console/eu-nl/eu-nl_demo/tracker${action}`, json);

describe("Emulator.console", () => {
  it("changes what it is told and leaves the rest, also inside obs_info", () => {
    emulator.setTracker({ obs_info: transfer, is_lts_enabled: true });

    emulator.console.change({ is_support_validate: true, obs_info: { file_prefix_name: "test" } });

    expect(emulator.tracker()).toMatchObject({
      status: "enabled",
      obs_info: { ...transfer, file_prefix_name: "test" },
      lts: { is_lts_enabled: true },
      is_support_validate: true,
    });
  });

  it.each([undefined, { bucket_name: "" }])("ends the transfer with obs_info %j", (obsInfo) => {
    emulator.setTracker({ obs_info: transfer });

    emulator.console.change({ obs_info: obsInfo });

    expect(emulator.tracker()?.obs_info).toMatchObject({ bucket_name: "", file_prefix_name: "" });
  });

  it("changes a disabled tracker, whatever a PUT could", () => {
    emulator.setTracker({ status: "disabled" });

    emulator.console.change({ is_lts_enabled: true });

    expect(emulator.tracker()).toMatchObject({ status: "disabled", lts: { is_lts_enabled: true } });
  });

  it("disables, enables, deletes and creates in the place it is told", () => {
    emulator.console.disable(place);
    const disabled = emulator.tracker(place);
    emulator.console.enable(place);
    const enabled = emulator.tracker(place);
    emulator.console.delete(place);
    const deleted = emulator.tracker(place);
    emulator.console.create(place);

    expect(disabled?.status).toBe("disabled");
    expect(enabled?.status).toBe("enabled");
    expect(deleted).toBeUndefined();
    expect(emulator.tracker(place)).toMatchObject({ status: "enabled", obs_info: { bucket_name: "" } });
    expect(emulator.tracker(place)?.id).not.toBe(enabled?.id);
    expect(emulator.trackers()).toHaveLength(2);
  });

  it("is seen by reads only after the lag", async () => {
    emulator.behaviour.lagMs = 60_000;
    const cts = await signIn(emulator);

    emulator.console.disable();

    expect((await cts.get()).json.trackers[0]?.status).toBe("enabled");
    expect(emulator.tracker()?.status).toBe("disabled");
  });

  it("throws where there is no tracker, and create where there is one", () => {
    expect(() => emulator.console.create()).toThrow("There is a tracker already in project");
    emulator.setTracker(undefined);

    for (const act of ["disable", "enable", "delete"] as const) {
      expect(() => emulator.console[act]()).toThrow("There is no tracker in project");
    }
    expect(() => emulator.console.change({})).toThrow("There is no tracker in project");
  });

  it("throws for what the service does not accept, and changes nothing", () => {
    const before = emulator.tracker();

    expect(() => emulator.console.change({ obs_info: { bucket_name: "-x" } })).toThrow("bucket_name");
    expect(() => emulator.console.change({ obs_info: { file_prefix_name: "p" } })).toThrow(
      "needs a bucket_name",
    );
    expect(emulator.tracker()).toEqual(before);
  });

  it.each([
    ["alice", {}],
    ["bob", { user: { name: "alice" } }],
    ["operator", { consoleUser: "operator" }],
  ])("acts as %s with the options %j, and never as the user who signs in", async (name, options) => {
    const other = await startEmulator(options);
    other.console.as("zoe").change({ is_lts_enabled: true });
    other.console.disable();
    other.console.notifications.create({ notification_name: "all" });
    const [change] = other.change({
      ...{ service_type: "VPC", resource_type: "vpc", trace_name: "modifyVpc", resource_id: "1" },
    });
    const users = other.traces.list().map(({ user }) => user as WireTraceUser);
    await other.close();

    expect(users.map((user) => user.name)).toEqual(expect.arrayContaining([name, "zoe"]));
    expect(users.map((user) => user.name)).not.toContain(other.settings()["userName"]);
    expect(change).toMatchObject({ user: { name } });
  });

  it("needs a name of the person", async () => {
    expect(() => emulator.console.as("")).toThrow("needs a name");
    await expect(startEmulator({ consoleUser: "" })).rejects.toThrow("needs a name");
  });

  it("leaves no trace in the journal", () => {
    emulator.console.disable();

    expect(emulator.journal.entries).toEqual([]);
  });
});

describe("/_emulator/console", () => {
  it("does the same over HTTP, the project by name or id", async () => {
    const patched = await overHttp("PATCH", "", { is_lts_enabled: true, obs_info: transfer });
    const disabled = await control(
      "POST",
      `/console/eu-nl/${emulator.projectId("eu-nl_demo")}/tracker/disable`,
    );
    const enabled = await overHttp("POST", "/enable");
    const deleted = await overHttp("DELETE");
    const gone = emulator.tracker(place);
    const created = await overHttp("POST");

    expect(patched).toMatchObject({
      status: 200,
      json: { lts: { is_lts_enabled: true }, obs_info: transfer },
    });
    expect(disabled).toMatchObject({ status: 200, json: { status: "disabled" } });
    expect(enabled).toMatchObject({ status: 200, json: { status: "enabled" } });
    expect(deleted.status).toBe(204);
    expect(gone).toBeUndefined();
    expect(created).toMatchObject({ status: 201, json: emulator.tracker(place) });
  });

  it.each([
    ["PATCH", { nonsense: 1 }, "Not a setting of a tracker: nonsense"],
    ["PATCH", [], "must be a JSON object"],
    ["PATCH", undefined, "must be JSON"],
    ["PATCH", { status: "error" }, "status must be enabled or disabled"],
    ["PATCH", { is_lts_enabled: "yes" }, "message body"],
    ["PATCH", { is_lts_enabled: true, user: "" }, "needs a name"],
    ["PATCH", { is_lts_enabled: true, user: 5 }, "user must be"],
    ["DELETE", { usr: "bob" }, "Not a setting of a tracker: usr"],
    ["POST", undefined, "There is a tracker already"],
  ])("answers %s of %j with 400 and why", async (method, json, message) => {
    expect(await overHttp(method, "", json)).toMatchObject({
      status: 400,
      json: { error: expect.stringContaining(message) },
    });
  });

  it("acts as the person whom the body names, and else as the person of the options", async () => {
    await overHttp("PATCH", "", { is_lts_enabled: true, user: "bob" });
    await overHttp("POST", "/disable", { user: "carol" });
    await overHttp("POST", "/enable", {});
    await overHttp("DELETE", "", { user: "dave" });
    await overHttp("POST", "", { user: "erin" });
    await control("POST", "/console/eu-nl/eu-nl_demo/notifications", {
      notification_name: "all",
      user: "frank",
    });
    await control("DELETE", "/console/eu-nl/eu-nl_demo/notifications/all");

    const people = emulator.traces.list(place).map(({ user }) => (user as WireTraceUser).name);
    expect(people.reverse()).toEqual(["", "bob", "carol", "alice", "dave", "erin", "frank", "alice"]);
    expect(emulator.traces.list(place).map(({ request }) => request)).not.toContainEqual(
      expect.stringContaining("bob"),
    );
  });

  it("names the regions and projects there are when the path has another", async () => {
    const region = await control("POST", "/console/eu-xx/eu-de_demo/tracker/disable");
    const project = await control("POST", "/console/eu-de/other/tracker/disable");

    expect(region).toMatchObject({ status: 400, json: { error: expect.stringContaining("eu-de, eu-nl") } });
    expect(project).toMatchObject({ status: 400, json: { error: expect.stringContaining("eu-de_demo") } });
  });
});

describe("/_emulator", () => {
  it("lists trackers, and lists and forgets calls", async () => {
    await signIn(emulator);

    const trackers = await control("GET", "/trackers");
    const journal = await control("GET", "/journal");
    const forgotten = await control("DELETE", "/journal");

    expect(trackers.json).toEqual(emulator.trackers());
    expect(journal.json).toMatchObject([{ operation: "createToken" }]);
    expect(forgotten.status).toBe(204);
    expect(emulator.journal.entries).toEqual([]);
  });

  it("shows and changes the behaviour", async () => {
    const changed = await control("PATCH", "/behaviour", { put: "keep", lagMs: 20 });

    expect(changed).toMatchObject({ status: 200, json: { put: "keep", lagMs: 20, missing: "empty" } });
    expect((await control("GET", "/behaviour")).json).toEqual(emulator.behaviour);
    expect(emulator.behaviour).toMatchObject({ put: "keep", lagMs: 20 });
  });

  it.each([
    [{ lag: 5 }, "lag"],
    [{ put: "other" }, "put"],
    [{ lagMs: "5" }, "lagMs"],
    [{ latencyMs: -1 }, "latencyMs"],
    [{ existsCode: "CTS.0001" }, "existsCode"],
  ])("refuses the behaviour %j, names the setting and changes nothing", async (behaviour, name) => {
    const before = { ...emulator.behaviour };

    const reply = await control("PATCH", "/behaviour", { missing: "notFound", ...behaviour });

    expect(reply).toMatchObject({ status: 400, json: { error: expect.stringContaining(name) } });
    expect(emulator.behaviour).toEqual(before);
  });

  it("plans and clears faults, which do not hit its own paths", async () => {
    const cts = await signIn(emulator);
    await control("POST", "/faults", { kind: "status", status: 503, times: 2 });
    const hit = await cts.get();
    await control("DELETE", "/faults");
    const cleared = await cts.get();
    await control("POST", "/faults", { random: { rate: 1, kinds: ["html"] } });
    const random = await cts.get();

    expect([hit.status, cleared.status, random.status]).toEqual([503, 200, 502]);
    expect((await control("GET", "/trackers")).status).toBe(200);
  });

  it.each([
    [{ kind: "nonsense" }, "kind"],
    [{ kind: "status" }, "status"],
    [{ kind: "reset", when: "never" }, "when"],
    [{ kind: "reset", extra: 1 }, "extra"],
    [{ kind: "reset", match: { operation: "nonsense" } }, "operation"],
    [{ random: { rate: 2 } }, "rate"],
  ])("refuses the fault %j and says why", async (fault, name) => {
    expect(await control("POST", "/faults", fault)).toMatchObject({
      status: 400,
      json: { error: expect.stringContaining(name) },
    });
  });

  it("resets everything", async () => {
    emulator.console.delete();
    emulator.behaviour.put = "keep";

    const reply = await control("POST", "/reset");

    expect(reply.status).toBe(204);
    expect(emulator.trackers()).toHaveLength(2);
    expect(emulator.behaviour.put).toBe("reset");
  });

  it("answers 404 with the path for anything else", async () => {
    expect(await control("GET", "/nonsense")).toMatchObject({
      status: 404,
      json: { error: "The emulator has no GET /_emulator/nonsense." },
    });
  });
});
