import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { cloudsSource } from "../../../client/config/cloudsYaml";
import { resolveSettings } from "../../../client/config/settings";
import {
  bridgedSource,
  environmentSource,
  KEYS,
  type Key,
  pulumiSource,
} from "../../../client/config/sources";
import { Connection } from "../../../client/connection";
import { failureOf } from "../../support/client";
import { useEmulated } from "../../support/emulated";
import { virtualClock } from "../../support/virtualClock";

const service = useEmulated();
const KINDS = ["password", "keys", "temporaryKeys", "token"] as const;
const GET = { method: "GET", path: "quotas" } as const;

beforeEach(() => service.emulator.reset());

type Settings = Record<string, string>;

/** The same settings, as each source has them. */
const sources = {
  "otc-cts:*": (settings: Settings) => pulumiSource((key) => settings[key.replace("otc-cts:", "")]),
  "opentelekomcloud:*": (settings: Settings) => {
    const names = { projectName: "tenantName", projectId: "tenantId" } as Record<string, string>;
    const bridged = Object.entries(settings).map(([key, value]) => [
      `opentelekomcloud:${names[key] ?? key}`,
      value,
    ]);
    return bridgedSource((key) => (Object.fromEntries(bridged) as Settings)[key]);
  },
  environment: (settings: Settings) =>
    environmentSource(
      Object.fromEntries(Object.entries(settings).map(([key, value]) => [KEYS[key as Key].env[0], value])),
    ),
  "clouds.yaml": (settings: Settings) => {
    const dir = mkdtempSync(join(tmpdir(), "clouds-"));
    const entry: Record<string, unknown> = {};
    const auth: Settings = {};
    for (const [key, value] of Object.entries(settings)) {
      const path = KEYS[key as Key].cloud[0] ?? "";
      if (path.startsWith("auth.")) {
        auth[path.slice(5)] = value;
      } else {
        entry[path] = value;
      }
    }
    // JSON is YAML.
    writeFileSync(join(dir, "clouds.yaml"), JSON.stringify({ clouds: { test: { ...entry, auth } } }));
    const source = cloudsSource("test", { env: {}, directories: [dir] });
    rmSync(dir, { recursive: true });
    return source;
  },
};

function connect(settings: Settings, warn: (message: string) => void = () => {}): Connection {
  return new Connection(resolveSettings([sources["otc-cts:*"](settings)]), { clock: service.clock, warn });
}

describe.each(Object.entries(sources))("signing in from %s", (_, sourceOf) => {
  it.each(KINDS)("by %s reaches the project", async (kind) => {
    const { endpoint, ...settings } = service.emulator.settings({}, kind);
    // The bridged provider has no setting for the endpoint of CTS.
    const rest = pulumiSource((key) => (key === "otc-cts:endpoint" ? endpoint : undefined));
    const resolved = resolveSettings([rest, sourceOf(settings)]);
    const connection = new Connection(resolved, { clock: service.clock });

    const { body } = await connection.project(await connection.locate({})).request(GET);

    expect(body).toHaveProperty("resources");
    const { auth, region } = service.emulator.journal.calls("cts").at(-1) ?? {};
    expect({ auth, region }).toEqual({ auth: /keys/i.test(kind) ? "keys" : "token", region: "eu-de" });
  });
});

