import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Call, Project } from "../../client/connection";
import { wasNotApplied } from "../../client/errors";
import type { Fault } from "../../emulator";
import { connectWith, failureOf, signedIn } from "../support/client";
import { type Emulated, startEmulated } from "../support/emulated";
import { json, startRawServer, unusedUrl } from "../support/rawServer";
import { propertyRuns } from "../support/runs";

const HOUR = 3_600_000;
const GET: Call = { method: "GET", path: "trackers", query: { tracker_name: "system" } };
const system = { tracker_type: "system", tracker_name: "system" };
const calls: Record<string, Call> = {
  GET,
  PUT: { method: "PUT", path: "tracker", body: { ...system, is_lts_enabled: true } },
  DELETE: { method: "DELETE", path: "trackers", query: { tracker_name: "system" } },
  POST: { method: "POST", path: "tracker", body: system },
};

let service: Emulated;

beforeAll(async () => {
  service = await startEmulated({ random: () => 0, projectsInEveryRegion: true });
});
afterAll(() => service.emulator.close());
beforeEach(() => service.emulator.reset());

/** A connection's project, with other settings than the emulator's where a test wants it. */
function project(settings: Record<string, string> = {}, region = "eu-de"): Project {
  const connection = service.connect({ ...service.emulator.settings(), ...settings });
  return connection.project({ region, projectId: service.emulator.projectId() });
}

const signIns = () => service.emulator.journal.calls("iam").length;
const ctsCalls = () => service.emulator.journal.calls("cts");
const plan = (...faults: Fault[]) => {
  for (const fault of faults) {
    service.emulator.faults.add({ match: { service: "cts" }, ...fault });
  }
};

describe("Connection.locate", () => {
  it("takes from the connection what the user leaves out", async () => {
    const place = await service.connect().locate({});
    expect(place).toEqual({
      region: "eu-de",
      projectId: service.emulator.projectId("eu-de_demo"),
      projectName: "eu-de_demo",
    });
  });

  it("takes a project's id as it is, without signing in", async () => {
    expect(await service.connect().locate({ region: "eu-nl", projectId: "p" })).toEqual({
      region: "eu-nl",
      projectId: "p",
    });
    expect(service.emulator.journal.entries).toEqual([]);
  });

  it("does not mix the user's project with the connection's", async () => {
    const { projectName: _, ...rest } = service.emulator.settings();
    const connection = service.connect({ ...rest, projectId: "the connection's" });
    expect(await connection.locate({ projectName: "eu-nl_demo" })).toMatchObject({
      projectId: service.emulator.projectId("eu-nl_demo"),
    });
  });

  it("takes a name and an id of one project, and refuses those of two", async () => {
    const connection = service.connect();
    const projectId = service.emulator.projectId("eu-de_demo");

    const place = await connection.locate({ projectName: "eu-de_demo", projectId });
    const failure = await failureOf(connection.locate({ projectName: "eu-nl_demo", projectId }));

    expect(place.projectId).toBe(projectId);
    expect(failure.name).toBe("ConfigError");
    expect(failure.message).toContain(`but projectId is ${projectId}: give one of them`);
  });

  it.each([
    ["region", { region: "" }, /^region is missing: .*otc-cts:region eu-de.*OS_REGION_NAME/],
    [
      "project",
      { projectName: "" },
      /^projectName or projectId is missing: .*OS_PROJECT_NAME.*OS_PROJECT_ID/,
    ],
  ])("says how to set the %s where there is none", async (_, change, message) => {
    const failure = await failureOf(
      service.connect({ ...service.emulator.settings(), ...change }).locate({}),
    );
    expect(failure.name).toBe("ConfigError");
    expect(failure.message).toMatch(message);
  });
});

