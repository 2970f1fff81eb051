import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { dynamic } from "@pulumi/pulumi";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { passwordMethod } from "../../../client/auth/tokenMethods";
import { TokenStore } from "../../../client/auth/tokenStore";
import { resolveSettings, standardSources } from "../../../client/config/settings";
import { Connection } from "../../../client/connection";
import { CtsError } from "../../../client/errors";
import { Http } from "../../../client/http/http";
import { type Fault, type SignInKind, startEmulator } from "../../../emulator";
import { Run } from "../../../provider/core/run";
import { toDynamicProvider } from "../../../provider/dynamic/adapter";
import { TrackerResource } from "../../../provider/tracker/resource";
import { failureOf } from "../../support/client";
import { type Emulated, startEmulated } from "../../support/emulated";
import { findLeaks, printed } from "../../support/leaks";
import { ACCOUNT, ARGUMENTS, CREDENTIALS } from "../../support/secrets";
import { virtualClock } from "../../support/virtualClock";
import { echo, startWiretap, type Wiretap } from "../../support/wiretap";

const KINDS: SignInKind[] = ["password", "keys", "temporaryKeys", "token"];
const CODE = {
  __provider: "code",
  __urn: "urn:pulumi:dev::test::pulumi-nodejs:dynamic/otc-cts:Tracker::audit",
};
const NEWS = { ...CODE, __secrets: ["obsInfo"], obsInfo: ARGUMENTS };

type Bag = Record<string, unknown>;

/** Ways in which any call may fail, for each service in turn. */
const FAULTS: Fault[] = [
  { kind: "status", status: 400, errorCode: "CTS.0003" },
  { kind: "status", status: 401 },
  { kind: "status", status: 403 },
  { kind: "status", status: 404, errorCode: "APIGW.0101" },
  { kind: "status", status: 429, retryAfter: 1 },
  { kind: "status", status: 500 },
  { kind: "html", status: 200 },
  { kind: "wrongJson", when: "after", body: `{"trackers": ${JSON.stringify(Object.values(CREDENTIALS))}` },
  { kind: "truncated", when: "after" },
  { kind: "reset", when: "before" },
  { kind: "timeout", hangMs: 1000 },
];

describe.each(KINDS)("a provider that signs in by %s", (kind) => {
  let service: Emulated;
  let tap: Wiretap;
  let settings: Record<string, string>;
  let known: { id: string; inputs: Bag; outs: Bag };
  const warnings: string[] = [];

  beforeAll(async () => {
    service = await startEmulated(ACCOUNT);
    tap = await startWiretap(service.emulator.url);
    const provider = begin();
    const { inputs = {} } = await provider.check({}, NEWS);
    const { id, outs = {} } = await provider.create(inputs);
    known = { id, inputs, outs };
  });
  afterAll(async () => {
    await tap.close();
    await service.emulator.close();
  });

  /** A provider as each process of the engine has one, at a service where all is as known. */
  function begin(changes: Record<string, string> = {}) {
    tap.interceptions.clear();
    tap.secrets.clear();
    warnings.length = 0;
    service.emulator.reset();
    settings = { ...tap.settings(service.emulator.settings({}, kind)), ...changes };
    const sources = standardSources((key) => settings[key.replace("otc-cts:", "")], { env: {} });
    const warn = (message: string) => warnings.push(message);
    const connection = new Connection(resolveSettings(sources), { clock: service.clock, warn });
    return toDynamicProvider(new TrackerResource(new Run(() => connection, service.clock)));
  }

  /** The failures of each call of the engine: all that a provider gives away. */
  async function failuresOf(provider: ReturnType<typeof begin>): Promise<unknown[]> {
    const { id, inputs, outs } = known;
    const news = { ...inputs, status: "disabled", isLtsEnabled: true };
    const calls: (() => Promise<unknown>)[] = [
      () => provider.check({}, NEWS),
      () => provider.create(news),
      () => provider.read(id, outs),
      () => provider.update(id, outs, news),
      () => provider.delete(id, outs),
    ];
    const failures: unknown[] = [];
    for (const call of calls) {
      const result = await call().catch((error: unknown) => error);
      const failed = result instanceof Error || ((result as dynamic.CheckResult)?.failures ?? []).length > 0;
      if (failed) {
        failures.push(result);
      }
    }
    return failures;
  }

  /** Searches failures, warnings and journal; arguments are in what is kept in the state, which Pulumi encrypts. */
  function expectNoLeak(failures: readonly unknown[]): void {
    expect(failures).not.toHaveLength(0);
    const shown = failures.map((failure) => {
      const { message, stack, reasons } = failure as dynamic.CheckResult & Error & { reasons?: string[] };
      return [message, stack, reasons, JSON.stringify((failure as dynamic.CheckResult).failures)].join("\n");
    });
    const journal = JSON.stringify(service.emulator.journal.entries);
    const passed = Object.fromEntries([...tap.secrets].map((secret, i) => [`passed ${i}`, secret]));
    const material = new Map([
      ["failures", failures.map(printed).join("\n")],
      ["warnings", warnings.join("\n")],
      ["journal", journal],
    ]);
    expect(findLeaks(material, { ...CREDENTIALS, ...passed })).toEqual([]);
    expect(findLeaks(new Map([["messages", shown.join("\n")]]), ARGUMENTS)).toEqual([]);
  }

  it.each(FAULTS)("shows no secret when all calls of one service end in %j", async (fault) => {
    for (const service_ of ["iam", "cts"] as const) {
      const provider = begin(kind === "token" ? { projectId: "", projectName: "eu-de_demo" } : {});
      service.emulator.faults.add({ ...fault, times: 10_000, match: { service: service_ } });
      expectNoLeak(await failuresOf(provider));
    }
  });

  it.each([400, 401, 403, 404, 409, 429, 503])(
    "shows no secret that the answer repeats in any form, with status %i",
    async (status) => {
      for (const path of ["/v3/auth/tokens", "/tracker"]) {
        const provider = begin();
        tap.interceptions.set(path, echo(status));
        const failures = await failuresOf(provider);
        // Only who signs in by password asks for a token.
        if (path !== "/tracker" && kind !== "password") {
          continue;
        }
        expectNoLeak(failures);
        expect(printed(failures)).toContain("***");
      }
    },
  );

  it("shows no secret that is wrong, or that no header can carry", async () => {
    for (const ending of ["-wrong", "-wr\nong", "-wrong€"]) {
      const wrong = Object.fromEntries(
        ["password", "secretKey", "securityToken", "token"]
          .filter((key) => settings[key])
          .map((key) => [key, `${settings[key]}${ending}`]),
      );
      const failures = await failuresOf(begin(wrong));
      expectNoLeak(failures);
      expect(findLeaks(new Map([["failures", failures.map(printed).join("\n")]]), wrong)).toEqual([]);
    }
  });
});

