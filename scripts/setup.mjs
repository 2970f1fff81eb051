// Sets up a checkout: Node's version, dependencies, dist/, a Pulumi CLI. Every step looks first whether there is anything
// to do, so a second run is quick and says nothing; whatever was interrupted goes on where it was.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import * as fs from "node:fs";
import { constants } from "node:os";
import { basename, dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import {
  CLI,
  cachedRoot,
  findOnPath,
  inspect,
  LAUNCHER,
  locatePulumi,
  OLDEST_MINOR,
  SDK,
  wantedVersion,
} from "./pulumi.mjs";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const NODE_NEEDED = 20;
const GO_NEEDED = "1.25";
const GO_PACKAGE = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi";
const GO_VERSION_VARIABLE = "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version";
const INSTALL_PULUMI = `the Pulumi CLI, 3.${OLDEST_MINOR} or newer: https://www.pulumi.com/docs/install/`;
const minutes = 60_000;
const posix = process.platform !== "win32";

/** Something that whoever runs set-up can put right; shown without a stack. */
class SetupError extends Error {}

/** Runs the steps in order. On failure it says why and exits with 1. */
export async function setUp(steps = [nodeVersion, dependencies, build, pulumiCli], root = ROOT) {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    process.on(signal, () => interrupted(signal));
  }
  try {
    for (const step of steps) {
      await step(root);
    }
  } catch (error) {
    console.error(error instanceof SetupError || error.syscall ? `\n${error.message}` : error);
    process.exit(1);
  }
}

// ---- Steps ----------------------------------------------------------------------------------------------------------

export function nodeVersion() {
  if (Number.parseInt(process.versions.node, 10) >= NODE_NEEDED) {
    return;
  }
  throw new SetupError(
    `Node ${process.versions.node} is too old: version ${NODE_NEEDED} or newer is needed, see https://nodejs.org`,
  );
}

/** Installs what package-lock.json says, unless just that is installed. */
export async function dependencies(root) {
  if (isInstalled(root)) {
    return;
  }
  await withLock(join(root, ".work", "setup.lock"), async () => {
    if (isInstalled(root)) {
      return;
    }
    say("Installing dependencies (npm ci)");
    const quiet = ["--no-audit", "--no-fund", "--loglevel=error"];
    await npm(["ci", "--include=dev", ...quiet], { what: "npm ci", cwd: root });
  });
}

/**
 * Compares package-lock.json with npm's own record of what lies in node_modules. npm writes that record last, so it is
 * missing after an interrupted `npm ci`.
 */
function isInstalled(root) {
  const packages = (file) => {
    const text = fs.existsSync(join(root, file)) ? fs.readFileSync(join(root, file), "utf8") : "{}";
    const { "": _root, ...rest } = JSON.parse(text).packages ?? {};
    return rest;
  };
  const wanted = packages("package-lock.json");
  const installed = packages("node_modules/.package-lock.json");
  const optional = (path) => wanted[path]?.optional === true; // for other platforms, mostly
  const same = (path) =>
    installed[path]?.version === wanted[path]?.version &&
    installed[path]?.integrity === wanted[path]?.integrity &&
    fs.existsSync(join(root, path, "package.json"));
  return Object.keys({ ...wanted, ...installed }).every(
    (path) => same(path) || (optional(path) && !installed[path]),
  );
}

/** Compiles to dist/, unless dist/ is what these very sources compile to. */
export async function build(root) {
  const stamp = join(root, ".work", "built");
  const inputs = () =>
    fingerprint(
      root,
      [
        "sdk",
        "client",
        "provider",
        "emulator",
        "drift",
        "cli",
        "scripts/build.mjs",
        "package.json",
        "package-lock.json",
      ],
      /^tsconfig/,
    );
  const state = (sources) => `${sources} ${fingerprint(root, ["dist"])}`;
  const isBuilt = () => fs.existsSync(stamp) && fs.readFileSync(stamp, "utf8") === state(inputs());
  if (isBuilt()) {
    return;
  }
  // Not the lock of the dependencies: npm builds while it installs them ("prepare").
  await withLock(join(root, ".work", "build.lock"), async () => {
    if (isBuilt()) {
      return;
    }
    say("Building dist/");
    const sources = inputs(); // a file saved while the compiler runs shall count as changed
    fs.rmSync(join(root, "dist"), { recursive: true, force: true });
    await npm(["run", "--silent", "build"], { what: "npm run build", cwd: root });
    fs.writeFileSync(stamp, state(sources));
  });
}

