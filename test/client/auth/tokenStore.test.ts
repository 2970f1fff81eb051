import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { passwordMethod } from "../../../client/auth/tokenMethods";
import { type Session, TokenStore } from "../../../client/auth/tokenStore";
import type { Clock } from "../../../client/clock";
import type { PasswordCredentials } from "../../../client/config/credentials";
import { Http } from "../../../client/http/http";
import { failureOf, signedIn } from "../../support/client";
import { type Emulated, startEmulated } from "../../support/emulated";
import { json, type RawServer, startRawServer } from "../../support/rawServer";
import { virtualClock } from "../../support/virtualClock";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const LIFETIMES = { day: 24 * HOUR, short: 10 * MINUTE };

const services: Record<string, Emulated> = {};
let service: Emulated;
let tokens: TokenStore;

beforeAll(async () => {
  for (const [name, tokenLifetimeMs] of Object.entries(LIFETIMES)) {
    services[name] = await startEmulated({ tokenLifetimeMs });
  }
});
afterAll(() => Promise.all(Object.values(services).map(({ emulator }) => emulator.close())));
beforeEach(() => use("day"));

function use(name: keyof typeof LIFETIMES): void {
  service = services[name] as Emulated;
  service.emulator.reset();
  tokens = newStore();
}

function newStore(
  changes: Partial<PasswordCredentials> = {},
  clock: Clock = service.clock,
  authUrl = service.emulator.authUrl,
): TokenStore {
  const { userName = "", password = "", domainName = "" } = service.emulator.settings();
  const method = passwordMethod({
    kind: "password",
    source: "test",
    userName,
    password,
    domain: { name: domainName },
    ...changes,
  });
  return new TokenStore({ http: new Http(clock), clock, authUrl }, method);
}

const signIns = () => service.emulator.journal.calls("iam").length;
const scopes = () =>
  service.emulator.journal
    .calls("iam")
    .map(({ body }) => (body as { auth: { scope: { project: object } } }).auth.scope.project);