describe("a secret argument", () => {
  const provider = async (service: Emulated) =>
    toDynamicProvider(new TrackerResource(new Run(() => service.connect(), service.clock)));
  let service: Emulated;
  beforeAll(async () => {
    service = await startEmulated({ behaviour: { trackerExists: false } });
  });
  beforeEach(() => service.emulator.reset());
  afterAll(() => service.emulator.close());

  it("is in no failure of check, and Pulumi is not told the property, whose value it would show", async () => {
    const { check } = await provider(service);
    const wrong = { bucketName: 'Hush_Bucket"4711', filePrefixName: "hush/hush" };
    const news = { ...CODE, __secrets: ["obsInfo", "status", "onDestroy"], obsInfo: wrong, status: "hushed" };

    const { failures = [] } = await check({}, { ...news, onDestroy: 47110815, isLtsEnabled: "shown" });

    expect(failures.map(({ property }) => property).sort()).toEqual(["", "", "", "", "", "isLtsEnabled"]);
    expect(JSON.stringify(failures)).toMatch(/obsInfo.bucketName must be 3 to 63 .*\*\*\*.*shown/s);
    const secrets = { ...wrong, status: "hushed", onDestroy: "47110815" };
    expect(findLeaks(new Map([["failures", failures.map(printed).join("\n")]]), secrets)).toEqual([]);
  });

  it("is not in what check fails with before it can judge", async () => {
    const connection = service.connect(service.emulator.settings({}, "keys"));
    const { check } = toDynamicProvider(new TrackerResource(new Run(() => connection, service.clock)));

    const { failures } = await check(
      {},
      { ...CODE, __secrets: ["projectName"], projectName: "hush-project" },
    );

    expect(failures).toEqual([{ property: "", reason: expect.stringContaining('no project "***"') }]);
  });

  it("is not in what check says of a tracker that would be taken over, nor is what stays", async () => {
    const { check } = await provider(service);
    service.emulator.setTracker({ obs_info: { bucket_name: "their-bucket" } });

    const { failures = [] } = await check({}, NEWS);

    expect(JSON.stringify(failures)).toMatch(
      /is \\"their-bucket\\" on the tracker .* would become \\"\*\*\*\\"/,
    );
    expect(findLeaks(new Map([["failures", printed(failures)]]), ARGUMENTS)).toEqual([]);
  });

  it("is not masked where it stands openly as well, or is too short to be one", async () => {
    const { check, create, read } = await provider(service);
    const obsInfo = { bucketName: ARGUMENTS.bucketName, filePrefixName: "v3" };
    const { inputs } = await check({}, { ...NEWS, obsInfo });
    const { id, outs } = await create(inputs ?? {});
    service.emulator.faults.add({ kind: "status", status: 403, match: { service: "cts" } });

    const failure = await failureOf(read(id, outs));

    // The bucket's location is the region, which no one keeps secret.
    expect(outs).toMatchObject({ obsInfo: { bucketLocation: "eu-de" }, region: "eu-de" });
    expect(failure.message).toContain(`${service.emulator.endpoint()}/v3/`);
  });

  it("is not in initErrors when a tracker that came between is not taken over", async () => {
    const { check, create } = await provider(service);
    const { inputs } = await check({}, NEWS);
    // The POST is lost, and somebody else makes a tracker before it is sent again.
    service.emulator.faults.add({ kind: "reset", match: { operation: "createTracker" } });
    service.emulator.journal.onRequest(({ operation }) => {
      if (operation === "createTracker") {
        service.emulator.setTracker({ obs_info: { bucket_name: "their-bucket" } });
      }
    });

    const failure = await failureOf(create(inputs ?? {}));

    expect(failure.reasons).toEqual([expect.stringMatching(/is "their-bucket" .* would become "\*\*\*"/)]);
    expect(
      findLeaks(new Map([["failure", `${failure.message}${failure.stack}${failure.reasons}`]]), ARGUMENTS),
    ).toEqual([]);
  });
});

