import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Emulator, startEmulator, type WireTrace } from "../../../emulator";
import { environmentOf, otcCts, until } from "../../support/cli";

// On the clock of the machine, as is the process that is tested.
let emulator: Emulator;

beforeAll(async () => {
  emulator = await startEmulator({ regions: ["eu-de"] });
});
beforeEach(() => {
  emulator.reset();
  emulator.traces.clear();
});
afterAll(() => emulator.close());

function start(...args: string[]) {
  return otcCts(["traces", ...args], environmentOf(emulator.settings()));
}

async function run(...args: string[]) {
  const { status, stdout, stderr } = start(...args);
  return { status: await status, stdout: stdout(), stderr: stderr() };
}

/** Standard error is a terminal, as far as the command can tell. */
const TERMINAL = { NODE_OPTIONS: "--import data:text/javascript,process.stderr.isTTY=true" };

const ago = (seconds: number) => Math.floor(Date.now()) - seconds * 1000;
const add = (...traces: Partial<WireTrace>[]) => emulator.traces.add(traces);
/** Names from the newest, or else the earliest, to the other end. */
const named = (...names: string[]) =>
  names.map((trace_name, i) => ({ trace_name, time: ago(60 * (i + 1)) }) satisfies Partial<WireTrace>);
const reads = () => emulator.journal.entries.filter(({ operation }) => operation === "listTraces");

let letGo = () => {};
beforeEach(() => letGo());

/** Keeps the answer to every reading but the first so many. */
function holdReadingsAfter(count: number): void {
  letGo = emulator.journal.onRequest((entry) => {
    if (reads().indexOf(entry) < count) {
      return;
    }
    return new Promise(() => {});
  });
}

const ESCAPE = "\x1b[2J\x1b]0;owned\x07";
const names = (text: string) => [...text.matchAll(/act[A-Z]\w*/g)].map(([name]) => name);

describe("otc-cts traces", () => {
  it("lists the last hour in columns, newest first, in UTC", async () => {
    const time = ago(120);
    add(
      {
        time,
        trace_rating: "warning",
        service_type: "OBS",
        trace_name: "deleteBucket",
        resource_type: "bucket",
        resource_name: "files",
        user: { id: "1", name: "alice", domain: { id: "2", name: "account" } },
        source_ip: "192.0.2.7",
        code: 403,
      },
      { time: ago(60), trace_name: "actNewer", code: undefined, resource_type: undefined },
      { time: ago(3700), trace_name: "actTooOld" },
    );

    const { status, stdout, stderr } = await run();

    const [title, newer, older, ...rest] = stdout.trimEnd().split("\n");
    expect(title).toMatch(/^TIME +RATING +SERVICE +NAME +RESOURCE +USER +SOURCE IP +CODE$/);
    expect(newer).toMatch(/Z {2}normal +ECS +actNewer +- +demo +- +-$/);
    expect(older?.split(/ +/)).toEqual(
      [new Date(time).toISOString(), "warning", "OBS", "deleteBucket", "bucket/files"].concat([
        "alice",
        "192.0.2.7",
        "403",
      ]),
    );
    expect(rest).toEqual([]);
    expect(stderr).toBe("");
    expect(status).toBe(0);
  });

  it("asks for what the options say", async () => {
    const from = ago(7200);
    const to = ago(60);

    const { status } = await run(
      ...["--service-type", "ECS", "--user", "alice", "--resource-id", "i-1", "--resource-name", "n"],
      ...["--resource-type", "ecs", "--trace-name", "createServer", "--trace-rating", "incident"],
      ...["--from", new Date(from).toISOString(), "--to", String(to), "--limit", "7"],
    );

    expect(reads()[0]?.query).toEqual({
      ...{ trace_type: "system", service_type: "ECS", user: "alice", resource_id: "i-1", resource_name: "n" },
      ...{ resource_type: "ecs", trace_name: "createServer", trace_rating: "incident" },
      // The service leaves out what is exactly at either end.
      ...{ from: String(from - 1), to: String(to), limit: "7" },
    });
    expect(status).toBe(0);
  });

  it("finds one trace by its id, and takes an age for the beginning", async () => {
    const [wanted] = add({ trace_name: "actWanted" }, { trace_name: "actOther" });

    const one = await run("--trace-id", wanted?.trace_id ?? "", "--output", "ndjson");
    emulator.journal.clear();
    await run("--since", "24h");

    expect(names(one.stdout)).toEqual(["actWanted"]);
    const { from, to } = reads()[0]?.query ?? {};
    expect(Number(to) - Number(from)).toBe(24 * 3600_000 + 1);
  });

  it("looks where the options say, with the settings of a stack", async () => {
    const box = mkdtempSync(join(tmpdir(), "traces-test-"));
    const config = Object.entries({ ...emulator.settings(), region: "elsewhere", projectName: "none" });
    const json = JSON.stringify(
      Object.fromEntries(config.map(([key, value]) => [`otc-cts:${key}`, { value }])),
    );
    // The Pulumi CLI, as far as it is asked.
    const pulumi = `#!/bin/sh\ncase "$*" in "config --json --show-secrets"*"--stack dev") echo '${json}';; *) printf 'error: none\\n::error::x\\n' >&2; exit 3;; esac\n`;
    writeFileSync(join(box, "pulumi"), pulumi);
    chmodSync(join(box, "pulumi"), 0o755);
    add({ trace_name: "actHere" });
    const project = [
      "--region",
      "eu-de",
      "--project-name",
      "eu-de_demo",
      "--project-id",
      emulator.projectId(),
    ];

    const env = { PATH: `${box}${delimiter}${process.env["PATH"]}` };
    const { status, stdout } = otcCts(["traces", "--stack", "dev", ...project], env);
    const other = otcCts(["traces", "--stack", "other"], env);

    expect(await status).toBe(0);
    expect(names(stdout())).toEqual(["actHere"]);
    expect(await other.status).toBe(1);
    expect(other.stderr()).toBe(
      'otc-cts: the configuration of stack "other" cannot be read:\n  | error: none\n  | ::error::x\n',
    );
    rmSync(box, { recursive: true });
  });

  it("says so where the window is moved to what can be queried", async () => {
    const { status, stderr } = await run("--since", "30d");

    expect(stderr).toMatch(/^otc-cts: traces can be queried for seven days: --since was 20.*\n$/);
    expect(status).toBe(0);
  });
});

