import { visible } from "../client/visible";
/** A terminal: its width, its colours, and how many columns a text takes. */

/** The members of `process.stdout` or `process.stderr` that are used here. */
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
  if (!stream.isTTY || !stream.hasColors?.()) {
    return (_, text) => text;
  }
  return (colour, text) => `\x1b[${SGR[colour][0]}m${text}\x1b[${SGR[colour][1]}m`;
}

/** Printable ASCII: almost every value. */
const PLAIN = /^[\x20-\x7e]*$/;
/** No columns: marks that are written over the character before, and parts of a Korean syllable. */
const NARROW = /[\p{Mn}\p{Me}\u1160-\u11ff\ud7b0-\ud7ff]/u;
/** Two columns: East Asian writing and pictures. Half a flag is one column. */
const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{16fe0}-\u{18fff}\u{1b000}-\u{1b2ff}\u{20000}-\u{3fffd}]|(?![\u{1f1e6}-\u{1f1ff}])\p{Emoji_Presentation}/u;

/** The columns of a terminal that a text takes. */
export function columnsOf(text: string): number {
  if (PLAIN.test(text)) {
    return text.length;
  }
  let columns = 0;
  for (const char of text) {
    columns += columnsOfChar(char);
  }
  return columns;
}

function columnsOfChar(char: string): number {
  if (NARROW.test(char)) {
    return 0;
  }
  return WIDE.test(char) ? 2 : 1;
}

/** A text made to take just so many columns, 1 or more: with spaces after it, or cut, with `…` at its end. */
export function fitTo(text: string, width: number): string {
  const columns = columnsOf(text);
  if (columns <= width) {
    return text + " ".repeat(width - columns);
  }
  let cut = "";
  let left = width - 1;
  for (const char of text) {
    left -= columnsOfChar(char);
    if (left < 0) {
      break;
    }
    cut += char;
  }
  return fitTo(`${cut}…`, width);
}

/** Says something beside the output, if there is something to say. */
export function say(message: string | undefined): void {
  if (message !== undefined) {
    process.stderr.write(`otc-cts: ${visible(message)}\n`);
  }
}

export function codeOf(error: unknown): string {
  return String((error as NodeJS.ErrnoException).code ?? error);
}
