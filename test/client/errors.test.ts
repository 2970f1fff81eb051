import { inspect } from "node:util";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { getTracker } from "../../client/api/trackers";
import { resolveSettings } from "../../client/config/settings";
import { environmentSource } from "../../client/config/sources";
import {
  ApiError,
  ArgumentError,
  AuthError,
  CancelledError,
  ConfigError,
  ConflictError,
  CtsError,
  isTransient,
  MalformedAnswerError,
  NetworkError,
  NotConvergedError,
  NotFoundError,
  ThrottledError,
  TimeoutError,
  toApiError,
  wasNotApplied,
} from "../../client/errors";
import { Http } from "../../client/http/http";
import { connectWith, failureOf, signedIn } from "../support/client";
import { json, type RawAnswer, type RawServer, startRawServer, text, unusedUrl } from "../support/rawServer";
import { virtualClock } from "../support/virtualClock";

describe("CtsError.message", () => {
  const words = "\x1b[31m\nerror: no";
  const shown = "␛[31m␊error: no";

  it("makes all words visible that come into it, and only a list has lines", () => {
    const listed = new ConfigError(`Wrong: ${words}`, [`- ${words}`, "- two"]);
    const argument = new ArgumentError(words, [words]);
    const notConverged = new NotConvergedError(words, [words]);

    expect(listed.message).toBe(`Wrong: ${shown}\n  - ${shown}\n  - two`);
    expect([argument.message, ...argument.problems]).toEqual([`${shown} is not valid: ${shown}`, shown]);
    expect([notConverged.message, ...notConverged.reasons]).toEqual([`${shown}: ${shown}`, shown]);
    expect(refusal(401).advise(words).advise(words).message).toMatch(/: 401 No\.; ␛\[31m␊error: no$/);
    expect(inspect(listed)).not.toContain(words);
  });
});

const facts = { method: "PUT", url: "http://127.0.0.1/v3/p/tracker" };

function refusal(status: number, errorCode?: string): ApiError {
  return toApiError({
    ...facts,
    status,
    errorCode,
    reason: "No.",
    requestId: undefined,
    retryAfterMs: undefined,
  });
}

describe("toApiError", () => {
  it.each([
    [400, "CTS.0001", ApiError],
    [400, "CTS.0003", ApiError],
    [400, "CTS.0200", ConflictError],
    [400, "CTS.0201", ConflictError],
    [400, "CTS.0208", ConflictError],
    [400, "CTS.0211", ApiError],
    [400, "CTS.0219", ApiError],
    [400, "CTS.0300", ApiError],
    [400, "CTS.0400", ConflictError],
    [400, "CTS.0407", ConflictError],
    [400, undefined, ApiError],
    [401, "APIGW.0301", AuthError],
    [401, "APIG.0301", AuthError],
    [401, undefined, AuthError],
    [403, "CTS.0002", AuthError],
    [403, "CTS.0013", AuthError],
    [403, undefined, AuthError],
    [404, "CTS.0214", NotFoundError],
    [404, "CTS.0403", NotFoundError],
    [404, "CTS.0100", ApiError],
    [404, "CTS.9999", ApiError],
    [500, "CTS.0214", ApiError],
    [400, "CTS.0403", ApiError],
    [200, "CTS.0214", ApiError],
    [200, "APIGW.0308", ThrottledError],
    [404, "APIGW.0101", ApiError],
    [404, "APIG.0101", ApiError],
    [404, "IAM.0004", ApiError],
    [404, undefined, ApiError],
    [429, "APIGW.0308", ThrottledError],
    [429, undefined, ThrottledError],
    [500, "CTS.0004", ApiError],
    [503, undefined, ApiError],
  ])("makes of %i %s what it is", (status, code, type) => {
    const error = refusal(status, code);

    expect(error.constructor).toBe(type);
    expect(error.name).toBe(type.name);
    expect(error).toMatchObject({ ...facts, status, errorCode: code, mayHaveBeenApplied: false });
  });

  it.each([
    [400, "CTS.0211", /create it first, or let CTS do so with obsInfo\.isObsCreated: true$/],
    [400, "CTS.0212", /check the bucket in obsInfo\.bucketName$/],
    [400, "CTS.0215", /set obsInfo\.isObsCreated to false/],
    [403, "CTS.0013", /the role CTS Administrator/],
    [404, "APIGW.0101", /check the endpoint \(config otc-cts:endpoint\)/],
    [404, "CTS.0100", /check the endpoint \(config otc-cts:endpoint\)/],
    [403, "CTS.0012", /check projectId/],
    [404, "CTS.9999", /No\.$/],
    [404, undefined, /check authUrl and endpoint .*OS_AUTH_URL, OS_CTS_ENDPOINT_OVERRIDE/],
  ])("says what mends %i %s", (status, code, advice) => {
    expect(refusal(status, code).message).toMatch(advice);
  });

  it("says what failed, with what, and what to do, in this order", () => {
    const error = toApiError({
      ...facts,
      status: 403,
      errorCode: "CTS.0013",
      reason: "No permission.",
      requestId: "r1",
      retryAfterMs: undefined,
    });
    expect(error.message).toBe(
      "PUT http://127.0.0.1/v3/p/tracker: 403 CTS.0013 No permission; the user needs the role CTS Administrator in this project [request r1]",
    );
  });
});

const judged: [string, unknown, transient: boolean, refused: boolean][] = [
  ["ECONNRESET", new NetworkError("ECONNRESET", facts), true, false],
  ["ECONNREFUSED", new NetworkError("ECONNREFUSED", facts), true, true],
  ["ENOTFOUND", new NetworkError("ENOTFOUND", facts), true, true],
  ["EAI_AGAIN", new NetworkError("EAI_AGAIN", facts), true, true],
  ["EHOSTUNREACH", new NetworkError("EHOSTUNREACH", facts), true, true],
  ["ENETUNREACH", new NetworkError("ENETUNREACH", facts), true, true],
  ["a timeout", new TimeoutError(1000, facts), true, false],
  ["a malformed answer", new MalformedAnswerError("cut off", facts), true, false],
  ["429", refusal(429), true, true],
  ["500", refusal(500), true, false],
  ["503", refusal(503), true, false],
  ["408", refusal(408), true, false],
  ["CTS.0001", refusal(400, "CTS.0001"), true, false],
  ["CTS.0004", refusal(400, "CTS.0004"), true, false],
  ["CTS.0005", refusal(400, "CTS.0005"), true, false],
  ["CTS.0300", refusal(400, "CTS.0300"), true, false],
  ["CTS.0003", refusal(400, "CTS.0003"), false, true],
  ["CTS.0208", refusal(400, "CTS.0208"), false, true],
  ["401", refusal(401), false, true],
  ["403", refusal(403), false, true],
  ["CTS.0214", refusal(404, "CTS.0214"), false, true],
  ["a redirect", refusal(302), false, true],
  ["wrong settings", new ConfigError("x"), false, true],
  ["a wait that was cancelled", new CancelledError("x"), false, true],
  ["what did not take", new NotConvergedError("x", ["y"]), false, false],
  ["a bug", new TypeError("x"), false, false],
  ["nothing", undefined, false, false],
];

describe("isTransient", () => {
  it.each(judged)("knows whether %s may pass", (_, error, transient) => {
    expect(isTransient(error)).toBe(transient);
  });
});

describe("wasNotApplied", () => {
  it.each(judged)("knows whether %s proves that nothing has changed", (_, error, __, refused) => {
    expect(wasNotApplied(error)).toBe(refused);
  });

  it("takes no refusal for proof where an earlier answer was lost", () => {
    const error = refusal(429);
    error.mayHaveBeenApplied = true;
    expect(wasNotApplied(error)).toBe(false);
  });
});

describe("NotConvergedError", () => {
  it("names every reason", () => {
    const error = new NotConvergedError("Not all is in effect", ["a is 1, not 2", "b is none"]);
    expect(error.message).toBe("Not all is in effect: a is 1, not 2; b is none");
    expect(error.reasons).toEqual(["a is 1, not 2", "b is none"]);
  });
});

describe("CtsError", () => {
  const PASSWORD = 'pa55-"wörd';
  const TOKEN = "MIItoken-of-alice";
  let server: RawServer;
  let cts: RawAnswer;
  let iam: RawAnswer;

  beforeAll(async () => {
    server = await startRawServer((response, request) =>
      (request.target.endsWith("/auth/tokens") ? iam : cts)(response, request),
    );
  });
  afterAll(() => server.close());
  beforeEach(() => {
    server.requests.length = 0;
    iam = signedIn({}, TOKEN);
  });

  const project = (changes: Record<string, string> = {}, region = "eu-de") =>
    connectWith({
      authUrl: server.url,
      endpoint: server.url,
      region: "eu-de",
      userName: "alice",
      password: PASSWORD,
      domainName: "d",
      ...changes,
    }).project({ region, projectId: "p1" });
  const readTracker = async (changes?: Record<string, string>) => getTracker(project(changes));
  const change = () => project().request({ method: "PUT", path: "tracker", body: {} });
  const answered = (answer: RawAnswer, call: () => Promise<unknown> = readTracker) => {
    cts = answer;
    return call();
  };
  const echo: RawAnswer = (response, request) => {
    const secret = String(request.headers["x-auth-token"] ?? PASSWORD);
    const body = { error_code: secret, error_msg: `Invalid: ${secret} ${request.body}`, request_id: secret };
    json(400, body)(response, request);
  };
  const failing = (status: number, errorCode?: string) => () =>
    answered(json(status, { error_code: errorCode, error_msg: "No." }), change);

  const paths: [string, name: string, () => Promise<unknown>][] = [
    [
      "settings that are missing",
      "ConfigError",
      async () => resolveSettings([environmentSource({ OS_PASSWORD: PASSWORD, OS_TOKEN: TOKEN })]),
    ],
    [
      "a URL with a password",
      "ConfigError",
      async () => readTracker({ authUrl: `https://alice:${PASSWORD}@iam.example.com/v3` }),
    ],
    [
      "a URL that is none",
      "ConfigError",
      async () => readTracker({ endpoint: `//alice:${PASSWORD}@host:x` }),
    ],
    ["plain http", "ConfigError", async () => readTracker({ authUrl: `http://alice:${PASSWORD}@host` })],
    ["a region that is unknown", "ConfigError", async () => getTracker(project({}, "eu-xx"))],
    [
      "a wrong password",
      "AuthError",
      () => {
        iam = json(401, { error: { code: 401, message: "The username or password is wrong." } });
        return readTracker();
      },
    ],
    [
      "a sign-in that is echoed",
      "ApiError",
      () => {
        iam = echo;
        return readTracker();
      },
    ],
    [
      "a sign-in without a token",
      "MalformedAnswerError",
      () => {
        iam = signedIn({}, "");
        return readTracker();
      },
    ],
    [
      "a sign-in with a token and without a project",
      "MalformedAnswerError",
      () => {
        iam = signedIn({ project: { token: TOKEN } }, TOKEN);
        return readTracker();
      },
    ],
    ["a refused token", "AuthError", failing(401, "APIGW.0301")],
    ["a missing role", "AuthError", failing(403, "CTS.0013")],
    ["what is gone", "NotFoundError", failing(404, "CTS.0214")],
    ["what is there", "ConflictError", failing(400, "CTS.0208")],
    ["throttling", "ThrottledError", failing(429, "APIGW.0308")],
    ["trouble of the service", "ApiError", failing(500, "CTS.0004")],
    ["a call that is echoed", "ApiError", () => answered(echo, change)],
    ["a redirect", "ApiError", () => answered(text(302, "", { Location: `http://x/?t=${TOKEN}` }))],
    ["a page that holds the token", "ApiError", () => answered(text(502, `<html>${TOKEN}</html>`))],
    ["a page of success", "MalformedAnswerError", () => answered(text(200, `<html>${TOKEN}</html>`))],
    ["text that holds the token", "MalformedAnswerError", () => answered(text(200, TOKEN))],
    ["JSON that holds the token", "MalformedAnswerError", () => answered(json(200, { trackers: TOKEN }))],
    [
      "an answer that is cut off",
      "MalformedAnswerError",
      () =>
        answered((response) => {
          response.writeHead(200, { "Content-Length": 999 }).write(TOKEN, () => response.destroy());
        }),
    ],
    ["a reset", "NetworkError", () => answered((response) => response.socket?.resetAndDestroy())],
    [
      "a connection that is refused",
      "NetworkError",
      async () => readTracker({ endpoint: await unusedUrl() }),
    ],
    [
      "a timeout",
      "TimeoutError",
      async () => {
        cts = () => {};
        const headers = { "X-Auth-Token": TOKEN };
        const body = { password: PASSWORD };
        return new Http(virtualClock(), { timeoutMs: 30 }).send({
          method: "PUT",
          url: `${server.url}/v3`,
          headers,
          body,
        });
      },
    ],
  ];

  it.each(paths)("of %s is a %s with nothing secret in it", async (_, name, fail) => {
    const error = await failureOf(fail());

    expect(error).toBeInstanceOf(CtsError);
    expect(error.name).toBe(name);
    const shown = [
      JSON.stringify(error),
      inspect(error),
      inspect(error, { depth: 10, showHidden: true, customInspect: false }),
      error.message,
      error.stack,
      String(error.cause),
      JSON.stringify(Object.getOwnPropertyDescriptors(error)),
    ].join("\n");
    for (const secret of [
      PASSWORD,
      JSON.stringify(PASSWORD).slice(1, -1),
      encodeURIComponent(PASSWORD),
      TOKEN,
    ]) {
      expect(shown).not.toContain(secret);
    }
    expect(shown.replaceAll(/^ +at .*$/gm, "")).not.toMatch(/axios|X-Subject-Token|Authorization/i);
    expect(error.cause).toBeUndefined();
  });

  it("is printed without its fields, and with the advice that was added", () => {
    const error = refusal(401).advise("look there");
    const [first, ...rest] = inspect(error).split("\n");
    expect(first).toBe(`AuthError: ${error.message}`);
    expect(first).toMatch(/look there$/);
    expect(rest.length).toBeGreaterThan(0);
    expect(rest.filter((line) => !/^ {4}at /.test(line))).toEqual([]);
  });

  it("is covered above with every class that a request can fail with", () => {
    const classes = [ConfigError, NetworkError, TimeoutError, MalformedAnswerError, ApiError, AuthError];
    const all = [...classes, NotFoundError, ConflictError, ThrottledError];
    expect(new Set(paths.map(([, name]) => name))).toEqual(new Set(all.map(({ name }) => name)));
  });
});
