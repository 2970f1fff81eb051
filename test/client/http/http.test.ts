import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { cancellable } from "../../../client/clock";
import {
  ApiError,
  AuthError,
  ConflictError,
  MalformedAnswerError,
  NetworkError,
  NotFoundError,
  ThrottledError,
  TimeoutError,
} from "../../../client/errors";
import { Http, type HttpRequest, isLoopback } from "../../../client/http/http";
import { failureOf } from "../../support/client";
import {
  json,
  type RawAnswer,
  type RawServer,
  startRawServer,
  text,
  unusedUrl,
} from "../../support/rawServer";
import { propertyRuns } from "../../support/runs";
import { virtualClock } from "../../support/virtualClock";

const clock = virtualClock();
let server: RawServer;
let http: Http;

beforeAll(async () => {
  server = await startRawServer();
});
afterAll(() => server.close());
beforeEach(() => {
  server.requests.length = 0;
  server.answer = json(200, {});
  http = new Http(clock);
});
afterEach(() => {
  vi.unstubAllEnvs();
});

const send = (request: Partial<HttpRequest> = {}) =>
  http.send({ method: "GET", url: server.url, ...request });

describe("Http.send", () => {
  it("sends what it is given and nothing else that matters", async () => {
    await send({
      method: "POST",
      url: `${server.url}/v3/a`,
      headers: { "X-Auth-Token": "t" },
      body: { a: "ü" },
    });
    await send();

    const [post, get] = server.requests;
    expect(post).toMatchObject({ method: "POST", target: "/v3/a", body: '{"a":"ü"}' });
    expect(post?.headers).toMatchObject({
      accept: "application/json",
      "content-type": "application/json",
      "x-auth-token": "t",
    });
    expect(get).toMatchObject({ method: "GET", target: "/", body: "" });
    expect(get?.headers).not.toHaveProperty("content-type");
    expect(get?.headers).not.toHaveProperty("x-auth-token");
  });

  it("hands back status, headers and the parsed body", async () => {
    server.answer = json(201, { a: [1] }, { "X-Subject-Token": "t" });

    const answer = await send();

    expect(answer).toMatchObject({ status: 201, body: { a: [1] } });
    expect(answer.header("x-subject-token")).toBe("t");
    expect(answer.header("x-other")).toBeUndefined();
  });

  it.each([[200], [204]])("takes an empty body of a %i for none", async (status) => {
    server.answer = text(status, "");
    expect((await send()).body).toBeUndefined();
  });

  it("unpacks a compressed answer", async () => {
    server.answer = text(200, gzipSync('{"a":1}'), { "Content-Encoding": "gzip" });
    expect((await send()).body).toEqual({ a: 1 });
  });

  it("uses one connection for calls one after the other", async () => {
    await send();
    await send();

    const ports = server.requests.map(({ port }) => port);
    expect(new Set(ports).size).toBe(1);
  });

  it("keeps calls to this machine from a proxy", async () => {
    const proxy = await startRawServer();
    vi.stubEnv("http_proxy", proxy.url);
    vi.stubEnv("no_proxy", "");

    await send();

    expect(proxy.requests).toEqual([]);
    expect(server.requests).toHaveLength(1);
    await proxy.close();
  });

  it("writes any query so that the server reads the same, in unreserved characters only", async () => {
    const anyText = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.constantFrom("a b", "a:b,c", "!'()*", "+&=%", "ä/?#"),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(anyText, anyText), { maxLength: 4 }), async (pairs) => {
        const query = Object.fromEntries(pairs);
        server.requests.length = 0;

        await send({ url: `${server.url}/v3/traces`, query });

        const [path, ...rest] = server.requests[0]?.target.split("?") ?? [];
        const written = rest.join("?");
        expect(path).toBe("/v3/traces");
        expect(written).toMatch(/^[A-Za-z0-9\-._~%=&]*$/);
        const pairsRead = written.split("&").map((pair) => pair.split("=").map(decodeURIComponent));
        expect(written === "" ? {} : Object.fromEntries(pairsRead)).toEqual(query);
        expect(written === "" ? [] : pairsRead).toHaveLength(Object.keys(query).length);
      }),
      { numRuns: propertyRuns(0.04) },
    );
  });
});

