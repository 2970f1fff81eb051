import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Emulator, startEmulator } from "../../../emulator";
import { postToken, request, signIn, signInBody, stoppedClock } from "../../support/emulator";

const clock = stoppedClock(Date.UTC(2026, 10, 22, 10, 0, 0, 123));
const lifetimeMs = 60_000;

let emulator: Emulator;
let settings: Record<string, string>;

beforeAll(async () => {
  emulator = await startEmulator({ clock: clock.now, tokenLifetimeMs: lifetimeMs });
  settings = emulator.settings();
});
afterAll(() => emulator.close());
beforeEach(() => emulator.reset());

describe("POST /v3/auth/tokens", () => {
  it("answers 201 with the token in a header, and says what it is for", async () => {
    const reply = await postToken(emulator, signInBody(settings));

    const domain = { id: expect.stringMatching(/^[0-9a-f]{32}$/), name: settings["domainName"] };
    const issued = new Date(clock.now()).toISOString().replace("Z", "000Z");
    expect(reply.status).toBe(201);
    expect(reply.headers.get("X-Subject-Token")).toMatch(/^MII\S{100,}$/);
    expect(reply.json.token).toMatchObject({
      issued_at: issued,
      expires_at: new Date(clock.now() + lifetimeMs).toISOString().replace("Z", "000Z"),
      methods: ["password"],
      project: { id: emulator.projectId("eu-de_demo"), name: "eu-de_demo", domain },
      user: { name: "demo", domain },
      roles: [{ name: "cts_adm" }],
    });
    expect(issued).toMatch(/\.123000Z$/);
  });

  it("lists CTS of every region in the catalog, with v1.0 and the project", async () => {
    const { catalog } = (await postToken(emulator, signInBody(settings))).json.token;

    const endpoints = catalog.find(({ type }) => type === "cts")?.endpoints;
    expect(endpoints).toEqual(
      ["eu-de", "eu-nl"].map((region) => ({
        id: expect.any(String),
        interface: "public",
        region,
        region_id: region,
        url: `${emulator.endpoint(region)}/v1.0/${emulator.projectId()}`,
      })),
    );
  });

  it.each([
    ["a project by id", () => ({ project: { id: emulator.projectId("eu-nl_demo") } }), "eu-nl_demo"],
    ["a project by name", () => ({ project: { name: "eu-nl_demo" } }), "eu-nl_demo"],
    [
      "a project by name and domain",
      () => ({ project: { name: "eu-nl_demo", domain: { name: settings["domainName"] } } }),
      "eu-nl_demo",
    ],
    ["the domain", () => ({ domain: { name: settings["domainName"] } }), undefined],
    ["nothing", () => undefined, undefined],
  ])("scopes a token to %s", async (_, scope, project) => {
    const reply = await postToken(emulator, signInBody(settings, scope() ?? null));

    expect(reply.status).toBe(201);
    expect(reply.json.token).toMatchObject(project ? { project: { name: project } } : { domain: {} });
    expect(reply.json.token.catalog.some(({ type }) => type === "cts")).toBe(project !== undefined);
  });

  it.each([
    ["password", { password: "wrong" }],
    ["user", { userName: "nobody" }],
    ["domain", { domainName: "other" }],
    ["project", { projectName: "eu-de_other" }],
  ])("answers 401 for a wrong %s, and does not say which part is wrong", async (_, wrong) => {
    const reply = await postToken(emulator, signInBody({ ...settings, ...wrong }));

    expect(reply.status).toBe(401);
    expect(reply.headers.get("X-Subject-Token")).toBeNull();
    expect(reply.json).toEqual({
      error: { code: 401, message: "The username or password is wrong.", title: "Unauthorized" },
    });
  });

  it.each([
    { project: { name: "eu-de_demo", domain: { name: "other" } } },
    { project: { name: "eu-de_demo", id: "0".repeat(32) } },
    { project: {} },
    { domain: { name: "other" } },
  ])("answers 401 for the scope %j", async (scope) => {
    expect((await postToken(emulator, signInBody(settings, scope))).status).toBe(401);
  });

  it("takes the user by id, without a domain", async () => {
    const { user } = (await postToken(emulator, signInBody(settings))).json.token as unknown as {
      user: { id: string };
    };
    const identity = {
      methods: ["password"],
      password: { user: { id: user.id, password: settings["password"] } },
    };

    expect((await postToken(emulator, { auth: { identity } })).status).toBe(201);
  });

  it.each([
    {},
    { auth: {} },
    { auth: { identity: { methods: ["token"], token: { id: "x" } } } },
    {
      auth: {
        identity: { methods: ["password"], password: { user: { name: "demo", password: "demo-password" } } },
      },
    },
  ])("answers 400 for the body %j", async (body) => {
    expect(await postToken(emulator, body)).toMatchObject({
      status: 400,
      json: { error: { code: 400, title: "Bad Request" } },
    });
  });

  it("signs in who the options name", async () => {
    const custom = await startEmulator({
      user: { name: "ada", password: "secret", id: "a".repeat(32) },
      domain: { name: "Analytical", id: "b".repeat(32) },
      projects: [{ name: "eu-de_engine", id: "c".repeat(32) }],
    });
    const reply = await postToken(custom, signInBody(custom.settings()));
    await custom.close();

    expect(reply.status).toBe(201);
    expect(reply.json.token).toMatchObject({
      user: { id: "a".repeat(32), name: "ada" },
      project: { id: "c".repeat(32), domain: { id: "b".repeat(32), name: "Analytical" } },
    });
  });
});