describe("signing in by keys", () => {
  it("looks projects up by name in one listing, and asks for no token", async () => {
    const connection = connect(service.emulator.settings({}, "keys"));

    const places = await Promise.all([
      connection.locate({}),
      connection.locate({}),
      connection.locate({ projectName: "eu-nl_demo" }),
    ]);

    const { emulator } = service;
    expect(places.map(({ projectId }) => projectId)).toEqual([
      emulator.projectId(),
      emulator.projectId(),
      emulator.projectId("eu-nl_demo"),
    ]);
    expect(service.emulator.journal.calls("iam").map(({ operation }) => operation)).toEqual(["listProjects"]);
  });

  it("asks for a project by name that the listing does not have, as one of several pages may not", async () => {
    const connection = connect(service.emulator.settings({}, "keys"));
    const firstPage = { projects: [{ id: "p0", name: "eu-de_other" }] };
    service.emulator.faults.add({ kind: "status", status: 200, body: firstPage });

    expect(await connection.locate({})).toMatchObject({ projectId: service.emulator.projectId() });
    expect(service.emulator.journal.calls("iam").map(({ query }) => query)).toEqual([
      {},
      { name: "eu-de_demo" },
    ]);
  });

  it("looks a project up again after an answer that is none", async () => {
    service.emulator.faults.add({ kind: "wrongJson", match: { operation: "listProjects" } });
    const connection = connect(service.emulator.settings({}, "keys"));

    const { projectId } = await connection.locate({});

    expect(projectId).toBe(service.emulator.projectId());
  });

  it("names a project that does not exist", async () => {
    const connection = connect({ ...service.emulator.settings({}, "keys"), projectName: "gone" });

    const failure = await failureOf(connection.locate({}));

    expect(failure).toMatchObject({
      name: "ConfigError",
      message: expect.stringContaining('no project "gone"'),
    });
  });

  it("fails immediately with a wrong secret key, and names the source of the keys", async () => {
    const settings = { ...service.emulator.settings({}, "keys"), projectId: service.emulator.projectId() };
    const connection = connect({ ...settings, secretKey: "wrong" });

    const failure = await failureOf(
      connection
        .project(await connection.locate({ region: "eu-de", projectId: settings.projectId }))
        .request(GET),
    );

    expect(failure.name).toBe("AuthError");
    expect(failure.message).toMatch(/check accessKey, secretKey .* from the Pulumi config \(otc-cts:\*\)$/);
    expect(service.emulator.journal.calls()).toHaveLength(1);
  });

  it("notices that the clock is off, corrects that once, and says so", async () => {
    const warnings: string[] = [];
    const settings = service.emulator.settings({}, "keys");
    const clock = virtualClock();
    clock.advance(service.clock.now() - clock.now() - 3_600_000);
    const resolved = resolveSettings([sources["otc-cts:*"](settings)]);
    const connection = new Connection(resolved, { clock, warn: (message) => warnings.push(message) });

    const project = connection.project(await connection.locate({}));
    await project.request(GET);
    await project.request(GET);

    expect(warnings).toEqual([expect.stringMatching(/clock of this machine is 3[56]\d\d s behind/)]);
    expect(service.emulator.journal.calls().map(({ status }) => status)).toEqual([401, 200, 200, 200]);
  });
});

describe("concurrent calls by keys", () => {
  const inParallel = async (connection: Connection) => {
    const project = connection.project({ region: "eu-de", projectId: service.emulator.projectId() });
    return Promise.allSettled(Array.from({ length: 100 }, () => project.request(GET)));
  };
  const statuses = () => service.emulator.journal.calls().map(({ status }) => status);

  it("find the clock off once, all succeed, and the key is not locked", async () => {
    const warnings: string[] = [];
    const clock = virtualClock();
    clock.advance(service.clock.now() - clock.now() + 3_600_000);
    const settings = resolveSettings([sources["otc-cts:*"](service.emulator.settings({}, "keys"))]);

    const results = await inParallel(
      new Connection(settings, { clock, warn: (message) => warnings.push(message) }),
    );

    expect(results.filter(({ status }) => status === "rejected")).toEqual([]);
    expect(statuses().filter((status) => status === 401)).toHaveLength(1);
    expect(warnings).toHaveLength(1);
  });

  it("with a wrong key are one, and each says what to do, once", async () => {
    const settings = service.emulator.settings({}, "keys");

    const results = await inParallel(connect({ ...settings, secretKey: "wrong" }));

    expect(statuses()).toEqual([401]);
    for (const result of results) {
      const { name, message } = (result as PromiseRejectedResult).reason as Error;
      expect(name).toBe("AuthError");
      expect(message.match(/check accessKey, secretKey/g)).toHaveLength(1);
    }
    const rightAgain = await inParallel(connect(settings));
    expect(rightAgain.filter(({ status }) => status === "rejected")).toEqual([]);
  });

  it("with a key that is right, but may do nothing here, are all sent", async () => {
    service.emulator.faults.add({ kind: "status", status: 403, times: 100 });
    await inParallel(connect(service.emulator.settings({}, "keys")));
    expect(statuses()).toHaveLength(100);
  });
});

describe("insecure", () => {
  it("is warned of by each connection", () => {
    const warnings: string[] = [];
    connect({ ...service.emulator.settings(), insecure: "true" }, (message) => warnings.push(message));
    connect(service.emulator.settings(), (message) => warnings.push(message));
    expect(warnings).toEqual([expect.stringContaining("insecure is set")]);
  });
});