describe("Http.send on a refusal", () => {
  const tracker = "The tracker does not exist.";
  const refusals: [string, RawAnswer, object, object][] = [
    [
      "CTS",
      json(400, { error_code: "CTS.0003", error_msg: "The body is invalid." }),
      ApiError,
      {
        status: 400,
        errorCode: "CTS.0003",
        requestId: undefined,
        message: /400 CTS\.0003 The body is invalid\.$/,
      },
    ],
    [
      "CTS in lower case",
      json(400, { error_code: "cts.0208", error_msg: "exists" }),
      ConflictError,
      { errorCode: "CTS.0208" },
    ],
    [
      "the gateway, spelt APIGW",
      json(401, { error_code: "APIGW.0301", error_msg: "token expires", request_id: "r1" }),
      AuthError,
      { errorCode: "APIGW.0301", requestId: "r1", message: /token expires.*\[request r1\]$/ },
    ],
    [
      "the gateway, spelt APIG",
      json(404, { error_code: "APIG.0101", error_msg: "no such API", request_id: "r1" }),
      ApiError,
      { errorCode: "APIG.0101", message: /check the endpoint/ },
    ],
    [
      "IAM",
      json(401, {
        error: { code: 401, message: "The username or password is wrong.", title: "Unauthorized" },
      }),
      AuthError,
      { errorCode: undefined, message: /401 The username or password is wrong\./ },
    ],
    [
      "a message that is itself JSON",
      json(404, {
        error_code: "CTS.0214",
        error_msg: JSON.stringify({ error_code: "cts.0214", error_msg: tracker }),
      }),
      NotFoundError,
      { errorCode: "CTS.0214", message: /404 CTS\.0214 The tracker does not exist\.$/ },
    ],
    [
      "a message that is JSON and has the only code",
      json(400, {
        error_msg: JSON.stringify({ error_code: "CTS.0201", error_msg: "exists" }),
        request_id: "r2",
      }),
      ConflictError,
      { errorCode: "CTS.0201", requestId: "r2", message: /400 CTS\.0201 exists/ },
    ],
    [
      "a message that is only a JSON value",
      json(400, { error_code: "CTS.0003", error_msg: '"7"' }),
      ApiError,
      { errorCode: "CTS.0003", message: /"7"$/ },
    ],
    [
      "a gateway's page",
      text(502, "<html><body><h1>502 Bad Gateway</h1></body></html>"),
      ApiError,
      { status: 502, errorCode: undefined, message: /502 an HTML page instead of an answer$/ },
    ],
    ["nothing at all", text(503, ""), ApiError, { status: 503, message: /503 Service Unavailable$/ }],
    ["plain text", text(500, "oops"), ApiError, { status: 500, message: /500 Internal Server Error$/ }],
    ["a status nobody knows", text(599, ""), ApiError, { status: 599, message: /599 unknown$/ }],
    [
      "fields of wrong types",
      json(400, { error_code: 7, error_msg: [] }),
      ApiError,
      { message: /400 Bad Request$/ },
    ],
    ["a list", json(400, [{ error_code: "CTS.0201" }]), ApiError, { errorCode: undefined }],
    ["null", json(400, null), ApiError, { errorCode: undefined }],
    ["an id in the header", text(500, "", { "X-Request-Id": "r3" }), ApiError, { requestId: "r3" }],
    ["throttling as a page", text(429, "<html></html>"), ThrottledError, { retryAfterMs: undefined }],
  ];

  it.each(refusals)(
    "understands %s",
    async (_, answer, type, { message, ...facts }: { message?: RegExp }) => {
      server.answer = answer;

      const failure = await failureOf(
        send({ method: "PUT", url: `${server.url}/v3/p/tracker`, query: { a: "b" } }),
      );

      expect(failure.constructor).toBe(type);
      expect(failure).toMatchObject({ ...facts, method: "PUT", url: `${server.url}/v3/p/tracker` });
      expect(failure.message).toContain(`PUT ${server.url}/v3/p/tracker: ${failure.status}`);
      if (message) {
        expect(failure.message).toMatch(message);
      }
    },
  );

  it("cuts the service's words to what a message can hold", async () => {
    server.answer = json(400, { error_code: "CTS.0003", error_msg: "a".repeat(100_000) });
    expect((await failureOf(send())).message.length).toBeLessThan(1500);
  });

  it("does not repeat a secret that the service echoes, as it is or as JSON", async () => {
    const secrets = ['a "secret"', "another"];
    server.answer = json(
      400,
      {
        error_code: "another",
        error_msg: `invalid: a "secret", ${JSON.stringify({ password: secrets[0] })}`,
        request_id: "another",
      },
      { "X-Request-Id": "another" },
    );

    const failure = await failureOf(send({ secrets }));

    expect(failure.message).toContain('400 *** invalid: ***, {"password":"***"} [request ***]');
  });

  it.each([
    ["seconds", "7", 7000],
    ["no wait", "0", 0],
    ["a date to come", new Date(clock.now() + 90_000).toUTCString(), 90_000],
    ["a date gone by", new Date(clock.now() - 90_000).toUTCString(), 0],
    ["no time at all", "soon", undefined],
  ])("reads Retry-After: %s", async (_, value, expected) => {
    server.answer = text(429, "", { "Retry-After": value });
    expect((await failureOf(send())).retryAfterMs).toBe(expected);
  });

  it("reads a date in Retry-After by the service's clock", async () => {
    const in20Minutes = clock.now() + 20 * 60_000;
    const dateOf = (ms: number) => new Date(ms).toUTCString();
    const headers = { Date: dateOf(in20Minutes), "Retry-After": dateOf(in20Minutes + 30_000) };
    server.answer = text(429, "", headers);
    expect((await failureOf(send())).retryAfterMs).toBe(29_500);
  });

  it.each(
    [301, 302, 303, 307, 308].flatMap((status) => [[status, "GET"] as const, [status, "POST"] as const]),
  )("does not follow a %i of a %s", async (status, method) => {
    const elsewhere = await startRawServer();
    server.answer = text(status, "", { Location: `${elsewhere.url}/v3` });

    const failure = await failureOf(send({ method, headers: { "X-Auth-Token": "t" } }));

    expect(failure.constructor).toBe(ApiError);
    expect(failure.message).toContain(`${status} a redirect, which is not followed`);
    expect(elsewhere.requests).toEqual([]);
    expect(server.requests).toHaveLength(1);
    await elsewhere.close();
  });
});

