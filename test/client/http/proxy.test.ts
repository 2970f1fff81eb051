import { readFileSync } from "node:fs";
import { inspect } from "node:util";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { getTracker } from "../../../client/api/trackers";
import { resolveSettings } from "../../../client/config/settings";
import { pulumiSource } from "../../../client/config/sources";
import { Connection } from "../../../client/connection";
import { isTransient, wasNotApplied } from "../../../client/errors";
import { Http, type HttpOptions } from "../../../client/http/http";
import { proxyFor } from "../../../client/http/proxy";
import { failureOf } from "../../support/client";
import { useEmulated } from "../../support/emulated";
import { endOf, spawnCommand } from "../../support/processes";
import { type ProxyServer, startProxyServer } from "../../support/proxyServer";
import { json, type RawServer, startRawServer, text, unusedUrl } from "../../support/rawServer";
import { certificateFile, startTlsFront, type TlsFront } from "../../support/tlsFront";
import { virtualClock } from "../../support/virtualClock";

const CTS = "https://cts.example.test";
const VARIABLES = ["https_proxy", "http_proxy", "all_proxy", "no_proxy"];
const ca = readFileSync(certificateFile("ca"), "utf8");

let server: RawServer;
let front: TlsFront;
let proxy: ProxyServer;

beforeAll(async () => {
  server = await startRawServer();
  front = await startTlsFront(server.url);
});
afterAll(async () => {
  await front.close();
  await server.close();
});
beforeEach(async () => {
  for (const name of [...VARIABLES, ...VARIABLES.map((name) => name.toUpperCase())]) {
    vi.stubEnv(name, "");
  }
  server.requests.length = 0;
  server.answer = json(200, {});
  proxy = await startProxyServer((host) => (host.startsWith("plain.") ? portOf(server.url) : front.port));
  vi.stubEnv("HTTPS_PROXY", proxy.url);
  vi.stubEnv("HTTP_PROXY", proxy.url);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await proxy.close();
});

const portOf = (url: string) => Number(new URL(url).port);
const httpWith = (options: HttpOptions = {}) => new Http(virtualClock(), { ca, ...options });
const send = (url = `${CTS}/v3/p/tracker`, http = httpWith()) => http.send({ method: "GET", url });
const targets = () => proxy.requests.map(({ method, target }) => `${method} ${target}`);
/** The proxy's URL with these credentials in it. */
const withUser = (user: string) => proxy.url.replace("://", `://${user}@`);
const basic = (user: string) => `Basic ${Buffer.from(user).toString("base64")}`;

describe("a connection by HTTPS_PROXY", () => {
  const service = useEmulated({ allowedHosts: ["iam.example.test", "cts.example.test"] });
  const PASSWORD = "pa55-of-alice";

  it("signs in and works in tunnels, in which the proxy sees nothing", async () => {
    const behind = await startTlsFront(service.emulator.url);
    const through = await startProxyServer(() => behind.port);
    vi.stubEnv("HTTPS_PROXY", withUser("robot:proxy-pa55").replace(`:${proxy.port}`, `:${through.port}`));
    const settings: Record<string, string> = {
      ...service.emulator.settings(),
      authUrl: "https://iam.example.test/v3",
      endpoint: CTS,
      caCertFile: certificateFile("ca"),
    };
    const source = pulumiSource((key) => settings[key.replace("otc-cts:", "")]);
    const connection = new Connection(resolveSettings([source]), { clock: service.clock });

    const tracker = await getTracker(connection.project(await connection.locate({})));

    expect(tracker?.tracker_name).toBe("system");
    expect(through.requests.map(({ method, target }) => `${method} ${target}`)).toEqual([
      "CONNECT iam.example.test:443",
      "CONNECT cts.example.test:443",
    ]);
    expect(through.seen()).toContain(basic("robot:proxy-pa55"));
    const secrets = [settings["userName"], settings["password"], "/v3", "auth/tokens", "X-Auth-Token"];
    for (const secret of [...secrets, service.emulator.projectId()]) {
      expect(through.seen().toLowerCase()).not.toContain(secret?.toLowerCase());
    }
    await through.close();
    await behind.close();
  });

  it("ends its process by itself, with a tunnel that could still be used", async () => {
    const code = `
      const { readFileSync } = require("node:fs");
      const { Http } = require("./client/http/http");
      const { systemClock } = require("./client/clock");
      new Http(systemClock, { ca: readFileSync("${certificateFile("ca")}", "utf8") })
        .send({ method: "GET", url: "${CTS}" })
        .then(({ status }) => process.stdout.write(String(status)));
    `;
    const env = { https_proxy: proxy.url };

    const end = await endOf(spawnCommand(process.execPath, ["--import", "tsx", "-e", code], undefined, env));

    expect(end).toEqual({ code: 0, output: "200" });
    expect(targets()).toEqual(["CONNECT cts.example.test:443"]);
  });

  it("shows the password of the proxy in no error", async () => {
    const user = `robot:${PASSWORD}`;
    const broken = [
      ["HTTPS_PROXY", withUser(`${user}%`)],
      ["HTTPS_PROXY", `http://${user}@[proxy`],
      ["HTTPS_PROXY", `socks5://${user}@proxy.example.com`],
      ["HTTPS_PROXY", (await unusedUrl()).replace("://", `://${user}@`)],
      ["HTTPS_PROXY", withUser(user)],
    ] as const;
    proxy.refuse = 407;
    for (const [variable, value] of broken) {
      vi.stubEnv(variable, value);
      const error = await failureOf(send());
      expect(error.name).toMatch(/^(ConfigError|NetworkError)$/);
      expect(inspect(error, { depth: 10, showHidden: true, customInspect: false })).not.toMatch(
        new RegExp(`${PASSWORD}|robot`),
      );
    }
  });
});

