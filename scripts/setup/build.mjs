import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { withLock } from "./lock.mjs";
import { npm } from "./process.mjs";

const FOLDERS = ["sdk", "client", "provider", "emulator", "drift", "cli"];
const FILES = [
  "scripts/build.mjs",
  "package.json",
  "package-lock.json",
  "tsconfig.json",
  "tsconfig.build.json",
];

/** Compiles to dist/, unless no source has changed since. */
export async function build(root) {
  const stamp = join(root, ".work", "built");
  const changedAt = () => String(Math.max(...[...FOLDERS, ...FILES].map((name) => newest(join(root, name)))));
  const isBuilt = () =>
    existsSync(join(root, "dist")) && existsSync(stamp) && readFileSync(stamp, "utf8") === changedAt();
  if (isBuilt()) {
    return;
  }
  // Not the lock of the dependencies: npm builds while it installs them ("prepare").
  await withLock(join(root, "dist"), async () => {
    if (!isBuilt()) {
      console.log("Building dist/");
      const before = changedAt(); // a file that is saved meanwhile counts as changed
      await npm(root, "run", "--silent", "build");
      mkdirSync(join(root, ".work"), { recursive: true });
      writeFileSync(stamp, before);
    }
  });
}

/** The time of the last change, also of a folder's entries. */
function newest(path) {
  const stat = statSync(path, { throwIfNoEntry: false });
  const inner = stat?.isDirectory() ? readdirSync(path).map((name) => newest(join(path, name))) : [];
  return Math.max(stat?.mtimeMs ?? 0, ...inner);
}
