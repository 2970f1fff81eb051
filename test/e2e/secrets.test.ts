import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import type { EngineEvent } from "@pulumi/pulumi/automation";
import * as cts from "pulumi-otc-cts";
import { afterAll, describe, expect, it } from "vitest";
import { KEYS, type Key } from "../../client/config/sources";
import { filesIn, findLeaks, formsOf, type Leak, printed } from "../support/leaks";
import { makeWorkDir, type Project, startProject } from "../support/project";
import { ACCOUNT, ARGUMENTS, CREDENTIALS } from "../support/secrets";
import { echo, startWiretap, type Wiretap } from "../support/wiretap";

type Settings = Record<string, string>;

/** A project whose every trace is kept: what the CLI prints and logs, what the engine says, what is thrown. */
interface Watched {
  readonly project: Project;
  readonly tap: Wiretap;
  /** Runs an operation; tells if it went well, and the text on the screen. */
  run(operation: Operation, program?: () => void): Promise<{ ok: boolean; output: string }>;
  /** Everything that was written since the beginning, the stack's folder with state, history and logs included. */
  material(): Map<string, string>;
  /** Secrets between provider and service that the test did not choose: session tokens and signatures. */
  passed(): Record<string, string>;
}

type Operation = "preview" | "previewRefresh" | "up" | "refresh" | "destroy";

const taps: Wiretap[] = [];
afterAll(async () => {
  for (const tap of taps) {
    await tap.close();
  }
});

/**
 * @param settingsOf the stack's configuration and the environment, out of settings that lead to the emulator.
 * @param logs where the `-v=9` logs go: with `--logtostderr` to the screen, without to files, here in the stack's folder.
 */
async function watch(
  kind: "password" | "keys" | "temporaryKeys" | "token",
  settingsOf: (settings: Settings) => { settings: Settings; env?: Settings },
  logs: "stderr" | "files" = "stderr",
  behaviour: NonNullable<Parameters<typeof startProject>[0]>["behaviour"] = {},
): Promise<Watched> {
  let tap: Wiretap | undefined;
  const project = await startProject({
    ...ACCOUNT,
    behaviour,
    async connectBy(emulator, dir) {
      tap = await startWiretap(emulator.url);
      taps.push(tap);
      const { settings, env } = settingsOf(tap.settings(emulator.settings({}, kind)));
      mkdirSync(join(dir, "tmp"));
      return { settings, env: { ...env, TMPDIR: join(dir, "tmp") } };
    },
  });
  if (!tap) {
    throw new Error("The project was not connected");
  }
  const wiretap = tap;
  const written = new Map<string, string>();
  const note = (name: string, text: string) => written.set(name, (written.get(name) ?? "") + text);

  return {
    project,
    tap: wiretap,
    async run(operation, program = () => new cts.Tracker("audit")) {
      project.program = async () => {
        program();
      };
      const name = `${written.size} ${operation}`;
      let output = "";
      let errors = "";
      const options = {
        onOutput: (text: string) => {
          output += text;
        },
        onError: (text: string) => {
          errors += text;
        },
        onEvent: (event: EngineEvent) => note(`${name} events`, `${JSON.stringify(event)}\n`),
        logVerbosity: 9,
        logToStdErr: logs === "stderr",
      };
      const { stack } = project;
      const operations: Record<Operation, () => Promise<unknown>> = {
        preview: () => stack.preview({ ...options, diff: true }),
        previewRefresh: () => stack.preview({ ...options, diff: true, refresh: true }),
        up: () => stack.up(options),
        refresh: () => stack.refresh(options),
        destroy: () => stack.destroy(options),
      };
      const failure = await operations[operation]().then(
        () => undefined,
        (error: unknown) => error,
      );
      note(`${name} stdout`, output);
      note(`${name} stderr`, errors);
      if (failure) {
        note(`${name} error`, printed(failure));
      }
      return { ok: failure === undefined, output: output + errors };
    },
    material: () =>
      new Map([
        ...written,
        ...filesIn(project.dir),
        ["journal", JSON.stringify(project.emulator.journal.entries)],
      ]),
    passed: () => Object.fromEntries([...wiretap.secrets].map((secret, i) => [`passed ${i}`, secret])),
  };
}