describe("a tunnel", () => {
  it("is used for all calls one after the other", async () => {
    const http = httpWith();

    for (let i = 0; i < 100; i++) {
      await send(undefined, http);
    }

    expect(targets()).toEqual(["CONNECT cts.example.test:443"]);
    expect(server.requests).toHaveLength(100);
  });

  it("is made for each server", async () => {
    const http = httpWith();

    for (const url of [CTS, "https://iam.example.test", `${CTS}:8443`, CTS]) {
      await send(url, http);
    }

    expect(targets()).toEqual([
      "CONNECT cts.example.test:443",
      "CONNECT iam.example.test:443",
      "CONNECT cts.example.test:8443",
    ]);
  });

  it("is made again after the old one has ended", async () => {
    const http = httpWith();
    await send(undefined, http);
    proxy.dropConnections();
    await vi.waitFor(async () => expect((await send(undefined, http)).status).toBe(200));

    expect(new Set(targets())).toEqual(new Set(["CONNECT cts.example.test:443"]));
    expect(proxy.requests).toHaveLength(2);
  });

  it("names an IPv6 address as URLs do", async () => {
    proxy.refuse = 403;
    await failureOf(send("https://[2001:db8::1]/v3"));
    expect(targets()).toEqual(["CONNECT [2001:db8::1]:443"]);
  });

  it("is made with the proxy's user and password, decoded, which the service does not get", async () => {
    vi.stubEnv("HTTPS_PROXY", withUser("a%40b:p%3A%25%C3%A4"));

    await send();

    expect(proxy.requests[0]?.headers["proxy-authorization"]).toBe(basic("a@b:p:%ä"));
    expect(Object.keys(server.requests[0]?.headers ?? {})).not.toContain("proxy-authorization");
  });

  it("is made without credentials where there are none", async () => {
    await send();
    expect(Object.keys(proxy.requests[0]?.headers ?? {})).not.toContain("proxy-authorization");
  });

  it("is no reason to trust who is at its end", async () => {
    const untrusting = new Http(virtualClock());
    const otherName = "https://other.example.test";

    const unknown = await failureOf(send(undefined, untrusting));
    const misnamed = await failureOf(send(otherName));

    expect(unknown.code).toBe("UNABLE_TO_VERIFY_LEAF_SIGNATURE");
    expect(unknown.message).toMatch(/put what is missing into caCertFile/);
    expect(misnamed.code).toBe("ERR_TLS_CERT_ALTNAME_INVALID");
    expect(server.requests).toEqual([]);
    expect((await send(otherName, new Http(virtualClock(), { insecure: true }))).status).toBe(200);
  });

  it("leads through a proxy that speaks TLS, whose certificate is checked", async () => {
    const secure = await startTlsFront(proxy.url);
    vi.stubEnv("HTTPS_PROXY", secure.url);

    const answer = await send();
    const unknown = await failureOf(send(undefined, new Http(virtualClock())));

    expect(answer.status).toBe(200);
    expect(unknown).toMatchObject({ name: "NetworkError", code: "PROXY_UNABLE_TO_VERIFY_LEAF_SIGNATURE" });
    expect(isTransient(unknown)).toBe(false);
    expect((await send(undefined, new Http(virtualClock(), { insecure: true }))).status).toBe(200);
    expect(targets()).toHaveLength(2);
    await secure.close();
  });

  it("that never comes is given up, and its connection with it", async () => {
    proxy.refuse = "silence";

    const failure = await failureOf(send(undefined, httpWith({ timeoutMs: 60 })));

    expect(failure.name).toBe("TimeoutError");
    expect(failure.message).toBe(
      `GET ${CTS}/v3/p/tracker (through the proxy 127.0.0.1:${proxy.port} of HTTPS_PROXY): no answer within 0.06 s`,
    );
    await vi.waitFor(() => expect(proxy.connections()).toBe(0));
  });
});

