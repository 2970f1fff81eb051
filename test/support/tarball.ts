import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

const ROOT = join(__dirname, "..", "..");

/** A folder outside the repository: nothing in it finds what the repository has installed. */
export function makeBox(name: string): string {
  return mkdtempSync(join(tmpdir(), `${name}-`));
}

/** Packs what is in dist/ now, and returns the tarball's path. */
export function packInto(folder: string): string {
  execFileSync("npm", ["pack", "--silent", "--ignore-scripts", "--pack-destination", folder], { cwd: ROOT });
  const [name = ""] = readdirSync(folder).filter((each) => each.endsWith(".tgz"));
  return join(folder, name);
}

/** Puts the packed package into a `node_modules`, with links to the dependencies that it declares. */
export function installInto(modules: string, tarball: string): void {
  mkdirSync(modules, { recursive: true });
  execFileSync("tar", ["-xzf", tarball, "-C", modules]);
  renameSync(join(modules, "package"), join(modules, "pulumi-otc-cts"));
  const { dependencies, peerDependencies } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  for (const name of Object.keys({ ...dependencies, ...peerDependencies })) {
    linkInto(modules, name);
  }
}

/** Links a package into a `node_modules`. @param from by default where this repository has it. */
export function linkInto(modules: string, name: string, from = join(ROOT, "node_modules", name)): void {
  const link = join(modules, name);
  mkdirSync(dirname(link), { recursive: true });
  rmSync(link, { force: true });
  symlinkSync(from, link, "junction");
}
