import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { findChromium, openBrowser } from "../support/browser";
import { endOf, spawnCommand } from "../support/processes";

const ROOT = join(__dirname, "..", "..");
const WORK = join(ROOT, ".work");
const HTML = join(WORK, "site", "html");
/** Nobody listens there: the browser is given files. */
const ORIGIN = "http://site.test";

const runNode = (...args: string[]) => endOf(spawnCommand(process.execPath, args, ROOT));

let files: string[];
let pages: string[];
beforeAll(async () => {
  const built = await runNode("--import", "tsx", "site/build.mts");
  if (built.code !== 0) {
    throw new Error(built.output);
  }
  files = readdirSync(HTML, { recursive: true, encoding: "utf8" }).map((name) => `/${name}`);
  pages = files.filter((file) => file.endsWith(".html") && file !== "/404.html");
}, 300_000);

/** The file that an address of the site stands for, and the anchor in it. */
function targetOf(href: string, from = "/"): { file: string; anchor: string } {
  const { pathname, hash } = new URL(href, ORIGIN + from);
  const path = decodeURI(pathname);
  return { file: path.endsWith("/") ? `${path}index.html` : path, anchor: decodeURIComponent(hash.slice(1)) };
}

describe("the site", () => {
  it("has no dead link, and no link to a dead anchor", () => {
    const contents = new Map(
      pages.map((file) => {
        const html = readFileSync(HTML + file, "utf8");
        const all = (pattern: RegExp) => [...html.matchAll(pattern)].map(([, value = ""]) => value);
        return [file, { ids: all(/ id="([^"]*)"/g), links: all(/<a [^>]*href="([^"]*)"/g) }];
      }),
    );
    const dead = [...contents].flatMap(([from, { links }]) =>
      links
        .filter((link) => !/^[a-z]+:/.test(link))
        .filter((link) => {
          const { file, anchor } = targetOf(link, from);
          const page = contents.get(file);
          return !page || (anchor !== "" && !page.ids.includes(anchor));
        })
        .map((link) => `${from}: ${link}`),
    );

    expect(pages.length).toBeGreaterThan(100);
    expect(dead).toEqual([]);
  });

  it("is not built from undocumented exports and dead links in docstrings", {
    timeout: 120_000,
  }, async () => {
    const box = mkdtempSync(join(WORK, "reference-"));
    const code = `/** @module box */
      export const bare = 1;
      /** Has a method without a docstring. */
      export interface Odd { method(): void }
      /** See {@link Nowhere}. */
      export const linked = 1;`;
    writeFileSync(join(box, "index.ts"), code);
    writeFileSync(join(box, "tsconfig.json"), JSON.stringify({ files: ["index.ts"] }));
    const options = {
      extends: [join(ROOT, "site", "typedoc.json")],
      tsconfig: "tsconfig.json",
      entryPoints: ["index.ts"],
      out: "out",
      navigationJson: "navigation.json",
    };
    writeFileSync(join(box, "typedoc.json"), JSON.stringify(options));

    const run = await runNode("node_modules/typedoc/bin/typedoc", "--options", join(box, "typedoc.json"));
    rmSync(box, { recursive: true });

    expect(run.code).not.toBe(0);
    for (const name of ["bare", "Odd.method", "Nowhere"]) {
      expect(run.output).toContain(name);
    }
  });
});

/** Runs in the browser. */
const LOOK = `(() => {
  const hasText = ({ childNodes }) => [...childNodes].some(({ nodeType, data }) => nodeType === 3 && data.trim());
  const sizes = [...document.querySelectorAll("body *")]
    .filter((each) => each.offsetParent && hasText(each))
    .map((each) => parseFloat(getComputedStyle(each).fontSize));
  const { scrollWidth, clientWidth } = document.documentElement;
  return {
    isTitled: Boolean(document.querySelector("h1")?.textContent),
    isWide: scrollWidth > clientWidth,
    isSmall: Math.min(...sizes) < 14,
  };
})()`;

const why = findChromium() ? "" : " (skipped: no Chromium on PATH)";
describe.skipIf(!findChromium())(`the site, in Chromium${why}`, () => {
  let browser: Browser;
  let context: BrowserContext;
  /** Errors on the console, and calls for files that the site does not have. */
  let faults: string[];

  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser?.close());
  afterEach(async () => {
    await context.close();
    expect(faults).toEqual([]);
  });

  async function open(width: number): Promise<Page> {
    faults = [];
    context = await browser.newContext({ viewport: { width, height: 900 } });
    await context.route("**/*", (route) => {
      const url = route.request().url();
      const { file } = targetOf(url);
      if (url.startsWith(ORIGIN) && files.includes(file)) {
        return route.fulfill({ path: HTML + file });
      }
      faults.push(`no ${url}`);
      return route.abort();
    });
    context.on("console", (message) => {
      if (message.type() === "error") {
        faults.push(message.text());
      }
    });
    context.on("weberror", (error) => faults.push(String(error.error())));
    return context.newPage();
  }

  it("is readable on a telephone", { timeout: 300_000 }, async () => {
    const page = await open(400);
    // The pages of the reference are alike.
    const some = pages.filter((file, index) => !file.startsWith("/reference/") || index % 10 === 0);
    const looks: unknown[] = [];
    for (const file of some) {
      await page.goto(ORIGIN + file);
      looks.push({ file, ...(await page.evaluate<object>(LOOK)) });
    }

    expect(looks).toEqual(some.map((file) => ({ file, isTitled: true, isWide: false, isSmall: false })));
  });

  it.each([400, 1280])("finds `adopt` on a screen of %d pixels", async (width) => {
    const page = await open(width);
    await page.goto(`${ORIGIN}/`);
    await page.getByRole("button", { name: "Search" }).click();
    await page.locator("#localsearch-input").fill("adopt");
    await page.locator(".results a[href*='/docs/guides/tracker']").first().click();

    await page.getByRole("heading", { name: "Tracker", exact: false, level: 1 }).waitFor();
  });

  it("leads from the first page to the reference", async () => {
    const page = await open(1280);
    await page.goto(`${ORIGIN}/`);
    const text = page.locator(".vp-doc");
    await page.getByRole("link", { name: "Reference" }).first().click();
    await text.getByRole("link", { name: "pulumi-otc-cts", exact: true }).click();
    await text.getByRole("link", { name: "Tracker", exact: true }).click();

    await page.getByRole("heading", { name: "Class: Tracker" }).waitFor();
  });
});
