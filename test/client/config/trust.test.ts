import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { cloudsSource } from "../../../client/config/cloudsYaml";
import { type ConnectionSettings, resolveSettings } from "../../../client/config/settings";
import {
  argumentSource,
  bridgedSource,
  environmentSource,
  type Key,
  namesOf,
  pulumiSource,
  type Source,
} from "../../../client/config/sources";
import { certificateFile } from "../../support/tlsFront";

const dir = mkdtempSync(join(tmpdir(), "trust-"));
afterAll(() => rmSync(dir, { recursive: true }));

type Settings = { readonly [K in Key]?: string };

/** Each source, in its rank, with settings by our names. */
const SOURCES: Record<string, (settings: Settings) => Source> = {
  connect: (settings) => argumentSource("connect", settings),
  "otc-cts:*": (settings) => pulumiSource((key) => settings[key.replace("otc-cts:", "") as Key]),
  "opentelekomcloud:*": (settings) =>
    bridgedSource((key) => {
      const name = key.replace("opentelekomcloud:", "");
      return settings[(name === "cacertFile" ? "caCertFile" : name) as Key];
    }),
  environment: (settings) =>
    environmentSource(
      Object.fromEntries(Object.entries(settings).map(([key, value]) => [namesOf(key as Key).env[0], value])),
    ),
  "clouds.yaml": ({ userName, password, domainName, authUrl, endpoint, insecure, caCertFile }) => {
    const auth = { username: userName, password, user_domain_name: domainName, auth_url: authUrl };
    const verify = insecure === undefined ? undefined : insecure !== "true";
    const cloud = { auth, cts_endpoint_override: endpoint, verify, cacert: caCertFile };
    writeFileSync(join(dir, "clouds.yaml"), JSON.stringify({ clouds: { c: cloud } }));
    return cloudsSource("c", { env: {}, directories: [dir] });
  },
};

/** The cells of the guide's table: source of the credentials, source of the address, outcome. */
const CELLS = readFileSync("docs/guides/credentials.md", "utf8")
  .split("\n")
  .filter((line) => /^\| .*\| (not )?used \|/.test(line))
  .flatMap((line) => {
    const [owner = "", ...outcomes] = line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim());
    return outcomes.map(
      (outcome, i) => [owner.replaceAll("`", ""), Object.keys(SOURCES)[i] ?? "", outcome] as const,
    );
  });

const CREDENTIALS: Settings = { userName: "alice", password: "pa55", domainName: "OTC1" };
const DEFAULTS = {
  authUrl: "https://iam.eu-de.otc.t-systems.com/v3",
  endpoint: undefined,
  insecure: false,
  ca: undefined,
};

/** Settings of a connection whose credentials are from one source and which has these others from another one. */
function resolve(owner: string, other: string, settings: Settings): ConnectionSettings {
  return resolveSettings(
    Object.entries(SOURCES).map(([name, sourceOf]) =>
      sourceOf({
        ...(name === "connect" && { region: "eu-de" }),
        ...(name === owner && CREDENTIALS),
        ...(name === other && settings),
      }),
    ),
  );
}

describe("the guide's table of credentials and addresses", () => {
  it("has a cell for each pair of sources", () => {
    expect(CELLS).toHaveLength(Object.keys(SOURCES).length ** 2);
  });

  it.each(CELLS)("with credentials from %s, an address from %s is %s", (owner, other, outcome) => {
    const isUsed = outcome === "used";
    const bridged = other === "opentelekomcloud:*";
    const ca = readFileSync(certificateFile("ca"), "utf8");
    const addresses = [
      ["authUrl", "https://elsewhere.example/v3", { authUrl: "https://elsewhere.example/v3" }],
      // The bridged provider has no such setting.
      ...(bridged
        ? []
        : [["endpoint", "https://elsewhere.example", { endpoint: "https://elsewhere.example" }] as const]),
      ["insecure", "true", { insecure: true }],
      ["caCertFile", certificateFile("ca"), { ca }],
    ] as const;

    for (const [key, value, used] of addresses) {
      const { authUrl, endpoint, insecure, ca: trusted, warnings } = resolve(owner, other, { [key]: value });

      expect({ authUrl, endpoint, insecure, ca: trusted }).toEqual({ ...DEFAULTS, ...(isUsed && used) });
      expect(warnings).toHaveLength(isUsed ? 0 : 1);
      if (isUsed) {
        continue;
      }
      expect(warnings[0]).toMatch(
        new RegExp(`^${key} .* from .* is not used, because the credentials are from the `),
      );
      expect(warnings[0]).toContain(value);
    }
  });
});

describe("resolveSettings", () => {
  it("names both origins where the only address that is known must not be used", () => {
    const sources = [
      SOURCES["otc-cts:*"]?.({ ...CREDENTIALS, region: "eu-ch2" }),
      SOURCES["environment"]?.({ authUrl: "https://iam-pub.eu-ch2.sc.otc.t-systems.com/v3" }),
    ] as Source[];

    expect(() => resolveSettings(sources)).toThrow(
      /authUrl is missing[\s\S]*authUrl https:\/\/iam-pub\S+ from OS_AUTH_URL is not used, because the credentials are from the Pulumi config \(otc-cts:\*\), which ranks above it; if it is meant for them, set it by config otc-cts:authUrl/,
    );
  });

  it.each([
    ["is the one of the region", { authUrl: "https://iam.eu-de.otc.t-systems.com/v3" }],
    ["is the one of the region, written otherwise", { authUrl: "https://iam.eu-de.otc.t-systems.com/" }],
    ["is insecure, switched off", { insecure: "false" }],
  ])("does not warn of an address that %s", (_, settings) => {
    expect(resolve("otc-cts:*", "environment", settings).warnings).toEqual([]);
  });

  it("does not warn of an address that a higher source overrides, and does not repeat a password in one", () => {
    const withOwn = [
      SOURCES["otc-cts:*"]?.({ ...CREDENTIALS, authUrl: "https://own.example/v3" }),
      SOURCES["environment"]?.({ authUrl: "https://elsewhere.example/v3" }),
    ] as Source[];
    expect(resolveSettings(withOwn)).toMatchObject({ authUrl: "https://own.example/v3", warnings: [] });

    const { warnings } = resolve("otc-cts:*", "environment", {
      endpoint: "https://a:s3cret@elsewhere.example",
    });
    expect(warnings[0]).toContain("***@elsewhere.example");
    expect(warnings[0]).not.toContain("s3cret");
  });
});
