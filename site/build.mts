/**
 * Builds the site to `.work/site/html`: README.md and CONTRIBUTING.md, each page that they lead to, and a reference made from docstrings. An
 * export without a docstring fails it, and so does a dead link.
 *
 * Run by `npm run docs`. Take a look with `npx vitepress preview site`.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, extname, join } from "node:path";
import { build } from "vitepress";
import { linksOf } from "../test/support/markdown.ts";
import { pageOf } from "./paths.ts";

const ROOT = join(import.meta.dirname, "..");
const PAGES = join(ROOT, ".work", "site", "pages");

/** Writes a page of the site for each file that links lead to from these on. */
function collect(...starts: readonly string[]): void {
  const paths = new Set(starts);
  for (const path of paths) {
    const text = readFileSync(join(ROOT, path), "utf8");
    const isPage = path.endsWith(".md");
    const page = join(PAGES, pageOf(path));
    mkdirSync(dirname(page), { recursive: true });
    writeFileSync(page, isPage ? text : `# ${path}\n\n\`\`\`${extname(path).slice(1)}\n${text}\n\`\`\`\n`);
    for (const link of isPage ? linksOf({ path, text }) : []) {
      paths.add(link.path);
    }
  }
}

async function main(): Promise<void> {
  rmSync(PAGES, { recursive: true, force: true });
  const typedoc = join(ROOT, "node_modules", "typedoc", "bin", "typedoc");
  execFileSync(process.execPath, [typedoc, "--options", join(import.meta.dirname, "typedoc.json")], {
    stdio: "inherit",
  });
  collect("README.md", "CONTRIBUTING.md");
  await build(import.meta.dirname);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
});
