/**
 * Attack: words of the service, of `clouds.yaml` and of names that reach a terminal with escape sequences, line breaks with an
 * `error:` of their own, and characters that nobody sees.
 *
 * Alone: `npm run build && npx vitest run test/attacks/words`
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { inspect } from "node:util";
import * as cts from "pulumi-otc-cts";
import { afterAll, describe, expect, it } from "vitest";
import { columnsOf } from "../../cli/terminal";
import type { ManagedResource } from "../../provider/core/managedResource";
import { formatId } from "../../provider/core/place";
import { toDynamicProvider } from "../../provider/dynamic/adapter";
import { environmentOf, otcCts } from "../support/cli";
import { useEmulated } from "../support/emulated";
import { makeWorkDir, startProject } from "../support/project";
import { startWiretap, type Wiretap } from "../support/wiretap";

/** The title of the window, a red line of its own, a link, text that runs backwards, and blanks that look like none. */
const ATTACK = "\x1b]0;owned\x07\r\n\x1b[31merror: all is well\x9b0m\u202e\u3164\u2800\u00a0\ufe0f end";
const SHOWN = "␛]0;owned␇␍␊␛[31merror: all is well<U+009B>0m<U+202E><U+3164><U+2800><U+00A0><U+FE0F> end";

function expectHarmless(output: string): void {
  expect(output).not.toMatch(/(?![ \n\t])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]/u);
  expect(output).not.toMatch(/^\W*error: all is well/m);
}

const taps: Wiretap[] = [];
afterAll(async () => {
  for (const tap of taps) {
    await tap.close();
  }
});

/** A project at a service whose words a test chooses. */
async function tapped() {
  let tap: Wiretap | undefined;
  const project = await startProject({
    behaviour: { trackerExists: false },
    async connectBy(emulator) {
      tap = await startWiretap(emulator.url);
      taps.push(tap);
      return { settings: tap.settings(emulator.settings()) };
    },
  });
  project.program = async () => {
    const tracker = new cts.Tracker("audit", { obsInfo: { bucketName: "audit-files" } });
    return { detail: tracker.detail };
  };
  const say = (call: string, status: number, body: object) =>
    tap?.interceptions.set(call, (_, response) =>
      response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(body)),
    );
  return { project, say };
}

describe("words of the service", () => {
  it("are visible in what `pulumi up` and `preview` print of errors and of unhealthy trackers", async () => {
    const { project, say } = await tapped();
    const tracker = {
      id: "t1",
      tracker_name: "system",
      status: "error",
      obs_info: { bucket_name: "audit-files" },
    };
    const runs = [];

    say("GET /", 400, { error_code: `CTS.0003${ATTACK}`, error_msg: ATTACK, request_id: ATTACK });
    runs.push(await project.preview());
    expect(runs.at(-1)?.output.replaceAll("\n", "")).toContain(SHOWN);
    say("GET /", 200, { trackers: [{ ...tracker, detail: ATTACK }] });
    say("PUT /", 200, {});
    say("DELETE /", 403, { error_code: "CTS.0003", error_msg: ATTACK });
    runs.push(await project.up(), await project.preview(), await project.refresh());
    expect(runs.at(1)?.output).toContain(`unhealthy (${SHOWN})`);
    // Only texts of several lines are shown as they are.
    say("GET /", 200, {
      trackers: [{ ...tracker, detail: `${ATTACK}${ATTACK}`, obs_info: { bucket_name: ATTACK } }],
    });
    runs.push(await project.preview({ refresh: true }), await project.refresh(), await project.destroy());

    for (const { output } of runs) {
      expectHarmless(output);
    }
    expect((await project.state()).text).not.toContain("\\r\\n");
  }, 300_000);

  it("are visible in the errors of a script that prints them", async () => {
    const { project, say } = await tapped();
    say("GET /", 403, { error_code: "CTS.0003", error_msg: ATTACK });
    project.program = async () => {
      await cts.getTracker();
    };

    const { output } = await project.preview();

    expect(output).toContain(SHOWN);
    expectHarmless(output);
  });
});

