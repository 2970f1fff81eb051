import { describe, expect, it } from "vitest";
import { columnsOf, type Paint } from "../../../cli/terminal";
import { Chart } from "../../../cli/traces/chart";

const plain: Paint = (_, text) => text;
const start = Date.UTC(2026, 10, 22, 10);
const HOUR = 3600_000;

function chartOf(hours: number, ...ratings: [offsetMs: number, traceRating?: "warning" | "incident"][]) {
  const chart = new Chart({ from: start, to: start + hours * HOUR });
  for (const [offset, traceRating] of ratings) {
    chart.add({ time: new Date(start + offset).toISOString(), ...(traceRating && { traceRating }) });
  }
  return chart;
}

describe("Chart", () => {
  it.each([
    [1 / 360, "10:00:00Z", "10:00:01Z"],
    [1, "10:00Z", "10:02Z"],
    [3, "10:00Z", "10:10Z"],
    [24, "10:00Z", "11:00Z"],
    [168, "06:00Z", "12:00Z"],
  ])("of %d hours has bars from %s, %s on, at most thirty", (hours, first, second) => {
    const lines = chartOf(hours).draw({ width: 80, paint: plain }).split("\n").slice(1, -2);

    expect(lines.slice(0, 2).map((line) => line.split(" ")[1])).toEqual([first, second]);
    expect(lines.length).toBeLessThanOrEqual(30);
  });

  it("counts each trace in its bar, by rating, and draws the longest as wide as there is room", () => {
    const chart = chartOf(2, [0], [0], [0, "warning"], [4 * 60_000], [2 * HOUR - 1, "incident"]);

    const lines = chart.draw({ width: 60, paint: plain }).trimEnd().split("\n");

    expect(lines[0]).toBe("UTC                traces  incident  warning");
    expect(lines[1]).toBe("2026-11-22 10:00Z       4                  1  ▓▓▓▓░░░░░░░░░░");
    expect(lines[2]).toBe("2026-11-22 10:05Z       0");
    expect(lines.at(-2)).toBe("2026-11-22 11:55Z       1         1           ████");
    expect(lines.at(-1)).toBe("TOTAL                   5         1        1");
  });

  it("shows one incident among thousands, and never takes more columns than there are", () => {
    const many = Array.from({ length: 5000 }, (): [number] => [0]);
    const chart = chartOf(1, [0, "incident"], [0, "warning"], ...many);

    for (const width of [50, 80, 133]) {
      const lines = chart.draw({ width, paint: plain }).split("\n");
      expect(lines[1]).toMatch(/ 5002 +1 +1 {2}█▓░*$/);
      expect(Math.max(...lines.map(columnsOf))).toBeLessThanOrEqual(width);
    }
  });

  it("colours the parts of a bar", () => {
    const text = chartOf(1, [0, "incident"]).draw({
      width: 80,
      paint: (colour, each) => `<${colour}>${each[0]}`,
    });

    expect(text).toContain("<red>█");
  });
});
