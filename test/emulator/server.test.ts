import { afterEach, describe, expect, it } from "vitest";
import { type Emulator, type EmulatorOptions, type KeyPair, startEmulator } from "../../emulator";
import { request, signIn, stoppedClock } from "../support/emulator";
import { draftOf, send, signed } from "../support/signing";

const running: Emulator[] = [];

async function start(options?: EmulatorOptions): Promise<Emulator> {
  const emulator = await startEmulator(options);
  running.push(emulator);
  return emulator;
}

afterEach(async () => {
  await Promise.all(running.splice(0).map((emulator) => emulator.close()));
});

describe("startEmulator", () => {
  it("listens on a free port of 127.0.0.1, and on the port it is given", async () => {
    const first = await start();
    const port = Number(new URL(first.url).port);
    await first.close();
    const second = await start({ port });

    expect(first.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(second.url).toBe(first.url);
  });

  it("fails with EADDRINUSE and names the port when it is taken", async () => {
    const { port } = new URL((await start()).url);

    await expect(start({ port: Number(port) })).rejects.toMatchObject({
      code: "EADDRINUSE",
      message: `Port ${port} on 127.0.0.1 is taken.`,
    });
  });

  it("starts every project with a tracker, or none with trackerExists: false", async () => {
    const full = await start();
    const empty = await start({ behaviour: { trackerExists: false } });

    expect(full.trackers()).toHaveLength(2);
    expect(empty.trackers()).toEqual([]);
  });

  it("has one project per region unless it is told which", async () => {
    const emulator = await start({ regions: ["eu-ch2", "eu-ch2"] });

    expect(emulator.settings()).toMatchObject({ region: "eu-ch2", projectName: "eu-ch2_demo" });
    expect(emulator.trackers()).toHaveLength(1);
  });

  it("gives a project the same id every time", async () => {
    const [first, second] = [await start(), await start({ projects: [{ name: "eu-de_demo" }] })];

    expect(first.projectId("eu-de_demo")).toBe(second.projectId());
    expect(first.projectId("eu-nl_demo")).not.toBe(first.projectId());
  });

  it.each([
    [{ regions: [] }, "at least one region"],
    [{ projects: [] }, "at least one project"],
    [{ projects: [{ name: "a", region: "eu-ch2" }] }, 'The project "a" is of region "eu-ch2", which'],
    [{ projects: [{ name: "a" }, { name: "a", region: "eu-nl" }] }, 'two projects "a"'],
    [{ projects: [{ name: "eu-nl_demo", region: "eu-de" }] }, 'two projects "eu-nl_demo"'],
    [{ regions: ["EU DE"] }, '"EU DE" cannot be a region'],
    [{ regions: ["v3"] }, '"v3" cannot be a region'],
    [{ behaviour: { lagMs: -1 } }, "lagMs"],
    [{ behaviour: { requestsPerSecond: 0.5 } }, "requestsPerSecond"],
    [{ traces: -1 }, "traces must be a whole number from 0 to 1000000, not -1"],
    [{ traces: 1.5 }, "traces"],
    [{ traces: 1_000_001 }, "traces"],
    [{ seed: -1 }, "seed must be a whole number from 0 to 4294967295, not -1"],
    [{ seed: 0.5 }, "seed"],
    [{ keys: [{ accessKey: "a/b", secretKey: "s" }] }, '"a/b" cannot be an access key'],
    [
      {
        keys: [
          { accessKey: "a", secretKey: "s" },
          { accessKey: "a", secretKey: "t" },
        ],
      },
      '"a" cannot be an access key: it must be unique',
    ],
  ])("refuses %j", async (options, message) => {
    await expect(start(options)).rejects.toThrow(message);
  });
});

describe("a project", () => {
  const calls = async (emulator: Emulator, region: string, project: string) => {
    const [byToken, byKeys] = [await signIn(emulator, { project }), emulator.keys[0] as KeyPair];
    const id = emulator.projectId(project);
    const url = `${emulator.endpoint(region)}/v3/${id}/tracker`;
    const headers = { "X-Auth-Token": byToken.token };
    const body = JSON.stringify({ tracker_type: "system", tracker_name: "system", status: "disabled" });
    const draft = draftOf(emulator, { method: "PUT", segments: [region, "v3", id, "tracker"], body });
    return [
      await request(url, { method: "PUT", headers, body }),
      await request(url.replace("/v3/", "/v1.0/"), { method: "GET", headers }),
      await send(emulator, signed(emulator, draft, byKeys, Date.now())),
    ];
  };

  it("is in the region that it is told, that its name begins with, or the first", async () => {
    const emulator = await start({
      regions: ["eu-de", "eu-nl", "eu-nl-2"],
      projects: [
        { name: "eu-nl_a" },
        { name: "eu-nl-2" },
        { name: "b" },
        { name: "eu-nl_c", region: "eu-de" },
        { name: "eu-nl-3" },
      ],
    });

    const placeOf = (project: string) => emulator.settings({ project })["region"];
    expect(["eu-nl_a", "eu-nl-2", "b", "eu-nl_c", "eu-nl-3"].map(placeOf)).toEqual([
      "eu-nl",
      "eu-nl-2",
      "eu-de",
      "eu-de",
      "eu-de",
    ]);
    expect(emulator.trackers()).toHaveLength(5);
  });

  it("is refused at the endpoint of another region with 403 CTS.0013, and nothing is done", async () => {
    const emulator = await start();
    const before = emulator.trackers();

    for (const answer of await calls(emulator, "eu-nl", "eu-de_demo")) {
      expect(answer).toMatchObject({
        status: 403,
        json: {
          error_code: "CTS.0013",
          error_msg: "No permission. There is no such project in this region.",
        },
      });
    }
    expect((await calls(emulator, "eu-de", "eu-de_demo")).map(({ status }) => status)).toEqual([
      200, 200, 200,
    ]);
    expect(emulator.trackers().slice(1)).toEqual(before.slice(1));
    expect(() => emulator.tracker({ region: "eu-nl", project: "eu-de_demo" })).toThrow(
      'The project "eu-de_demo" is of region "eu-de", not of "eu-nl". It has: eu-nl_demo.',
    );
  });

  it("is in every region with projectsInEveryRegion", async () => {
    const emulator = await start({ projectsInEveryRegion: true });

    const answers = await calls(emulator, "eu-nl", "eu-de_demo");

    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(emulator.trackers()).toHaveLength(4);
    expect(emulator.tracker({ region: "eu-nl", project: "eu-de_demo" })?.status).toBe("disabled");
    expect(emulator.settings({ project: "eu-nl_demo" })["region"]).toBe("eu-de");
  });
});

describe("Emulator", () => {
  it("tells what to configure, for the default place and any other", async () => {
    const emulator = await start();

    expect(emulator.authUrl).toBe(`${emulator.url}/v3`);
    expect(emulator.settings()).toEqual({
      authUrl: `${emulator.url}/v3`,
      userName: "demo",
      password: "demo-password",
      domainName: "OTC-EU-DE-00000000001000000001",
      projectName: "eu-de_demo",
      region: "eu-de",
    });
    expect(emulator.settings({ region: "eu-nl" })).toMatchObject({
      projectName: "eu-nl_demo",
      region: "eu-nl",
    });
    expect(emulator.settings({ project: emulator.projectId("eu-nl_demo") })).toMatchObject({
      projectName: "eu-nl_demo",
      region: "eu-nl",
    });
  });

  it("keeps projects and regions apart", async () => {
    const emulator = await start();
    const places = emulator.trackers().map(({ region, projectId }) => ({ region, project: projectId }));
    for (const where of places) {
      const cts = await signIn(emulator, where);
      await cts.put({ obs_info: { bucket_name: `${where.region}-${where.project}` } });
    }

    for (const { region, projectId, tracker } of emulator.trackers()) {
      expect(tracker).toMatchObject({
        project_id: projectId,
        obs_info: { bucket_name: `${region}-${projectId}` },
      });
    }
  });

  it("serves the default region also without its name in the path", async () => {
    const emulator = await start();
    const { token } = await signIn(emulator);
    const headers = { "X-Auth-Token": token };

    await request(`${emulator.url}/v3/${emulator.projectId()}/trackers?tracker_name=system`, {
      method: "DELETE",
      headers,
    });

    expect(emulator.tracker()).toBeUndefined();
    expect(emulator.trackers()).toHaveLength(1);
  });

  it("hands out copies of trackers", async () => {
    const emulator = await start();
    const settings = { obs_info: { bucket_name: "audit-log" } };
    emulator.setTracker(settings);
    settings.obs_info.bucket_name = "changed";
    const tracker = emulator.tracker();
    if (tracker) {
      tracker.obs_info.bucket_name = "changed";
      tracker.status = "disabled";
    }

    expect(emulator.tracker()).toMatchObject({ status: "enabled", obs_info: { bucket_name: "audit-log" } });
  });

  it("puts a tracker there past lag and rules", async () => {
    const emulator = await start({ behaviour: { lagMs: 60_000 } });
    const cts = await signIn(emulator);

    emulator.setTracker({ status: "disabled", is_lts_enabled: true });
    const changed = (await cts.get()).json.trackers[0];
    emulator.setTracker(undefined);

    expect(changed).toMatchObject({
      status: "disabled",
      lts: { is_lts_enabled: true },
      is_support_validate: false,
    });
    expect((await cts.get()).json.trackers).toEqual([]);
  });

  it.each([{ region: "eu-xx" }, { project: "nobody" }])(
    "throws for %j and says what there is",
    async (where) => {
      const emulator = await start();

      expect(() => emulator.tracker(where)).toThrow(/It has: eu-de/);
      expect(() => emulator.setTracker({}, where)).toThrow(/It has: eu-de/);
      expect(() => emulator.console.disable(where)).toThrow(/It has: eu-de/);
    },
  );

  it("goes back to its start with reset()", async () => {
    const emulator = await start({ behaviour: { put: "keep" } });
    const atStart = emulator.trackers();
    const { behaviour } = emulator;
    await signIn(emulator);
    Object.assign(behaviour, { put: "reset", lagMs: 5, obs: "arrears" });
    emulator.console.delete();
    emulator.console.create();
    emulator.console.disable();
    emulator.faults.add({ kind: "reset" });
    emulator.faults.random({ rate: 1 });

    emulator.reset();

    expect(emulator.trackers().map(({ tracker }) => ({ ...tracker, create_time: 0 }))).toEqual(
      atStart.map(({ tracker }) => ({ ...tracker, create_time: 0 })),
    );
    expect(emulator.behaviour).toBe(behaviour);
    expect(behaviour).toMatchObject({ put: "keep", lagMs: 0, obs: "ok" });
    expect(emulator.journal.entries).toEqual([]);
    expect((await (await signIn(emulator)).get()).status).toBe(200);
  });

  it("answers after latencyMs, and does it half-way, on every call of CTS and IAM", async () => {
    const waits: number[] = [];
    const emulator = await start({ sleep: async (ms) => void waits.push(ms), behaviour: { latencyMs: 40 } });

    await (await signIn(emulator)).get();
    await request(`${emulator.url}/_emulator/trackers`);

    expect(waits).toEqual([40, 20, 40, 20]);
  });

  it("has carried out what it has not answered yet, when half of latencyMs is over", async () => {
    const waits = new Map<number, () => void>();
    const emulator = await start({
      sleep: (ms) => new Promise((resolve) => void waits.set(ms, resolve)),
    });
    const cts = await signIn(emulator);
    emulator.behaviour.latencyMs = 40;
    let isAnswered = false;
    const reply = cts.put({ status: "disabled" }).then((answer) => {
      isAnswered = true;
      return answer;
    });

    await expect.poll(() => waits.size).toBe(2);
    expect(emulator.tracker()?.status).toBe("enabled");
    waits.get(20)?.();
    await expect.poll(() => emulator.tracker()?.status).toBe("disabled");
    expect(isAnswered).toBe(false);
    waits.get(40)?.();
    expect((await reply).status).toBe(200);
  });

  it("forgets in reset() which buckets exist", async () => {
    const emulator = await start({ behaviour: { rejectExistingBucket: true } });
    emulator.setTracker({ obs_info: { bucket_name: "audit-log" } });
    emulator.reset();
    const cts = await signIn(emulator);

    const reply = await cts.put({ obs_info: { bucket_name: "audit-log", is_obs_created: true } });

    expect(reply.status).toBe(200);
  });

  it("closes idle connections and calls that wait", async () => {
    const emulator = await start();
    const cts = await signIn(emulator);
    emulator.faults.add({ kind: "timeout" });
    const arrived = new Promise((resolve) => emulator.journal.onRequest(resolve));
    const hanging = cts.get().catch((error: unknown) => error);
    await arrived;

    await emulator.close();

    expect(await hanging).toBeInstanceOf(Error);
    await expect(fetch(emulator.url)).rejects.toThrow();
  });
});

describe("paths", () => {
  it.each(["/", "/eu-de", "/eu-nl/"])("GET %s lists the versions without a token", async (path) => {
    const emulator = await start();

    const reply = await request(emulator.url + path);

    expect(reply.status).toBe(200);
    expect(reply.json).toMatchObject({
      versions: [
        { id: "v3", status: "CURRENT" },
        { id: "v1.0", status: "DEPRECATED" },
      ],
    });
  });

  it("GET / leaves out a version that is not there", async () => {
    const emulator = await start({ behaviour: { v1: false } });

    expect((await request(emulator.url)).json).toMatchObject({ versions: [{ id: "v3" }] });
    emulator.behaviour.v3 = false;
    expect((await request(emulator.url)).json).toMatchObject({ versions: [] });
  });

  it.each([
    ["v1", "/v1.0/p/tracker"],
    ["v3", "/v3/p/trackers"],
    ["v3", "/v3/p/quotas"],
    ["v3", "/v3/p/traces"],
    ["v2", "/v2.0/p/system/trace"],
    ["v1", "/v1.0/p/system/trace"],
  ] as const)("with %s: false, GET %s is 404 APIGW.0101, signed in or not", async (version, path) => {
    const emulator = await start();
    const before = await request(emulator.url + path);
    emulator.behaviour[version] = false;

    expect(before.status).toBe(401);
    expect(await request(emulator.url + path)).toMatchObject({
      status: 404,
      json: { error_code: "APIGW.0101" },
    });
  });

  it("date every answer by the emulator's clock", async () => {
    const clock = stoppedClock();
    const emulator = await start({ clock: clock.now });
    const reply = await request(emulator.url);
    clock.advance(61_000);
    emulator.faults.add({ kind: "html" });

    expect(reply.headers.get("Date")).toBe("Sun, 22 Nov 2026 00:00:00 GMT");
    expect((await request(emulator.url)).headers.get("Date")).toBe("Sun, 22 Nov 2026 00:01:01 GMT");
  });

  it.each([
    ["GET", "/eu-xx/v3/p/trackers"],
    ["GET", "/v2.0/p/tracker"],
    ["PATCH", "/v3/p/tracker"],
    ["POST", "/eu-de/v3/auth/tokens"],
    ["GET", "/v3/p/nonsense"],
  ])("%s %s is 404 APIGW.0101", async (method, path) => {
    const emulator = await start();

    const reply = await request(emulator.url + path, { method });

    expect(reply).toMatchObject({ status: 404, json: { error_code: "APIGW.0101" } });
    expect(reply.json.request_id).toBe(reply.headers.get("X-Request-Id"));
    expect(emulator.journal.entries).toMatchObject([{ operation: "unknown", method, path, status: 404 }]);
  });
});
