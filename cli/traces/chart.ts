import type { Trace } from "../../client/api/trace";
import type { Target } from "./output";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** The time that a bar may stand for: usual units. The last one is enough for the seven days of a query. */
const STEPS = [
  ...[1, 5, 10, 30].map((n) => n * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((n) => n * MINUTE),
  ...[1, 2, 3, 6].map((n) => n * HOUR),
];
/** The most bars that fit a screen. */
const MAX_BARS = 30;
/** The width if the output is not a terminal. */
const USUAL_WIDTH = 100;

/** The parts of a bar, in the order in which they are drawn. They differ without colours, too. */
const PARTS = [
  { rating: "incident", mark: "█", colour: "red" },
  { rating: "warning", mark: "▓", colour: "yellow" },
  { rating: "normal", mark: "░", colour: "green" },
] as const;

type Rating = (typeof PARTS)[number]["rating"];
type Counts = Record<Rating, number>;

/** Counts traces over time: it takes the same little memory for any number of them. */
export class Chart {
  readonly #step: number;
  readonly #start: number;
  readonly #bars: Counts[];

  /** @param window from (included) to (excluded), in milliseconds since the epoch */
  constructor(window: { readonly from: number; readonly to: number }) {
    const [first, last] = [window.from, Math.max(window.from, window.to - 1)];
    const barsBy = (step: number) => Math.floor(last / step) - Math.floor(first / step) + 1;
    this.#step = STEPS.find((step) => barsBy(step) <= MAX_BARS) ?? 6 * HOUR;
    this.#start = Math.floor(first / this.#step) * this.#step;
    this.#bars = Array.from({ length: barsBy(this.#step) }, () => ({ incident: 0, warning: 0, normal: 0 }));
  }

  /** A trace without a rating counts as normal. */
  add({ time, traceRating }: Pick<Trace, "time" | "traceRating">): void {
    const bar = this.#bars[Math.floor((Date.parse(time) - this.#start) / this.#step)];
    const rating = PARTS.find((part) => part.rating === traceRating)?.rating ?? "normal";
    if (bar) {
      bar[rating]++;
    }
  }

  /** One line for each bar, oldest first, with its counts; then the sums, which also say what the marks are. */
  draw({ width = USUAL_WIDTH, paint }: Target): string {
    const sums = this.#bars.reduce(plus, { incident: 0, warning: 0, normal: 0 });
    const columns = ["traces", ...PARTS.slice(0, 2).map(({ rating }) => rating)];
    const digits = columns.map((title) => Math.max(title.length, String(totalOf(sums)).length));
    const numbers = (values: readonly unknown[]) =>
      values.map((value, i) => String(value).padStart(digits[i] ?? 0)).join("  ");
    const label = Math.max(this.#labelOf(0).length, "TOTAL".length);
    const line = (start: string, values: readonly unknown[], end: string) =>
      `${start.padEnd(label)}  ${numbers(values)}  ${end}`.trimEnd();
    const room = Math.max(0, width - line("", columns, "x").length + 1);
    const scale = room / Math.max(1, ...this.#bars.map(totalOf));
    const countsOf = (counts: Counts) => [totalOf(counts), counts.incident || "", counts.warning || ""];
    const legend = PARTS.map(({ rating, mark, colour }) => `${paint(colour, mark)} ${rating}`).join("  ");
    return [
      paint("bold", line("UTC", [columns[0], "incident", "warning"], "")),
      ...this.#bars.map((bar, i) => line(this.#labelOf(i), countsOf(bar), barOf(bar, scale, room, paint))),
      line("TOTAL", countsOf(sums), room >= 30 ? legend : ""),
    ].reduce((text, each) => `${text}${each}\n`, "");
  }

  /** As exact as the bars are. */
  #labelOf(index: number): string {
    const iso = new Date(this.#start + index * this.#step).toISOString();
    return `${iso.slice(0, this.#step >= MINUTE ? 16 : 19).replace("T", " ")}Z`;
  }
}

/** Every part with a count is drawn, however small: one incident among thousands is what users look for. */
function barOf(counts: Counts, scale: number, room: number, paint: Target["paint"]): string {
  let left = room;
  return PARTS.map(({ rating, mark, colour }) => {
    const length = Math.min(left, counts[rating] && Math.max(1, Math.round(counts[rating] * scale)));
    left -= length;
    return length > 0 ? paint(colour, mark.repeat(length)) : "";
  }).join("");
}

function plus(a: Counts, b: Counts): Counts {
  return {
    incident: a.incident + b.incident,
    warning: a.warning + b.warning,
    normal: a.normal + b.normal,
  };
}

function totalOf({ incident, warning, normal }: Counts): number {
  return incident + warning + normal;
}
