import fs from "node:fs";
import { join } from "node:path";
import { ensure } from "./lock.mjs";
import { run } from "./process.mjs";

const SOURCES = ["sdk", "client", "provider", "emulator", "drift", "cli", "scripts/build.mjs"];
const SETTINGS = ["package.json", "package-lock.json", "tsconfig.json", "tsconfig.build.json"];
const STAMP = ".work/built";

/** Installs what package-lock.json says, unless npm has done that since it was written. */
export function dependencies() {
  // npm writes its own record last, so it is missing after an interrupted `npm ci`.
  const isDone = () => changedAt("node_modules/.package-lock.json") >= changedAt("package-lock.json");
  return ensure(isDone, process.cwd(), async () => {
    console.log("Installing dependencies (npm ci)");
    // No package needs its scripts, and our own would build: it would wait for this set-up to end.
    await run("npm ci", "npm", ["ci", "--include=dev", "--ignore-scripts", "--loglevel=error"]);
  });
}

/** Compiles to dist/, unless no source has changed since. */
export function build() {
  const state = () => String(Math.max(...[...SOURCES, ...SETTINGS].map(changedAt)));
  const isDone = () => ["dist", STAMP].every(fs.existsSync) && fs.readFileSync(STAMP, "utf8") === state();
  return ensure(isDone, process.cwd(), async () => {
    console.log("Building dist/");
    const before = state(); // a file that is saved meanwhile counts as changed
    await run("npm run build", "npm", ["run", "--silent", "build"]);
    // npm links the command otc-cts only where its file is there.
    await run("npm rebuild", "npm", ["rebuild", "--silent", "--ignore-scripts", "pulumi-otc-cts"]);
    fs.mkdirSync(".work", { recursive: true });
    fs.writeFileSync(STAMP, before);
  });
}

/** The time of the last change of a file, or of a folder and all in it. 0 if there is none. */
function changedAt(path) {
  const stat = fs.statSync(path, { throwIfNoEntry: false });
  const inner = stat?.isDirectory() ? fs.readdirSync(path).map((name) => changedAt(join(path, name))) : [];
  return Math.max(stat?.mtimeMs ?? 0, ...inner);
}
