import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { anchorsOf, linksOf, readPages } from "../support/markdown";

const ROOT = join(__dirname, "..", "..");
const PAGES = readPages();
const ANCHORS = new Map(PAGES.map((page) => [page.path, anchorsOf(page)]));
/** Folders of sources: a path that begins with one is a file of this repository. */
const SOURCE =
  /^(?:sdk|client|provider|emulator|cli|scripts|bench|test|examples|docs)\/[\w./*-]+\.(?:m?ts|mjs|md|csv)$/;

describe.each(PAGES)("$path", (page) => {
  it("links only to what there is", () => {
    const broken = linksOf(page).filter(({ path, anchor }) => {
      const isThere = !path.startsWith("..") && existsSync(join(ROOT, path));
      return !isThere || (anchor !== undefined && !ANCHORS.get(path)?.includes(anchor));
    });

    expect(broken).toEqual([]);
  });

  it("names only files that there are", () => {
    // The changelog also names what there was.
    const text = page.path === "CHANGELOG.md" ? "" : page.text;
    const named = [...text.matchAll(/`([^`\n]+)`/g)].map(([, text = ""]) => text);

    expect(named.filter((text) => SOURCE.test(text) && !existsSync(join(ROOT, text)))).toEqual([]);
  });
});

describe("a link", () => {
  it.each([
    ["[text](a.md)", "a.md"],
    ["[`code`](a.md)", "a.md"],
    ['[text](a.md "title")', "a.md"],
    ["[text](<a.md>)", "a.md"],
    ["![picture](a.png)", "a.png"],
    ["[text][1]\n\n[1]: a.md", "a.md"],
    ['<a href="a.md">text</a>', "a.md"],
    ["[text](a%20b.md)", "a b.md"],
    ["[text](../../a.md)", "../a.md"],
  ])("is seen in %s", (text, path) => {
    expect(linksOf({ path: "docs/page.md", text }).map((link) => link.path)).toEqual([
      path.startsWith("..") ? path : `docs/${path}`,
    ]);
  });

  it("is not seen in code", () => {
    expect(linksOf({ path: "page.md", text: "`[text](a.md)`\n\n```ts\n[a](b)\n```\n" })).toEqual([]);
  });
});

describe("the packed package", () => {
  let packed: Set<string>;
  beforeAll(() => {
    const json = execFileSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], {
      cwd: ROOT,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
    const [{ files }] = JSON.parse(json) as [{ files: { path: string }[] }];
    packed = new Set(files.map(({ path }) => path));
  });

  it("has every page and file that its pages link to", () => {
    const pages = PAGES.filter(({ path }) => packed.has(path));
    const missing = pages.flatMap((page) =>
      linksOf(page).flatMap(({ path }) => (packed.has(path) ? [] : [`${page.path}: ${path}`])),
    );

    expect(pages.map(({ path }) => path)).toContain("README.md");
    expect(missing).toEqual([]);
  });

  it("has no page for contributors only", () => {
    const pages = [...packed].filter((path) => /^(docs\/.*|CONTRIBUTING)\.md$/.test(path));

    expect(pages).toContain("docs/guides/tracker.md");
    expect(pages.filter((path) => /CONTRIBUTING|architecture|decisions\/(?!killed)/.test(path))).toEqual([]);
  });
});

describe("every page below docs/", () => {
  it("is reached from README.md or CONTRIBUTING.md by links", () => {
    const reached = new Set(["README.md", "CONTRIBUTING.md"]);
    for (const path of reached) {
      const page = PAGES.find((one) => one.path === path);
      for (const link of page ? linksOf(page) : []) {
        reached.add(link.path);
      }
    }
    const pages = PAGES.map(({ path }) => path).filter((path) => path.startsWith("docs/"));

    expect(pages.filter((path) => !reached.has(path))).toEqual([]);
  });
});
