// The package.json of the tarball. npm warns of a script `prepare` in a tarball, though it does not run it.
import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const manifest = join(root, "package.json");
const kept = join(root, ".work", "package.json");

/** Leaves out the parts that only a clone needs, until the tarball is made. */
export function strip() {
  const { scripts, workspaces, devDependencies, ...packed } = JSON.parse(readFileSync(manifest, "utf8"));
  if (scripts) {
    mkdirSync(join(root, ".work"), { recursive: true });
    copyFileSync(manifest, kept);
    writeFileSync(manifest, `${JSON.stringify(packed, null, 2)}\n`);
  }
}

/** Called by npm after packing. */
export function restore() {
  if (existsSync(kept)) {
    renameSync(kept, manifest);
  }
}

if (process.argv[2] === "restore") {
  restore();
}
