import fs from "node:fs";
import { join } from "node:path";
import { ensure } from "./lock.mjs";
import { npm } from "./process.mjs";

const FOLDERS = ["sdk", "client", "provider", "emulator", "drift", "cli"];
const FILES = [
  "package.json",
  "package-lock.json",
  "tsconfig.json",
  "tsconfig.build.json",
  "scripts/build.mjs",
];

/** Installs what package-lock.json says, unless npm has done that since it was written. */
export function dependencies(root) {
  const changed = (file) => changedAt(join(root, file));
  // npm writes its own record last, so it is missing after an interrupted `npm ci`.
  const isDone = () => changed("node_modules/.package-lock.json") >= changed("package-lock.json");
  return ensure(isDone, root, async () => {
    console.log("Installing dependencies (npm ci)");
    await npm(root, "ci", "--include=dev", "--no-audit", "--no-fund", "--loglevel=error");
  });
}

/** Compiles to dist/, unless no source has changed since. */
export function build(root) {
  const [dist, stamp] = [join(root, "dist"), join(root, ".work", "built")];
  const sources = () =>
    String(Math.max(...[...FOLDERS, ...FILES].map((name) => changedAt(join(root, name)))));
  const isDone = () => [dist, stamp].every(fs.existsSync) && fs.readFileSync(stamp, "utf8") === sources();
  return ensure(isDone, root, async () => {
    console.log("Building dist/");
    const before = sources(); // a file that is saved meanwhile counts as changed
    await npm(root, "run", "--silent", "build");
    fs.mkdirSync(join(root, ".work"), { recursive: true });
    fs.writeFileSync(stamp, before);
  });
}

/** The time of the last change of a file, or of a folder and all in it. 0 if there is none. */
function changedAt(path) {
  const stat = fs.statSync(path, { throwIfNoEntry: false });
  const inner = stat?.isDirectory() ? fs.readdirSync(path).map((name) => changedAt(join(path, name))) : [];
  return Math.max(stat?.mtimeMs ?? 0, ...inner);
}
