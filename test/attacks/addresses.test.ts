/**
 * Attack: an address from a source that ranks below the credentials, so that a hostile server receives them.
 *
 * Alone: `npm run build && npx vitest run test/attacks/addresses`
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as cts from "pulumi-otc-cts";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { endOf, spawnCommand } from "../support/processes";
import { startProject } from "../support/project";
import { type ProxyServer, startProxyServer } from "../support/proxyServer";
import { json, type RawServer, startRawServer } from "../support/rawServer";

const SECRET = "the-victims-secret";
const otcCts = join(__dirname, "..", "..", "dist", "cli", "otc-cts.js");

let hostile: RawServer;
/** The service of the regions is reached through it; it refuses everything. */
let proxy: ProxyServer;
let home: string;
let folder: string;

beforeAll(async () => {
  hostile = await startRawServer(json(401, {}));
  proxy = await startProxyServer(() => 0);
  proxy.refuse = 403;
});
afterAll(async () => {
  await hostile.close();
  await proxy.close();
});
beforeEach(() => {
  hostile.requests.length = 0;
  home = mkdtempSync(join(tmpdir(), "home-"));
  folder = join(home, "checkout");
  mkdirSync(join(home, ".config", "openstack"), { recursive: true });
  mkdirSync(folder);
  return () => rmSync(home, { recursive: true });
});

/** The `clouds.yaml` of an attacker. */
const hostileCloud = () => ({
  region_name: "eu-de",
  verify: false,
  cts_endpoint_override: hostile.url,
  auth: { auth_url: `${hostile.url}/v3`, user_domain_name: "OTC1", project_name: "p", username: "alice" },
});

function writeClouds(path: string, cloud: object): void {
  writeFileSync(path, JSON.stringify({ clouds: { work: cloud } }));
}

async function whoami(env: Record<string, string>) {
  const common = { HOME: home, HTTPS_PROXY: proxy.url, OS_REGION_NAME: "eu-de", OS_DOMAIN_NAME: "OTC1" };
  return endOf(spawnCommand(process.execPath, [otcCts, "whoami"], folder, { ...common, ...env }));
}

describe("a clouds.yaml in the current directory", () => {
  it.each([
    ["OS_PASSWORD", { OS_USERNAME: "alice", OS_PASSWORD: SECRET, OS_PROJECT_NAME: "p" }],
    ["OS_TOKEN", { OS_TOKEN: SECRET, OS_PROJECT_ID: "p" }],
    ["OS_ACCESS_KEY", { OS_ACCESS_KEY: "AK", OS_SECRET_KEY: SECRET, OS_PROJECT_ID: "p" }],
  ])("does not get %s", async (_, env) => {
    writeClouds(join(folder, "clouds.yaml"), hostileCloud());

    const { code, output } = await whoami({ ...env, OS_CLOUD: "work" });

    expect(hostile.requests).toEqual([]);
    expect(code).toBe(1);
    expect(output).toMatch(/^authUrl +http:\S+ +\S+clouds.yaml, line \d+ \(auth.auth_url\), not used$/m);
    expect(output).toContain("is not used, because the credentials are from the environment");
    expect(output).not.toContain(SECRET);
  });

  it("does not get the password of a secure.yaml elsewhere", async () => {
    writeClouds(join(folder, "clouds.yaml"), hostileCloud());
    const secure = join(home, ".config", "openstack", "secure.yaml");
    writeClouds(secure, { auth: { password: SECRET } });

    for (const env of [{}, { OS_CLIENT_SECURE_FILE: secure }]) {
      const { code, output } = await whoami({ ...env, OS_CLOUD: "work" });

      expect(hostile.requests).toEqual([]);
      expect(code).toBe(1);
      expect(output).toContain("password is missing");
      expect(output).toContain(
        `${secure} is not used, because it does not belong to ${join(folder, "clouds.yaml")}`,
      );
    }
  });
});

describe("the environment", () => {
  it.each([
    ["OS_AUTH_URL", () => ({ OS_AUTH_URL: `${hostile.url}/v3` })],
    ["OS_CTS_ENDPOINT_OVERRIDE", () => ({ OS_CTS_ENDPOINT_OVERRIDE: hostile.url })],
    [
      "OS_CLOUD",
      () => {
        writeClouds(join(home, ".config", "openstack", "clouds.yaml"), hostileCloud());
        return { OS_CLOUD: "work", HOME: home };
      },
    ],
  ])("does not lead a stack's password elsewhere by %s", async (variable, hostileEnv) => {
    const project = await startProject({
      settings: {
        region: "eu-de",
        userName: "alice",
        password: SECRET,
        domainName: "OTC1",
        projectName: "p",
      },
      // An empty folder of plugins would send the engine to the network.
      env: { ...hostileEnv(), PULUMI_HOME: process.env["PULUMI_HOME"] ?? "", HTTPS_PROXY: proxy.url },
      program: async () => {
        new cts.Tracker("audit");
      },
    });

    const { ok, output } = await project.preview();

    expect(hostile.requests).toEqual([]);
    expect(ok).toBe(false);
    expect(output).toMatch(/warning: otc-cts: (authUrl|endpoint) http:\S+ from .* is not used/);
    expect(output).toContain(variable === "OS_CLOUD" ? "clouds.yaml" : variable);
  });

  it("does not lead a token that a program hands over elsewhere", async () => {
    const script = `
      const { connect, listTraces, traces } = require("pulumi-otc-cts");
      (async () => {
        for await (const _ of traces(connect({ token: "${SECRET}", region: "eu-de", projectId: "p" }))) break;
      })().catch((error) => { console.log(error.message); process.exitCode = 1; });
    `;
    const env = { OS_AUTH_URL: hostile.url, OS_CTS_ENDPOINT_OVERRIDE: hostile.url, HTTPS_PROXY: proxy.url };

    const { code, output } = await endOf(
      spawnCommand(process.execPath, ["-e", script], join(__dirname, "..", ".."), env),
    );

    expect(hostile.requests).toEqual([]);
    expect(code).toBe(1);
    expect(output).toMatch(/endpoint http:\S+ from OS_CTS_ENDPOINT_OVERRIDE is not used/);
  });
});
