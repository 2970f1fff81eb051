// Compiles the package to dist/.
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const dist = join(root, "dist");
const compiler = createRequire(import.meta.url).resolve("typescript/bin/tsc");

// The compiler leaves files of deleted sources, and they would be packed.
fs.rmSync(dist, { recursive: true, force: true });
const options = { cwd: root, stdio: "inherit" };
const { status } = spawnSync(process.execPath, [compiler, "-p", "tsconfig.build.json"], options);
if (status !== 0) {
  process.exit(status ?? 1);
}

// A program that sets no `target` is checked as ES5, where `#private` is an error in declarations too. This says the same.
for (const name of fs.readdirSync(dist, { recursive: true })) {
  if (!name.endsWith(".d.ts")) {
    continue;
  }
  const file = join(dist, name);
  const text = fs.readFileSync(file, "utf8");
  fs.writeFileSync(file, text.replace(/^( +)#private;$/gm, "$1private readonly _private;"));
}
fs.chmodSync(join(dist, "cli", "otc-cts.js"), 0o755);
fs.cpSync(join(root, "emulator", "page"), join(dist, "emulator", "page"), { recursive: true });
