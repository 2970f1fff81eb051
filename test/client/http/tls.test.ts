import { readFileSync } from "node:fs";
import { rootCertificates } from "node:tls";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { resolveSettings } from "../../../client/config/settings";
import { pulumiSource } from "../../../client/config/sources";
import { Connection } from "../../../client/connection";
import { isTransient } from "../../../client/errors";
import { Http, trusting } from "../../../client/http/http";
import { failureOf } from "../../support/client";
import { endOf, spawnCommand } from "../../support/processes";
import { json, type RawServer, startRawServer } from "../../support/rawServer";
import { certificateFile, startTlsFront, type TlsFront } from "../../support/tlsFront";
import { virtualClock } from "../../support/virtualClock";

const CA_CERT_FILE = "caCertFile (config otc-cts:caCertFile or OS_CACERT)";
const pem = (name: Parameters<typeof certificateFile>[0]) => readFileSync(certificateFile(name), "utf8");

let server: RawServer;
const fronts = {} as Record<"server" | "whole" | "expired" | "selfSigned", TlsFront>;

beforeAll(async () => {
  server = await startRawServer();
  fronts.server = await startTlsFront(server.url);
  fronts.whole = await startTlsFront(server.url, ["server", "ca"]);
  fronts.expired = await startTlsFront(server.url, ["expired"]);
  fronts.selfSigned = await startTlsFront(server.url, ["selfSigned"]);
});
afterAll(async () => {
  for (const front of Object.values(fronts)) {
    await front.close();
  }
  await server.close();
});
beforeEach(() => {
  server.requests.length = 0;
  server.answer = json(200, {});
});
afterEach(() => {
  vi.unstubAllEnvs();
});

const send = (url: string, options: ConstructorParameters<typeof Http>[1] = {}) =>
  new Http(virtualClock(), options).send({ method: "GET", url, headers: { "X-Auth-Token": "t" } });

/** A connection as a stack with these settings beside its token has it, and what it warns of. */
function connect(settings: Record<string, string>) {
  const all: Record<string, string> = { token: "t", region: "eu-de", projectId: "p1", ...settings };
  const warnings: string[] = [];
  const source = pulumiSource((key) => all[key.replace("otc-cts:", "")]);
  const connection = new Connection(resolveSettings([source]), {
    clock: virtualClock(),
    warn: (message) => warnings.push(message),
  });
  const project = connection.project({ region: "eu-de", projectId: "p1" });
  return { call: () => project.request({ method: "GET", path: "quotas" }), warnings };
}

describe("a certificate", () => {
  it.each([
    [
      "of an unknown authority",
      "server",
      undefined,
      "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
      `its certificate is from an authority that is not known here, or the server leaves out those in between: put what is missing into ${CA_CERT_FILE}`,
    ],
    [
      "that comes with its unknown authority",
      "whole",
      undefined,
      "SELF_SIGNED_CERT_IN_CHAIN",
      `its certificate is from an authority that is not known here: if that is your company's, put the authority's certificate into ${CA_CERT_FILE}`,
    ],
    [
      "of no authority",
      "selfSigned",
      undefined,
      "DEPTH_ZERO_SELF_SIGNED_CERT",
      `its certificate is signed by no authority, only by itself: if it is the one that you expect, put it into ${CA_CERT_FILE}`,
    ],
    [
      "that has expired",
      "expired",
      "ca",
      "CERT_HAS_EXPIRED",
      "its certificate, or one above it, has expired: who runs the server must renew it, unless the clock of this machine is off",
    ],
  ] as const)("%s is refused before anything is sent", async (_, front, ca, code, reason) => {
    const { url } = fronts[front];

    const failure = await failureOf(send(url, ca ? { ca: pem(ca) } : {}));

    expect(failure).toMatchObject({ name: "NetworkError", code });
    expect(failure.message).toBe(`GET ${url}: ${reason} (${code})`);
    expect(isTransient(failure)).toBe(false);
    expect(server.requests).toEqual([]);
  });

  it("for another host name is refused, whoever signed it", async () => {
    const url = fronts.server.url.replace("localhost", "127.0.0.1");

    const failure = await failureOf(send(url, { ca: pem("ca") }));

    expect(failure).toMatchObject({ name: "NetworkError", code: "ERR_TLS_CERT_ALTNAME_INVALID" });
    expect(failure.message).toContain(
      "its certificate is for other host names: check authUrl and endpoint (",
    );
    expect(isTransient(failure)).toBe(false);
    expect(server.requests).toEqual([]);
  });

  it.each([
    ["its authority", "server", "ca"],
    ["itself", "selfSigned", "selfSigned"],
  ] as const)("is accepted where %s is trusted", async (_, front, ca) => {
    expect((await send(fronts[front].url, { ca: pem(ca) })).status).toBe(200);
  });

  it("is checked, whatever NODE_TLS_REJECT_UNAUTHORIZED says", async () => {
    vi.stubEnv("NODE_TLS_REJECT_UNAUTHORIZED", "0");
    const failure = await failureOf(send(fronts.selfSigned.url));
    expect(failure.code).toBe("DEPTH_ZERO_SELF_SIGNED_CERT");
  });
});