/** One hash over the names and contents of files and folders, and of files in `root` whose name matches. */
function fingerprint(root, names, pattern) {
  const hash = createHash("sha256");
  const matching = pattern ? fs.readdirSync(root).filter((name) => pattern.test(name)) : [];
  const add = (path) => {
    const stat = fs.statSync(path, { throwIfNoEntry: false });
    if (stat?.isDirectory()) {
      for (const name of fs.readdirSync(path).sort()) {
        add(join(path, name));
      }
    } else if (stat) {
      hash.update(`${path}\0${stat.size}\0`).update(fs.readFileSync(path));
    }
  };
  for (const name of [...names, ...matching].sort()) {
    add(join(root, name));
  }
  return hash.digest("hex");
}

/** Sees to a Pulumi CLI: on PATH, in the cache, by the official download, or built by Go; in this order. */
export async function pulumiCli() {
  if (await locatePulumi()) {
    return;
  }
  const root = cachedRoot();
  await withLock(join(root, "setup.lock"), async () => {
    if (await locatePulumi()) {
      return;
    }
    const onPath = await whyNotOnPath();
    say(`No Pulumi CLI to use: ${onPath}, and there is none that runs in ${join(root, "bin")}`);
    const scratch = join(root, "build");
    await undoing(
      () => fs.rmSync(scratch, { recursive: true, force: true }),
      async () => {
        const staging = join(scratch, String(process.pid));
        fs.rmSync(scratch, { recursive: true, force: true }); // of a set-up that was killed
        fs.mkdirSync(join(staging, "bin"), { recursive: true });
        const refusal = await download(staging);
        if (refusal) {
          await buildByGo(staging, [onPath, refusal]);
        }
        await publish(join(staging, "bin"), join(root, "bin"));
      },
    );
    say(`Pulumi CLI ${wantedVersion()} is ready in ${join(root, "bin")}`);
  });
}

async function whyNotOnPath() {
  const onPath = findOnPath("pulumi");
  return onPath ? `${onPath} is passed over (${(await inspect(onPath)).reason})` : "there is none on PATH";
}

/** The official distribution, by Pulumi's own installer. Returns why it is not to be had, or undefined. */
async function download(staging) {
  if (process.env.OTC_CTS_SETUP_DOWNLOAD === "off") {
    return "the official download is switched off (OTC_CTS_SETUP_DOWNLOAD=off)";
  }
  say(`Downloading the official Pulumi CLI ${wantedVersion()}`);
  const script = `require("@pulumi/pulumi/automation").PulumiCommand.install({ root: process.argv[1] })
    .catch((error) => { console.error(error.message); process.exit(1); });`;
  try {
    await run(process.execPath, ["-e", script, staging], {
      what: "download",
      cwd: ROOT,
      env: { NODE_USE_ENV_PROXY: "1" },
      limitMs: 5 * minutes,
    });
    return undefined;
  } catch (error) {
    if (!(error instanceof SetupError)) {
      throw error;
    }
    say(`  not to be had: ${error.message.split("\n").at(-1)}`);
    return "the official download is not to be had";
  }
}

/**
 * Builds the CLI from the Go module proxy, in a module of its own because `go install …@version` refuses modules with
 * replace directives. Go keeps what it fetched and compiled, so an interrupted build goes on where it was.
 */
