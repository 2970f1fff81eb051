import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { anchorOf } from "../../site/paths";

const ROOT = join(__dirname, "..", "..");

/** A Markdown file of this repository. */
export interface Page {
  /** From the root of the repository. */
  readonly path: string;
  readonly text: string;
}

/** A fenced block of code. */
export interface Block {
  readonly language: string;
  readonly code: string;
  /** The file that the block is quoted from, by the comment `<!-- from path -->` above it. */
  readonly from: string | undefined;
}

/** All Markdown files, those of installed and built folders excepted. */
export function readPages(folder = ROOT): Page[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry): Page[] => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      return isOurs(entry.name) ? readPages(path) : [];
    }
    return entry.name.endsWith(".md")
      ? [{ path: relative(ROOT, path), text: readFileSync(path, "utf8") }]
      : [];
  });
}

function isOurs(name: string): boolean {
  return !["node_modules", "dist", ".git", ".work", "coverage"].includes(name);
}

/** The fenced blocks of a page, in their order. */
export function blocksOf({ text }: Page): Block[] {
  const fence = /(?:<!-- from (\S+) -->\n)?^```(\w*)\n([\s\S]*?)^```$/gm;
  return [...text.matchAll(fence)].map(([, from, language = "", code = ""]) => ({ language, code, from }));
}

/** Prose without code, in which nothing looks like a link that is none. */
export function proseOf({ text }: Page): string {
  return text.replace(/^```[\s\S]*?^```$/gm, "").replace(/`[^`\n]*`/g, "");
}

/** In text, as a definition further down, and in HTML. */
const LINKS = [
  /\]\(\s*<?([^)\s>]+)>?(?:\s[^)]*)?\)/g,
  /^ {0,3}\[[^\]]+\]:\s*<?([^\s>]+)/gm,
  /(?:href|src)="([^"]+)"/g,
];

/** Targets of links within this repository: path from its root, and anchor. Addresses on the web are left out. */
export function linksOf(page: Page): { path: string; anchor: string | undefined }[] {
  const prose = proseOf(page);
  const targets = LINKS.flatMap((link) => [...prose.matchAll(link)].map(([, target = ""]) => target));
  return targets
    .filter((target) => !/^[a-z]+:/.test(target))
    .map((target) => {
      const [path = "", anchor] = target.split("#");
      return { path: path ? join(dirname(page.path), decodeURI(path)) : page.path, anchor };
    });
}

/** The anchors that GitHub gives to headings. */
export function anchorsOf({ text }: Page): string[] {
  const headings = [...text.replace(/^```[\s\S]*?^```$/gm, "").matchAll(/^#+ (.+)$/gm)];
  const seen = new Map<string, number>();
  return headings.map(([, heading = ""]) => {
    const anchor = anchorOf(heading);
    const count = seen.get(anchor) ?? 0;
    seen.set(anchor, count + 1);
    return count === 0 ? anchor : `${anchor}-${count}`;
  });
}
