/**
 * What a terminal shows, and what must not reach one: names in traces are chosen by whoever made the resource, and a
 * terminal obeys what it is sent.
 */

/** As much of `process.stdout` or `process.stderr` as is asked for here. */
export interface TerminalStream {
  readonly isTTY?: boolean;
  /** Of a terminal. */
  readonly columns?: number;
  /** Of a terminal. Node has the rules for `NO_COLOR`, `FORCE_COLOR` and `TERM` in it. */
  hasColors?(): boolean;
}

/** The width of a terminal; undefined where it is none. */
export function widthOf({ isTTY, columns }: TerminalStream): number | undefined {
  // A terminal that does not know its size says 0.
  return isTTY ? columns || 80 : undefined;
}

export type Colour = "red" | "yellow" | "green" | "bold";

/** Puts a text in a colour, or leaves it as it is. */
export type Paint = (colour: Colour, text: string) => string;

/** `util.styleText` is not in the first versions of Node 20. */
const SGR: Record<Colour, readonly [on: number, off: number]> = {
  red: [31, 39],
  yellow: [33, 39],
  green: [32, 39],
  bold: [1, 22],
};

/** Colours for a terminal that has them and whose user wants them; none for anything else. */
export function paintFor(stream: TerminalStream): Paint {
  if (!stream.isTTY || !stream.hasColors?.()) return (_, text) => text;
  return (colour, text) => `\x1b[${SGR[colour][0]}m${text}\x1b[${SGR[colour][1]}m`;
}

/** Printable ASCII: almost every value. */
const PLAIN = /^[\x20-\x7e]*$/;
/** Control characters, those of C1 too, those that are not seen or turn the direction of writing, and halves of pairs. */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** A text on one line in which a terminal finds nothing to obey, nor a reader anything that is not seen. */
export function visible(text: string): string {
  return PLAIN.test(text) ? text : text.replace(HIDDEN, pictureOf);
}

/** `ESC` is shown as `␛`; what has no picture as `<U+202E>`. */
function pictureOf(char: string): string {
  const code = char.codePointAt(0) ?? 0;
  if (code < 0x20) return String.fromCodePoint(0x2400 + code);
  return code === 0x7f ? "␡" : `<U+${code.toString(16).toUpperCase().padStart(4, "0")}>`;
}

/** JSON that means the same, with what {@link visible} replaces as escapes. `JSON.stringify` leaves most of it. */
export function visibleJson(json: string): string {
  if (PLAIN.test(json)) return json;
  return json.replace(HIDDEN, (char) =>
    char.split("").reduce((all, unit) => `${all}\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`, ""),
  );
}

/** Marks that are written over the character before. */
const NARROW = /[\p{Mn}\p{Me}]/u;
/** Two columns wide: East Asian writing and pictures. Some terminals show a few of them in one. */
const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{16fe0}-\u{18fff}\u{1b000}-\u{1b2ff}\u{1f000}-\u{1faff}\u{20000}-\u{3fffd}]|\p{Extended_Pictographic}/u;

/** So many columns of a terminal a text takes. */
export function columnsOf(text: string): number {
  if (PLAIN.test(text)) return text.length;
  let columns = 0;
  for (const char of text) columns += columnsOfChar(char);
  return columns;
}

function columnsOfChar(char: string): number {
  if (NARROW.test(char)) return 0;
  return WIDE.test(char) ? 2 : 1;
}

/** A text made to take just so many columns, 1 or more: with spaces after it, or cut, with `…` at its end. */
export function fitTo(text: string, width: number): string {
  const columns = columnsOf(text);
  if (columns <= width) return text + " ".repeat(width - columns);
  let cut = "";
  let left = width - 1;
  for (const char of text) {
    left -= columnsOfChar(char);
    if (left < 0) break;
    cut += char;
  }
  return fitTo(`${cut}…`, width);
}
