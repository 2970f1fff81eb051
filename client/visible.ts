/**
 * Makes foreign text safe to show. Others choose names, and any server in between may answer: a terminal obeys control
 * characters, and a reader trusts a line that looks like ours.
 */

/** Printable ASCII: almost every text. */
const PLAIN = /^[\x20-\x7e]*$/;
/**
 * Characters that a terminal obeys, that nobody sees or that Unicode has not defined, and every blank but the space. The
 * last four are drawn as nothing, though no property of Unicode says so.
 *
 * Also marks that would cover what is around them: those on a space, on punctuation (such as a quote of ours) or on
 * nothing, and those after the fourth on one character. No language needs more.
 */
const HIDDEN =
  /(?! )[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}\u2800\u{13441}\u{13442}\u{1d159}]|\p{M}(?<=(?:^|[ \p{P}]|\p{M}{4})\p{M})/gu;

/** A text on one line without control characters or invisible ones. */
export function visible(text: string): string {
  return PLAIN.test(text) ? text : text.replace(HIDDEN, pictureOf);
}

/**
 * The lines of another program's words, for a list below a message. Without the mark, one could look like a line of this package,
 * or like a command to GitHub's runner, which ignores blanks before it.
 */
export function quotedLines(text: string): string[] {
  return text
    .replace(/\t/g, "    ")
    .split(/\r?\n/)
    .filter((line) => line.trim() !== "")
    .map((line) => `| ${line.trimEnd()}`);
}

/** `ESC` is shown as `␛`; what has no picture as `<U+202E>`. */
function pictureOf(char: string): string {
  const code = char.codePointAt(0) ?? 0;
  if (code < 0x20) {
    return String.fromCodePoint(0x2400 + code);
  }
  return code === 0x7f ? "␡" : `<U+${code.toString(16).toUpperCase().padStart(4, "0")}>`;
}

/** JSON on one line that means the same, with what {@link visible} replaces as escapes. */
export function visibleJson(json: string): string {
  if (PLAIN.test(json)) {
    return json;
  }
  return json.replace(HIDDEN, jsonEscape);
}

/** Characters as JSON escapes them: `\u202e`. */
export function jsonEscape(text: string): string {
  const escapeOf = (unit: string) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return text.split("").map(escapeOf).join("");
}