async function buildByGo(staging, refusals) {
  const version = wantedVersion();
  await checkGo(refusals);
  say(`Building the Pulumi CLI ${version} with Go. This takes some minutes and about 3 GB in Go's caches,`);
  say("is done once, and can be interrupted: the next run goes on from there");
  const options = {
    cwd: staging,
    env: { GOWORK: "off", GOFLAGS: "-mod=mod", CGO_ENABLED: "0", GOTMPDIR: staging },
    limitMs: 20 * minutes,
  };
  const flags = `-s -w -X ${GO_VERSION_VARIABLE}=v${version}`;
  const output = join(staging, "bin", CLI);
  try {
    await run("go", ["mod", "init", "setup"], { ...options, what: "go mod init" });
    await run("go", ["get", `${GO_PACKAGE}@v${version}`], {
      ...options,
      what: "fetching with go get (1 of 2)",
      unit: "modules",
    });
    await run("go", ["build", "-v", "-ldflags", flags, "-o", output, GO_PACKAGE], {
      ...options,
      what: "compiling with go build (2 of 2)",
      unit: "packages",
    });
  } catch (error) {
    if (error instanceof SetupError) {
      error.message += `\nIf this cannot be put right, install ${INSTALL_PULUMI}`;
    }
    throw error;
  }
  fs.copyFileSync(join(SDK, LAUNCHER), join(staging, "bin", LAUNCHER));
}

/** Go fetches newer toolchains by itself from 1.21 on (GOTOOLCHAIN=local forbids it; `go get` then says so). */
async function checkGo(refusals) {
  if (!findOnPath("go")) {
    throw new SetupError(nothingAvailable([...refusals, "Go is not installed, so it cannot be built"]));
  }
  const said = await run("go", ["version"], { what: "go version", cwd: ROOT });
  const [, found, major, minor] = /go((\d+)\.(\d+)\S*)/.exec(said) ?? [];
  if (Number(major) === 1 && Number(minor) < 21) {
    throw new SetupError(nothingAvailable([...refusals, `Go ${found} is too old to build it`]));
  }
}

function nothingAvailable(reasons) {
  return [
    "There is no Pulumi CLI, and no way to get one:",
    ...reasons.map((reason) => `  - ${reason}`),
    "Install one of these, then run the same command again:",
    `  - ${INSTALL_PULUMI}`,
    `  - Go, ${GO_NEEDED} or newer: https://go.dev/dl/ (the CLI is then built here, once, in some minutes)`,
  ].join("\n");
}

/** Moves finished programs into place, each in one stroke and the CLI last, so that no one ever sees half of it. */
async function publish(from, to) {
  for (const name of fs.readdirSync(from)) {
    fs.chmodSync(join(from, name), 0o755);
  }
  const { reason } = await inspect(join(from, CLI));
  if (reason) {
    throw new SetupError(`The Pulumi CLI just made cannot be used: ${reason}. Please report this.`);
  }
  fs.mkdirSync(to, { recursive: true });
  const cliLast = fs.readdirSync(from).sort((a, b) => Number(a === CLI) - Number(b === CLI));
  for (const name of cliLast) {
    fs.renameSync(join(from, name), join(to, name));
  }
}

// ---- Running programs -----------------------------------------------------------------------------------------------

const running = new Set();
const undos = new Set();
let stopping = false;

function npm(args, options) {
  const cli = process.env.npm_execpath;
  if (cli && basename(cli) === "npm-cli.js") {
    return run(process.execPath, [cli, ...args], options);
  }
  return run(posix ? "npm" : "npm.cmd", args, { ...options, shell: !posix });
}

/**
 * Runs a program in a process group of its own, bounded in time, and says now and then how long it has been. Its output
 * is shown only when it fails; `unit` is what one line of it stands for.
 */
