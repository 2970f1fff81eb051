import * as fs from "node:fs";
import { join } from "node:path";
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
} from "../pulumi.mjs";
import { withLock } from "./lock.mjs";
import { run, SetupError, undoing } from "./process.mjs";

const GO_PACKAGE = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi";
const GO_VERSION_VARIABLE = "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version";
const DOWNLOAD_MS = 5 * 60_000;

/** Sees to a Pulumi CLI: on PATH, in the cache, by the official download, or built by Go; in this order. */
export async function pulumiCli() {
  const root = cachedRoot();
  if (!(await locatePulumi())) {
    await withLock(root, async () => (await locatePulumi()) ?? (await obtain(root)));
  }
}

async function obtain(root) {
  const onPath = findOnPath("pulumi");
  const passedOver = onPath && `${onPath} is passed over (${(await inspect(onPath)).reason})`;
  console.log(`No Pulumi CLI to use: ${passedOver ?? "there is none on PATH"}, and none runs in ${root}`);
  const scratch = join(root, "build");
  const bin = join(scratch, "bin");
  const removeScratch = () => fs.rmSync(scratch, { recursive: true, force: true });
  removeScratch(); // of a set-up that was killed
  fs.mkdirSync(bin, { recursive: true });
  await undoing(removeScratch, async () => {
    await download(scratch).catch((noDownload) => {
      console.log(noDownload.message);
      return buildByGo(bin).catch((noBuild) => {
        throw new SetupError(noWay(passedOver, noDownload, noBuild));
      });
    });
    const { reason } = await inspect(join(bin, CLI));
    if (reason) {
      throw new SetupError(`The Pulumi CLI just made cannot be used: ${reason}. Please report this.`);
    }
    // In one stroke, so that no one ever sees half of it.
    fs.rmSync(join(root, "bin"), { recursive: true, force: true });
    fs.renameSync(bin, join(root, "bin"));
  });
  console.log(`Pulumi CLI ${wantedVersion()} is ready in ${join(root, "bin")}`);
}

/** The official distribution, by Pulumi's own installer. */
async function download(root) {
  if (process.env.OTC_CTS_SETUP_DOWNLOAD === "off") {
    throw new SetupError("The official download is switched off (OTC_CTS_SETUP_DOWNLOAD=off)");
  }
  const script = `require(${JSON.stringify(join(SDK, "automation"))}).PulumiCommand.install({ root: ${JSON.stringify(root)} })
    .catch((error) => { console.error(error.message); process.exit(1); });`;
  const options = { env: { ...process.env, NODE_USE_ENV_PROXY: "1" }, timeout: DOWNLOAD_MS };
  await run(`Downloading Pulumi ${wantedVersion()}`, process.execPath, ["-e", script], options);
}

/**
 * Builds the CLI from the Go module proxy, in a module of its own because `go install …@version` refuses modules with
 * replace directives. Go keeps what it fetched and compiled, so an interrupted build goes on where it was.
 */
async function buildByGo(bin) {
  const version = wantedVersion();
  console.log(`Building the Pulumi CLI ${version} with Go. This takes some minutes and about 3 GB in Go's caches,
is done once, and can be interrupted: the next run goes on from there`);
  const cwd = join(bin, "..");
  const env = { ...process.env, GOWORK: "off", GOFLAGS: "-mod=mod", CGO_ENABLED: "0", GOTMPDIR: cwd };
  const go = (what, ...args) => run(what, "go", args, { cwd, env });
  const flags = `-s -w -X ${GO_VERSION_VARIABLE}=v${version}`;
  await go("go mod init", "mod", "init", "setup");
  await go("fetching with go get (1 of 2)", "get", `${GO_PACKAGE}@v${version}`);
  await go(
    "compiling with go build (2 of 2)",
    "build",
    "-v",
    "-ldflags",
    flags,
    "-o",
    join(bin, CLI),
    GO_PACKAGE,
  );
  fs.copyFileSync(join(SDK, LAUNCHER), join(bin, LAUNCHER));
  fs.chmodSync(join(bin, LAUNCHER), 0o755);
}

function noWay(passedOver, noDownload, noBuild) {
  const reasons = [passedOver, noDownload.message, noBuild.message].filter(Boolean);
  return `There is no Pulumi CLI, and no way to get one:
${reasons.map((reason) => `  - ${reason}`).join("\n")}
Install one of these, then run the same command again:
  - the Pulumi CLI, 3.${OLDEST_MINOR} or newer: https://www.pulumi.com/docs/install/
  - Go, 1.25 or newer: https://go.dev/dl/ (the CLI is then built here, once, in some minutes)`;
}
