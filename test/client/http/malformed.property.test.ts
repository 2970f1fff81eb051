import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { getTracker } from "../../../client/api/trackers";
import { CtsError, MalformedAnswerError } from "../../../client/errors";
import { connectWith, failureOf, signedIn } from "../../support/client";
import { type RawServer, startRawServer } from "../../support/rawServer";
import { propertyRuns } from "../../support/runs";

let server: RawServer;
beforeAll(async () => {
  server = await startRawServer();
});
afterAll(() => server.close());

const TRACKER = {
  id: "t1",
  create_time: 1_767_225_600_000,
  tracker_name: "system",
  tracker_type: "system",
  status: "enabled",
  is_support_validate: false,
  lts: { is_lts_enabled: false, log_group_name: "", log_topic_name: "" },
  obs_info: {
    bucket_name: "audit-files",
    file_prefix_name: "",
    is_obs_created: false,
    compress_type: "gzip",
  },
};

/** A valid answer with one field of another type. */
const wrongType = fc
  .tuple(fc.constantFrom(...Object.keys(TRACKER)), fc.jsonValue())
  .map(([key, value]) => JSON.stringify({ trackers: [{ ...TRACKER, [key]: value }] }));

/** Bodies that a broken service, or a gateway before it, may send in place of an answer. */
const body = fc.oneof(
  fc.jsonValue().map((value) => JSON.stringify(value)),
  fc.jsonValue().map((value) => JSON.stringify({ trackers: value })),
  fc.jsonValue().map((value) => JSON.stringify({ trackers: [value] })),
  wrongType,
  fc.nat(300).map((length) => JSON.stringify({ trackers: [TRACKER] }).slice(0, length)),
  fc.string({ unit: "binary" }).map((text) => `<html><body>${text}</body></html>`),
  fc.string({ unit: "binary" }),
  fc.nat(2_000_000).map((length) => " ".repeat(length)),
);

/** As it says it is, or not. */
const encoded = fc.tuple(body, fc.constantFrom("plain", "gzip", "not gzip at all", "latin1"));

async function read(text: string, encoding: string): Promise<unknown> {
  const bytes =
    encoding === "gzip" ? gzipSync(text) : Buffer.from(text, encoding === "latin1" ? "latin1" : "utf8");
  const headers: Record<string, string> = encoding.includes("gzip") ? { "Content-Encoding": "gzip" } : {};
  server.answer = (response) => response.writeHead(200, headers).end(bytes);
  const settings = { region: "eu-de", endpoint: server.url, token: "t" };
  return getTracker(connectWith(settings).project({ region: "eu-de", projectId: "p1" }));
}

describe("getTracker", () => {
  it("takes nothing but a proper list for an answer, whatever comes, and fails with an error of its own", async () => {
    await fc.assert(
      fc.asyncProperty(encoded, async ([text, encoding]) => {
        const outcome = await read(text, encoding).then(
          (tracker) => ({ tracker }),
          (error: unknown) => ({ error }),
        );

        if ("error" in outcome) {
          expect(outcome.error).toBeInstanceOf(CtsError);
          return;
        }
        const { trackers } = JSON.parse(text) as { trackers: unknown[] };
        expect(trackers).toBeInstanceOf(Array);
        // Gone is what a list without the tracker says, and nothing else.
        const names = trackers.map((each) => (each as typeof TRACKER).tracker_name);
        expect(outcome.tracker !== undefined).toBe(names.includes("system"));
      }),
      { numRuns: propertyRuns(0.15) },
    );
  }, 3_600_000);
});

describe("signing in", () => {
  it("fails with an error of its own on any answer of IAM that is not one", async () => {
    const settings = { region: "eu-de", authUrl: server.url, userName: "u", password: "p", domainName: "d" };
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), async (token) => {
        server.answer = signedIn(
          token !== null && typeof token === "object" ? { project: token } : { expires_at: token },
        );

        const failure = await failureOf(connectWith(settings).locate({ projectName: "p" }));

        expect(failure).toBeInstanceOf(MalformedAnswerError);
      }),
      { numRuns: propertyRuns(0.05) },
    );
  }, 3_600_000);
});