describe("TokenStore.session", () => {
  it("signs in by user, password and domain for a project, by id or by name", async () => {
    const projectId = service.emulator.projectId("eu-nl_demo");

    const byId = await tokens.session({ projectId });
    const byName = await newStore().session({ projectName: "eu-nl_demo" });

    const { userName, domainName } = service.emulator.settings();
    const user = { name: userName, password: "***", domain: { name: domainName } };
    expect(service.emulator.journal.entries[0]?.body).toEqual({
      auth: {
        identity: { methods: ["password"], password: { user } },
        scope: { project: { id: projectId } },
      },
    });
    expect(scopes()[1]).toEqual({ name: "eu-nl_demo", domain: { name: domainName } });
    for (const session of [byId, byName]) {
      expect(session).toMatchObject({ projectId, projectName: "eu-nl_demo" });
      expect(session.expiresAt).toBe(service.clock.now() + LIFETIMES.day);
      expect(session.domainId).toMatch(/^[0-9a-f]{32}$/);
      expect([...session.endpoints]).toEqual([
        ["eu-de", service.emulator.endpoint("eu-de")],
        ["eu-nl", service.emulator.endpoint("eu-nl")],
      ]);
    }
  });

  it("signs in by the domain's id", async () => {
    const { domainId: id = "" } = await tokens.session({ projectName: "eu-de_demo" });
    const session = await newStore({ domain: { id } }).session({ projectName: "eu-de_demo" });
    expect(session.domainId).toBe(id);
  });

  it("signs in once for many that ask at the same time", async () => {
    const asked = Array.from({ length: 100 }, () => tokens.session({ projectName: "eu-de_demo" }));

    const sessions = await Promise.all(asked);

    expect(new Set(sessions).size).toBe(1);
    expect(signIns()).toBe(1);
  });

  it("shares one session between the name and the id of a project, however it was first named", async () => {
    const byName = await tokens.session({ projectName: "eu-de_demo" });
    expect(await tokens.session({ projectId: byName.projectId })).toBe(byName);

    const others = newStore();
    const byId = await others.session({ projectId: byName.projectId });
    expect(await others.session({ projectName: "eu-de_demo" })).toBe(byId);
    expect(signIns()).toBe(2);
  });

  it("signs in for each project of its own", async () => {
    const sessions = await Promise.all([
      tokens.session({ projectName: "eu-de_demo" }),
      tokens.session({ projectName: "eu-nl_demo" }),
    ]);
    expect(new Set(sessions.map(({ token }) => token)).size).toBe(2);
    expect(signIns()).toBe(2);
  });

  it.each([
    ["day", 5 * MINUTE],
    ["short", MINUTE],
  ] as const)("renews a token of a %s life %d ms before its end, not earlier", async (name, marginMs) => {
    use(name);
    const first = await tokens.session({ projectName: "eu-de_demo" });

    service.clock.advance(LIFETIMES[name] - marginMs - 1);
    const kept = await tokens.session({ projectName: "eu-de_demo" });
    service.clock.advance(1);
    const renewed = await Promise.all([
      tokens.session({ projectName: "eu-de_demo" }),
      tokens.session({ projectId: first.projectId }),
      tokens.session({ projectName: "eu-de_demo" }),
    ]);

    expect(kept).toBe(first);
    expect(new Set(renewed).size).toBe(1);
    expect(renewed[0]).not.toBe(first);
    expect(signIns()).toBe(2);
  });

  it.each([-48 * HOUR, -20 * MINUTE, 20 * MINUTE, 48 * HOUR])(
    "renews by IAM's clock where this machine's is %i ms ahead",
    async (aheadMs) => {
      tokens = newStore({}, { ...service.clock, now: () => service.clock.now() + aheadMs });

      const first = await tokens.session({ projectName: "eu-de_demo" });
      service.clock.advance(24 * HOUR - 5 * MINUTE - 2000);
      const kept = await tokens.session({ projectName: "eu-de_demo" });
      service.clock.advance(4000);
      const renewed = await tokens.session({ projectName: "eu-de_demo" });

      expect(kept).toBe(first);
      expect(renewed).not.toBe(first);
      expect(signIns()).toBe(2);
    },
  );

  it("keeps a token for as long as it should live where this machine's clock is set meanwhile", async () => {
    let aheadMs = 0;
    tokens = newStore({}, { ...service.clock, now: () => service.clock.now() + aheadMs });
    const first = await tokens.session({ projectName: "eu-de_demo" });

    aheadMs = 30 * HOUR;

    expect(await tokens.session({ projectName: "eu-de_demo" })).toBe(first);
  });

  it("fails immediately if IAM does not accept the credentials", async () => {
    tokens = newStore({ password: "wrong" });

    const failure = await failureOf(tokens.session({ projectName: "eu-de_demo" }));

    expect(failure).toMatchObject({ name: "AuthError", status: 401, method: "POST" });
    expect(signIns()).toBe(1);
  });

  it("asks no more than three times whether wrong credentials are right, however many projects there are", async () => {
    tokens = newStore({ password: "wrong" });
    const projects = Array.from({ length: 100 }, (_, i) => ({ projectId: `p${i}` }));

    const failures = await Promise.all(projects.map((each) => failureOf(tokens.session(each))));

    expect(new Set(failures.map(({ name }) => name))).toEqual(new Set(["AuthError"]));
    expect(signIns()).toBe(3);
  });

  it("shares a failed sign-in between those who wait for it, and tries again for later ones", async () => {
    service.emulator.faults.add({ kind: "status", status: 401, match: { service: "iam" } });
    const project = { projectName: "eu-de_demo" };

    const failures = await Promise.all([
      failureOf(tokens.session(project)),
      failureOf(tokens.session(project)),
    ]);
    const session = await tokens.session(project);

    expect(failures.map(({ name }) => name)).toEqual(["AuthError", "AuthError"]);
    expect(session.projectName).toBe("eu-de_demo");
    expect(signIns()).toBe(2);
  });

  it.each([
    { kind: "reset" } as const,
    { kind: "reset", when: "after" } as const,
    { kind: "truncated", when: "after" } as const,
    { kind: "html" } as const,
    { kind: "wrongJson" } as const,
    { kind: "wrongJson", body: "it works" } as const,
    { kind: "status", status: 429, retryAfter: 1 } as const,
    { kind: "status", status: 503 } as const,
  ])("signs in again after %j", async (fault) => {
    service.emulator.faults.add({ ...fault, times: 2, match: { service: "iam" } });

    const session = await tokens.session({ projectName: "eu-de_demo" });

    expect(session.projectName).toBe("eu-de_demo");
    expect(signIns()).toBe(3);
  });
});

describe("TokenStore.renew", () => {
  const project = { projectName: "eu-de_demo" };

  it("signs in once for all that come with one refused session", async () => {
    const refused = await tokens.session(project);

    const renewed = await Promise.all(Array.from({ length: 100 }, () => tokens.renew(refused)));

    expect(new Set(renewed).size).toBe(1);
    expect(renewed[0]?.token).not.toBe(refused.token);
    expect(signIns()).toBe(2);
  });

  it("hands those that come late the session there is by then, by either name", async () => {
    const refused = await tokens.session(project);
    const renewed = await tokens.renew(refused);

    expect(await tokens.renew(refused)).toBe(renewed);
    expect(await tokens.session(project)).toBe(renewed);
    expect(await tokens.session({ projectId: refused.projectId })).toBe(renewed);
    expect(signIns()).toBe(2);
  });

  it("renews the renewed one, if that is refused too", async () => {
    const renewed = await tokens.renew(await tokens.session(project));
    expect(await tokens.renew(renewed)).not.toBe(renewed);
    expect(signIns()).toBe(3);
  });

  it("tries again after a renewal that failed", async () => {
    const refused = await tokens.session(project);
    service.emulator.faults.add({ kind: "status", status: 401, match: { service: "iam" } });

    await failureOf(tokens.renew(refused));
    const renewed = await Promise.all([tokens.renew(refused), tokens.renew(refused)]);

    expect(renewed[0]).toBe(renewed[1]);
    expect(signIns()).toBe(3);
  });
});

