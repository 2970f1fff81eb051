/**
 * The page of the site that shows a file of this repository. A folder's first page is its index; a file that is not
 * Markdown becomes a page.
 */
export function pageOf(path: string): string {
  const page = path.endsWith(".md") ? path : `${path}.md`;
  return page.replace(/(^|\/)(README|_index)\.md$/, "$1index.md");
}

/** The anchor that GitHub gives to a heading. */
export function anchorOf(heading: string): string {
  return heading
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, "")
    .replace(/\s/g, "-");
}
