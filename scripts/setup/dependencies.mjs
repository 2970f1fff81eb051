import { statSync } from "node:fs";
import { join } from "node:path";
import { withLock } from "./lock.mjs";
import { npm } from "./process.mjs";

/** Installs what package-lock.json says, unless npm has done that since it was written. */
export async function dependencies(root) {
  if (isInstalled(root)) {
    return;
  }
  await withLock(join(root, "node_modules"), async () => {
    if (!isInstalled(root)) {
      console.log("Installing dependencies (npm ci)");
      await npm(root, "ci", "--include=dev", "--no-audit", "--no-fund", "--loglevel=error");
    }
  });
}

/** npm writes its own record last, so it is missing after an interrupted `npm ci`. */
function isInstalled(root) {
  const writtenAt = (file) => statSync(join(root, file), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return writtenAt("node_modules/.package-lock.json") >= writtenAt("package-lock.json");
}
