import { createHash } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Emulator, type KeyPair, startEmulator } from "../../../emulator";
import { request, signIn, stoppedClock } from "../../support/emulator";
import { type Draft, draftOf, type Message, send, signed } from "../../support/signing";

const clock = stoppedClock(Date.UTC(2026, 10, 22, 23, 55));
const minute = 60_000;
const noKeys: KeyPair = { accessKey: "", secretKey: "" };
const incorrect = "Incorrect IAM authentication information: ";
const failed = `${incorrect}verify aksk signature fail`;

let emulator: Emulator;
let permanent: KeyPair;
let temporary: KeyPair;

beforeAll(async () => {
  emulator = await startEmulator({ clock: clock.now });
  [permanent = noKeys, temporary = noKeys] = emulator.keys;
});
afterAll(() => emulator.close());
beforeEach(() => emulator.reset());

/** A good request, unless something is changed: before it is signed, or after. */
function message(before: Partial<Draft> = {}, after: Partial<Message> = {}): Message {
  return { ...signed(emulator, draftOf(emulator, before), permanent, clock.now()), ...after };
}

function withHeaders(good: Message, headers: Record<string, string>): Message {
  return { ...good, headers: { ...good.headers, ...headers } };
}

function without(good: Message, header: string): Message {
  const { [header]: _, ...headers } = good.headers;
  return { ...good, headers };
}

function edited(good: Message, from: string | RegExp, to: string): Message {
  return withHeaders(good, { authorization: (good.headers["authorization"] ?? "").replace(from, to) });
}