describe("otc-cts traces --output", () => {
  const whole = {
    trace_name: "actWhole",
    extra: { deep: [1] },
    resource_name: `a"b,c\n${ESCAPE}\x9b1m\u202ex`,
  };

  it("json is one array of all there is of each trace", async () => {
    add(...named("actA", "actB"), { ...whole, time: ago(300) });

    const { stdout } = await run("--output", "json");

    const found = JSON.parse(stdout) as Record<string, unknown>[];
    expect(found.map(({ traceName }) => traceName)).toEqual(["actA", "actB", "actWhole"]);
    expect(found[2]).toMatchObject({ extra: whole.extra, resourceName: whole.resource_name });
  });

  it("ndjson is one object on each line", async () => {
    add(...named("actA", "actB"));

    const { stdout } = await run("--output", "ndjson");

    const found = stdout.trimEnd().split("\n");
    expect(found.map((line) => (JSON.parse(line) as { traceName: string }).traceName)).toEqual([
      "actA",
      "actB",
    ]);
  });

  it("csv has a title, and quotes what must be", async () => {
    add({ ...whole, resource_name: 'a"b,c', resource_id: '=HYPERLINK("x")', time: ago(60) });

    const { stdout } = await run("--output", "csv");

    const [title, line] = stdout.split("\n");
    expect(title).toMatch(/^time,recordTime,traceRating,serviceType,traceName,/);
    expect(line).toContain(`,actWhole,ApiCall,ecs,"a""b,c","'=HYPERLINK(""x"")",demo,`);
  });

  it.each([
    ["table", ""],
    ["json", "[]\n"],
    ["ndjson", ""],
    ["csv", expect.stringMatching(/^time,[^\n]*,traceId\n$/)],
  ])("%s says that there is nothing in its own way, and people are told", async (format, expected) => {
    const piped = await run("--output", format);
    const shown = otcCts(["traces", "--output", format], {
      ...environmentOf(emulator.settings()),
      ...TERMINAL,
    });

    expect(piped).toEqual({ status: 0, stdout: expected, stderr: "" });
    expect(await shown.status).toBe(0);
    expect(shown.stdout()).toEqual(expected);
    expect(shown.stderr()).toMatch(/^otc-cts: nothing found between 20\S+Z and 20\S+Z\n$/);
  });

  it("tells people where a chart has no bars", async () => {
    const { status, stderr } = otcCts(["traces", "--chart"], {
      ...environmentOf(emulator.settings()),
      ...TERMINAL,
    });

    expect(await status).toBe(0);
    expect(stderr()).toMatch(/^otc-cts: nothing found between /);
  });

  it.each(["table", "json", "ndjson", "csv"])(
    "%s lets nothing through that a terminal obeys",
    async (format) => {
      add({
        ...whole,
        trace_name: ESCAPE,
        user: ESCAPE,
        source_ip: ESCAPE,
        code: ESCAPE,
        service_type: ESCAPE,
      });

      const { stdout } = await run("--output", format);

      expect(stdout).toMatch(/owned/);
      expect(stdout.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cf}]/u);
      const lines = stdout.trimEnd().split("\n").length;
      expect(lines).toBe({ table: 2, json: 3, ndjson: 1, csv: 2 }[format]);
    },
  );
});