describe("TokenStore against another IAM", () => {
  const clock = virtualClock();
  let server: RawServer;

  beforeAll(async () => {
    server = await startRawServer();
  });
  afterAll(() => server.close());
  afterEach(() => {
    server.requests.length = 0;
  });

  function session(): Promise<Session> {
    const credentials = {
      ...({ kind: "password", source: "test", userName: "alice", password: "pa55" } as const),
      domain: { name: "d" },
    };
    const context = { http: new Http(clock), clock, authUrl: `${server.url}/v3` };
    return new TokenStore(context, passwordMethod(credentials)).session({ projectId: "p1" });
  }

  it.each([
    ["field token", json(201, {}, { "X-Subject-Token": "t" })],
    ["the body", json(201, null, { "X-Subject-Token": "t" })],
    ["the body", signedIn({}, "")],
    ["field token.expires_at", signedIn({ expires_at: "soon" })],
    ["field token.expires_at", signedIn({ expires_at: undefined })],
    ["field token.project", signedIn({ project: undefined })],
    ["field token.project.id", signedIn({ project: { name: "p" } })],
    ["field token.catalog", signedIn({ catalog: {} })],
  ])("refuses an answer without a sound %s", async (field, answer) => {
    server.answer = answer;

    const failure = await failureOf(session());

    expect(failure.name).toBe("MalformedAnswerError");
    expect(failure.message).toContain(`POST ${server.url}/v3/auth/tokens: ${field} of the answer`);
    expect(server.requests).toHaveLength(6);
  });

  it("does not take an IAM that is not there for a thing that is gone", async () => {
    server.answer = json(404, {
      error: { code: 404, message: "Could not find the resource.", title: "Not Found" },
    });

    const failure = await failureOf(session());

    expect(failure).toMatchObject({ name: "ApiError", status: 404 });
    expect(failure.message).toContain("check authUrl");
    expect(server.requests).toHaveLength(1);
  });

  const cts = (type: string, ...urls: (string | [string, string])[]) => ({
    type,
    endpoints: urls.map((url) =>
      typeof url === "string" ? { region: "eu-de", url } : { region: url[0], url: url[1] },
    ),
  });

  it("takes a new token for good where IAM does not say its time and this machine's clock is ahead", async () => {
    server.answer = signedIn({ expires_at: "2025-12-31T00:00:00.000000Z" });
    const store = newStore({}, clock, `${server.url}/v3`);

    for (let call = 0; call < 3; call++) {
      await store.session({ projectId: "p1" });
    }

    expect(server.requests).toHaveLength(1);
  });

  it.each<[string, unknown[], Record<string, string>]>([
    ["none", [cts("iam", "https://iam/v3")], {}],
    ["cts with v1.0", [cts("cts", "https://cts/v1.0/p1")], { "eu-de": "https://cts" }],
    ["cts with v3", [cts("cts", "https://cts/v3")], { "eu-de": "https://cts" }],
    ["cts without a version", [cts("cts", "https://cts/")], { "eu-de": "https://cts" }],
    ["cts below a path", [cts("cts", "https://host/cts/v1.0/p1")], { "eu-de": "https://host/cts" }],
    [
      "ctsv3 before cts",
      [cts("ctsv3", "https://new/v3/p1"), cts("cts", "https://old/v1.0/p1")],
      { "eu-de": "https://new" },
    ],
    [
      "each region's own",
      [cts("cts", ["eu-de", "https://de/v1.0/p1"], ["eu-nl", "https://nl/v1.0/p1"])],
      { "eu-de": "https://de", "eu-nl": "https://nl" },
    ],
    ["nothing without a region", [{ type: "cts", endpoints: [{ region: null, url: "https://x/v3" }] }], {}],
    ["nothing without endpoints", [{ type: "cts" }], {}],
  ])("reads from the catalogue %s", async (_, catalog, expected) => {
    server.answer = signedIn({ catalog });
    expect(Object.fromEntries((await session()).endpoints)).toEqual(expected);
  });
});
