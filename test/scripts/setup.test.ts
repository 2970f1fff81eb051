import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import type { Readable } from "node:stream";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

// Set-up runs as a process with a PATH and a cache of its own. Other people's programs (pulumi, go, npm) are
// stood for by small shell scripts that use no program but those named by their full path.

const script = (name: string) => JSON.stringify(pathToFileURL(resolve("scripts", name)).href);
const version = JSON.parse(readFileSync(resolve("node_modules/@pulumi/pulumi/package.json"), "utf8")).version;

let box: string;
let path: string;
let cache: string;

beforeEach(() => {
  box = mkdtempSync(join(tmpdir(), "setup-test-"));
  path = join(box, "path");
  cache = join(box, "home", "versions", version);
  mkdirSync(path);
});

afterEach(() => rmSync(box, { recursive: true, force: true }));

function program(file: string, ...lines: string[]) {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, ["#!/bin/sh", ...lines, ""].join("\n"));
  chmodSync(file, 0o755);
}

function pulumi(bin: string, says: string) {
  program(join(bin, "pulumi"), `echo ${says}`);
  program(join(bin, "pulumi-resource-pulumi-nodejs"));
}

/** A Go whose builds are these lines; `$output` is the file that Go was told to write. */
function go(...building: string[]) {
  const toOutput = 'while [ "$1" != -o ]; do shift; done; output=$2';
  const record = `echo "$1" >> ${box}/go.log`;
  const onBuild = ["if [ $1 = build ]; then", toOutput, ...building, "fi"];
  program(join(path, "go"), record, ...onBuild);
}

const goodBuild = `printf '#!/bin/sh\\necho v${version}\\n' > "$output"; /bin/chmod 755 "$output"`;

interface Run {
  child: ChildProcess;
  ended: Promise<{ code: number | null; output: string }>;
}

function start(code: string, cwd = process.cwd()): Run {
  const env = {
    PATH: path,
    HOME: box,
    PULUMI_HOME: join(box, "home"),
    OTC_CTS_SETUP_DOWNLOAD: "off",
  };
  const child = spawn(process.execPath, ["--input-type=module", "-e", code], { env, cwd });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (text) => (output += text));
  }
  return { child, ended: new Promise((done) => child.on("close", (code) => done({ code, output }))) };
}

/** Runs one step in the box, as if that were the checkout. */
function setUp(step: "dependencies" | "build" | "pulumiCli"): Run {
  const module = script(step === "pulumiCli" ? "setup/pulumiCli.mjs" : "setup/checkout.mjs");
  return start(`import { ${step} } from ${module}; await ${step}();`, box);
}

async function evaluate(expression: string) {
  const code = `import * as p from ${script("pulumi.mjs")}; console.log(JSON.stringify(await ${expression}) ?? null);`;
  return JSON.parse((await start(code).ended).output);
}

async function until(condition: () => boolean) {
  while (!condition()) {
    await new Promise((done) => setTimeout(done, 20));
  }
}

/** The resolution of a file's time may be coarse. */
function touch(file: string) {
  const soon = new Date(Date.now() + 2000);
  utimesSync(file, soon, soon);
}

/** The path of a file in the box. */
const file = (name: string) => join(box, name);

function lines(file: string): string[] {
  return existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : [];
}