describe("otc-cts traces --chart", () => {
  it("draws bars over time in place of the list", async () => {
    const noon = Math.floor(ago(3600) / 600_000) * 600_000;
    add({ time: noon + 1, trace_rating: "incident" }, { time: noon + 2 }, { time: noon + 3 });

    const { status, stdout } = await run("--chart", "--since", "3h");

    const label = new Date(noon).toISOString().slice(0, 16).replace("T", " ");
    expect(stdout).toMatch(new RegExp(`^${label}Z +3 +1 +█+░+$`, "m"));
    expect(stdout).toMatch(/^TOTAL +3 +1 +█ incident {2}▓ warning {2}░ normal$/m);
    expect(status).toBe(0);
  });
});

describe("the exit code of otc-cts traces", () => {
  it.each([
    [["--trace-rating", "bad"], '--trace-rating must be "normal", "warning" or "incident".'],
    [["--limit", "0x10"], "--limit must be a whole number."],
    [["--limit", "0", "--service-type", ""], "--service-type must not be empty; --limit must be 1 or more."],
    [
      ["--from", "soon"],
      '--from must be ISO 8601, milliseconds since the epoch, or an age such as "24h", got "soon".',
    ],
    [["--since", "1h", "--to", "2h"], /^--since \(.*\) must be earlier than --to \(.*\)\.$/],
    [["--to", "9d"], /^--to \(.*\) is too long ago: /],
    [["--since", "1h", "--from", "1h"], "--since and --from exclude each other: they are the same."],
    [["--follow", "--to", "1h"], "--follow and --to exclude each other: "],
    [["--chart", "--output", "json"], "--chart and --output exclude each other: "],
    [["--output", "xml"], '--output must be one of table, json, ndjson, csv, not "xml".'],
    [["--expect", "all"], '--expect must be one of none, some, not "all".'],
    [["--interval", "1s"], "--interval is for --follow, which is not given."],
    [["--follow", "--interval", "2h"], '--interval must be from 0.1s to 1h, for example 5s, not "2h".'],
    [
      ["--output", "xml", "--expect", "all", "--interval", "9h", "--from", "soon", "--code", "1"],
      /^--interval is for .*; --interval must be .*; --output must .*; --expect must .*; --code must .*; --from must .*\.$/,
    ],
    [["--nonsense"], "Unknown option '--nonsense'"],
  ])("is 2 for %j, and the message names the option", async (args, message) => {
    const { status, stdout, stderr } = await run(...args);

    const [said = "", hint] = stderr.split("\n");
    expect(said.replace("otc-cts: ", "")).toEqual(
      typeof message === "string" ? expect.stringContaining(message) : expect.stringMatching(message),
    );
    expect(hint).toBe("Run npx otc-cts traces --help to see what there is.");
    expect(stdout).toBe("");
    expect(status).toBe(2);
    expect(emulator.journal.entries).toEqual([]);
  });

  it("is 1 where the service cannot be used, with a message of one line, and nothing looks like an answer", async () => {
    const reason = `no ${ESCAPE}`;
    emulator.faults.add({ kind: "status", status: 403, body: { error_code: "CTS.0013", error_msg: reason } });

    const { status, stdout, stderr } = await run("--output", "json");

    expect(stderr).toMatch(/^otc-cts: [A-Z]+ http.*: 403 [^\n]*no ␛\[2J[^\n]*\n$/);
    expect(stdout).toBe("");
    expect(status).toBe(1);
  });

  it("is 1 where settings are missing", async () => {
    const { status, stderr } = otcCts(["traces"], { OS_REGION_NAME: "eu-de" });

    expect(await status).toBe(1);
    expect(stderr()).toMatch(
      /^otc-cts: no --stack given, so .*\. The connection to CTS is not set up:\n {2}- userName is missing/,
    );
  });

  it.each([
    [["--expect", "none"], ["actA"], 3, "otc-cts: found 1, expected none\n"],
    [["--expect", "none"], [], 0, ""],
    [["--expect", "some"], ["actA"], 0, ""],
    [["--expect", "some"], [], 3, "otc-cts: found none, expected some\n"],
    [["--expect", "some", "--chart"], [], 3, "otc-cts: found none, expected some\n"],
  ])("with %j and %j is %i", async (args, there, expected, said) => {
    add(...named(...there));

    const { status, stderr, stdout } = await run(...args);

    expect(status).toBe(expected);
    expect(stderr).toBe(said);
    expect(names(stdout)).toEqual(args.includes("--chart") ? [] : there);
  });

  it.runIf(existsSync("/dev/full"))("is 1 where the output cannot be written", () => {
    const command = '"$0" --import tsx cli/otc-cts.ts --version 2>&1 >/dev/full || echo "status $?"';

    const output = execFileSync("sh", ["-c", command, process.execPath], { encoding: "utf8" });

    expect(output).toMatch(/^otc-cts: standard output cannot be written: ENOSPC.*\nstatus 1\n$/);
  });

  it.each([
    [[], 0],
    [["--expect", "none"], 3],
  ])(
    "after %j is %i when who reads the output has had enough, and no more is read",
    async (args, expected) => {
      // Too many to read them all before the first one is reported.
      add(...Array.from({ length: 40_000 }, (_, i) => ({ time: ago(60) - i, message: "x".repeat(500) })));
      const { child, status, stdout, stderr } = start("--output", "ndjson", ...args);

      await until(() => stdout() !== "");
      child.stdout?.destroy();

      expect(await status).toBe(expected);
      expect(stderr()).toBe("");
      expect(reads().length).toBeLessThan(40_000 / 200);
    },
  );

  it("is 130 after Ctrl-C, and what is written of an array stays as it is", async () => {
    add(...Array.from({ length: 300 }, (_, i) => ({ time: ago(60) - i, trace_name: "actMany" })));
    holdReadingsAfter(1);
    const { child, status, stdout, stderr } = start("--output", "json");

    await until(() => names(stdout()).length >= 190);
    child.kill("SIGINT");

    expect(await status).toBe(130);
    expect(stdout()).toMatch(/^\[\n\{.*\}$/s);
    expect(stderr()).toBe("");
  });
});

describe("otc-cts traces --follow", () => {
  it("prints what is there, oldest first, then each that comes in, once, late ones too, until Ctrl-C", async () => {
    add(...named("actC", "actB", "actA"));
    const { child, status, stdout, stderr } = start("--follow", "--interval", "0.1s", "--output", "ndjson");
    await until(() => names(stdout()).length >= 3);

    add({ trace_name: "actD" });
    await until(() => names(stdout()).length >= 4);
    add({ trace_name: "actLate", time: ago(30) });
    await until(() => names(stdout()).length >= 5);
    const before = reads().length;
    await until(() => reads().length > before + 2);
    child.kill("SIGINT");

    expect(await status).toBe(0);
    expect(names(stdout())).toEqual(["actA", "actB", "actC", "actD", "actLate"]);
    expect(stderr()).toBe("");
  });

  it("begins with the newest of the limit, ends an array, and waits for no answer", async () => {
    add(...named("actC", "actB", "actA"));
    holdReadingsAfter(2);
    const { child, status, stdout } = start(
      "--follow",
      "--limit",
      "2",
      "--interval",
      "0.1s",
      "--output",
      "json",
    );

    await until(() => reads().length >= 3);
    child.kill("SIGTERM");

    expect(await status).toBe(0);
    expect((JSON.parse(stdout()) as { traceName: string }[]).map(({ traceName }) => traceName)).toEqual([
      "actB",
      "actC",
    ]);
  });

  it("goes on after trouble of the service, and says so", async () => {
    add(...named("actA"));
    const { child, status, stdout, stderr } = start("--follow", "--interval", "0.1s", "--output", "ndjson");
    await until(() => names(stdout()).length >= 1);

    // As often as one reading is tried.
    emulator.faults.add({ kind: "status", status: 503, times: 6 });
    await until(() => stderr().includes("trying again"));
    add({ trace_name: "actB" });
    await until(() => names(stdout()).length >= 2);
    child.kill("SIGINT");

    expect(await status).toBe(0);
    expect(names(stdout())).toEqual(["actA", "actB"]);
    expect(stderr()).toMatch(/^otc-cts: GET .*503.*; trying again every 0.1 s\notc-cts: it works again\n$/);
  });

  it("fails where it has never worked", async () => {
    const { status, stderr } = otcCts(["traces", "--follow"], {
      ...environmentOf(emulator.settings()),
      OS_PASSWORD: "wrong",
    });

    expect(await status).toBe(1);
    expect(stderr()).toMatch(/^otc-cts: .*401/);
  });
});
