// Prints THIRD_PARTY.md: the packages that an installation of this one brings, and their licences.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const read = (folder) => JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));

/** By its folder, each package that is installed for another one. */
const found = new Map();
add(root);

/** Node looks for a package in the folder of the one that needs it, and then in each folder above. */
function add(folder) {
  for (const name of Object.keys(read(folder).dependencies ?? {})) {
    let above = folder;
    while (!existsSync(join(above, "node_modules", name, "package.json"))) {
      above = join(above, "..");
    }
    const dependency = join(above, "node_modules", name);
    if (!found.has(dependency)) {
      found.set(dependency, read(dependency));
      add(dependency);
    }
  }
}

const rows = [...found.values()].map(({ name, license }) => `| ${name} | ${license ?? "unknown"} |`);
console.log(`# Packages of others
An installation of \`pulumi-otc-cts\` brings these packages. Each carries its licence and its authors in its own folder. The package
\`@pulumi/pulumi\` (Apache-2.0) is a peer dependency: the program that uses \`pulumi-otc-cts\` brings it.

This page is made by \`node scripts/licences.mjs > THIRD_PARTY.md\`.

| package | licence |
|---|---|
${[...new Set(rows)].sort().join("\n")}`);
