import { readFileSync, writeFileSync } from "node:fs";

/**
 * Finds the section of a benchmark in a page: the lines between `<!-- bench:NAME -->` and `<!-- /bench:NAME -->`. Do this
 * before the benchmark runs, so that its figures are not lost if there is none.
 *
 * @returns replaces the section, and leaves the rest of the page as it is by then
 */
export function openSection(file: string, name: string): (text: string) => void {
  const section = new RegExp(`^(<!-- bench:${name} -->\n)[\\s\\S]*?^(<!-- /bench:${name} -->)$`, "m");
  if (!section.test(readFileSync(file, "utf8"))) {
    throw new Error(`${file} has no lines <!-- bench:${name} --> and <!-- /bench:${name} -->`);
  }
  return (text) => {
    const page = readFileSync(file, "utf8");
    writeFileSync(
      file,
      page.replace(section, (_, start: string, end: string) => `${start}\n${text.trim()}\n\n${end}`),
    );
  };
}
