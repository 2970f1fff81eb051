import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { resolveSettings, standardSources } from "../../../client/config/settings";
import { argumentSource, KEYS, type Key } from "../../../client/config/sources";
import { Connection } from "../../../client/connection";
import { CtsError } from "../../../client/errors";
import { propertyRuns } from "../../support/runs";
import { virtualClock } from "../../support/virtualClock";

const RANKS = ["connect", "otc-cts", "opentelekomcloud", "environment", "clouds.yaml"] as const;
const ADDRESSES = ["authUrl", "endpoint"] as const;

/** Every request that came in, by the rank of the source that names the server. */
const seen: { rank: number; text: string }[] = [];
/** Hosts that the proxy was asked for. */
const tunnels: string[] = [];
const servers: Server[] = [];
let port: number;
const dir = mkdtempSync(join(tmpdir(), "trust-"));

/** Each source names servers of its own, which are addresses of this machine. */
const hostOf = (rank: number, key: (typeof ADDRESSES)[number]) =>
  `127.0.1.${10 * (rank + 1) + ADDRESSES.indexOf(key)}`;

async function listen(server: Server, host: string): Promise<void> {
  server.listen(port, host);
  await once(server, "listening");
  servers.push(server);
  port ??= (server.address() as AddressInfo).port;
}

beforeAll(async () => {
  // The service of the regions is reached through this proxy, which refuses.
  const proxy = createServer();
  proxy.on("connect", ({ url = "" }, socket) => {
    tunnels.push(url);
    socket.end("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
  });
  await listen(proxy, "127.0.0.1");
  process.env["HTTPS_PROXY"] = `http://127.0.0.1:${port}`;
  for (const rank of RANKS.keys()) {
    for (const key of ADDRESSES) {
      await listen(serverOf(rank), hostOf(rank, key));
    }
  }
});
afterAll(() => {
  delete process.env["HTTPS_PROXY"];
  for (const server of servers) {
    server.close();
  }
  rmSync(dir, { recursive: true });
});

/** IAM and CTS in one, as far as one call needs them. */
function serverOf(rank: number): Server {
  return createServer(async (incoming, response) => {
    let text = `${incoming.url} ${JSON.stringify(incoming.headers)}`;
    for await (const chunk of incoming) {
      text += chunk;
    }
    seen.push({ rank, text });
    const project = { id: "p1", name: "p1" };
    const token = { expires_at: "2099-01-01T00:00:00Z", project, catalog: [] };
    const isSignIn = incoming.method === "POST";
    response.writeHead(isSignIn ? 201 : 200, { "X-Subject-Token": "issued", Connection: "close" });
    response.end(JSON.stringify(isSignIn ? { token } : { projects: [project], resources: [] }));
  });
}

/** Settings of one source. Secrets and addresses say whose they are. */
const settingsOf = (rank: number) => {
  const secret = (name: string) => fc.constant(`${name}-secret-of-${rank}`);
  const credentials = fc.oneof(
    { weight: 3, arbitrary: fc.constant({}) },
    fc.record({ userName: fc.constant("alice"), password: secret("password") }),
    fc.record({ accessKey: secret("key"), secretKey: fc.constant("SK") }),
    fc.record({ token: secret("token") }),
  );
  const others = fc.record(
    {
      authUrl: fc.constant(`http://${hostOf(rank, "authUrl")}:${port}/v3`),
      endpoint: fc.constant(`http://${hostOf(rank, "endpoint")}:${port}`),
      insecure: fc.constantFrom("true", "false"),
      region: fc.constantFrom("eu-de", "eu-ch2", "elsewhere"),
      domainName: fc.constant("OTC1"),
      projectName: fc.constant("p1"),
    },
    { requiredKeys: [] },
  );
  return fc
    .tuple(credentials, others)
    .map(([own, rest]) => ({ ...own, ...rest }) as { readonly [K in Key]?: string });
};

type AllSettings = readonly { readonly [K in Key]?: string }[];

/** The sources as a program has them: arguments, stack, environment and file. */
function sourcesOf([given = {}, stack = {}, bridged = {}, environment = {}, cloud = {}]: AllSettings) {
  const config: Record<string, string | undefined> = {};
  for (const [key, value] of Object.entries(stack)) {
    config[`otc-cts:${key}`] = value;
  }
  for (const [key, value] of Object.entries(bridged)) {
    if (key !== "endpoint") {
      config[`opentelekomcloud:${key === "projectName" ? "tenantName" : key}`] = value;
    }
  }
  const env: NodeJS.ProcessEnv = { OS_CLOUD: "c", OS_CLIENT_CONFIG_FILE: join(dir, "clouds.yaml") };
  for (const [key, value] of Object.entries(environment)) {
    env[KEYS[key as Key].env[0] ?? ""] = value;
  }
  const entry: Record<string, unknown> = { auth: {} };
  for (const [key, value] of Object.entries(cloud)) {
    const [first = "", second] = (KEYS[key as Key].cloud[0] ?? "").split(".");
    if (second) {
      (entry["auth"] as Record<string, unknown>)[second] = value;
    } else {
      entry[first] = value;
    }
  }
  writeFileSync(join(dir, "clouds.yaml"), JSON.stringify({ clouds: { c: entry } }));
  return standardSources((key) => config[key], { given: argumentSource("connect", given), env });
}

it("sends a secret to no host that neither its own source nor one above it has named", async () => {
  let answered = 0;
  await fc.assert(
    fc.asyncProperty(fc.tuple(...RANKS.map((_, rank) => settingsOf(rank))), async (all) => {
      seen.length = 0;
      tunnels.length = 0;
      const owner = all.findIndex((settings) =>
        Object.keys(settings).some((key) => /password|token|Key$/.test(key)),
      );
      const isInsecure = all.slice(0, owner + 1).find(({ insecure }) => insecure)?.insecure === "true";
      try {
        const settings = resolveSettings(sourcesOf(all));
        expect(settings.insecure).toBe(isInsecure);
        const connection = new Connection(settings, { clock: virtualClock(), warn: () => {} });
        await connection.project(await connection.locate({})).request({ method: "GET", path: "quotas" });
        answered++;
      } catch (error) {
        if (!(error instanceof CtsError)) {
          throw error;
        }
      }
      for (const { rank, text } of seen) {
        for (const [, source] of text.matchAll(/-secret-of-(\d)/g)) {
          expect(Number(source)).toBeGreaterThanOrEqual(rank);
        }
        if (text.includes("issued")) {
          expect(owner).toBeGreaterThanOrEqual(rank);
        }
      }
      for (const host of tunnels) {
        expect(host).toMatch(/^(iam|cts)\.eu-(de|ch2)(\.sc)?\.otc\.t-systems\.com:443$/);
      }
    }),
    { numRuns: propertyRuns(2.5) },
  );
  // Settings that are all refused would prove nothing.
  expect(answered).toBeGreaterThan(propertyRuns(2.5) / 20);
}, 600_000);
