import aws4 from "aws4";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type SigningScheme, sign } from "../../../client/auth/signer";
import { encodeQuery, encodeStrictly } from "../../../client/http/urlEncoding";

/** AWS' own, so that its vectors and its users' libraries can be held against our code. */
const awsScheme: SigningScheme = {
  algorithm: "AWS4-HMAC-SHA256",
  keyPrefix: "AWS4",
  terminator: "aws4_request",
  dateHeader: "X-Amz-Date",
  endsInSlash: false,
};
const scope = { region: "us-east-1", service: "service" };
const keys = { accessKey: "AKIDEXAMPLE", secretKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY" };
const at = new Date("2015-08-30T12:36:00Z");
const UNRESERVED = "-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const SESSION =
  "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA==";

const FORM = "application/x-www-form-urlencoded";

/** Published vectors of AWS' Signature Version 4 test suite: method, path with query, headers, body, signature. */
const VECTORS: [string, string, string, Record<string, string>, string, string][] = [
  ["get-vanilla", "GET", "/", {}, "", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"],
  [
    "get-unreserved",
    "GET",
    `/${UNRESERVED}`,
    {},
    "",
    "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f",
  ],
  ["get-utf8", "GET", "/ሴ", {}, "", "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85"],
  [
    "get-header-key-duplicate",
    "GET",
    "/",
    { "My-Header1": "value2,value2,value1" },
    "",
    "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea",
  ],
  [
    "get-header-value-order",
    "GET",
    "/",
    { "My-Header1": "value4,value1,value3,value2" },
    "",
    "08c7e5a9acfcfeb3ab6b2185e75ce8b1deb5e634ec47601a50643f830c755c01",
  ],
  [
    "get-header-value-trim",
    "GET",
    "/",
    { "My-Header1": " value1", "My-Header2": ' "a   b   c"' },
    "",
    "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736",
  ],
  [
    "get-vanilla-empty-query-key",
    "GET",
    "/?Param1=value1",
    {},
    "",
    "a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb",
  ],
  [
    "get-vanilla-query-order-key-case",
    "GET",
    "/?Param2=value2&Param1=value1",
    {},
    "",
    "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
  ],
  [
    "get-vanilla-query-unreserved",
    "GET",
    `/?${UNRESERVED}=${UNRESERVED}`,
    {},
    "",
    "9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197",
  ],
  [
    "get-vanilla-utf8-query",
    "GET",
    "/?ሴ=bar",
    {},
    "",
    "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04",
  ],
  ["post-vanilla", "POST", "/", {}, "", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"],
  [
    "post-header-key-sort",
    "POST",
    "/",
    { "My-Header1": "value1" },
    "",
    "c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c",
  ],
  [
    "post-header-value-case",
    "POST",
    "/",
    { "My-Header1": "VALUE1" },
    "",
    "cdbc9802e29d2942e5e10b5bccfdd67c5f22c7c4e8ae67b53629efa58b974b7d",
  ],
  [
    "post-sts-header-before",
    "POST",
    "/",
    { "X-Amz-Security-Token": SESSION },
    "",
    "85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead",
  ],
  [
    "post-vanilla-query",
    "POST",
    "/?Param1=value1",
    {},
    "",
    "28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11",
  ],
  [
    "post-x-www-form-urlencoded",
    "POST",
    "/",
    { "Content-Type": FORM },
    "Param1=value1",
    "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
  ],
  [
    "post-x-www-form-urlencoded-parameters",
    "POST",
    "/",
    { "Content-Type": `${FORM}; charset=utf8` },
    "Param1=value1",
    "1a72ec8f64bd914b0e42e42607c7fbce7fb2c7465f63e3092b3b0d39fa77a6fe",
  ],
];

describe("sign", () => {
  it.each(VECTORS)("signs AWS' vector %s as AWS does", (_, method, path, headers, body, signature) => {
    const url = `https://example.amazonaws.com${path}`;

    const signed = sign({ method, url, headers, body }, keys, at, awsScheme, scope);

    expect(signed["X-Amz-Date"]).toBe("20150830T123600Z");
    expect(signed["Authorization"]).toMatch(
      /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/20150830\/us-east-1\/service\/aws4_request, /,
    );
    expect(signed["Authorization"]?.split("Signature=")[1]).toBe(signature);
  });

  it("signs any request as aws4 does", () => {
    const segment = fc
      .string({ unit: "grapheme", minLength: 1 })
      .filter((text) => !/^\.{1,2}$|\//.test(text));
    const key = fc.string({ unit: "grapheme", minLength: 1 }).filter((text) => text !== "__proto__");
    const request = fc.record({
      method: fc.constantFrom("GET", "POST", "PUT", "DELETE"),
      path: fc
        .array(segment, { maxLength: 4 })
        .map((segments) => `/${segments.map(encodeStrictly).join("/")}`),
      // aws4 itself loses a parameter of the name __proto__.
      query: fc.dictionary(key, fc.string({ unit: "grapheme" }), {
        maxKeys: 4,
      }),
      headers: fc.dictionary(fc.stringMatching(/^x-[a-z]{1,8}$/), fc.stringMatching(/^[ -~]{0,20}$/), {
        maxKeys: 3,
      }),
      body: fc.string({ unit: "grapheme" }),
    });
    fc.assert(
      fc.property(
        request,
        fc.date({ min: new Date(0), max: new Date("2100-01-01"), noInvalidDate: true }),
        ({ method, path, query, headers, body }, when) => {
          const target = path + encodeQuery(query);
          const oracle = aws4.sign(
            {
              ...{ ...scope, method, host: "example.com", path: target, body, doNotEncodePath: true },
              headers: { ...headers, Date: when.toUTCString() },
            },
            { accessKeyId: keys.accessKey, secretAccessKey: keys.secretKey },
          );
          // It adds headers of its own, and signs them.
          const {
            Authorization,
            Host: _1,
            "X-Amz-Date": _2,
            ...added
          } = oracle.headers as Record<string, string>;
          const sent = Object.fromEntries(
            Object.entries(added).map(([name, value]) => [name, String(value)]),
          );

          const url = `https://example.com${target}`;
          const signed = sign({ method, url, headers: sent, body }, keys, when, awsScheme, scope);

          expect(signed["Authorization"]).toBe(Authorization);
        },
      ),
      { numRuns: 10_000 },
    );
  });

  it("ends the path in a slash, and leaves region and service empty, for Open Telekom Cloud", () => {
    const request = { method: "GET", headers: {}, body: "" };
    const url = "https://cts.eu-de.otc.t-systems.com/v3/p1/trackers";

    const signed = sign({ ...request, url }, keys, at);

    expect(signed).toEqual(sign({ ...request, url: `${url}/` }, keys, at));
    expect(signed["X-Sdk-Date"]).toBe("20150830T123600Z");
    expect(signed["Authorization"]).toMatch(
      /^SDK-HMAC-SHA256 Credential=AKIDEXAMPLE\/20150830\/\/\/sdk_request, SignedHeaders=host;x-sdk-date, Signature=[0-9a-f]{64}$/,
    );
  });
});
