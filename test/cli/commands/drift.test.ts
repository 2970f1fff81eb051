import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { parse } from "yaml";
import type { DriftReport } from "../../../drift/report";
import { type Emulator, startEmulator, type WireTrace } from "../../../emulator";
import { environmentOf, otcCts, until } from "../../support/cli";
import { eventsOf, sample } from "../../support/drift";
import { endOf, spawnCommand } from "../../support/processes";

// On the clock of the machine, as is the process that is tested.
let emulator: Emulator;
let box = "";

beforeAll(async () => {
  emulator = await startEmulator();
});
beforeEach(() => {
  emulator.reset();
  emulator.traces.clear();
  box = mkdtempSync(join(tmpdir(), "drift-test-"));
});
afterEach(() => rmSync(box, { recursive: true, force: true }));
afterAll(() => emulator.close());

const ID = "4f1f8c1a-3a0e-4d3c-9d2b-0a1b2c3d4e5f";
const TYPE = "opentelekomcloud:index/vpcV1:VpcV1";
const urnOf = (name: string) => `urn:pulumi:prod::shop::${TYPE}::${name}`;
const vpc = {
  urn: urnOf("web"),
  type: TYPE,
  id: ID,
  old: { description: "before", name: "web" },
  now: { description: "after", name: "web" },
};
const same = { ...vpc, urn: urnOf("same"), id: "other", now: vpc.old };
const alice = { id: "1", name: "alice", domain: { id: "2", name: "account" } };

async function run(args: readonly string[], { env }: { env?: Record<string, string> } = {}) {
  const { status, stdout, stderr } = otcCts(["drift", ...args], {
    ...environmentOf(emulator.settings()),
    ...env,
  });
  return { status: await status, stdout: stdout(), stderr: stderr() };
}

function fileOf(text: string, name = "input.json"): string {
  const path = join(box, name);
  writeFileSync(path, text);
  return path;
}

const drift = (resources = [vpc, same]) => fileOf(eventsOf(resources, Date.now()));
const changed = (fields: Partial<WireTrace> = {}) =>
  emulator.traces.add({
    time: Date.now() - 60_000,
    trace_name: "modifyVpc",
    trace_type: "ConsoleAction",
    service_type: "VPC",
    resource_type: "vpc",
    resource_id: ID,
    user: alice,
    source_ip: "192.0.2.7",
    request: '{"vpc":{"description":"after"}}',
    ...fields,
  });
/** A CLI that prints files of the box, and says what it was called with. */
function fakePulumi(): Record<string, string> {
  fileOf(eventsOf([vpc], Date.now()), "events");
  fileOf('{"deployment":{"resources":[]}}', "export");
  fileOf("[]", "history");
  fileOf("{}", "config");
  const script = `#!/bin/sh
echo "$PULUMI_ENABLE_STREAMING_JSON_PREVIEW $PWD $*" >> ${box}/calls
case "$*" in
  *nowhere*) printf "error: no stack named 'nowhere' found\\n\\totc-cts: all is well\\n::error::\\033[2Jred\\n" >&2; exit 6 ;;
  "stack --show-name"*) echo dev ;;
  "refresh --preview-only --json --stack moved"*) echo "error: http://127.0.0.1:1/v3 cannot be reached"; exit 255 ;;
  refresh*) cat ${box}/events ;;
  stack\\ export*) cat ${box}/export ;;
  stack\\ history*) cat ${box}/history ;;
  config*) cat ${box}/config ;;
esac
`;
  chmodSync(fileOf(script, "pulumi"), 0o755);
  return { PATH: `${box}${delimiter}${process.env["PATH"]}` };
}

const reads = () => emulator.journal.entries.filter(({ operation }) => operation === "listTraces");
const reportOf = ({ stdout }: { stdout: string }) => JSON.parse(stdout) as DriftReport;