describe("GET /v3/projects", () => {
  const projects = (query: string, token: string) =>
    request(`${emulator.authUrl}/projects${query}`, { headers: { "X-Auth-Token": token } });

  it("finds a project by name, and all without one", async () => {
    const { token } = await signIn(emulator);

    const one = await projects("?name=eu-nl_demo", token);
    const all = await projects("", token);
    const none = await projects("?name=other", token);

    const id = emulator.projectId("eu-nl_demo");
    expect(one.json).toEqual({
      projects: [{ id, name: "eu-nl_demo", domain_id: expect.any(String), enabled: true }],
    });
    expect(all.json.projects).toHaveLength(2);
    expect(none.json.projects).toEqual([]);
  });

  it("answers 401 in IAM's form without a valid token", async () => {
    expect(await projects("", "nonsense")).toMatchObject({
      status: 401,
      json: { error: { code: 401, title: "Unauthorized" } },
    });
  });
});

describe("tokens at CTS", () => {
  const list = (token?: string) =>
    request(`${emulator.endpoint()}/v3/${emulator.projectId()}/trackers`, {
      headers: token === undefined ? {} : { "X-Auth-Token": token },
    });

  it.each([
    ["absent", undefined, "x-auth-token not found"],
    ["unknown", "nonsense", "decrypt token fail"],
  ])("are refused with 401 APIGW.0301 when %s", async (_, token, reason) => {
    const reply = await list(token);

    expect(reply).toMatchObject({
      status: 401,
      json: {
        error_code: "APIGW.0301",
        error_msg: `Incorrect IAM authentication information: ${reason}`,
        request_id: reply.headers.get("X-Request-Id"),
      },
    });
  });

  it("are refused from the moment they expire", async () => {
    const { token } = await signIn(emulator);
    clock.advance(lifetimeMs - 1);
    const before = await list(token);
    clock.advance(1);
    const after = await list(token);

    expect(before.status).toBe(200);
    expect(after).toMatchObject({
      status: 401,
      json: { error_msg: expect.stringContaining("token expires") },
    });
  });

  it.each(["revokeTokens", "reset"] as const)("are refused after %s()", async (act) => {
    const { token } = await signIn(emulator);

    emulator[act]();

    expect((await list(token)).status).toBe(401);
  });

  it("are refused with 403 for another project, or when they are for the whole account", async () => {
    const { token: other } = await signIn(emulator, { project: "eu-nl_demo" });
    const domain = await postToken(
      emulator,
      signInBody(settings, { domain: { name: settings["domainName"] } }),
    );

    for (const token of [other, domain.headers.get("X-Subject-Token") ?? ""]) {
      expect(await list(token)).toMatchObject({ status: 403, json: { error_code: "CTS.0013" } });
    }
  });

  it("change nothing when they are refused", async () => {
    const { token } = await signIn(emulator, { project: "eu-nl_demo" });

    await request(`${emulator.endpoint()}/v3/${emulator.projectId()}/trackers`, {
      method: "DELETE",
      headers: { "X-Auth-Token": token },
    });

    expect(emulator.trackers()).toHaveLength(2);
  });

  it("live 24 hours by default", async () => {
    const ordinary = await startEmulator({ clock: clock.now });
    const reply = await postToken(ordinary, signInBody(ordinary.settings()));
    await ordinary.close();

    expect(Date.parse(reply.json.token.expires_at) - clock.now()).toBe(24 * 60 * 60 * 1000);
  });
});
