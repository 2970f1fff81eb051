// npm runs this after an install here, before it packs, and where this repository is installed by its git address: dist/ is
// not in git, and a package without it is empty. Its caller sends what it prints to standard error, because the output of
// `npm pack --json` belongs to npm.
import { createRequire } from "node:module";
import { strip } from "./prepareManifest.mjs";
import { build } from "./setup/checkout.mjs";

const isPacking = ["pack", "publish"].includes(process.env.npm_command);

if (hasCompiler()) {
  await build();
  if (isPacking) {
    strip();
  }
} else {
  console.log("dist/ is not built, because the development dependencies are left out: npm ci --include=dev");
  if (isPacking) {
    process.exitCode = 1;
  }
}

function hasCompiler() {
  try {
    return Boolean(createRequire(import.meta.url).resolve("typescript/bin/tsc"));
  } catch {
    return false;
  }
}