describe("signed calls", () => {
  it("are authorised at CTS and for the projects of IAM", async () => {
    const tracker = await send(emulator, message());
    const projects = await send(
      emulator,
      message({ segments: ["v3", "projects"], query: [["name", "eu-nl_demo"]] }),
    );

    expect(tracker).toMatchObject({ status: 200, json: { trackers: [{ status: "enabled" }] } });
    expect(projects).toMatchObject({ status: 200, json: { projects: [{ name: "eu-nl_demo" }] } });
  });

  it("carry a body, and take effect", async () => {
    const body = JSON.stringify({ tracker_type: "system", tracker_name: "system", status: "disabled" });
    const segments = ["v3", emulator.projectId(), "tracker"];

    expect((await send(emulator, message({ method: "PUT", segments, body }))).status).toBe(200);
    expect(emulator.tracker()?.status).toBe("disabled");
  });

  it.each([
    ["the form of Huawei's SDKs", () => message({ form: "Access" })],
    ["a region and a service in the scope", () => message({ region: "eu-de", service: "cts" })],
    ["a signed project", () => message({ headers: { "x-project-id": emulator.projectId() } })],
    [
      "spaces that do not count",
      () => withHeaders(message({ headers: { "x-note": "a b" } }), { "x-note": "  a   b " }),
    ],
    [
      "a space in the query as a plus",
      () => {
        const good = message({ query: [["note", "a b"]] });
        return { ...good, target: good.target.replace("%20", "+") };
      },
    ],
    [
      "the hash of their content",
      () => withHeaders(message(), { "x-sdk-content-sha256": createHash("sha256").digest("hex") }),
    ],
  ])("may have %s", async (_, good) => {
    expect((await send(emulator, good())).status).toBe(200);
  });

  it("reach every project, and no project that does not exist or is not the header's", async () => {
    const trackersOf = (id: string, header?: string): Promise<{ status: number; json: object }> => {
      const region = id === other ? "eu-nl" : "eu-de";
      const good = message({ segments: [region, "v3", id, "trackers"] });
      return send(emulator, header === undefined ? good : withHeaders(good, { "x-project-id": header }));
    };
    const [one, other] = [emulator.projectId("eu-de_demo"), emulator.projectId("eu-nl_demo")];

    expect((await trackersOf(one)).status).toBe(200);
    expect((await trackersOf(other, other)).status).toBe(200);
    for (const refused of [await trackersOf(one, other), await trackersOf("0".repeat(32))]) {
      expect(refused).toMatchObject({ status: 403, json: { error_code: "CTS.0013" } });
    }
  });

  it("by temporary keys need the security token that belongs to them", async () => {
    const good = signed(emulator, draftOf(emulator), temporary, clock.now());
    const bare = without(good, "x-security-token");
    const reason = `${failed}, X-Security-Token is not the one that belongs to the access key`;

    expect((await send(emulator, good)).status).toBe(200);
    for (const bad of [bare, withHeaders(good, { "x-security-token": "other" })]) {
      expect(await send(emulator, bad)).toMatchObject({ status: 401, json: { error_msg: reason } });
    }
    expect((await send(emulator, withHeaders(message(), { "x-security-token": "any" }))).status).toBe(401);
  });

  it.each([
    [
      "a wrong signature",
      (good: Message) => edited(good, /Signature=.{64}/, `Signature=${"0".repeat(64)}`),
      "",
    ],
    [
      "an upper-case signature",
      (good: Message) => edited(good, /[0-9a-f]{64}/, "A".repeat(64)),
      ", the Auth",
    ],
    ["the signature of another body", (good: Message) => ({ ...good, body: "{}" }), ""],
    [
      "another day",
      (good: Message) => edited(good, "/20261122/", "/20261121/"),
      ", the day of the credential",
    ],
    ["no signed host", (good: Message) => edited(good, "host;", ""), ", host and x-sdk-date must be"],
    ["no signed date", (good: Message) => edited(good, ";x-sdk-date", ""), ", host and x-sdk-date must be"],
    [
      "a header that is not sent",
      (good: Message) => edited(good, "host;", "accept;host;"),
      ", the signed headers",
    ],
    [
      "headers out of order",
      (good: Message) => edited(good, "host;x-sdk-date", "x-sdk-date;host"),
      ", the signed",
    ],
    ["a header twice", (good: Message) => edited(good, "host;", "host;host;"), ", the signed headers"],
    ["no date", (good: Message) => without(good, "x-sdk-date"), ", the signed headers"],
    [
      "a date that is none",
      (good: Message) => withHeaders(good, { "x-sdk-date": "now" }),
      ", X-Sdk-Date must be",
    ],
    ["another second", (good: Message) => withHeaders(good, { "x-sdk-date": "20261122T235501Z" }), ""],
    [
      "a malformed header",
      (good: Message) => edited(good, "sdk_request", "aws4_request"),
      ", the Authorization",
    ],
    [
      "unsigned content",
      (good: Message) => withHeaders(good, { "x-sdk-content-sha256": "UNSIGNED-PAYLOAD" }),
      ", X-Sdk-Content-Sha256 is not",
    ],
  ])("with %s are refused with 401 APIGW.0301 and why", async (_, spoil, detail) => {
    const answer = await send(emulator, spoil(message()));

    expect(answer).toMatchObject({ status: 401, json: { error_code: "APIGW.0301" } });
    expect(answer.json.error_msg?.slice(0, (failed + detail).length)).toBe(failed + detail);
    expect(detail !== "" || answer.json.error_msg === failed).toBe(true);
    expect(emulator.journal.entries[0]).not.toHaveProperty("auth");
  });

  it("are refused in the same way at IAM, and when the access key is unknown", async () => {
    const good = message({ segments: ["v3", "projects"] });

    const answer = await send(emulator, edited(good, permanent.accessKey, "UNKNOWN"));

    expect(answer.json).toMatchObject({
      error_code: "APIGW.0301",
      error_msg: `${incorrect}Get secretKey failed,ak:******,err:ak not exist`,
      request_id: answer.headers["x-request-id"],
    });
  });

  it.each([-1, 1])("may be 15 minutes off (times %d), and not a second more", async (sign) => {
    const at = (ms: number): Message =>
      signed(emulator, draftOf(emulator), permanent, clock.now() + sign * ms);

    const within = await send(emulator, at(15 * minute));
    const beyond = await send(emulator, at(15 * minute + 1000));

    expect(within.status).toBe(200);
    expect(beyond.json.error_msg).toBe(
      `${failed}, signature expired: X-Sdk-Date is more than 15 minutes off the time of the service`,
    );
    expect(Date.parse(beyond.headers.date ?? "")).toBe(clock.now());
  });

  it("change nothing when they are refused", async () => {
    const spoilt = message({ method: "DELETE", query: [["tracker_name", "system"]] }, { body: "x" });

    expect((await send(emulator, spoilt)).status).toBe(401);
    expect(emulator.trackers()).toHaveLength(2);
  });
});