describe("Http.send on a broken answer", () => {
  const MIB = 1024 * 1024;
  const cutOff: RawAnswer = (response) => {
    response.writeHead(200, { "Content-Length": 100 }).write('{"a":', () => response.destroy());
  };
  const cutOffChunks: RawAnswer = (response) => {
    response.writeHead(200).write('{"a":1}', () => response.destroy());
  };

  it.each<[string, RawAnswer, RegExp]>([
    [
      "a page",
      text(200, "\n<!DOCTYPE html><html></html>"),
      /the answer is an HTML page; is this the endpoint/,
    ],
    ["text", text(200, "it works"), /the answer is not JSON/],
    ["half of the JSON", text(200, '{"trackers":['), /the answer is not JSON/],
    ["less than Content-Length says", cutOff, /cut off or over/],
    ["chunks without an end", cutOffChunks, /cut off or over/],
    ["more than 32 MiB", text(200, Buffer.alloc(33 * MIB, " ")), /over 33554432 bytes/],
    [
      "a few bytes that unpack to more than 32 MiB",
      text(200, gzipSync(Buffer.alloc(40 * MIB, " ")), { "Content-Encoding": "gzip" }),
      /over 33554432 bytes/,
    ],
    ["an error of more than 32 MiB", text(500, Buffer.alloc(33 * MIB, " ")), /over 33554432 bytes/],
  ])("is a MalformedAnswerError for %s", async (_, answer, message) => {
    server.answer = answer;

    const failure = await failureOf(send());

    expect(failure).toBeInstanceOf(MalformedAnswerError);
    expect(failure.message).toMatch(message);
    expect(failure).toMatchObject({ method: "GET", url: server.url });
  });

  it.each<[string, RawAnswer]>([
    ["resets the connection", (response) => response.socket?.resetAndDestroy()],
    ["hangs up", (response) => response.socket?.end()],
    ["does not speak HTTP", (response) => response.socket?.end("hello\r\n\r\n")],
    [
      "sends more than Content-Length says",
      (response) => response.socket?.end('HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n{"a":1}'),
    ],
    ["packs its answer wrongly", text(200, '{"a":1}', { "Content-Encoding": "gzip" })],
  ])("is a NetworkError where the server %s", async (_, answer) => {
    server.answer = answer;

    const failure = await failureOf(send());

    expect(failure).toBeInstanceOf(NetworkError);
    expect(failure.message).toMatch(/^GET http:.*: the connection broke \([A-Z_]+\)$/);
    expect(failure.message).toContain(`(${failure.code})`);
  });

  it.each<[string, RawAnswer]>([
    ["nothing", () => {}],
    ["a head and no body", (response) => response.writeHead(200, { "Content-Length": 10 }).flushHeaders()],
    [
      "a body without an end",
      (response) => {
        response.writeHead(200);
        const drip = setInterval(() => response.write(" "), 5);
        response.once("close", () => clearInterval(drip));
      },
    ],
  ])("is a TimeoutError where the server sends %s", async (_, answer) => {
    server.answer = answer;
    http = new Http(clock, { timeoutMs: 60 });

    const failure = await failureOf(send());

    expect(failure).toBeInstanceOf(TimeoutError);
    expect(failure.message).toBe(`GET ${server.url}: no answer within 0.06 s`);
  });
});