describe("caCertFile", () => {
  it("is trusted by a connection, which says nothing of it", async () => {
    const { call, warnings } = connect({
      endpoint: fronts.server.url,
      caCertFile: certificateFile("ca"),
    });

    await call();

    expect(server.requests.map(({ target }) => target)).toEqual(["/v3/p1/quotas"]);
    expect(warnings).toEqual([]);
  });

  it("adds to what Node trusts by itself and to NODE_EXTRA_CA_CERTS", async () => {
    const extra = { NODE_EXTRA_CA_CERTS: certificateFile("selfSigned") };
    expect(trusting("own", {})).toEqual([...rootCertificates, "own"]);
    expect(trusting("own", extra)).toEqual([...rootCertificates, pem("selfSigned"), "own"]);
    expect(trusting("own", { NODE_EXTRA_CA_CERTS: "/no/such.pem" })).toEqual([...rootCertificates, "own"]);
  });

  it("does so in a process that is started with NODE_EXTRA_CA_CERTS", async () => {
    const code = `
      const { readFileSync } = require("node:fs");
      const { Http } = require("./client/http/http");
      const { systemClock } = require("./client/clock");
      const http = new Http(systemClock, { ca: readFileSync("${certificateFile("ca")}", "utf8") });
      (async () => {
        for (const url of ["${fronts.server.url}", "${fronts.selfSigned.url}"])
          process.stdout.write((await http.send({ method: "GET", url })).status + " ");
      })();
    `;
    const env = { NODE_EXTRA_CA_CERTS: certificateFile("selfSigned") };

    const end = await endOf(spawnCommand(process.execPath, ["--import", "tsx", "-e", code], undefined, env));

    expect(end).toEqual({ code: 0, output: "200 200 " });
  });
});

describe("insecure", () => {
  it("accepts any certificate for any name, and is warned of once by each connection", async () => {
    for (const front of Object.values(fronts)) {
      const endpoint = front.url.replace("localhost", "127.0.0.1");
      const { call, warnings } = connect({ endpoint, insecure: "true" });

      await call();
      await call();

      expect(warnings).toEqual([
        expect.stringMatching(/^insecure is set: TLS certificates are not verified/),
      ]);
    }
    expect(server.requests).toHaveLength(8);
  });

  it("is not assumed where it is false or not set", async () => {
    for (const settings of [{}, { insecure: "false" }]) {
      const { call, warnings } = connect({ endpoint: fronts.server.url, ...settings });
      expect(await failureOf(call())).toMatchObject({ code: "UNABLE_TO_VERIFY_LEAF_SIGNATURE" });
      expect(warnings).toEqual([]);
    }
    expect(server.requests).toEqual([]);
  });
});
