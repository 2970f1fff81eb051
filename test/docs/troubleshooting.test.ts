import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { adviceOn401 } from "../../client/auth/signIn";
import { NetworkError, toApiError } from "../../client/errors";
import { unhealthyReason } from "../../provider/tracker/converge";

const ROOT = join(__dirname, "..", "..");
const PAGE = readFileSync(join(ROOT, "docs", "guides", "troubleshooting.md"), "utf8");
const FACTS = { method: "PUT", url: "https://cts.example/v3/1/tracker" };

/** The rows of the tables below a heading, as their cells. */
function rowsBelow(heading: string): string[][] {
  const section = PAGE.split(`\n## ${heading}\n`)[1]?.split("\n## ")[0] ?? "";
  return [...section.matchAll(/^\| (.*) \|$/gm)].map(([, row = ""]) =>
    row.split(/ \|(?: |$)/).map((cell) => cell.trim()),
  );
}

/** Each name in code in the first cell of a row, with the cure in the second. */
function curesBelow(heading: string): Map<string, string> {
  const rows = rowsBelow(heading).flatMap(([names = "", cure = ""]) =>
    [...names.matchAll(/`([^`]+)`/g)].map(([, name = ""]): [string, string] => [name, cure]),
  );
  return new Map(rows);
}

/** The client's advice on a refusal; undefined for none. */
function adviceOn(status: number, errorCode: string | undefined): string | undefined {
  const refusal = {
    ...FACTS,
    status,
    errorCode,
    reason: "No",
    requestId: undefined,
    retryAfterMs: undefined,
  };
  return toApiError(refusal).message.split("No; ")[1];
}

describe("docs/guides/troubleshooting.md", () => {
  it("has every code that the client gives advice for, with that advice", () => {
    const cures = curesBelow("Codes of the service");
    const codes = ["CTS", "APIGW", "APIG"].flatMap((prefix) =>
      Array.from({ length: 1000 }, (_, number) => `${prefix}.${String(number).padStart(4, "0")}`),
    );
    const advised = codes.flatMap((code): [string, string][] => {
      const advice = adviceOn(400, code);
      return advice === undefined ? [] : [[code, advice]];
    });

    expect(advised.length).toBeGreaterThan(8);
    for (const [code, advice] of advised) {
      expect([code, cures.get(code)]).toEqual([code, advice]);
    }
  });

  it("has every code that the client treats in its own way", () => {
    const source = readFileSync(join(ROOT, "client", "errors.ts"), "utf8");
    const codes = [...source.matchAll(/"((?:CTS|APIGW?)\.\d{4})"/g)].map(([, code = ""]) => code);

    expect(codes.filter((code) => !PAGE.includes(`\`${code}\``))).toEqual([]);
  });

  it("has every status that the client gives advice for, with that advice", () => {
    const cures = new Map(rowsBelow("HTTP statuses").map(([status, cure]) => [status, cure]));
    const statuses = Array.from({ length: 300 }, (_, index) => 300 + index);
    const advised = statuses.filter((status) => adviceOn(status, undefined) !== undefined);

    expect(advised).toEqual([403, 404]);
    for (const status of advised) {
      expect(cures.get(String(status))).toBe(adviceOn(status, undefined));
    }
  });

  it.each([
    ["user and password", { kind: "password", domain: {} }],
    ["keys", { kind: "keys" }],
    ["token", { kind: "token" }],
  ])("has the advice on a 401 of %s", (name, credentials) => {
    const rows = rowsBelow("HTTP statuses").map(([first, second]): [string, string] => [
      first ?? "",
      second ?? "",
    ]);
    const advice = adviceOn401({ ...credentials, source: "environment" } as never);

    expect(advice).toContain(new Map(rows).get(name) ?? "no such row");
  });

  it("has every code of Node that the client explains, with that explanation", () => {
    const cures = curesBelow("Network and TLS");
    const source = readFileSync(join(ROOT, "client", "errors.ts"), "utf8");
    const explained = [...source.matchAll(/case "([A-Z_]+)":/g)].map(([, code = ""]) => code);

    expect(explained.filter((code) => !cures.has(code))).toEqual([]);
    for (const [code, cure] of cures) {
      expect(new NetworkError(code, FACTS).message).toContain(`: ${cure} (${code})`);
    }
  });

  it("has every class of error that the client throws", () => {
    const source = readFileSync(join(ROOT, "client", "errors.ts"), "utf8");
    const classes = [...source.matchAll(/^export class (\w+)/gm)].map(([, name = ""]) => name);

    const named = rowsBelow("Classes of errors").flat().join(" ");
    expect(classes.filter((name) => name !== "CtsError" && !named.includes(`\`${name}\``))).toEqual([]);
  });

  it("has what an unhealthy tracker suffers from", () => {
    const cures = curesBelow("A tracker that stores nothing");

    expect([...cures.keys()]).toEqual(["noBucket", "bucketPolicyError", "arrears"]);
    for (const [detail, cure] of cures) {
      expect(unhealthyReason({ detail } as never)).toBe(cure);
    }
  });
});
