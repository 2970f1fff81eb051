import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import manifest from "../../../package.json" with { type: "json" };
import { request } from "../../support/emulator";
import { endOf, spawnCommand } from "../../support/processes";

const script = join(__dirname, "../../../cli/otc-cts.ts");
const children: ChildProcess[] = [];

interface Running {
  child: ChildProcess;
  stdout(): string;
  stderr(): string;
  exit: Promise<number | null>;
}

function otcCts(...args: string[]): Running {
  const child = spawn(process.execPath, ["--import", "tsx", script, ...args]);
  children.push(child);
  const text = { stdout: "", stderr: "" };
  child.stdout.on("data", (chunk) => {
    text.stdout += chunk;
  });
  child.stderr.on("data", (chunk) => {
    text.stderr += chunk;
  });
  const exit = once(child, "close").then(([code]) => code as number | null);
  return { child, stdout: () => text.stdout, stderr: () => text.stderr, exit };
}

/** Waits for the instructions of `otc-cts emulator`, and finds the URL in them. */
async function urlOf({ child, stdout, stderr }: Running): Promise<string> {
  while (!stdout().includes("/_emulator/reset")) {
    if (child.exitCode !== null) {
      throw new Error(`The emulator ended: ${stderr()}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return /http:\/\/127\.0\.0\.1:\d+/.exec(stdout())?.[0] ?? "";
}

afterEach(() => {
  for (const child of children.splice(0)) {
    child.kill("SIGKILL");
  }
});

describe("otc-cts", () => {
  it("lists its commands with --help", async () => {
    const help = otcCts("--help");

    expect(await help.exit).toBe(0);
    expect(help.stdout()).toMatch(/^Usage: otc-cts <command>[\s\S]*emulator/);
  });

  it("explains a command with --help after it", async () => {
    const help = otcCts("emulator", "--help");

    expect(await help.exit).toBe(0);
    expect(help.stdout()).toMatch(
      /^Usage: otc-cts emulator[\s\S]*--port[\s\S]*--region[\s\S]*--project[\s\S]*--no-tracker[\s\S]*--latency[\s\S]*--rate-limit[\s\S]*--traces[\s\S]*--spread[\s\S]*--seed/,
    );
  });

  it("prints the package's version with --version", async () => {
    const version = otcCts("--version");

    expect(await version.exit).toBe(0);
    expect(version.stdout()).toBe(`${manifest.version}\n`);
  });

  it.each([
    [["nonsense"], 'There is no command "nonsense".'],
    [["--nonsense"], 'There is no option "--nonsense".'],
    [["emulator", "--nonsense"], "Unknown option '--nonsense'"],
    [["emulator", "nonsense"], "Unexpected argument 'nonsense'."],
    [["emulator", "--port", "many"], '--port must be a whole number from 0 to 65535, not "many".'],
    [["emulator", "--latency=-1"], "--latency must be a whole number"],
    [["emulator", "--traces", "1000001"], "--traces must be a whole number from 0 to 1000000"],
    [["emulator", "--seed", "x"], "--seed must be a whole number from 0 to 4294967295"],
    [["emulator", "--spread", "Office"], "--spread must be one of office, uniform, working-hours, "],
    [["emulator", "--rate-limit", "x"], "--rate-limit must be a whole number"],
    [["emulator", "--project", "eu-de_team"], "--project must be <region>/<name>, for example"],
    [["emulator", "--project", "eu-de/a/b"], "--project must be <region>/<name>, for example"],
    [["emulator", "--project", "/team"], "--project must be <region>/<name>, for example"],
    [
      ["emulator", "--project", "eu-ch2/team"],
      '--project eu-ch2/team: there is no region "eu-ch2". Add --region eu-ch2.',
    ],
  ])("%j is a usage error: said on stderr, exit code 2", async (args, message) => {
    const run = otcCts(...args);

    expect(await run.exit).toBe(2);
    expect(run.stderr()).toContain(`otc-cts: ${message}`);
    expect(run.stderr()).not.toContain("    at ");
    expect(run.stdout()).toBe("");
  });

  it("shows how it is used when nothing is asked, with exit code 2", async () => {
    const run = otcCts();

    expect(await run.exit).toBe(2);
    expect(run.stderr()).toContain("Usage: otc-cts <command>");
  });
});

describe("otc-cts emulator", () => {
  it("serves, prints how to use it, and ends with Ctrl-C", async () => {
    const run = otcCts("emulator", "--port", "0", "--region", "eu-ch2", "--region", "eu-de", "--no-tracker");
    const url = await urlOf(run);
    const trackers = await request(`${url}/_emulator/trackers`);
    run.child.kill("SIGINT");

    expect(await run.exit).toBe(0);
    expect(trackers.json).toEqual([]);
    expect(run.stdout()).toContain(`  pulumi config set otc-cts:authUrl ${url}/v3\n`);
    expect(run.stdout()).toContain("  pulumi config set --secret otc-cts:password demo-password\n");
    expect(run.stdout()).toContain("  pulumi config set otc-cts:region eu-ch2\n");
    expect(run.stdout()).toContain("  pulumi config set --secret otc-cts:secretKey demo");
    expect(run.stdout()).toContain(`  pulumi config set otc-cts:endpoint "${url}/{region}"\n`);
    expect(run.stdout()).toContain("The emulator has ended.");
    expect(run.stderr()).toBe("");
  });

  it("has the projects that it is told, and {region}_demo in the other regions", async () => {
    const run = otcCts("emulator", "--port", "0", "--project", "eu-nl/prod", "--project", "eu-nl/eu-nl_test");
    const url = await urlOf(run);

    const trackers = await request(`${url}/_emulator/trackers`);
    const elsewhere = await request(`${url}/_emulator/traces/eu-de/prod`);

    expect(trackers.json).toMatchObject([{ region: "eu-de" }, { region: "eu-nl" }, { region: "eu-nl" }]);
    expect(elsewhere).toMatchObject({ status: 400, json: { error: expect.stringContaining("of region") } });
    expect(run.stdout()).toContain("  pulumi config set otc-cts:projectName eu-de_demo\n");
  });

  it("fills every project with synthetic traces, and limits the rate", async () => {
    const run = otcCts("emulator", "--port", "0", "--traces", "30", "--seed", "7", "--rate-limit", "5");
    const url = await urlOf(run);

    const traces = await request(`${url}/_emulator/traces/eu-nl/eu-nl_demo`);
    const behaviour = await request(`${url}/_emulator/behaviour`);

    expect(traces.json).toHaveLength(30);
    expect(behaviour.json).toMatchObject({ requestsPerSecond: 5 });
  });

  it("spreads synthetic traces over time as it is told", async () => {
    const args = ["--port", "0", "--traces", "50", "--spread", "dense-hour"];
    const url = await urlOf(otcCts("emulator", ...args));

    const { json } = await request(`${url}/_emulator/traces/eu-de/eu-de_demo`);
    const times = (json as unknown as { time: number }[]).map(({ time }) => time);

    expect(times).toHaveLength(50);
    expect(Math.max(...times) - Math.min(...times)).toBeLessThan(3_600_000);
  });

  it("prints curl lines that work as they stand", async () => {
    const run = otcCts("emulator", "--port", "0");
    const url = await urlOf(run);

    const lines = run.stdout().match(/curl .*/g) ?? [];
    const statuses = [];
    for (const line of lines) {
      const [, method = "GET", target = ""] = /^curl (?:-X (\w+) )?(\S+)/.exec(line) ?? [];
      const body = /-d '(.*)'/.exec(line)?.[1];
      statuses.push((await request(target, { method, ...(body && { body }) })).status);
    }

    expect(lines.length).toBeGreaterThan(10);
    expect(statuses.every((status) => status < 300)).toBe(true);
    expect(lines.every((line) => line.includes(url))).toBe(true);
  });

  it("prints export lines after which otc-cts needs no stack, whatever the project is called", async () => {
    const run = otcCts("emulator", "--port", "0", "--project", "eu-de/it's $(mine)");
    await urlOf(run);

    const lines = run.stdout().match(/^ {2}export .*$/gm) ?? [];
    const whoami = [process.execPath, "--import", "tsx", script, "whoami"].join(" ");
    const shell = spawnCommand("/bin/sh", ["-c", [...lines, whoami].join("\n")]);
    const { code, output } = await endOf(shell);

    expect(lines.map((line) => line.split(/[ =]/)[3])).toEqual([
      ...["OS_AUTH_URL", "OS_USERNAME", "OS_PASSWORD", "OS_USER_DOMAIN_NAME", "OS_PROJECT_NAME"],
      "OS_REGION_NAME",
    ]);
    expect(output).toContain("it's $(mine)");
    expect(code, output).toBe(0);
  });

  it("says which port is taken and what to do, with exit code 1", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const { port } = other.address() as AddressInfo;

    const run = otcCts("emulator", "--port", String(port));
    const code = await run.exit;
    other.close();

    expect(code).toBe(1);
    expect(run.stderr()).toBe(
      `otc-cts: Port ${port} on 127.0.0.1 is taken. End what listens there, or choose another port with --port.\n`,
    );
  });
});