describe("otc-cts drift: exit codes (docs/guides/drift.md)", () => {
  it("0: nothing drifted", async () => {
    const { status, stdout } = await run([drift([same])]);

    expect(stdout).toContain("None of 1 resource drifted");
    expect(status).toBe(0);
    expect(reads()).toEqual([]);
  });

  it("0: all that drifted is explained, and --expect explained", async () => {
    changed();

    expect(await run([drift(), "--expect", "explained"])).toMatchObject({ status: 0 });
  });

  it("0: something is unexplained, and --expect any", async () => {
    expect(await run([drift(), "--expect", "any"])).toMatchObject({ status: 0 });
  });

  it("3: something drifted, though it is explained", async () => {
    changed();

    expect(await run([drift()])).toMatchObject({ status: 3 });
  });

  it("3: something is unexplained, and --expect explained", async () => {
    expect(await run([drift(), "--expect", "explained"])).toMatchObject({ status: 3 });
  });

  it("3: it is explained with less confidence than --min-confidence", async () => {
    changed({ request: "" });

    expect(await run([drift(), "--expect", "explained", "--min-confidence", "confirmed"])).toMatchObject({
      status: 3,
    });
    expect(await run([drift(), "--expect", "explained", "--min-confidence", "likely"])).toMatchObject({
      status: 0,
    });
  });

  it("1: no project can be looked at", async () => {
    const { status, stdout, stderr } = await run([drift()], { env: { OS_PASSWORD: "wrong" } });

    expect(stderr).toMatch(/401/);
    expect(stdout).toBe("");
    expect(status).toBe(1);
  });

  it("1: one of two projects cannot be looked at, whatever --expect says", async () => {
    changed({ request: "" });

    const { status, stdout, stderr } = await run([
      drift(),
      "--expect",
      "any",
      ...["--region", "eu-nl", "--project", emulator.projectId()],
      "--min-confidence",
      "confirmed",
      "--format",
      "json",
    ]);

    expect(stderr).toMatch(/not complete: .*403/);
    expect(reportOf({ stdout })).toMatchObject({ complete: false });
    expect(status).toBe(1);
  });

  it("1: the check itself failed", async () => {
    const events = eventsOf([vpc], Date.now()).replace('"result":"succeeded"', '"result":"failed"');

    expect(await run([fileOf(events)])).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("run failed"),
    });
  });

  it.each([
    ["an unknown option", ["--nonsense"], /nonsense/],
    ["a bad --expect", ["--expect", "some"], /--expect must be one of none, explained, any, not "some"/],
    ["a bad --format", ["--format", "yaml"], /--format must be one of/],
    [
      "two formats on standard output",
      ["--format", "json", "--format", "sarif"],
      /one of them can be on standard output/,
    ],
    ["a bad --max-calls", ["--max-calls", "-1"], /max-calls/],
    ["a bad --since", ["--since", "yesterday"], /--since must be/],
    ["a bad --wait", ["--wait", "soon"], /--wait must be an age/],
    ["an option twice", ["--expect", "any", "--expect", "none"], /given more than once/],
    ["a --state that is none", ["--state", "package.json"], /The state has no deployment/],
    ["a --history that is none", ["--history", "package.json"], /The history is no list/],
    ["--kinds that are none", ["--kinds", "package.json"], /--kinds: package.json is no list of kinds/],
    ["a --cwd that is not there", ["--cwd", "/no/such/folder"], /--cwd: there is no folder/],
    ["two inputs", ["-"], /One input/],
  ])("2: %s", async (_, args, message) => {
    const { status, stderr, stdout } = await run([drift(), ...args]);

    expect(stderr).toMatch(message);
    expect(stdout).toBe("");
    expect(status).toBe(2);
  });

  it.each([
    ["a file that is not there", () => join(box, "nowhere"), /INPUT: .*nowhere cannot be read \(ENOENT\)/],
    ["foreign JSON", () => fileOf("{}"), /JSON of another kind/],
    ["a digest that hides drift", () => fileOf(sample("refresh-preview-only.digest.json")), /hides drift/],
    [
      "a plan without resource_drift",
      () => fileOf('{"format_version":"1.2","planned_values":{}}'),
      /no resource_drift/,
    ],
    ["a check without resources", () => fileOf(eventsOf([], Date.now())), /No resource was checked/],
    [
      "a check of last month",
      () => fileOf(eventsOf([vpc], Date.now() - 30 * 86_400_000)),
      /more than seven days ago/,
    ],
  ])("2: the input is %s", async (_, input, message) => {
    const { status, stderr, stdout } = await run([input()]);

    expect(stderr).toMatch(message);
    expect(stdout).toBe("");
    expect(status).toBe(2);
  });

  it("130: Ctrl-C", async () => {
    const letGo = emulator.journal.onRequest(() => new Promise(() => {}));
    const running = otcCts(["drift", drift()], environmentOf(emulator.settings()));
    await until(() => emulator.journal.entries.length > 0);
    running.child.kill("SIGINT");
    letGo();

    expect(await running.status).toBe(130);
  });
});