describe("an access key that fails", () => {
  const bad = (): Message => message({}, { body: "x" });

  async function fail(times: number): Promise<void> {
    for (let i = 0; i < times; i++) {
      await send(emulator, bad());
    }
  }

  it("more than five times in a row is locked for five minutes of the emulator's clock", async () => {
    await fail(6);
    const locked = await send(emulator, message());
    clock.advance(5 * minute - 1);
    const stillLocked = await send(emulator, message());
    clock.advance(1);

    expect(locked).toMatchObject({ status: 401, json: { error_code: "APIGW.0301" } });
    expect(locked.json.error_msg).toMatch(/AK access failed to reach the limit,forbidden\. .* locked/);
    expect(stillLocked.status).toBe(401);
    expect((await send(emulator, message())).status).toBe(200);
  });

  it("five times is not locked, and starts anew with a success", async () => {
    await fail(5);
    const first = await send(emulator, message());
    await fail(5);

    expect(first.status).toBe(200);
    expect((await send(emulator, message())).status).toBe(200);
  });

  it("may fail as often again once the lock has ended", async () => {
    await fail(6);
    clock.advance(5 * minute);
    await fail(5);

    expect((await send(emulator, message())).status).toBe(200);
  });

  it("does not lock another, and is unlocked by reset()", async () => {
    await fail(6);
    const other = await send(emulator, signed(emulator, draftOf(emulator), temporary, clock.now()));
    emulator.reset();

    expect(other.status).toBe(200);
    expect((await send(emulator, message())).status).toBe(200);
  });
});

describe("JournalEntry.auth", () => {
  it("says how a call was authorised, if it was", async () => {
    const cts = await signIn(emulator);
    await cts.get();
    await send(emulator, message());
    await request(emulator.url);
    await request(`${emulator.authUrl}/projects`);
    await request(`${emulator.authUrl}/projects`, { headers: { "X-Auth-Token": cts.token } });

    expect(emulator.journal.entries.map(({ operation, auth }) => [operation, auth])).toEqual([
      ["createToken", undefined],
      ["listTrackers", "token"],
      ["listTrackers", "keys"],
      ["listVersions", undefined],
      ["listProjects", undefined],
      ["listProjects", "token"],
    ]);
  });

  it("is all the journal knows of keys", async () => {
    const good = signed(emulator, draftOf(emulator), temporary, clock.now());
    await send(emulator, good);

    const { accessKey, secretKey, securityToken = "" } = temporary;
    const signature = good.headers["authorization"]?.slice(-64) ?? "";
    for (const secret of [accessKey, secretKey, securityToken, signature]) {
      expect(secret).not.toBe("");
      expect(JSON.stringify(emulator.journal.entries)).not.toContain(secret);
    }
  });
});

describe("Emulator.settings", () => {
  const where = { region: "eu-nl" };

  it("has the keys instead of the user, with the region of the endpoint left open", () => {
    const common = {
      authUrl: emulator.authUrl,
      projectName: "eu-nl_demo",
      region: "eu-nl",
      endpoint: `${emulator.url}/{region}`,
    };

    expect(emulator.settings(where, "keys")).toEqual({ ...common, ...permanent });
    expect(emulator.settings(where, "temporaryKeys")).toEqual({ ...common, ...temporary });
    expect(permanent.securityToken).toBeUndefined();
    expect(temporary.securityToken).toMatch(/^.{100,}$/);
  });

  it("has a token that is good for the project", async () => {
    const { token = "", ...settings } = emulator.settings(where, "token");
    const projectId = emulator.projectId("eu-nl_demo");

    const reply = await request(`${emulator.endpoint("eu-nl")}/v3/${projectId}/trackers`, {
      headers: { "X-Auth-Token": token },
    });

    const endpoint = `${emulator.url}/{region}`;
    expect(settings).toEqual({ authUrl: emulator.authUrl, projectId, region: "eu-nl", endpoint });
    expect(reply.status).toBe(200);
  });

  it("throws for keys that there are not", async () => {
    const keyless = await startEmulator({ keys: [] });
    await keyless.close();

    expect(() => keyless.settings({}, "keys")).toThrow("The emulator has no permanent keys");
    expect(() => keyless.settings({}, "temporaryKeys")).toThrow("The emulator has no temporary keys");
  });
});

describe("EmulatorOptions.keys", () => {
  it("replace the usual ones", async () => {
    const mine: KeyPair = { accessKey: "MINE", secretKey: "secret" };
    const custom = await startEmulator({ keys: [mine], clock: clock.now });
    const call = (keys: KeyPair) => send(custom, signed(custom, draftOf(custom), keys, clock.now()));

    const [accepted, refused] = [await call(mine), await call(permanent)];
    await custom.close();

    expect(custom.keys).toEqual([mine]);
    expect([accepted.status, refused.status]).toEqual([200, 401]);
  });
});