/** Expects material in every place: else nothing would be found for a wrong reason. */
function expectComplete(material: ReadonlyMap<string, string>, logs: "stderr" | "files" = "stderr"): void {
  const text = (pattern: RegExp) =>
    [...material].flatMap(([name, value]) => (pattern.test(name) ? value : []));
  const log = text(logs === "stderr" ? /stderr$/ : /^tmp\/pulumi\..*\.log\./);
  expect(log.length).toBeGreaterThan(0);
  for (const each of log) {
    expect(each).toMatch(/"v":9/);
  }
  for (const each of text(/events$/)) {
    expect(each).toContain("summaryEvent");
  }
  expect(text(/stdout$/).join()).toMatch(/Resources:|error:/);
  expect(text(/^state\/\.pulumi\/stacks\/.*dev\.json$/).join()).toContain("checkpoint");
  for (const kept of [
    /^state\/\.pulumi\/history\/.*checkpoint\.json$/,
    /^state\/\.pulumi\/backups\/.*json$/,
  ]) {
    expect(text(kept).join()).toMatch(/pulumi:providers:pulumi-nodejs.*otc-cts:Tracker/s);
  }
  expect(text(/^Pulumi\.dev\.yaml$/).join()).toContain("encryptionsalt");
  expect(text(/^journal$/).join()).toContain("listTrackers");
}

/**
 * Output of Pulumi itself, which no provider can prevent: with `-v=9` the engine logs what it sends and gets, and its
 * Node SDK sends a debug message with every answer, which is in the event log with or without `-v`. In them are
 * arguments that are secret, and secrets of the configuration that are not in today's (those the engine masks).
 */
