/**
 * Attack: formulas in names of traces, behind characters that may begin a cell, against readers of CSV in a spreadsheet.
 *
 * Alone: `npx vitest run test/attacks/csv`
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FORMATS } from "../../cli/traces/output";
import type { Trace } from "../../client/api/trace";
import { propertyRuns } from "../support/runs";

const csv = FORMATS.csv();
const lineOf = (trace: Partial<Trace>) =>
  csv.line({ traceId: "id", time: "2026-11-22T10:00:00.123Z", ...trace }, true).trimEnd();

/**
 * The cells of a line as a spreadsheet splits it. A quote that begins a cell holds separators together up to its end; what
 * comes after that is a part of the cell.
 */
function cellsOf(line: string, separators: string, knowsQuotes: boolean): string[] {
  const cells = [""];
  let isQuoted = false;
  let isFresh = true;
  for (let i = 0; i < line.length; i++) {
    const char = line[i] ?? "";
    if (knowsQuotes && char === '"' && (isFresh || isQuoted)) {
      if (isQuoted && line[i + 1] === '"') {
        cells.push(`${cells.pop()}${line[++i]}`);
      } else {
        isQuoted = !isQuoted;
      }
    } else if (!isQuoted && separators.includes(char)) {
      cells.push("");
      isFresh = true;
      continue;
    } else {
      cells.push(`${cells.pop()}${char}`);
    }
    isFresh = false;
  }
  return cells;
}

/** Also behind what a spreadsheet may pass over. */
const FORMULA = /^[\s"]*[=+\-@＝＋－＠]/;

function expectNoFormula(line: string): void {
  expect(line).not.toMatch(/[\r\n\t]/);
  for (const separators of [",", ";", "|", "\t", ",;\t", ";|"]) {
    for (const knowsQuotes of [true, false]) {
      const formulas = cellsOf(line, separators, knowsQuotes).filter((cell) => FORMULA.test(cell));
      expect(formulas, `split at ${JSON.stringify(separators)}, quotes ${knowsQuotes}`).toEqual([]);
    }
  }
}

describe("a formula in a trace", () => {
  it.each([
    ["=1", "'=1"],
    ["x;=HYPERLINK(1)", `"x;'=HYPERLINK(1)"`],
    ["x; \t=1", `"x;' ␉=1"`],
    ["x\t=1", "x␉'=1"],
    ["x|@SUM(1)", `"x|'@SUM(1)"`],
    ["x,+1", `"x,'+1"`],
    ["x\r\n-1", "x␍'␊-1"],
    ['x;"=1"', `"x;'""=1"""`],
    ["x;\u200b=1", `"x;'<U+200B>=1"`],
    ["x;＝1", `"x;'＝1"`],
    [";=1;=2;;=3", `";'=1;'=2;;'=3"`],
    ["a=1; b-2", `"a=1; b-2"`],
  ])("is text, wherever a spreadsheet splits: %j is written as %j", (resourceName, expected) => {
    const line = lineOf({ resourceName });

    expect(cellsOf(line, ",", true)[7]).toBe(cellsOf(expected, ",", true)[0]);
    expect(line).toContain(`,${expected},`);
    expectNoFormula(line);
  });

  it("is text in every field, however it is put together", () => {
    const piece = fc.constantFrom(
      "=",
      "+",
      "-",
      "@",
      "＝",
      ";",
      ",",
      "|",
      "\t",
      "\n",
      "\r",
      '"',
      "'",
      " ",
      "\u00a0",
      "\ufeff",
      "\u3164",
      "x",
      "1",
    );
    const value = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(""));
    fc.assert(
      fc.property(
        fc.record({ resourceType: value, resourceName: value, resourceId: value, request: value }),
        (fields) => {
          expectNoFormula(lineOf(fields));
        },
      ),
      { numRuns: propertyRuns() },
    );
  });

  it("keeps the fields apart where the separator is a comma", () => {
    const value = fc.string({ unit: fc.constantFrom(..."=;,|\"' x") });
    fc.assert(
      fc.property(value, value, (resourceType, resourceName) => {
        const cells = cellsOf(lineOf({ resourceType, resourceName }), ",", true);

        expect(cells).toHaveLength(csv.head.split(",").length);
        // Apart from apostrophes, the values are those of the trace.
        expect(cells.slice(6, 8).map((cell) => cell.replaceAll("'", ""))).toEqual(
          [resourceType, resourceName].map((text) => text.replaceAll("'", "")),
        );
      }),
      { numRuns: propertyRuns() },
    );
  });
});