describe("locatePulumi", () => {
  it("prefers the CLI on PATH to the cached one", async () => {
    pulumi(path, "v3.300.1");
    pulumi(join(cache, "bin"), `v${version}`);

    expect(await evaluate("p.locatePulumi()")).toEqual({
      command: join(path, "pulumi"),
      bin: path,
      version: "3.300.1",
    });
  });

  it("derives the root of an installation whose CLI lies in a folder named bin", async () => {
    pulumi(join(cache, "bin"), `v${version}`);

    expect(await evaluate("p.locatePulumi()")).toEqual({
      command: join(cache, "bin", "pulumi"),
      root: cache,
      bin: join(cache, "bin"),
      version,
    });
  });

  it.each(["v3.199.0", "v2.250.0", "v4.0.0", "no-version"])("passes over %s on PATH", async (says) => {
    pulumi(path, says);
    pulumi(join(cache, "bin"), `v${version}`);

    expect(await evaluate("p.locatePulumi()")).toMatchObject({ version, root: cache });
  });

  it("passes over a CLI on PATH without the launcher of dynamic providers", async () => {
    program(join(path, "pulumi"), "echo v3.300.0");

    expect(await evaluate("p.locatePulumi()")).toBeNull();
  });

  it.each([
    ["empty", ""],
    ["failing", "#!/bin/sh\nexit 1\n"],
    ["not a program", "\0\0\0"],
  ])("does not use a cached CLI that is %s", async (_what, content) => {
    pulumi(join(cache, "bin"), `v${version}`);
    writeFileSync(join(cache, "bin", "pulumi"), content);

    expect(await evaluate("p.locatePulumi()")).toBeNull();
  });
});

describe("languageHost", () => {
  it("finds the host beside the CLI before one on PATH", async () => {
    const name = "pulumi-language-nodejs";
    expect(await evaluate("p.languageHost()")).toBeNull();

    program(join(path, name));
    expect(await evaluate("p.languageHost()")).toBe(join(path, name));

    program(join(cache, "bin", name));
    expect(await evaluate("p.languageHost()")).toBe(join(cache, "bin", name));

    program(join(box, "other", name));
    expect(await evaluate(`p.languageHost(${JSON.stringify(join(box, "other"))})`)).toBe(
      join(box, "other", name),
    );
  });
});