describe("Http.send, cancelled", () => {
  it("aborts a call in flight immediately, and leaves open whether it was carried out", async () => {
    const controller = new AbortController();
    http = new Http(cancellable(clock, controller.signal));
    server.answer = () => controller.abort();

    const failure = await failureOf(send({ method: "PUT" }));

    expect(failure).toMatchObject({ name: "CancelledError", mayHaveBeenApplied: true });
    expect(failure.message).toContain(`PUT ${server.url}: cancelled before its answer came`);
  });

  it("sends nothing any more", async () => {
    const controller = new AbortController();
    http = new Http(cancellable(clock, controller.signal));
    controller.abort();

    const failure = await failureOf(send({ method: "PUT" }));

    expect(failure).toMatchObject({ name: "CancelledError", mayHaveBeenApplied: false });
    expect(server.requests).toEqual([]);
  });

  it("holds on to nothing of the calls that have ended", async () => {
    const controller = new AbortController();
    const listeners = new Set<unknown>();
    controller.signal.addEventListener = (_: string, listener: unknown) => listeners.add(listener);
    controller.signal.removeEventListener = (_: string, listener: unknown) => listeners.delete(listener);
    http = new Http({ ...clock, cancelled: controller.signal });

    await send();

    expect(listeners).toEqual(new Set());
  });
});

describe("Http.send without a server", () => {
  it.each(["127.0.0.1", "localhost"])("says that nothing listens at %s", async (host) => {
    const url = (await unusedUrl()).replace("127.0.0.1", host);

    const failure = await failureOf(http.send({ method: "GET", url }));

    expect(failure).toMatchObject({ name: "NetworkError", code: "ECONNREFUSED", method: "GET", url });
    expect(failure.message).toContain("nothing listens there: check authUrl and endpoint");
  });

  it("says that a host is not known", async () => {
    const failure = await failureOf(http.send({ method: "GET", url: "http://cts.invalid" }));

    expect(failure.code).toMatch(/^(ENOTFOUND|EAI_AGAIN)$/);
    expect(failure.message).toContain("the host name is not known: check region, authUrl and endpoint");
  });
});

describe("isLoopback", () => {
  it.each([
    ["http://localhost", true],
    ["http://127.0.0.1:80/v3", true],
    ["http://127.1", true],
    ["http://127.9.8.7", true],
    ["http://[::1]:80", true],
    ["http://localhost.example.com", false],
    ["http://127.0.0.1.example.com", false],
    ["http://example.com/127.0.0.1", false],
    ["http://localhost@example.com", false],
    ["http://128.0.0.1", false],
    ["http://10.0.0.1", false],
    ["http://[::2]", false],
  ])("of %s is %s", (url, expected) => {
    expect(isLoopback(new URL(url))).toBe(expected);
  });
});