describe("settings that cannot be used", () => {
  const dir = mkdtempSync(join(tmpdir(), "settings-"));
  afterAll(() => rmSync(dir, { recursive: true }));
  const { password, secretKey, securityToken, token } = CREDENTIALS;
  const inUrl = encodeURIComponent(password);
  const clouds = (text: string, cloud = "otc") => {
    writeFileSync(join(dir, "clouds.yaml"), text);
    return { OS_CLOUD: cloud, OS_CLIENT_CONFIG_FILE: join(dir, "clouds.yaml") };
  };
  const quoted = JSON.stringify(password);

  it.each<[string, () => Record<string, string>]>([
    ["half of a pair", () => ({ OS_PASSWORD: password })],
    ["half of keys", () => ({ OS_SECRET_KEY: secretKey, OS_SECURITY_TOKEN: securityToken })],
    ["two kinds at once", () => ({ OS_PASSWORD: password, OS_USERNAME: "alice", OS_TOKEN: token })],
    ["a password in authUrl", () => ({ OS_AUTH_URL: `https://alice:${inUrl}@iam.example.com/v3` })],
    ["a password in a URL that is none", () => ({ OS_AUTH_URL: `//alice:${password}@host:x` })],
    ["a token in the endpoint", () => ({ OS_CTS_ENDPOINT_OVERRIDE: `https://host/?token=${token}` })],
    ["clouds.yaml that is no YAML", () => clouds(`clouds:\n  otc:\n    auth: {password: ${quoted}\n  x: [`)],
    ["clouds.yaml with a tab", () => clouds(`clouds:\n  otc:\n    auth:\n\tpassword: ${quoted} ${quoted}`)],
    ["clouds.yaml without the cloud", () => clouds(`{clouds: {a: {auth: {password: ${quoted}}}}}`, "b")],
    ["clouds.yaml that is text", () => clouds(quoted)],
  ])("are reported without a secret: %s", async (_, env) => {
    const failure = await failureOf(
      (async () => resolveSettings(standardSources(() => undefined, { env: env() })))(),
    );

    expect(failure).toBeInstanceOf(CtsError);
    const secrets = { ...CREDENTIALS, inUrl };
    expect(findLeaks(new Map([["failure", printed(failure)]]), secrets)).toEqual([]);
  });
});

describe("what holds credentials", () => {
  it("shows none when it is printed", async () => {
    const emulator = await startEmulator(ACCOUNT);
    for (const kind of KINDS) {
      const settings = emulator.settings({}, kind);
      const resolved = resolveSettings(
        standardSources((key) => settings[key.replace("otc-cts:", "")], { env: {} }),
      );
      const connection = new Connection(resolved);
      const place = await connection.locate({});
      const project = connection.project(place);
      await project.request({ method: "GET", path: "quotas" });
      const { credentials } = resolved;
      const store =
        credentials.kind === "password" &&
        new TokenStore(
          { http: new Http(virtualClock()), clock: virtualClock(), authUrl: emulator.authUrl },
          passwordMethod(credentials),
        );
      const token = store ? (await store.session(place)).token : (settings["token"] ?? "");
      const secrets = { ...CREDENTIALS, ...(token && { token }) };
      const material = new Map(
        Object.entries({ connection, project, store }).map(([k, v]) => [k, printed(v)]),
      );
      expect(findLeaks(material, secrets)).toEqual([]);
      // The search finds secrets that are known to be there.
      expect(findLeaks(new Map([["settings", printed(resolved)]]), secrets)).not.toEqual([]);
    }
    await emulator.close();
  });
});