describe("pulumiCli", () => {
  it("does and says nothing where a CLI is there", async () => {
    pulumi(path, "v3.300.0");

    expect(await setUp("pulumiCli").ended).toEqual({ code: 0, output: "" });
    expect(existsSync(join(box, "home"))).toBe(false);
  });

  it("names Pulumi and Go where there is no way to get a CLI", async () => {
    pulumi(path, "v3.100.0");

    const { code, output } = await setUp("pulumiCli").ended;

    expect(code).toBe(1);
    expect(output).toContain("it is version 3.100.0, and 3.200 or newer of 3 is needed");
    expect(output).toContain("OTC_CTS_SETUP_DOWNLOAD=off");
    expect(output).toContain("the Pulumi CLI, 3.200 or newer: https://www.pulumi.com/docs/install/");
    expect(output).toContain("Go, 1.25 or newer: https://go.dev/dl/");
    expect(output).not.toContain("    at ");
  });

  it("builds by Go over a broken CLI, with the launcher beside it, and leaves nothing else", async () => {
    pulumi(join(cache, "bin"), "");
    go(goodBuild);

    expect((await setUp("pulumiCli").ended).code).toBe(0);

    expect(await evaluate("p.locatePulumi()")).toMatchObject({ version, root: cache });
    expect(readFileSync(join(cache, "bin", "pulumi-resource-pulumi-nodejs"), "utf8")).toContain(
      "dynamic-provider",
    );
    expect(existsSync(join(cache, "build"))).toBe(false);
    expect(lines(join(box, "go.log"))).toEqual(["mod", "get", "build"]);
  });

  it("reports what Go says when a build fails, and keeps nothing of it", async () => {
    go('echo half > "$output"', "echo 'main.go:7: undefined: x' >&2", "exit 2");

    const { code, output } = await setUp("pulumiCli").ended;

    expect(code).toBe(1);
    expect(output).toContain("main.go:7: undefined: x");
    expect(output).toContain("https://www.pulumi.com/docs/install/");
    expect(existsSync(join(cache, "bin"))).toBe(false);
    expect(existsSync(join(cache, "build"))).toBe(false);
  });

  it("refuses a build that does not run", async () => {
    go('echo half > "$output"');

    const { code, output } = await setUp("pulumiCli").ended;

    expect(code).toBe(1);
    expect(output).toContain("it does not run");
    expect(existsSync(join(cache, "bin"))).toBe(false);
  });

  it("says which folder it cannot make", async () => {
    writeFileSync(join(box, "home"), "");

    const { code, output } = await setUp("pulumiCli").ended;

    expect(code).toBe(1);
    expect(output).toContain(cache);
    expect(output).not.toContain("    at ");
  });

  it.each(["SIGINT", "SIGTERM"] as const)(
    "ends Go, with all it started, and leaves nothing behind on %s",
    async (signal) => {
      const beats = join(box, "beats");
      go('echo half > "$output"', `(while /bin/sleep 0.02; do echo beat >> ${beats}; done) & wait`);
      const run = setUp("pulumiCli");
      await until(() => existsSync(beats));

      run.child.kill(signal);
      const { code, output } = await run.ended;
      const counted = lines(beats).length;
      await new Promise((done) => setTimeout(done, 200));

      expect(code).toBe(signal === "SIGINT" ? 130 : 143);
      expect(output).toContain("goes on from here");
      expect(lines(beats)).toHaveLength(counted);
      expect(existsSync(join(cache, "bin"))).toBe(false);
      expect(existsSync(join(cache, "build"))).toBe(false);
    },
  );

  it("builds once where two set-ups start at the same time", async () => {
    go("/bin/sleep 0.5", goodBuild);

    const ends = await Promise.all([setUp("pulumiCli").ended, setUp("pulumiCli").ended]);

    expect(ends.map((end) => end.code)).toEqual([0, 0]);
    expect(lines(join(box, "go.log")).filter((line) => line === "build")).toHaveLength(1);
  });

  it("takes over the lock of a set-up that was killed", async () => {
    go("/bin/sleep 2");
    const killed = setUp("pulumiCli");
    await until(() => lines(join(box, "go.log")).includes("build"));
    killed.child.kill("SIGKILL");
    go(goodBuild);

    expect((await setUp("pulumiCli").ended).code).toBe(0);
  });

  it("builds once where several set-ups wait for one that is killed", async () => {
    go("/bin/sleep 5");
    const killed = setUp("pulumiCli");
    await until(() => lines(join(box, "go.log")).includes("build"));
    const waiting = [setUp("pulumiCli"), setUp("pulumiCli"), setUp("pulumiCli")];
    await Promise.all(waiting.map(({ child }) => once(child.stdout as Readable, "data")));
    go("/bin/sleep 0.5", goodBuild);
    killed.child.kill("SIGKILL");

    const ends = await Promise.all(waiting.map((run) => run.ended));

    expect(ends.map((end) => end.code)).toEqual([0, 0, 0]);
    expect(lines(join(box, "go.log")).filter((line) => line === "build")).toHaveLength(2);
  });
});