function run(command, args, { what, cwd, env, unit, limitMs = 20 * minutes, shell = false }) {
  const child = spawn(command, args, {
    cwd,
    shell,
    env: { ...process.env, ...env },
    detached: posix,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  let lines = 0;
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text) => {
      output += text;
      lines += text.split("\n").length - 1;
    });
  }
  const stopProgress = progress(() => `  ${what}: ${unit ? `${lines} ${unit}, ` : ""}`);
  return new Promise((done, fail) => {
    const failed = (why) =>
      fail(new SetupError([`${what} ${why}`, excerpt(output)].filter(Boolean).join("\n")));
    let late = "";
    const limit = setTimeout(() => {
      late = `took more than ${limitMs / minutes} minutes`;
      end(child);
    }, limitMs);
    const settle = (action) => {
      clearTimeout(limit);
      stopProgress();
      running.delete(child);
      if (!stopping) {
        action();
      }
    };
    running.add(child);
    child.on("error", (error) => settle(() => failed(`could not be started: ${error.message}`)));
    child.on("close", (code, signal) =>
      settle(() => (code === 0 ? done(output) : failed(late || `failed (${signal ?? code})`))),
    );
  });
}

/** The beginning and the end: npm names the cause first and much else after it, Go and tsc the other way round. */
function excerpt(output) {
  const lines = output.trim().split("\n");
  return lines.length <= 40 ? lines.join("\n") : [...lines.slice(0, 15), "…", ...lines.slice(-24)].join("\n");
}

/** In place on a terminal, else a line every 15 s. Nothing for what is over in a moment. */
function progress(text) {
  const startedAt = Date.now();
  const terminal = process.stdout.isTTY;
  const timer = setInterval(
    () => {
      const line = text() + elapsed(Date.now() - startedAt);
      process.stdout.write(terminal ? `\r\x1b[K${line}` : `${line}\n`);
    },
    terminal ? 1000 : 15_000,
  );
  return () => {
    clearInterval(timer);
    if (terminal) {
      process.stdout.write("\r\x1b[K");
    }
  };
}

function elapsed(ms) {
  const seconds = Math.round(ms / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

function say(line) {
  console.log(line);
}

// ---- Ending early, and not alone ------------------------------------------------------------------------------------

/** Ends the programs that run, with all they started, takes back what is half-made, and exits. */
async function interrupted(signal) {
  if (stopping) {
    return;
  }
  stopping = true;
  await Promise.all([...running].map(end));
  for (const undo of undos) {
    undo();
  }
  console.error("\nInterrupted. The same command goes on from here.");
  process.exit(128 + constants.signals[signal]);
}

async function end(child) {
  const closed = new Promise((done) => child.once("close", done));
  const kill = (signal) => {
    try {
      if (posix) {
        process.kill(-child.pid, signal);
      } else {
        child.kill(signal);
      }
    } catch {
      // Ended by itself.
    }
  };
  if (child.exitCode !== null || child.signalCode !== null) {
    return;
  }
  kill("SIGTERM");
  await Promise.race([closed, sleep(3000)]);
  kill("SIGKILL");
  await Promise.race([closed, sleep(1000)]);
}

/** Runs `work`, then `undo`; also when set-up is interrupted in between. */
async function undoing(undo, work) {
  undos.add(undo);
  try {
    return await work();
  } finally {
    undos.delete(undo);
    undo();
  }
}

/** Lets one set-up at a time do `work`. */
async function withLock(file, work) {
  fs.mkdirSync(dirname(file), { recursive: true });
  let told = false;
  while (!takeLock(file)) {
    if (!told) {
      say(`Waiting for another set-up that is at work here (${file})`);
    }
    told = true;
    await sleep(300);
  }
  const renewal = setInterval(() => fs.utimes(file, new Date(), new Date(), () => {}), 2000);
  await undoing(() => {
    clearInterval(renewal);
    fs.rmSync(file, { force: true });
  }, work);
}

/** The holder renews the file's time: a process number alone may belong to another machine, or to a later process. */
function takeLock(file) {
  try {
    fs.writeFileSync(file, String(process.pid), { flag: "wx" });
    return true;
  } catch (error) {
    if (error.code !== "EEXIST") {
      throw error;
    }
  }
  const age = Date.now() - (fs.statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
  if (age > 15_000 || (age > 500 && !isAlive(file))) {
    fs.rmSync(file, { force: true });
  }
  return false;
}

function isAlive(file) {
  try {
    process.kill(Number(fs.readFileSync(file, "utf8")), 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}

if (process.argv[1] && fs.realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  await setUp();
}