describe("Project.request", () => {
  it("signs in once for a hundred concurrent calls, and for all that follow", async () => {
    const { request } = project();

    await Promise.all(Array.from({ length: 100 }, () => request(GET)));
    await request(GET);

    expect(signIns()).toBe(1);
    expect(ctsCalls()).toHaveLength(101);
  });

  it("uses for a project by its id the session that its name was looked up with", async () => {
    const connection = service.connect();
    const place = await connection.locate({ projectName: "eu-de_demo" });

    await connection.project(place).request(GET);
    await connection.project({ ...place, region: "eu-nl" }).request(GET);

    expect(signIns()).toBe(1);
  });

  it("answers with the body, and what was called", async () => {
    const projectId = service.emulator.projectId();
    const answer = await project().request(GET);
    const body = { trackers: [service.emulator.tracker()] };
    expect(answer).toEqual({
      body,
      size: JSON.stringify(body).length,
      method: "GET",
      url: `${service.emulator.endpoint()}/v3/${projectId}/trackers`,
    });
  });

  it("renews a token before it expires, so that no call is refused", async () => {
    const { request } = project();
    await request(GET);
    service.clock.advance(24 * HOUR - 5 * 60_000);

    await Promise.all([request(GET), request(GET)]);

    expect(signIns()).toBe(2);
    expect(ctsCalls().map(({ status }) => status)).toEqual([200, 200, 200]);
  });

  it.each(Object.entries(calls))(
    "repeats a %s with a new token where the old one was revoked",
    async (_, call) => {
      if (call.method === "POST") {
        service.emulator.setTracker(undefined);
      }
      const { request } = project();
      await request(GET);
      service.emulator.revokeTokens();

      await request(call);

      expect(signIns()).toBe(2);
      expect(ctsCalls().map(({ status }) => status)).toEqual([200, 401, expect.toSatisfy((s) => s < 300)]);
    },
  );

  it("renews a revoked token once for all concurrent calls", async () => {
    const { request } = project();
    await request(GET);
    service.emulator.revokeTokens();
    service.emulator.journal.clear();

    await Promise.all(Array.from({ length: 50 }, () => request(GET)));

    expect(signIns()).toBe(1);
    expect(ctsCalls().filter(({ status }) => status === 200)).toHaveLength(50);
  });

  it("renews once more when the new token is revoked later", async () => {
    const { request } = project();
    for (let round = 0; round < 3; round++) {
      await request(GET);
      service.emulator.revokeTokens();
    }
    expect(signIns()).toBe(3);
  });

  it.each(Object.entries(calls))("fails for a %s that stays 401 after one renewal", async (_, call) => {
    plan({ kind: "status", status: 401, times: 100 });

    const failure = await failureOf(project().request(call));

    expect(failure).toMatchObject({
      name: "AuthError",
      status: 401,
      errorCode: "APIGW.0301",
      mayHaveBeenApplied: false,
    });
    expect(ctsCalls()).toHaveLength(2);
    expect(signIns()).toBe(2);
  });

  it("does not renew after a 403", async () => {
    plan({ kind: "status", status: 403 });

    const failure = await failureOf(project().request(GET));

    expect(failure).toMatchObject({ name: "AuthError", status: 403 });
    expect([signIns(), ctsCalls().length]).toEqual([1, 1]);
  });

  it("tries a wrong password once, and sends CTS nothing", async () => {
    const failure = await failureOf(project({ password: "wrong" }).request(GET));

    expect(failure).toMatchObject({ name: "AuthError", status: 401 });
    expect(failure.message).toMatch(/password.*otc-cts:.*OS_PASSWORD/);
    expect(service.emulator.journal.entries).toHaveLength(1);
  });

  it("writes any project so that the server reads the same", async () => {
    const server = await startRawServer((response, request) =>
      (request.method === "POST" ? signedIn() : json(200, {}))(response, request),
    );
    const text = fc
      .oneof(
        fc.string({ unit: "binary", minLength: 1 }),
        fc.constantFrom("a/b", "a?b#c", "../x", "%2F", "a b"),
      )
      .filter((id) => !/^\.{1,2}$/.test(id));
    await fc.assert(
      fc.asyncProperty(text, async (projectId) => {
        server.requests.length = 0;
        const connection = connectWith({
          region: "eu-de",
          authUrl: server.url,
          endpoint: server.url,
          userName: "alice",
          password: "pa55",
          domainId: "d",
        });

        await connection.project({ region: "eu-de", projectId }).request({ method: "GET", path: "quotas" });

        const segments = server.requests[1]?.target.split("/").map(decodeURIComponent);
        expect(segments).toEqual(["", "v3", projectId, "quotas"]);
      }),
      { numRuns: propertyRuns(0.02) },
    );
    await server.close();
  });
});

