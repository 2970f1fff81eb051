/**
 * Packs the package, installs it beside the oldest and the newest `@pulumi/pulumi` that it allows, and runs the life of a tracker by
 * each Node in turn. It prints a table, and ends with 1 if something failed. It needs npm's registry.
 * Arguments: major versions of Node; by default all that are supported.
 */
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { endOf, spawnCommand } from "../test/support/processes";
import { makeBox, packInto } from "../test/support/tarball";
import { locatePulumi } from "./pulumi.mjs";
import { ENGINE_ENV } from "./stack";

const NODES = ["20", "22", "24", "26"];
const ROOT = join(__dirname, "..");
const { peerDependencies } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
const PULUMIS = [peerDependencies["@pulumi/pulumi"].replace("^", ""), "latest"];

async function main(majors: string[]): Promise<void> {
  const pulumi = await locatePulumi();
  if (!pulumi) {
    throw new Error("No Pulumi CLI: run `npm run setup`");
  }
  const box = makeBox("matrix");
  try {
    const tarball = packInto(box);
    const nodes = majors.map((major) => {
      const name = `node-${process.platform}-${process.arch}`;
      const folder = install(join(box, `node-${major}`), `${name}@${major}`);
      return join(folder, "node_modules", name, "bin");
    });
    const folders = PULUMIS.map((version) =>
      install(join(box, `pulumi-${version}`), tarball, `@pulumi/pulumi@${version}`),
    );
    console.log(`\n| Node | @pulumi/pulumi | Pulumi CLI | |\n|---|---|---|---|`);
    for (const folder of folders) {
      for (const bin of nodes) {
        const PATH = [bin, pulumi.bin, process.env["PATH"]].join(delimiter);
        const { code, output } = await run(join(bin, "node"), folder, { ...ENGINE_ENV, PATH });
        const node = execFileSync(join(bin, "node"), ["--version"], { encoding: "utf8" }).trim();
        console.log(
          `| ${node.slice(1)} | ${versionIn(folder)} | ${pulumi.version} | ${code === 0 ? "passed" : "failed"} |`,
        );
        if (code !== 0) {
          console.error(output);
          process.exitCode = 1;
        }
      }
    }
  } finally {
    rmSync(box, { recursive: true, force: true });
  }
}

/** A folder with these packages. */
function install(folder: string, ...packages: string[]): string {
  console.log(`npm install ${packages.join(" ")}`);
  mkdirSync(folder);
  writeFileSync(join(folder, "package.json"), '{"private":true}');
  execFileSync("npm", ["install", "--silent", "--no-audit", "--no-fund", ...packages], {
    cwd: folder,
    stdio: "inherit",
  });
  return folder;
}

function run(node: string, folder: string, env: Record<string, string>) {
  const script = join(folder, "lifeCycle.cjs");
  cpSync(join(__dirname, "matrix", "lifeCycle.cjs"), script);
  rmSync(join(folder, "state"), { recursive: true, force: true });
  return endOf(spawnCommand(node, [script], folder, env));
}

function versionIn(folder: string): string {
  return JSON.parse(readFileSync(join(folder, "node_modules", "@pulumi", "pulumi", "package.json"), "utf8"))
    .version;
}

main(process.argv.length > 2 ? process.argv.slice(2) : NODES).catch((error: unknown) => {
  console.error(String(error));
  process.exitCode = 1;
});