const PULUMIS_OWN = {
  log: /"msg":"((Unm|M)arshaling property for RPC\[|Planner decided |(eventSink::Debug\(<\{%reset%\}>)?RegisterResource RPC finished: )/,
  events: /"diagnosticEvent":\{[^{]*"prefix":"debug: ","message":"RegisterResource RPC finished: /,
};

/** Pulumi's own lines, and everything else. */
function split(material: ReadonlyMap<string, string>): [own: Map<string, string>, rest: Map<string, string>] {
  const isOwn = (name: string, line: string) =>
    (name.startsWith("tmp/pulumi.") && PULUMIS_OWN.log.test(line)) ||
    (name.endsWith(" events") && PULUMIS_OWN.events.test(line));
  const pick = (own: boolean) =>
    new Map(
      [...material].map(([name, text]) => {
        return [
          name,
          text
            .split("\n")
            .filter((line) => isOwn(name, line) === own)
            .join("\n"),
        ];
      }),
    );
  return [pick(true), pick(false)];
}

const namesIn = (leaks: readonly Leak[]) => [...new Set(leaks.map(({ secret }) => secret))].sort();

const asConfig = (settings: Settings) => ({ settings });
const asEnvironment = (settings: Settings) => ({
  settings: {},
  env: Object.fromEntries(Object.entries(settings).map(([key, value]) => [KEYS[key as Key].env[0], value])),
});
/** In a folder of its own: of course the secrets are in it. */
const asCloudsYaml = ({ authUrl, endpoint, region, projectName, ...credentials }: Settings) => {
  const file = join(makeWorkDir("clouds"), "clouds.yaml");
  const { accessKey, secretKey, securityToken } = credentials;
  const auth = {
    auth_url: authUrl,
    project_name: projectName,
    access_key: accessKey,
    secret_key: secretKey,
    security_token: securityToken,
  };
  const entry = { auth, region_name: region, cts_endpoint_override: endpoint };
  writeFileSync(file, JSON.stringify({ clouds: { otc: entry } }));
  return { settings: {}, env: { OS_CLOUD: "otc", OS_CLIENT_CONFIG_FILE: file } };
};

/** A run takes two seconds, and ten on a machine that is busy. */
const TIMEOUT_MS = 240_000;

const first = () => new cts.Tracker("audit", { isLtsEnabled: true });
const second = () => new cts.Tracker("audit", { obsInfo: { bucketName: "audit-files" } });

describe("findLeaks", () => {
  const dir = makeWorkDir("planted");
  it.each(Object.entries(CREDENTIALS))(
    "finds %s in a file in every form, whatever stands around it",
    (name, secret) => {
      const base64 = (before: string) => Buffer.from(`${before}${secret}after`).toString("base64");
      const planted = {
        plain: secret,
        json: JSON.stringify({ a: secret }),
        jsonInJson: JSON.stringify(JSON.stringify({ a: secret })),
        url: encodeURIComponent(`${secret}!`),
        form: new URLSearchParams({ a: secret }).toString(),
        hex: Buffer.from(`a${secret}`).toString("hex"),
        base64: Buffer.from(secret).toString("base64"),
        base64Behind1: base64("a"),
        base64Behind2: base64("ab"),
        base64Behind3: base64("abc"),
        base64url: Buffer.from(`abcd${secret}`).toString("base64url"),
      };
      for (const [form, text] of Object.entries(planted)) {
        writeFileSync(join(dir, `${name}-${form}`), `before ${text} after`);
      }
      const found = findLeaks(filesIn(dir), { [name]: secret }).map(({ where }) => where);
      expect([...new Set(found)].sort()).toEqual(
        Object.keys(planted)
          .map((form) => `${name}-${form}`)
          .sort(),
      );
      expect(findLeaks(filesIn(dir), { other: `${secret}?` })).toEqual([]);
      expect(formsOf(secret).size).toBeGreaterThan(10);
    },
  );
});

describe("the life of a tracker on the real engine", () => {
  it.each([
    ["password", "the configuration", asConfig, "stderr"],
    ["keys", "the environment", asEnvironment, "files"],
    ["temporaryKeys", "clouds.yaml", asCloudsYaml, "stderr"],
    ["token", "the configuration", asConfig, "files"],
  ] as const)(
    "by %s from %s leaves no secret anywhere",
    async (kind, _, settingsOf, logs) => {
      const { run, material, passed } = await watch(kind, settingsOf, logs);
      // The kinds differ only in how a call is authorised: one of them runs all operations.
      if (kind === "password") {
        expect(await run("preview", first)).toMatchObject({ ok: true });
      }
      expect(await run("up", first)).toMatchObject({ ok: true });
      if (kind === "password") {
        expect(await run("refresh")).toMatchObject({ ok: true });
      }
      expect(await run("up", second)).toMatchObject({ ok: true });
      expect(await run("previewRefresh", second)).toMatchObject({ ok: true });
      expect(await run("destroy")).toMatchObject({ ok: true });

      expectComplete(material(), logs);
      expect(Object.keys(passed()).length).toBeGreaterThan(0);
      expect(findLeaks(material(), { ...CREDENTIALS, ...passed() })).toEqual([]);
    },
    TIMEOUT_MS,
  );
});

describe("failures on the real engine", () => {
  it(
    "show no secret, though the service repeats all it was sent, nor does what is kept of them",
    async () => {
      const { run, material, passed, tap, project } = await watch("password", asEnvironment);
      tap.interceptions.set("POST /v3/auth/tokens", echo(400));
      expect(await run("preview", first)).toMatchObject({ ok: false });
      tap.interceptions.clear();
      // The tracker is enabled and set first, and then disabled: the second call fails, half-way.
      let puts = 0;
      project.emulator.journal.onRequest(({ operation }, phase) => {
        if (operation === "updateTracker" && phase === "answered" && ++puts === 1) {
          tap.interceptions.set("PUT /", echo(400));
        }
      });
      const disabled = () =>
        new cts.Tracker("audit", { obsInfo: { bucketName: "audit-files" }, status: "disabled" });
      expect(await run("up", disabled)).toMatchObject({ ok: false });
      expect((await project.state()).text).toMatch(/"initErrors":\["PUT [^\]]*\*\*\*/);
      tap.interceptions.set("GET /", echo(403));
      expect(await run("refresh")).toMatchObject({ ok: false });
      expect(await run("up", disabled)).toMatchObject({ ok: false });
      expect(await run("destroy")).toMatchObject({ ok: false });

      expectComplete(material());
      expect([...material().values()].join("\n")).toMatch(/400 .*\*\*\*/);
      expect(findLeaks(material(), { ...CREDENTIALS, ...passed() })).toEqual([]);
    },
    TIMEOUT_MS,
  );

  it(
    "show neither a wrong password nor the one before, which the engine's own log does",
    async () => {
      const { run, material, passed, project } = await watch("password", asConfig, "files");
      expect(await run("up", first)).toMatchObject({ ok: true });
      const wrongPassword = `${CREDENTIALS.password}-wrong`;
      await project.stack.setConfig("otc-cts:password", { value: wrongPassword, secret: true });
      expect(await run("refresh")).toMatchObject({ ok: true });
      expect(await run("up", second)).toMatchObject({ ok: false, output: expect.stringContaining("401") });

      expectComplete(material(), "files");
      const [own, rest] = split(material());
      expect(findLeaks(rest, { ...CREDENTIALS, ...passed(), wrongPassword })).toEqual([]);
      // Only the password of the last `up`, which `refresh` still uses and the engine no longer masks.
      expect(namesIn(findLeaks(own, { ...CREDENTIALS, ...passed(), wrongPassword }))).toEqual(["password"]);
    },
    TIMEOUT_MS,
  );

  it("name a file of settings that cannot be read, and no password in it", async () => {
    const file = join(makeWorkDir("clouds"), "clouds.yaml");
    writeFileSync(
      file,
      `clouds:\n  otc:\n    auth: {password: ${JSON.stringify(CREDENTIALS.password)}\n    x: [`,
    );
    const env = { OS_CLOUD: "otc", OS_CLIENT_CONFIG_FILE: file };
    const { run, material } = await watch("password", () => ({ settings: {}, env }));
    expect(await run("preview")).toMatchObject({
      ok: false,
      output: expect.stringContaining(`${file}, line`),
    });
    expect(findLeaks(material(), CREDENTIALS)).toEqual([]);
  });
});

describe("secret arguments on the real engine", () => {
  const obsInfo = {
    bucketName: pulumi.secret(ARGUMENTS.bucketName),
    filePrefixName: pulumi.secret(ARGUMENTS.filePrefixName),
  };
  const WRONG = { wrongBucket: "Hush_Bucket_0815", wrongStatus: "hushed-status-0815" };

  it(
    "are encrypted wherever they are kept, and in no message but Pulumi's own",
    async () => {
      const { run, material, project } = await watch("password", asEnvironment, "files", {
        trackerExists: false,
      });
      const { emulator } = project;
      const declared = () => new cts.Tracker("audit", { obsInfo });
      const wrong = () => {
        const status = pulumi.secret(WRONG.wrongStatus) as pulumi.Input<"enabled">;
        new cts.Tracker("audit", { status, obsInfo: { bucketName: pulumi.secret(WRONG.wrongBucket) } });
      };
      expect(await run("preview", wrong)).toMatchObject({ ok: false });
      // The POST is lost, and before it is sent again somebody else makes a tracker: it is not taken over.
      emulator.faults.add({ kind: "reset", match: { operation: "createTracker" } });
      const stop = emulator.journal.onRequest(({ operation }) => {
        if (operation === "createTracker") {
          emulator.setTracker({ obs_info: { bucket_name: "their-bucket" } });
        }
      });
      expect(await run("up", declared)).toMatchObject({ ok: false });
      stop();
      expect((await project.state()).text).toMatch(/"initErrors":\["obsInfo.bucketName is [^\]]*\*\*\*/);
      expect(await run("up", declared)).toMatchObject({ ok: true });
      // Without an alias, the new name takes over what the old one had set: that is in its `adopted`.
      const renamed = () =>
        new cts.Tracker("renamed", { obsInfo: { ...obsInfo, isSortByService: false }, adopt: true });
      expect(await run("up", renamed)).toMatchObject({ ok: true });
      expect(await run("refresh")).toMatchObject({ ok: true });
      const stored = (await project.state()).resources.find(({ id }) => id?.endsWith("/system"));
      expect(stored?.outputs?.["adopted"]).toHaveProperty("ciphertext");
      expect(await run("destroy")).toMatchObject({ ok: true });

      expectComplete(material(), "files");
      const kept = material();
      // The service's side, where arguments belong.
      kept.delete("journal");
      const [own, rest] = split(kept);
      const secrets = { ...ARGUMENTS, ...WRONG };
      expect(findLeaks(rest, secrets)).toEqual([]);
      expect(namesIn(findLeaks(own, secrets))).toEqual(Object.keys(secrets).sort());
    },
    TIMEOUT_MS,
  );
});