const passing: Fault[] = [
  { kind: "status", status: 429 },
  { kind: "status", status: 500 },
  { kind: "status", status: 503 },
  { kind: "status", status: 400, errorCode: "CTS.0001" },
  { kind: "status", status: 400, errorCode: "cts.0300" },
  { kind: "html", status: 502 },
  { kind: "timeout", hangMs: 1 },
  { kind: "reset" },
  { kind: "reset", when: "after" },
  { kind: "truncated", when: "after" },
  { kind: "wrongJson", body: "half of it" },
];

describe("Project.request under faults", () => {
  it.each(["GET", "PUT", "DELETE"].flatMap((method) => passing.map((fault) => [method, fault] as const)))(
    "repeats a %s after %j",
    async (method, fault) => {
      plan({ ...fault, times: 2 });

      await project().request(calls[method] ?? GET);

      expect(ctsCalls().map((call) => call.method)).toEqual([method, method, method]);
    },
  );

  it.each(passing.filter((fault) => !("status" in fault && fault.status === 429)))(
    "does not repeat a POST after %j",
    async (fault) => {
      plan(fault);
      service.emulator.setTracker(undefined);

      const failure = await failureOf(project().request(calls["POST"] ?? GET));

      expect(ctsCalls()).toHaveLength(1);
      expect(failure.mayHaveBeenApplied).toBe(true);
      expect(wasNotApplied(failure)).toBe(false);
    },
  );

  it("repeats a POST after a 429, which has changed nothing", async () => {
    plan({ kind: "status", status: 429, times: 5 });
    service.emulator.setTracker(undefined);

    await project().request(calls["POST"] ?? GET);

    expect(ctsCalls()).toHaveLength(6);
    expect(service.emulator.tracker()).toBeDefined();
  });

  it("repeats a POST where nothing listens, and gives up after some seconds", async () => {
    const { request } = project({ endpoint: await unusedUrl() });
    const startedAt = service.clock.now();

    const failure = await failureOf(request(calls["POST"] ?? GET));

    expect(failure).toMatchObject({ code: "ECONNREFUSED", mayHaveBeenApplied: false });
    expect(wasNotApplied(failure)).toBe(true);
    expect(service.clock.now() - startedAt).toBe(125 + 250 + 500 + 1000 + 2000);
  });

  it.each([
    ["in seconds", () => 7, 7125],
    ["as a date", () => new Date(service.clock.now() + 90_000).toUTCString(), 60_125],
    ["over the cap", () => 3600, 60_125],
  ])("waits for a Retry-After %s", async (_, retryAfter, waitMs) => {
    plan({ kind: "status", status: 429, retryAfter: retryAfter() });

    await project().request(GET);

    const [first, second] = ctsCalls();
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBe(waitMs);
  });

  const throttled: Fault = { kind: "status", status: 429, times: 6 };
  const lost: Fault = { kind: "reset", when: "after" };
  const unauthorised: Fault = { kind: "status", status: 401 };
  const refusedSignIn: Fault = { kind: "status", status: 401, match: { service: "iam" } };

  const lostSignIn: Fault = { kind: "reset", when: "after", times: 6, match: { service: "iam" } };

  it.each<[string, Fault[], string, boolean]>([
    ["it was refused all along", [throttled], "ThrottledError", false],
    ["an answer was lost and the rest refused", [lost, throttled], "ThrottledError", true],
    ["a token was refused and the rest, too", [unauthorised, throttled], "ThrottledError", false],
    [
      "an answer was lost, then the token refused, and the rest, too",
      [lost, unauthorised, throttled],
      "ThrottledError",
      true,
    ],
    [
      "an answer was lost, then the token refused, twice",
      [lost, unauthorised, unauthorised],
      "AuthError",
      true,
    ],
    ["signing in was answered by nobody", [lostSignIn], "NetworkError", false],
  ])("tells of a PUT that failed whether it may be done: %s", async (_, faults, name, mayHaveBeenApplied) => {
    plan(...faults);

    const failure = await failureOf(project().request(calls["PUT"] ?? GET));

    expect(failure).toMatchObject({ name, mayHaveBeenApplied });
    expect(wasNotApplied(failure)).toBe(!mayHaveBeenApplied);
    expect(service.emulator.tracker()?.lts.is_lts_enabled).toBe(mayHaveBeenApplied);
  });

  it.each([
    ["is refused", refusedSignIn, "AuthError"],
    ["is answered by nobody", lostSignIn, "NetworkError"],
  ])("tells so also where signing in again %s", async (_, signIn, name) => {
    const { request } = project();
    await request(GET);
    plan(lost, unauthorised, signIn);

    const failure = await failureOf(request(calls["PUT"] ?? GET));

    expect(failure).toMatchObject({ name, mayHaveBeenApplied: true });
    expect(failure.url).toContain("/auth/tokens");
  });
});