describe("dependencies", () => {
  const log = () => lines(join(box, "npm.log"));
  const lock = (a: string) =>
    writeFileSync(
      join(box, "package-lock.json"),
      JSON.stringify({
        packages: {
          "": { name: "root" },
          "node_modules/a": { version: a, integrity: `sha512-${a}` },
        },
      }),
    );
  const record = ["/bin/cp package-lock.json node_modules/.package-lock.json"];
  const unpack = "/bin/mkdir -p node_modules/a; echo '{}' > node_modules/a/package.json";
  const npm = (...steps: string[]) =>
    program(join(path, "npm"), `echo "$1" >> ${box}/npm.log`, "/bin/rm -rf node_modules", ...steps);

  beforeEach(() => lock("1.0.0"));

  it("installs once", async () => {
    npm(unpack, ...record);

    expect((await setUp("dependencies").ended).code).toBe(0);
    expect(await setUp("dependencies").ended).toEqual({ code: 0, output: "" });

    expect(log()).toEqual(["ci"]);
  });

  it("installs once where two set-ups start at the same time", async () => {
    npm("/bin/sleep 0.5", unpack, ...record);

    const ends = await Promise.all([setUp("dependencies").ended, setUp("dependencies").ended]);

    expect(ends.map((end) => end.code)).toEqual([0, 0]);
    expect(log()).toEqual(["ci"]);
  });

  it("does not wait for the build of the package's own prepare script", async () => {
    writeFileSync(
      file("prepare.mjs"),
      `import { build } from ${script("setup/checkout.mjs")}; await build();`,
    );
    const prepare = `${process.execPath} ${file("prepare.mjs")}`;
    npm(unpack, ...record, `case "$*" in *--ignore-scripts*) ;; *) ${prepare} ;; esac`);

    expect((await setUp("dependencies").ended).code).toBe(0);

    expect(log()).toEqual(["ci"]);
  });

  it("installs again when package-lock.json has changed", async () => {
    npm(unpack, ...record);
    await setUp("dependencies").ended;

    lock("1.0.1");
    touch(join(box, "package-lock.json"));
    await setUp("dependencies").ended;

    expect(log()).toEqual(["ci", "ci"]);
  });

  it("installs again when node_modules is gone", async () => {
    npm(unpack, ...record);
    await setUp("dependencies").ended;

    rmSync(join(box, "node_modules"), { recursive: true });
    await setUp("dependencies").ended;

    expect(log()).toEqual(["ci", "ci"]);
  });

  it("redoes an install that was interrupted, and shows what npm said", async () => {
    npm(unpack, "echo 'npm error ENOTFOUND' >&2", "exit 1");
    const failed = await setUp("dependencies").ended;
    npm(unpack, ...record);

    const redone = await setUp("dependencies").ended;

    expect(failed).toMatchObject({ code: 1, output: expect.stringContaining("npm error ENOTFOUND") });
    expect(redone.code).toBe(0);
    expect(log()).toEqual(["ci", "ci"]);
  });
});

describe("build", () => {
  const builds = () => lines(file("npm.log")).filter((args) => args.startsWith("run ")).length;
  const run = async () => (await setUp("build").ended).code;

  beforeEach(async () => {
    program(join(path, "npm"), `echo "$*" >> ${file("npm.log")}`, "/bin/mkdir -p dist; /bin/cp -r sdk dist/");
    mkdirSync(file("sdk"));
    for (const name of ["sdk/a.ts", "sdk/b.ts", "tsconfig.json"]) {
      writeFileSync(file(name), "1");
    }
    expect(await run()).toBe(0);
  });

  it("lets npm link the command when its file is there", () => {
    expect(lines(file("npm.log"))).toEqual([
      "run --silent build",
      "rebuild --silent --ignore-scripts pulumi-otc-cts",
    ]);
  });

  it("says and does nothing while sources and dist/ are unchanged", async () => {
    expect(await setUp("build").ended).toEqual({ code: 0, output: "" });
    expect(builds()).toBe(1);
  });

  it.each(["sdk/a.ts", "tsconfig.json"])("builds again when %s is changed", async (name) => {
    touch(file(name));

    expect(await run()).toBe(0);

    expect(builds()).toBe(2);
  });

  it.each([
    ["a source", "sdk/b.ts"],
    ["dist/", "dist"],
  ])("builds again when %s is gone", async (_, name) => {
    rmSync(file(name), { recursive: true });
    if (name !== "dist") {
      touch(file("sdk"));
    }

    expect(await run()).toBe(0);

    expect(builds()).toBe(2);
  });

  it("builds again after a build that failed", async () => {
    touch(file("sdk/a.ts"));
    program(join(path, "npm"), "echo 'a.ts(1,1): error TS1005'", "exit 2");

    const failed = await setUp("build").ended;

    expect(failed).toMatchObject({ code: 1, output: expect.stringContaining("error TS1005") });
    expect(await run()).toBe(1);
  });
});