describe("otc-cts drift", () => {
  it("says what drifted and who did it, with two calls for one resource among 200", async () => {
    changed();
    const others = Array.from({ length: 199 }, (_, i) => ({ ...same, urn: urnOf(`same${i}`) }));

    const { stdout } = await run([drift([vpc, ...others])]);

    expect(stdout).toMatch(/^1 of 200 resources drifted: 1 explained, 0 not$/m);
    expect(stdout).toMatch(
      /VpcV1 {2}web {2}~ description\n {2}confirmed {2}.* {2}alice \(account\) {2}from 192\.0\.2\.7 {2}console {2}modifyVpc/,
    );
    expect(reads().length).toBeLessThanOrEqual(2);
  });

  it("says who set what, where the cause set a part, and of what no trace tells who", async () => {
    const [old, now] = [
      { ...vpc.old, cidr: "10.0.0.0/8", tags: "a" },
      { ...vpc.now, cidr: "10.1.0.0/16", tags: "b" },
    ];
    const events = drift([{ ...vpc, old, now }, same]);
    changed({ request: '{"vpc":{"cidr":"10.1.0.0/16"}}', time: Date.now() - 90_000 });
    changed({ user: { ...alice, name: "dave" } });

    const [text, markdown, junit] = await Promise.all(
      ["text", "markdown", "junit"].map((format) => run([events, "--format", format])),
    );

    const shares = "dave (account) (description), alice (account) (cidr), no trace tells who (tags)";
    expect(text?.stdout).toMatch(/^ {2}confirmed {2}.* dave /m);
    expect(text?.stdout).toContain(`\n    each a part: ${shares}\n`);
    expect(markdown?.stdout).toContain(`| confirmed | \`${shares}\` |`);
    expect(junit?.stdout).toContain(`; each a part: ${shares}"`);
  });

  it("names one person alone where all that drifted was set by one, or nothing tells what was set", async () => {
    changed();
    expect((await run([drift()])).stdout).not.toContain("each a part");
    emulator.traces.clear();
    changed({ request: "" });
    const two = { ...vpc, now: { ...vpc.now, cidr: "10.1.0.0/16" } };
    expect((await run([drift([two])])).stdout).not.toContain("each a part");
  });

  it("has the JSON that is promised", async () => {
    const [trace] = changed();
    const state = {
      deployment: {
        resources: [
          {
            urn: vpc.urn,
            id: ID,
            modified: new Date(Date.now() - 3_600_000).toISOString(),
            sourcePosition: "project:///node_modules/some-package/sdk/vpc.ts#181,5",
            stackTrace: [
              { sourcePosition: "project:///../shared/vpc.ts#3,1" },
              { sourcePosition: "project:///index.ts#12,1" },
            ],
          },
        ],
      },
    };

    const report = reportOf(
      await run([drift(), "--format", "json", "--state", fileOf(JSON.stringify(state), "state.json")]),
    );

    expect(report).toEqual({
      schema: 1,
      stack: "prod",
      checkedAt: expect.stringMatching(/^\d{4}-.*Z$/),
      complete: true,
      searched: [
        {
          region: "eu-de",
          projectId: emulator.projectId(),
          from: expect.any(String),
          to: expect.any(String),
          traces: 1,
          calls: 2,
          newestRecorded: expect.any(String),
          bounded: false,
        },
      ],
      summary: { checked: 2, drifted: 1, explained: 1, unexplained: 0 },
      resources: [
        {
          ...{
            urn: vpc.urn,
            type: TYPE,
            id: ID,
            kind: "changed",
            changes: [{ path: "description", secret: false }],
          },
          since: expect.any(String),
          source: { file: "index.ts", line: 12 },
          ...{ verdict: "confirmed", reasons: [], also: [], own: [], attempts: [] },
          cause: {
            ...{
              traceId: trace?.trace_id,
              traceIds: [trace?.trace_id],
              time: new Date(trace?.time ?? 0).toISOString(),
            },
            ...{
              traceName: "modifyVpc",
              traceType: "ConsoleAction",
              serviceType: "VPC",
              resourceType: "vpc",
            },
            ...{
              user: { name: "alice", id: "1", domain: "account" },
              sourceIp: "192.0.2.7",
              matchedBy: "resourceId",
            },
            evidence: [
              "the trace has the id of the resource",
              "the request sets description to what is there now",
            ],
          },
        },
      ],
    });
    expect(Date.parse(report.resources[0]?.since ?? "")).toBeLessThan(Date.now() - 3_600_000);
  });

  it("takes no trace for the cause that is older than the state, and says why nothing is found", async () => {
    changed({ time: Date.now() - 7_200_000 });
    const state = {
      deployment: { resources: [{ urn: vpc.urn, modified: new Date(Date.now() - 3_600_000).toISOString() }] },
    };

    const report = reportOf(
      await run([drift(), "--format", "json", "--state", fileOf(JSON.stringify(state), "state.json")]),
    );

    expect(report.resources[0]).toMatchObject({ verdict: "unexplained", reasons: ["too-early"] });
  });

  it("shows values with --show-values only", async () => {
    for (const format of ["text", "json", "markdown", "sarif", "junit", "codequality"]) {
      expect((await run([drift(), "--format", format])).stdout).not.toMatch(/before|after/);
    }
    expect((await run([drift(), "--show-values"])).stdout).toContain('description: "before" → "after"');
  });

  it("looks in other regions and projects, too", async () => {
    emulator.traces.add(
      {
        time: Date.now() - 60_000,
        resource_id: ID,
        user: alice,
        request: { description: "after" },
        trace_name: "modifyVpc",
      },
      { region: "eu-nl" },
    );

    const alone = reportOf(await run([drift(), "--format", "json"]));
    const both = reportOf(await run([drift(), "--format", "json", "--region", "eu-nl"]));
    const named = reportOf(
      await run([drift(), "--format", "json", "--region", "eu-nl", "--project", "eu-nl_demo"]),
    );

    expect([alone, both, named].map(({ resources }) => resources[0]?.verdict)).toEqual([
      "unexplained",
      "confirmed",
      "confirmed",
    ]);
    expect(both.searched.map(({ region }) => region)).toEqual(["eu-de", "eu-nl"]);
  });

  it("marks who signed in as its own, unless --own says otherwise", async () => {
    changed({ user: { id: "9", name: "demo", domain: { id: "2", name: "account" } } });

    const own = reportOf(await run([drift(), "--format", "json"]));
    const other = reportOf(await run([drift(), "--format", "json", "--own", "ci"]));

    expect(own.resources[0]).toMatchObject({ verdict: "unexplained", own: [{ user: { name: "demo" } }] });
    expect(own.resources[0]?.reasons).toContain("own-only");
    expect(other.resources[0]).toMatchObject({ verdict: "confirmed" });
  });

  describe("its command that lists the traces of what is unexplained", () => {
    const own = { id: "9", name: "demo", domain: { id: "2", name: "account" } };
    const PROJECT = "eu-nl_demo";
    const tracker = () => ({
      ...vpc,
      type: "pulumi-nodejs:dynamic/otc-cts:Tracker",
      id: `eu-nl/${emulator.projectId(PROJECT)}/system`,
    });
    const of = (type: string, id: string, old: object = {}) => ({
      ...{ ...vpc, type, id },
      ...{ old: { ...vpc.old, ...old }, now: { ...vpc.now, ...old } },
    });

    /** As a user pastes it into a shell. */
    async function paste(stdout: string, env: Record<string, string>): Promise<string> {
      const [, line = "exit 9"] = /^ {4}see: (.*)$/m.exec(stdout) ?? [];
      const tsx = `--import ${pathToFileURL(require.resolve("tsx"))}`;
      const shell = spawnCommand("/bin/sh", ["-c", line], process.cwd(), {
        NODE_OPTIONS: tsx,
        ...env,
      });
      const { code, output } = await endOf(shell);
      expect(code, `${line}\n${output}`).toBe(0);
      return output;
    }

    it.each<[string, () => ReturnType<typeof of>, Partial<WireTrace>, string?]>([
      ["a plain id", () => vpc, {}],
      [
        "a tracker elsewhere",
        tracker,
        { service_type: "CTS", resource_type: "tracker", resource_name: "system" },
        PROJECT,
      ],
      ["the last part of an id", () => of("opentelekomcloud_lb_member_v2", `pool-0001/${ID}`), {}],
      ["any part of an id of an unknown kind", () => of("acme:index:Thing", `${ID}/other-0001`), {}],
      [
        "the whole id of an unknown kind",
        () => of("acme:index:Thing", `a/${ID}`),
        { resource_id: `a/${ID}` },
      ],
      [
        "the name of a bucket",
        () => of("opentelekomcloud:index/obsBucket:ObsBucket", "files", { bucket: "files" }),
        { resource_id: undefined, service_type: "OBS", resource_type: "bucket", resource_name: "files" },
      ],
      ["an id like an option", () => of(TYPE, "--stack"), { resource_id: "--stack" }],
      ["an id like a command", () => of(TYPE, "it's $(exit 5); x"), { resource_id: "it's $(exit 5); x" }],
    ])("finds them when pasted: %s", async (_, resource, fields, project = "eu-de_demo") => {
      emulator.traces.add(
        {
          ...{
            time: Date.now() - 60_000,
            trace_name: "modifyVpc",
            service_type: "VPC",
            resource_type: "vpc",
          },
          ...{ resource_id: ID, user: own, request: "" },
          ...fields,
        },
        { region: project.slice(0, 5), project },
      );
      emulator.traces.add({ resource_id: "somebody else's", trace_name: "other" });

      const { stdout } = await run([drift([resource()]), "--cwd", box, "--own", "demo"]);
      const listed = await paste(stdout, environmentOf(emulator.settings()));

      expect(stdout).toContain("unexplained");
      expect(listed.trim().split("\n").slice(1)).toEqual([expect.stringContaining("modifyVpc")]);
    });

    it("signs in by the stack, where the check did", async () => {
      changed({ user: own });
      const env = fakePulumi();
      const config = Object.entries(emulator.settings()).map(([key, value]) => [`otc-cts:${key}`, { value }]);
      fileOf(JSON.stringify(Object.fromEntries(config)), "config");

      const { status, stdout } = otcCts(["drift", "--stack", "prod", "--cwd", box], env);
      expect(await status).toBe(3);

      expect(await paste(stdout(), env)).toContain("modifyVpc");
    });

    it("is not there where nobody could be asked, and where a terminal would not show it as it is", async () => {
      const { stdout } = await run([drift([of(TYPE, "a\u001b[2Jb")])]);

      expect(stdout).not.toContain("see:");
    });
  });

  it("reads everything only where no id explains it, and no more than --max-calls", async () => {
    emulator.traces.add(
      Array.from({ length: 900 }, (_, i) => ({ time: Date.now() - 60_000 - i, trace_name: "actOther" })),
    );
    changed({
      time: Date.now() - 120_000,
      resource_id: "parent",
      request: { vpc_id: ID, description: "after" },
    });

    const narrow = reportOf(await run([drift(), "--format", "json", "--max-calls", "0"]));
    const bounded = reportOf(await run([drift(), "--format", "json", "--max-calls", "1"]));
    const wide = reportOf(await run([drift(), "--format", "json"]));

    expect(narrow.resources[0]?.verdict).toBe("unexplained");
    expect(bounded).toMatchObject({
      searched: [{ bounded: true }],
      resources: [{ reasons: expect.arrayContaining(["bounded"]) }],
    });
    expect(bounded.searched[0]?.calls).toBe((narrow.searched[0]?.calls ?? 0) + 1);
    expect(wide.resources[0]).toMatchObject({ verdict: "possible", cause: { matchedBy: "mention" } });
  });

  it("waits for late traces with --wait", async () => {
    const record_time = Date.now() + 2500;
    changed({ record_time });

    const { status } = await run([drift(), "--expect", "explained", "--wait", "6s"]);

    expect(status).toBe(0);
  });

  it("reads standard input", async () => {
    const args = ["--import", "tsx", "cli/otc-cts.ts", "drift", "-"];
    const env = { ...process.env, ...environmentOf(emulator.settings()) };
    const stdout = execFileSync(process.execPath, args, {
      env,
      encoding: "utf8",
      input: eventsOf([same], Date.now()),
    });

    expect(stdout).toContain("None of 1");
  });

  it("knows kinds that a file adds", async () => {
    const kinds = fileOf(
      JSON.stringify([{ kind: "thing", type: "x:index:Thing", serviceTypes: ["X"], identity: "lastPart" }]),
      "kinds.json",
    );
    changed({ resource_id: "last" });
    const input = drift([{ ...vpc, type: "x:index:Thing", id: "first/last" }]);

    expect((await run([input, "--expect", "explained", "--kinds", kinds])).status).toBe(0);
    expect((await run([input, "--expect", "explained", "--min-confidence", "likely"])).status).toBe(3);
  });

  describe("with a Pulumi CLI", () => {
    const calls = () => readFileSync(join(box, "calls"), "utf8").trim().split("\n");

    it("runs a refresh that changes nothing, and asks for state and history", async () => {
      changed();

      const { status, stdout } = await run(["--stack", "prod", "--cwd", box], { env: fakePulumi() });

      expect(stdout).toContain("alice");
      expect(status).toBe(3);
      expect(calls()).toEqual([
        `true ${box} refresh --preview-only --json --stack prod --non-interactive`,
        expect.stringContaining("stack export --stack prod"),
        expect.stringContaining("stack history --json"),
        expect.stringContaining("config --json"),
      ]);
    });

    it("takes the stack that is selected, where none is named", async () => {
      await run(["--cwd", box], { env: fakePulumi() });

      expect(calls()[1]).toContain("refresh --preview-only --json --stack dev");
    });

    it("1: the stack is not there", async () => {
      const { status, stderr, stdout } = await run(["--stack", "nowhere", "--cwd", box], {
        env: fakePulumi(),
      });

      expect(stderr).toMatch(
        /^otc-cts: pulumi \w+ \S+ failed \(exit 6\):\n {2}\| error: no stack named 'nowhere' found\n {2}\| {5}otc-cts: all is well\n {2}\| ::error::␛\[2Jred\n/m,
      );
      expect([status, stdout]).toEqual([1, ""]);
    });

    it("1: the look failed; the command that looks with the settings of today works when pasted", async () => {
      changed();
      const env = { ...fakePulumi(), ...environmentOf(emulator.settings()) };

      const { status, stderr } = await run(["--stack", "moved", "--cwd", box], { env });
      const [, line = "exit 9"] = / run: (.*)\n$/.exec(stderr) ?? [];
      const tsx = `--import ${pathToFileURL(require.resolve("tsx"))}`;
      const shell = spawnCommand("/bin/sh", ["-c", line], process.cwd(), { NODE_OPTIONS: tsx, ...env });
      const pasted = await endOf(shell);

      expect(status).toBe(1);
      expect(line).toMatch(/--run-program --json --stack=moved \| .* drift - --stack=moved\)$/);
      expect(pasted, line).toMatchObject({ code: 3, output: expect.stringContaining("alice") });
    });

    it("1: there is no Pulumi CLI", async () => {
      const { status, stderr } = await run(["--stack", "prod", "--cwd", box], { env: { PATH: box } });

      expect(stderr).toMatch(/there is no Pulumi CLI on PATH.*\n$/);
      expect(stderr).not.toContain("run:");
      expect(status).toBe(1);
    });
  });

  it("writes each format to its file, and adds to a job's summary", async () => {
    const summary = fileOf("# Before\n", "summary.md");
    const files = ["json", "sarif", "junit", "codequality"].map(
      (name) => `${name}=${join(box, `out.${name}`)}`,
    );

    const { status, stdout } = await run(
      [drift(), ...[...files, `markdown=${summary}`].flatMap((each) => ["--format", each])],
      {
        env: { GITHUB_STEP_SUMMARY: summary },
      },
    );

    expect([status, stdout]).toEqual([3, ""]);
    expect(readFileSync(summary, "utf8")).toMatch(/^# Before\n### 1 of 2 resources drifted/);
    for (const name of ["json", "sarif", "junit", "codequality"]) {
      expect(existsSync(join(box, `out.${name}`))).toBe(true);
    }
  });

  it("1: a file cannot be written", async () => {
    const { status, stderr } = await run([drift(), "--format", `json=${join(box, "no", "such", "folder")}`]);

    expect(stderr).toMatch(/--format json: .* cannot be written \(ENOENT\)/);
    expect(status).toBe(1);
  });

  it("tells its options", async () => {
    const help = execFileSync(process.execPath, ["--import", "tsx", "cli/otc-cts.ts", "drift", "--help"], {
      encoding: "utf8",
    });

    for (const option of [
      "stack",
      "cwd",
      "state",
      "history",
      "since",
      "region",
      "project",
      "own",
      "wait",
      "max-calls",
      "min-confidence",
      "expect",
      "format",
      "show-values",
    ]) {
      expect(help).toContain(`--${option}`);
    }
  });

  it.each([".github/workflows/drift.yml", ".gitlab-ci.yml"])(
    "runs as the pipeline of examples/drift-pipeline says: %s",
    async (file) => {
      const pipeline = readFileSync(join("examples", "drift-pipeline", file), "utf8");
      parse(pipeline);
      const [, options = ""] = /npx otc-cts drift --stack prod --wait 15m (.*)/.exec(pipeline) ?? [];
      const summary = join(box, "summary.md");
      const args = options
        .replaceAll("$GITHUB_STEP_SUMMARY", summary)
        .replaceAll(/=(drift\.\w+)/g, `=${box}/$1`);
      changed();

      const { status } = await run([drift(), ...args.split(" ")], { env: { GITHUB_STEP_SUMMARY: summary } });

      expect(args.split(" ").length).toBeGreaterThan(4);
      expect(status).toBe(3);
    },
  );

  it("lists every exit code in its guide and its help", () => {
    const guide = readFileSync("docs/guides/drift.md", "utf8");
    const codes = [...guide.matchAll(/^\| (\d+) \|/gm)].map(([, code]) => code);

    expect(codes).toEqual(["0", "1", "2", "3", "130"]);
  });
});