describe("Project.request by region", () => {
  const called = () => ctsCalls().map(({ region }) => region);

  it("finds each region in the catalogue", async () => {
    await project().request(GET);
    await project({}, "eu-nl").request(GET);
    expect(called()).toEqual(["eu-de", "eu-nl"]);
  });

  it("uses the user's endpoint for the connection's own region, and for no other", async () => {
    // The journal tells this endpoint from the one that the catalogue has for eu-de.
    const settings = { region: "eu-de", endpoint: service.emulator.endpoint("eu-nl") };

    await project(settings, "eu-de").request(GET);
    await project({ ...settings, region: "eu-nl" }, "eu-de").request(GET);

    expect(called()).toEqual(["eu-nl", "eu-de"]);
  });

  it("uses the user's endpoint for no region where the connection has none: it may be another one's", async () => {
    await project({ region: "", endpoint: service.emulator.endpoint("eu-nl") }, "eu-de").request(GET);
    expect(called()).toEqual(["eu-de"]);
  });

  it("puts each region in the place of {region}", async () => {
    const settings = { endpoint: `${service.emulator.url}/{region}` };
    await project(settings, "eu-de").request(GET);
    await project(settings, "eu-nl").request(GET);
    expect(called()).toEqual(["eu-de", "eu-nl"]);
  });

  it("names the regions there are where one is not known, and sends CTS nothing", async () => {
    const failure = await failureOf(project({}, "eu-xx").request(GET));

    expect(failure.name).toBe("ConfigError");
    expect(failure.message).toBe(
      'CTS is not known in region "eu-xx": the catalogue lists it in eu-de, eu-nl; check region, or set otc-cts:region (OS_REGION_NAME) and its otc-cts:endpoint (OS_CTS_ENDPOINT_OVERRIDE)',
    );
    expect(ctsCalls()).toEqual([]);
  });

  it.each(["x.example.com/", "a@b", "eu-de:80", "..", ""])(
    "takes no region %j that would lead elsewhere",
    async (region) => {
      const settings = { endpoint: `${service.emulator.url}/{region}` };

      const failure = await failureOf(project(settings, region).request(GET));

      expect(failure.name).toBe("ConfigError");
      expect(failure.message).toContain(`region must be a name such as eu-de, got ${JSON.stringify(region)}`);
      expect(ctsCalls()).toEqual([]);
    },
  );

  it("sends no token to an endpoint of the catalogue that is plain http elsewhere", async () => {
    const endpoints = [{ region: "eu-de", url: "http://cts.example.com/v1.0/p" }];
    const iam = await startRawServer(signedIn({ catalog: [{ type: "cts", endpoints }] }));

    const failure = await failureOf(project({ authUrl: iam.url }).request(GET));

    expect(failure.name).toBe("ConfigError");
    expect(failure.message).toMatch(
      /The catalogue's endpoint of CTS must begin with https:.*http:\/\/cts\.example\.com/,
    );
    await iam.close();
  });
});
