import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type DefaultTheme, defineConfig, type MarkdownOptions } from "vitepress";
import { anchorOf, pageOf } from "../paths";

const ROOT = join(import.meta.dirname, "..", "..");
const WORK = join(ROOT, ".work", "site");

/** The lists of docs/_index.md, by their headings. */
function groups(): DefaultTheme.SidebarItem[] {
  const [, ...sections] = readFileSync(join(ROOT, "docs", "_index.md"), "utf8").split(/^## /m);
  return sections
    .map((section) => ({
      text: section.split("\n")[0] ?? "",
      items: [...section.matchAll(/^- \[(.+?)\]\((.+?)\)/gm)].map(([, text = "", link = ""]) => ({
        text,
        link: join("/docs", pageOf(link)),
      })),
    }))
    .filter(({ items }) => items.length > 0);
}

interface Entry {
  readonly title: string;
  readonly path?: string;
  readonly children?: readonly Entry[];
}

function toItem({ title, path, children }: Entry): DefaultTheme.SidebarItem {
  return {
    text: title,
    ...(path && { link: `/reference/${path}` }),
    ...(children && { items: children.map(toItem), collapsed: true }),
  };
}

/** The npm package has not these pages, so that none of its pages links to them. */
const INSIDE = {
  text: "Inside",
  items: [
    { text: "Architecture", link: "/docs/architecture" },
    { text: "Decisions", link: "/docs/decisions/" },
  ],
};

const reference: Entry[] = JSON.parse(readFileSync(join(WORK, "reference.json"), "utf8"));

/** Links lead to pages of the site instead of files of the repository. */
const config: MarkdownOptions["config"] = (md) => {
  md.core.ruler.push("links", ({ tokens }) => {
    for (const token of tokens.flatMap(({ children }) => children ?? [])) {
      const href = token.attrGet("href");
      if (href && !/^(?:[a-z]+:|#)/.test(href)) {
        token.attrSet("href", href.replace(/^[^#]+/, pageOf));
      }
    }
  });
};

export default defineConfig({
  title: "pulumi-otc-cts",
  description: "Pulumi provider for the Cloud Trace Service (CTS) of Open Telekom Cloud",
  // No icon, and no call for one.
  head: [["link", { rel: "icon", href: "data:," }]],
  // The index of the search, which is loaded when somebody searches.
  vite: { build: { chunkSizeWarningLimit: 1000 } },
  srcDir: join(WORK, "pages"),
  outDir: join(WORK, "html"),
  cacheDir: join(WORK, "cache"),
  markdown: { config, anchor: { slugify: anchorOf } },
  // The layout in the head of a page is for the Pulumi Registry.
  transformPageData: ({ frontmatter }) => ({ frontmatter: { ...frontmatter, layout: "doc" } }),
  themeConfig: {
    search: { provider: "local" },
    outline: [2, 3],
    nav: [
      { text: "Documentation", link: "/docs/" },
      { text: "Examples", link: "/examples/" },
      { text: "Reference", link: "/reference/" },
      { text: "Changelog", link: "/CHANGELOG" },
    ],
    sidebar: [...groups(), INSIDE, { text: "Reference", link: "/reference/", items: reference.map(toItem) }],
  },
});