describe("words in settings", () => {
  const service = useEmulated();
  const clouds = (name: string, settings: Record<string, unknown>) => {
    const file = join(makeWorkDir("clouds"), name);
    writeFileSync(file, JSON.stringify({ clouds: { [ATTACK]: settings } }));
    return { OS_CLOUD: ATTACK, OS_CLIENT_CONFIG_FILE: file };
  };

  it.each<[string, () => Record<string, string>]>([
    [
      "clouds.yaml",
      () =>
        clouds("clouds.yaml", {
          region_name: ATTACK,
          cacert: ATTACK,
          auth: { auth_url: ATTACK, username: ATTACK, user_domain_name: ATTACK, password: "pa55" },
        }),
    ],
    ["the name of a file", () => clouds("clouds \x1b[31m\u202e.yaml", { region_name: "eu-de" })],
    [
      "the environment",
      () =>
        environmentOf({
          region: ATTACK,
          projectName: ATTACK,
          insecure: ATTACK,
          endpoint: `https://${ATTACK}`,
        }),
    ],
    [
      "a project that is none",
      () => environmentOf({ ...service.emulator.settings({}, "keys"), projectId: "", projectName: ATTACK }),
    ],
    ["a cloud that is none", () => ({ ...clouds("clouds.yaml", {}), OS_CLOUD: `${ATTACK}2` })],
  ])("are visible in what `otc-cts whoami` prints: %s", async (_, env) => {
    const { stdout, stderr, status } = otcCts(["whoami"], env());

    expect(await status).toBe(1);
    expect(stdout() + stderr()).toContain("<U+202E>");
    expectHarmless(stdout() + stderr());
    // The columns stay aligned.
    const origins = stdout()
      .split("\n")
      .filter((line) => line.includes("  "))
      .map((line) => columnsOf(line.slice(0, line.lastIndexOf("  "))));
    expect(new Set(origins).size).toBeLessThanOrEqual(1);
  });

  it("are visible in command lines that are wrong", async () => {
    const { stderr, status } = otcCts([ATTACK]);

    expect(await status).toBe(2);
    expect(stderr()).toContain(SHOWN);
    expectHarmless(stderr());
  });
});

describe("whatever a provider hands to Pulumi", () => {
  const urn = { __urn: "urn:pulumi:dev::test::t::audit" };
  /** A resource that fails with these words. */
  const failing = (fail: () => never) =>
    toDynamicProvider({
      check: fail,
      create: fail,
      read: fail,
      update: fail,
      delete: fail,
    } as unknown as ManagedResource<unknown, unknown>);

  it("is visible, also of errors that are bugs", async () => {
    const provider = failing(() => {
      throw new TypeError(`${ATTACK}\n    at ${ATTACK}`);
    });
    const { failures } = await provider.check({}, urn);
    const thrown = await Promise.all(
      [
        provider.create(urn),
        provider.read("id", urn),
        provider.update("id", urn, urn),
        provider.delete("id", urn),
      ].map((call) => call.catch((error: unknown) => inspect(error) + (error as Error).message)),
    );

    for (const text of [failures?.[0]?.reason ?? "", ...thrown.map(String)]) {
      expect(text).toMatch(
        /please report it with this trace:\n {2}TypeError: ␛\]0;owned.*\n {2}at .*words\.test/s,
      );
      expectHarmless(text);
    }
  });

  it("is no id that Pulumi would show as it is", () => {
    for (const part of [ATTACK, "a\nb", "a\u200bb"]) {
      expect(() => formatId({ region: "eu-de", projectId: part }, "system")).toThrow(/cannot be an id/);
    }
  });

  it("is visible in failures of check, which name no property whose value Pulumi would show as it is", async () => {
    const reason = `is not ${ATTACK}`;
    const provider = toDynamicProvider({
      check: async () => ({
        inputs: undefined,
        problems: ["shown", "hidden", "list", ATTACK].map((path) => ({ path, reason })),
      }),
    } as unknown as ManagedResource<unknown, unknown>);

    const { failures = [] } = await provider.check(
      {},
      { ...urn, shown: "plain", hidden: ATTACK, list: [{ a: ATTACK }], [ATTACK]: 1 },
    );

    expect(failures.map(({ property }) => property)).toEqual(["shown", "", "", ""]);
    for (const failure of failures) {
      expectHarmless(`${failure.reason}${failure.property}`);
    }
  });
});