describe("a proxy that fails", () => {
  const refusals = [
    [407, /asks for them: http:\/\/user:password@host:port/, false],
    [403, /does not allow this host: ask who runs it/, false],
    [502, /cannot reach this host: check region, authUrl and endpoint/, true],
    [503, /cannot reach this host/, true],
    // Even so it has not made a tunnel.
    [401, /does not allow/, false],
    [404, /does not allow/, false],
    [301, /cannot reach this host/, true],
  ] as const;

  it.each(refusals)("by %i is told from the service", async (status, message, transient) => {
    proxy.refuse = status;

    const failure = await failureOf(send());

    expect(failure).toMatchObject({ name: "NetworkError", code: `PROXY_${status}` });
    expect(failure.message).toMatch(message);
    expect(failure.message).toContain(
      `GET ${CTS}/v3/p/tracker (through the proxy 127.0.0.1:${proxy.port} of HTTPS_PROXY): the proxy `,
    );
    expect([isTransient(failure), wasNotApplied(failure)]).toEqual([transient, true]);
    expect(server.requests).toEqual([]);
    await vi.waitFor(() => expect(proxy.connections()).toBe(0));
  });

  it("by hanging up has sent nothing on", async () => {
    proxy.refuse = "hang up";
    const failure = await failureOf(send());
    expect(failure).toMatchObject({ name: "NetworkError", code: "PROXY_ECONNRESET" });
    expect([isTransient(failure), wasNotApplied(failure)]).toEqual([true, true]);
  });

  it.each([
    ["https", "HTTPS_PROXY"],
    ["http", "HTTP_PROXY"],
  ])("because nothing listens there is named, for %s", async (scheme, variable) => {
    const gone = await unusedUrl();
    vi.stubEnv(variable, gone);

    const failure = await failureOf(send(`${scheme}://plain.example.test/v3`));

    expect(failure).toMatchObject({ name: "NetworkError", code: "PROXY_ECONNREFUSED" });
    expect(failure.message).toContain(
      `(through the proxy 127.0.0.1:${portOf(gone)} of ${variable}): the proxy cannot be used: check its variable, or exempt the host by NO_PROXY`,
    );
    expect(wasNotApplied(failure)).toBe(true);
  });

  it("because its host is unknown is named", async () => {
    vi.stubEnv("HTTPS_PROXY", "http://proxy.invalid:3128");
    const failure = await failureOf(send());
    expect(failure.code).toMatch(/^PROXY_(ENOTFOUND|EAI_AGAIN)$/);
    expect(failure.message).toContain("proxy.invalid:3128 of HTTPS_PROXY");
  });

  it("because it does not speak TLS is told so", async () => {
    vi.stubEnv("HTTPS_PROXY", proxy.url.replace("http:", "https:"));
    const failure = await failureOf(send());
    expect(failure.message).toMatch(/the proxy does not speak TLS: its variable must begin with http:\/\//);
  });

  it("does not hide what the service says", async () => {
    server.answer = json(404, { error_code: "CTS.0214", error_msg: "The tracker does not exist." });
    expect((await failureOf(send())).name).toBe("NotFoundError");
  });
});

describe("plain http by HTTP_PROXY", () => {
  const PLAIN = "http://plain.example.test:8080/v3";

  it("is asked for by whole URLs, over one connection", async () => {
    vi.stubEnv("HTTP_PROXY", withUser("a%40b:p%3A"));
    const http = httpWith();

    await http.send({ method: "GET", url: PLAIN, query: { a: "b c" } });
    await send(PLAIN, http);

    expect(targets()).toEqual([`GET ${PLAIN}?a=b%20c`, `GET ${PLAIN}`]);
    expect(proxy.requests[0]?.headers).toMatchObject({
      host: "plain.example.test:8080",
      "proxy-authorization": basic("a@b:p:"),
    });
    expect(server.requests.map(({ target }) => target)).toEqual(["/v3?a=b%20c", "/v3"]);
    expect(proxy.connections()).toBe(1);
  });

  it("names the proxy where it refuses", async () => {
    proxy.refuse = 407;
    const failure = await failureOf(send(PLAIN));
    expect(failure).toMatchObject({ name: "NetworkError", code: "PROXY_407" });
    expect(failure.message).toContain(`127.0.0.1:${proxy.port} of HTTP_PROXY`);
  });

  it("names the proxy where it is not known who refuses", async () => {
    server.answer = text(502, "<html>");
    const failure = await failureOf(send(PLAIN));
    expect(failure.message).toBe(
      `GET ${PLAIN} (through the proxy 127.0.0.1:${proxy.port} of HTTP_PROXY): 502 an HTML page instead of an answer`,
    );
  });

  it("leaves open whether a call was carried out whose answer was lost", async () => {
    server.answer = (response) => response.socket?.resetAndDestroy();
    proxy.refuse = "hang up";
    const failure = await failureOf(send(PLAIN));
    expect(failure.code).toBe("ECONNRESET");
    expect(wasNotApplied(failure)).toBe(false);
  });
});

describe("this machine", () => {
  it.each(["127.0.0.1", "localhost"])("is reached without a proxy as %s", async (host) => {
    vi.stubEnv("ALL_PROXY", proxy.url);

    await send(server.url.replace("127.0.0.1", host));
    await send(front.url);

    expect(proxy.requests).toEqual([]);
    expect(server.requests).toHaveLength(2);
  });
});

describe("proxyFor", () => {
  const chosen = (url: string, env: NodeJS.ProcessEnv) => proxyFor(new URL(url), env)?.name;

  it.each([
    ["https_proxy", CTS],
    ["HTTPS_PROXY", CTS],
    ["all_proxy", CTS],
    ["ALL_PROXY", CTS],
    ["http_proxy", "http://cts.example.test"],
    ["HTTP_PROXY", "http://cts.example.test"],
    ["ALL_PROXY", "http://cts.example.test"],
  ])("finds %s for %s", (variable, url) => {
    expect(chosen(url, { [variable]: "http://proxy:3128" })).toBe(`proxy:3128 of ${variable}`);
  });

  it("prefers the variable of the scheme, and of one name the one in lower case that has a value", () => {
    const env = { all_proxy: "http://a", HTTPS_PROXY: "http://b", https_proxy: "http://c" };
    expect(chosen(CTS, env)).toBe("c:80 of https_proxy");
    expect(chosen(CTS, { ...env, https_proxy: " " })).toBe("b:80 of HTTPS_PROXY");
    expect(chosen("http://cts.example.test", env)).toBe("a:80 of all_proxy");
    expect(chosen(CTS, { http_proxy: "http://d" })).toBeUndefined();
  });

  it.each([
    ["proxy", { protocol: "http:", host: "proxy", port: 80 }],
    ["proxy:3128/", { protocol: "http:", host: "proxy", port: 3128 }],
    ["alice:pa55@proxy:3128", { host: "proxy", auth: { username: "alice", password: "pa55" } }],
    ["http://alice@proxy", { host: "proxy", auth: { username: "alice", password: "" } }],
    ["https://proxy", { protocol: "https:", host: "proxy", port: 443 }],
    ["http://[::1]:3128", { host: "::1", port: 3128 }],
  ])("understands %s", (value, expected) => {
    expect(proxyFor(new URL(CTS), { HTTPS_PROXY: value })).toMatchObject(expected);
  });

  it.each(["socks5://proxy", "http://", "http://a:b:c", "http://a%ZZ:b@proxy"])("refuses %s", (value) => {
    expect(() => chosen(CTS, { https_proxy: value })).toThrow(
      /^https_proxy must be the URL of an http or https proxy/,
    );
  });

  it.each([
    ["cts.example.test", true],
    ["CTS.Example.Test", true],
    ["example.test", true],
    [".example.test", true],
    ["*.example.test", true],
    ["*", true],
    ["cts.example.test:443", true],
    ["example.test:443", true],
    ["*:443", true],
    ["localhost, other.test,, example.test", true],
    ["localhost example.test", true],
    ["cts.example.test:8443", false],
    ["ample.test", false],
    ["ts.example.test", false],
    ["cts.example", false],
    ["other.test", false],
    [".", false],
    [",", false],
  ])("with NO_PROXY=%s exempts the host: %s", (list, exempt) => {
    for (const variable of ["NO_PROXY", "no_proxy"]) {
      const env = { HTTPS_PROXY: "http://proxy", [variable]: list };
      expect(chosen(CTS, env)).toBe(exempt ? undefined : "proxy:80 of HTTPS_PROXY");
    }
  });

  it("exempts a port by its number, written out or not", () => {
    const env = {
      https_proxy: "http://p",
      http_proxy: "http://p",
      no_proxy: "a.test:8443,b.test:80,[::2]:443",
    };
    expect(chosen("https://a.test:8443", env)).toBeUndefined();
    expect(chosen("https://a.test", env)).toBeDefined();
    expect(chosen("http://b.test", env)).toBeUndefined();
    expect(chosen("https://b.test", env)).toBeDefined();
    expect(chosen("https://[::2]", env)).toBeUndefined();
  });
});
