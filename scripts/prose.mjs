// Checks comments and Markdown for the rules of plain English that a machine can check.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** The debt that is left. Lower it with each block that is rewritten; never raise it. */
const ALLOWED = 0;

const SKIPPED = /(^|\/)(node_modules|dist|coverage|CHANGELOG\.md|\..*)(\/|$)/;

const RULES = [
  {
    name: "opener",
    pattern: /^[\s*_"“(]*(What|Whether|As (?:many|much|long)|So (?:many|much|long)|That|How|Those|Where)\b/g,
    advice: "begin with the subject, then the verb",
  },
  {
    name: "at once",
    pattern: /\bat\s+once\b/gi,
    advice: 'say "concurrently", "together" or "immediately"',
  },
  { name: "@param", pattern: /@param\s+\S+\s+-\s/g, advice: "no hyphen after the name" },
  {
    name: "default",
    docs: true,
    pattern: /\((?:the )?default\)|(?:^\s*|[;:,.(]\s+)default[:\s](?!of\b|is\b)/gi,
    advice: "say @defaultValue",
  },
];

/** Comments, without their signs: neighbouring `//` lines are one block. `line` is the one that it begins in. */
function commentsIn(source) {
  const blocks = [];
  let open;
  for (const [index, line] of source.split("\n").entries()) {
    const start = open?.docs ? undefined : /^\s*\/\*\*?(?!\/)/.exec(line);
    const own = /^\s*\/\/ ?(.*)/.exec(line);
    const trailing = /[;,{}()[\]]\s+\/\/ (.*)/.exec(line);
    if (start) {
      open = { line: index + 1, text: "", docs: true };
    } else if (own && !open) {
      open = { line: index + 1, text: "", docs: false };
    }
    if (open && !blocks.includes(open)) {
      blocks.push(open);
    }
    if (open?.docs) {
      const rest = start ? line.slice(start[0].length) : line.replace(/^\s*\*(?!\/) ?/, "");
      const [text, after] = rest.split("*/");
      open.text += `${text}\n`;
      if (after !== undefined) {
        open = undefined;
      }
    } else if (own) {
      open.text += `${own[1]}\n`;
    } else {
      open = undefined;
      if (trailing) {
        blocks.push({ line: index + 1, text: trailing[1], docs: false });
      }
    }
  }
  return blocks;
}

/** Paragraphs and list items; code, headings and tables are left out. */
function paragraphsIn(markdown) {
  const blocks = [];
  let open;
  let isCode = false;
  for (const [index, line] of markdown.split("\n").entries()) {
    const isFence = /^\s*(```|~~~)/.test(line);
    if (isFence) {
      isCode = !isCode;
    }
    if (isFence || isCode || /^\s*(#|\||$)/.test(line)) {
      open = undefined;
      continue;
    }
    const item = /^\s*(?:>\s*)?(?:[-*+]|\d+\.)\s+/.exec(line);
    if (!open || item) {
      open = { line: index + 1, text: "", docs: false };
      blocks.push(open);
    }
    open.text += `${line.slice(item?.[0].length ?? 0)}\n`;
  }
  return blocks;
}

function filesBelow(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (SKIPPED.test(path)) {
      return [];
    }
    return entry.isDirectory() ? filesBelow(path) : /\.(m?ts|mjs|md)$/.test(path) ? [path] : [];
  });
}

function problemsIn(path) {
  const text = readFileSync(path, "utf8");
  const blocks = path.endsWith(".md") ? paragraphsIn(text) : commentsIn(text);
  return blocks.flatMap((block) =>
    RULES.filter((rule) => !rule.docs || block.docs).flatMap(({ name, pattern, advice }) =>
      [...block.text.matchAll(pattern)].map((match) => {
        const line =
          block.line + block.text.slice(0, match.index + match[0].search(/\S/)).split("\n").length - 1;
        return `${path}:${line}: ${name}: "${(match[1] ?? match[0]).trim().replace(/\s+/g, " ")}": ${advice}`;
      }),
    ),
  );
}

const problems = filesBelow(process.argv[2] ?? ".").flatMap(problemsIn);
for (const problem of problems) {
  console.log(problem);
}
console.log(`prose: ${problems.length} found, ${ALLOWED} allowed`);
if (problems.length > ALLOWED) {
  process.exitCode = 1;
}
