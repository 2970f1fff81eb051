import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Emulator, type KeyPair, startEmulator } from "../../../emulator";
import { stoppedClock } from "../../support/emulator";
import { type Draft, type Message, send, signed } from "../../support/signing";

const clock = stoppedClock();

let emulator: Emulator;
beforeAll(async () => {
  emulator = await startEmulator({ clock: clock.now });
});
afterAll(() => emulator.close());

const text = fc.string({ unit: "grapheme", maxLength: 8 });
/** No segment of one or two dots: a URL cannot hold it. */
const segment = fc.string({ unit: "grapheme", minLength: 1, maxLength: 8 }).map((name) => `n${name}`);
const drafts: fc.Arbitrary<Omit<Draft, "segments"> & { name: string }> = fc.record({
  method: fc.constantFrom("GET", "PUT", "POST", "DELETE"),
  name: segment,
  query: fc.array(fc.tuple(segment, text), { maxLength: 4 }),
  headers: fc.dictionary(fc.stringMatching(/^x-note-[a-z]{1,3}$/), fc.stringMatching(/^[!-~]{1,9}$/), {
    maxKeys: 3,
  }),
  body: fc.oneof(fc.constant(""), text, fc.json()),
  region: fc.constantFrom("", "eu-de"),
  service: fc.constantFrom("", "cts"),
  form: fc.constantFrom("Credential", "Access"),
});

/** The PUT of v1.0 has a name in its path that may be any, the others have none. */
function place(draft: Omit<Draft, "segments"> & { name: string }): Draft {
  const path = ["eu-nl", "v1.0", emulator.projectId("eu-nl_demo"), "tracker"];
  return { ...draft, segments: draft.method === "PUT" ? [...path, draft.name] : path };
}

type Change = (message: Message, pick: number) => Message;

const inHeader =
  (name: string, change: (value: string, pick: number) => string): Change =>
  (message, pick) => ({
    ...message,
    headers: { ...message.headers, [name]: change(message.headers[name] ?? "", pick) },
  });

const inAuthorization = (pattern: RegExp, change: (part: string, pick: number) => string): Change =>
  inHeader("authorization", (value, pick) => value.replace(pattern, (part) => change(part, pick)));

/** Another character at one place: for hexadecimal digits, another digit. */
function flip(value: string, pick: number): string {
  const at = pick % value.length;
  return `${value.slice(0, at)}${value[at] === "1" ? "2" : "1"}${value.slice(at + 1)}`;
}

const changes: Record<string, Change> = {
  "a character of the body": (message, pick) => ({
    ...message,
    body: message.body === "" ? "x" : flip(message.body, pick),
  }),
  "one more byte in the body": (message) => ({ ...message, body: `${message.body} ` }),
  "one more parameter": ({ target, ...rest }) => ({
    ...rest,
    target: `${target}${target.includes("?") ? "&" : "?"}tracker_name=system`,
  }),
  "another value": ({ target, ...rest }) => ({
    ...rest,
    target: target.includes("?") ? `${target}1` : `${target}?n=1`,
  }),
  "another project": ({ target, ...rest }) => ({
    ...rest,
    target: target.replace(emulator.projectId("eu-nl_demo"), emulator.projectId("eu-de_demo")),
  }),
  "another region": ({ target, ...rest }) => ({ ...rest, target: target.replace("/eu-nl/", "/eu-de/") }),
  "another name in the path": ({ target, ...rest }) => ({
    ...rest,
    target: target.includes("/tracker/") ? target.replace("/tracker/", "/tracker/n") : `${target}?n`,
  }),
  "another method": ({ method, ...rest }) => ({ ...rest, method: method === "GET" ? "DELETE" : "GET" }),
  "another signed header": (message, pick) => {
    const names = Object.keys(message.headers).filter((name) => /^(x-note|host|x-sdk-date)/.test(name));
    const name = names[pick % names.length] ?? "host";
    return inHeader(name, (value) => (name === "host" ? "localhost" : `${value}1`))(message, pick);
  },
  "another second": inHeader("x-sdk-date", (date) => date.replace(/\d\dZ/, "59Z")),
  "another digit in the signature": inAuthorization(/[0-9a-f]{64}$/, flip),
  "another day in the scope": inAuthorization(/\/\d{8}\//, () => "/20261121/"),
  "another region in the scope": inAuthorization(/(?<=\/\d{8}\/)[^/]*/, (region) => `${region}x`),
  "another service in the scope": inAuthorization(/[^/]*(?=\/sdk_request)/, (service) => `${service}x`),
  "one signed header less": inAuthorization(/;[^;,]+(?=, )/, () => ""),
  "the other form": inAuthorization(/(Credential|Access)=[^,]+/, (claim) => {
    const [form, key] = claim.split(/[=/]/);
    return form === "Access" ? `Credential=${key}/20261122///sdk_request` : `Access=${key}`;
  }),
  "another access key": inAuthorization(/(?<==)\w+(?=[/,])/, () => emulator.keys[1]?.accessKey ?? ""),
};

describe("a signature", () => {
  const permanent = (): KeyPair => emulator.keys[0] ?? { accessKey: "", secretKey: "" };

  it("is accepted for any request, and for no other request", async () => {
    await fc.assert(
      fc.asyncProperty(
        drafts.map(place),
        fc.constantFrom(...Object.keys(changes)),
        fc.nat(),
        async (draft, change, pick) => {
          emulator.reset();
          const good = signed(emulator, draft, permanent(), clock.now());
          const bad = changes[change]?.(good, pick) ?? good;
          fc.pre(draft.form === "Credential" || !change.endsWith("in the scope"));

          const refused = await send(emulator, bad);
          const accepted = await send(emulator, good);

          expect(bad).not.toEqual(good);
          expect(refused.status, change).not.toBe(200);
          expect(accepted.status).not.toBe(401);
          expect(emulator.journal.entries.map(({ auth }) => auth)).toEqual([undefined, "keys"]);
        },
      ),
      { numRuns: 400 },
    );
  });

  it("is refused for any other secret", async () => {
    await fc.assert(
      fc.asyncProperty(drafts.map(place), fc.nat(), async (draft, pick) => {
        emulator.reset();
        const secretKey = flip(permanent().secretKey, pick);

        const refused = await send(
          emulator,
          signed(emulator, draft, { ...permanent(), secretKey }, clock.now()),
        );

        expect(refused).toMatchObject({
          status: 401,
          json: { error_msg: expect.stringMatching(/: verify aksk signature fail$/) },
        });
      }),
      { numRuns: 50 },
    );
  });
});
