import fs from "node:fs";
import { join } from "node:path";
import * as pulumi from "../pulumi.mjs";
import { ensure } from "./lock.mjs";
import { run } from "./process.mjs";

const GO_PACKAGE = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi";
const VERSION_VARIABLE = "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version";

/** Sees to a Pulumi CLI: on PATH, in the cache, by the official download, or built by Go; in this order. */
export function pulumiCli() {
  const root = pulumi.cachedRoot();
  return ensure(pulumi.locatePulumi, root, async () => {
    const scratch = join(root, "build");
    const removeScratch = () => fs.rmSync(scratch, { recursive: true, force: true, maxRetries: 3 });
    removeScratch(); // of a set-up that was killed
    process.once("exit", removeScratch);
    fs.mkdirSync(join(scratch, "bin"), { recursive: true });
    await obtain(scratch);
    // In one stroke, so that no process sees half of it.
    fs.rmSync(join(root, "bin"), { recursive: true, force: true });
    fs.renameSync(join(scratch, "bin"), join(root, "bin"));
    console.log(`Pulumi CLI ${pulumi.wantedVersion()} is ready in ${join(root, "bin")}`);
  });
}

/** Puts a CLI that runs into the folder `bin` of `root`, in the first way that succeeds. */
async function obtain(root) {
  const onPath = pulumi.findOnPath("pulumi");
  const problems = [onPath ? `${onPath}: ${(await pulumi.inspect(onPath)).reason}` : "no pulumi is on PATH"];
  for (const [name, way] of Object.entries({ "official download": download, "build by Go": buildByGo })) {
    console.log(`No Pulumi CLI to use: ${problems.at(-1)}`);
    const made = way(root, pulumi.wantedVersion()).then(() => pulumi.inspect(join(root, "bin", pulumi.CLI)));
    const { reason } = await made.catch((error) => ({ reason: error.message }));
    if (!reason) {
      return;
    }
    problems.push(`${name}: ${reason}`);
  }
  throw new Error(`There is no Pulumi CLI, and no way to get one:
${problems.map((problem) => `  - ${problem}`).join("\n")}
Install one of these, then run the same command again:
  - the Pulumi CLI, 3.${pulumi.OLDEST_MINOR} or newer: https://www.pulumi.com/docs/install/
  - Go, 1.25 or newer: https://go.dev/dl/ (the CLI is then built here, once, in some minutes)`);
}

/** Gets the official distribution, by Pulumi's own installer. */
async function download(root) {
  if (process.env.OTC_CTS_SETUP_DOWNLOAD === "off") {
    throw new Error("OTC_CTS_SETUP_DOWNLOAD=off");
  }
  const script = `require("@pulumi/pulumi/automation").PulumiCommand.install({ root: process.argv[1] })
    .catch((error) => { console.error(error.message); process.exit(1); })`;
  const env = { ...process.env, NODE_USE_ENV_PROXY: "1" };
  await run("PulumiCommand.install", process.execPath, ["-e", script, root], { env, timeout: 5 * 60_000 });
}

/**
 * Builds the CLI from the Go module proxy, in a module of its own because `go install …@version` refuses modules with
 * replace directives. Go keeps what it fetched and compiled, so the build after an interrupted one goes on from there.
 */
async function buildByGo(root, version) {
  console.log(
    `Building the Pulumi CLI ${version} with Go, once. It takes some minutes, and 3 GB in Go's caches`,
  );
  const env = { ...process.env, GOWORK: "off", GOFLAGS: "-mod=mod", CGO_ENABLED: "0", GOTMPDIR: root };
  const go = (...args) => run(`go ${args[0]}`, "go", args, { cwd: root, env });
  await go("mod", "init", "setup");
  await go("get", `${GO_PACKAGE}@v${version}`);
  const flags = `-s -w -X ${VERSION_VARIABLE}=v${version}`;
  await go("build", "-v", "-ldflags", flags, "-o", join("bin", pulumi.CLI), GO_PACKAGE);
  fs.copyFileSync(join(pulumi.SDK, pulumi.LAUNCHER), join(root, "bin", pulumi.LAUNCHER));
}
