import { RECORDED_HOUR } from "./recordedHour";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** The traffic of each hour of a working day, UTC, from 0 to 1: the nights are empty. */
const BUSYNESS = [0, 0, 0, 0, 0, 0.1, 0.4, 0.8, 1, 1, 1, 1, 0.7, 1, 1, 1, 0.6, 0.3, 0.15, 0.05, 0, 0, 0, 0];
const WEEKEND_SHARE = 0.15;
/** The share of the traces that are of the last hour: whoever begins now wants to see some. */
const FRESH_SHARE = 0.02;
/** The share of the traces that are of deployments: some hundred traces within seconds. */
const DEPLOYMENT_SHARE = 0.4;

/** The span of times: whole milliseconds since 1970, from the oldest on and before the end. */
export interface Span {
  oldest: number;
  end: number;
}

/** Makes so many times, in any order. */
type Spread = (count: number, span: Span, random: () => number) => Float64Array;

/** The spreads of synthetic traces over time. */
export const SPREADS = {
  /** A week of an office: deployments, the last hour, and a day's work. */
  office,
  /** Any time is as probable as any other. */
  uniform: (count, span, random) => filled(count, () => timeIn(span, random)),
  /** By the hours of working days, without deployments. */
  "working-hours": (count, span, random) => filled(count, () => workingTime(span, random)),
  /** All within one hour of an empty week. */
  "dense-hour"(count, { oldest, end }, random) {
    const first = oldest + Math.floor(random() * (end - oldest - HOUR_MS));
    return filled(count, () => first + Math.floor(random() * HOUR_MS));
  },
  cascades,
  /** Deployments of 400 to 1,200 traces within minutes, at any hour, and nothing else. */
  deployments: (count, span, random) =>
    inBatches(count, span, () => {
      const size = 400 + Math.floor(random() * 801);
      const first = timeIn(span, random);
      const lengthMs = (1 + 9 * random()) * MINUTE_MS;
      return Array.from({ length: size }, () => first + random() * lengthMs);
    }),
  /** A batch job at each quarter of an hour, which takes a minute. */
  batches(count, { oldest, end }, random) {
    const quarterMs = 15 * MINUTE_MS;
    const first = Math.ceil(oldest / quarterMs);
    const quarters = Math.max(1, Math.floor((end - MINUTE_MS) / quarterMs) - first + 1);
    return filled(count, (i) =>
      Math.min(end - 1, (first + (i % quarters)) * quarterMs + Math.floor(random() * MINUTE_MS)),
    );
  },
  /** A recorded hour of a real account, again and again at any time. */
  "recorded-hour": (count, span, random) =>
    inBatches(count, span, () => {
      const first = timeIn(span, random);
      return RECORDED_HOUR.map((second) => first + 1000 * (second + random()));
    }),
} satisfies Record<string, Spread>;

/** The name of a spread of synthetic traces over time. */
export type SpreadName = keyof typeof SPREADS;

export const SPREAD_NAMES = Object.keys(SPREADS) as SpreadName[];

function office(count: number, span: Span, random: () => number): Float64Array {
  const fresh = Math.ceil(count * FRESH_SHARE);
  const deployed = fresh + Math.floor(count * DEPLOYMENT_SHARE);
  const times = new Float64Array(count);
  let filled = 0;
  while (filled < fresh) {
    times[filled++] = span.end - 1 - Math.floor(random() * (HOUR_MS - MINUTE_MS));
  }
  while (filled < deployed) {
    const size = Math.min(100 + Math.floor(random() * 500), deployed - filled);
    let time = workingTime(span, random);
    for (let i = 0; i < size; i++) {
      // Machines do much within one millisecond.
      time += random() < 0.6 ? 0 : Math.floor(random() * 120);
      times[filled++] = Math.min(time, span.end - 1);
    }
  }
  while (filled < count) {
    times[filled++] = workingTime(span, random);
  }
  return times;
}

/** A tenth comes by itself; each trace brings about 0.9 others, after a delay that may be of seconds or of days. */
function cascades(count: number, span: Span, random: () => number): Float64Array {
  const meanChildren = 0.9;
  const times = new Float64Array(count);
  for (let made = 0; made < count; ) {
    const open = [timeIn(span, random)];
    for (let time = open.pop(); time !== undefined && made < count; time = open.pop()) {
      if (time >= span.end) {
        continue;
      }
      times[made++] = Math.floor(time);
      for (let left = poisson(meanChildren, random); left > 0; left--) {
        // A Pareto distribution: half come within a second and a half, a few much later.
        open.push(time + 500 * ((1 - random()) ** (-1 / 0.6) - 1));
      }
    }
  }
  return times;
}

function poisson(mean: number, random: () => number): number {
  let product = random();
  let count = 0;
  for (const least = Math.exp(-mean); product > least; count++) {
    product *= random();
  }
  return count;
}

/** Makes batches until there are enough times; those outside of the span are left out. */
function inBatches(count: number, { oldest, end }: Span, batch: () => readonly number[]): Float64Array {
  const times = new Float64Array(count);
  for (let made = 0; made < count; ) {
    for (const time of batch()) {
      const whole = Math.floor(time);
      if (made < count && whole >= oldest && whole < end) {
        times[made++] = whole;
      }
    }
  }
  return times;
}

function filled(count: number, timeOf: (index: number) => number): Float64Array {
  return Float64Array.from({ length: count }, (_, i) => timeOf(i));
}

function timeIn({ oldest, end }: Span, random: () => number): number {
  return oldest + Math.floor(random() * (end - oldest));
}

/** A time of the span, the more probable the busier it is then. */
function workingTime(span: Span, random: () => number): number {
  for (;;) {
    const time = timeIn(span, random);
    const date = new Date(time);
    const share = [0, 6].includes(date.getUTCDay()) ? WEEKEND_SHARE : 1;
    if (random() < share * (BUSYNESS[date.getUTCHours()] ?? 0)) {
      return time;
    }
  }
}
