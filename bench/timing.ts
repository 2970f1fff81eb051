import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

const WORK = join(__dirname, "..", ".work");

/** Runs something with a fresh folder, in which `pulumi-otc-cts` is found by `require`. */
export async function inWorkDir<T>(run: (dir: string) => Promise<T>): Promise<T> {
  mkdirSync(WORK, { recursive: true });
  const dir = mkdtempSync(join(WORK, "bench-"));
  try {
    return await run(dir);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Prints a line of Markdown, and puts it on the page. */
export type Say = (line: string) => void;

/** The declaration of a program. */
export type Declared = "tracker" | "nothing";

/** The time of one `pulumi up`, in milliseconds, in a fresh process with a fresh stack. */
export function timeUp(declared: Declared, projects: readonly string[], settings: object): Promise<number> {
  return inWorkDir(async (dir) => {
    const program = join(__dirname, "programs", "up.ts");
    const args = [declared, dir, JSON.stringify(projects), JSON.stringify(settings)];
    const { stdout } = await promisify(execFile)(process.execPath, ["--import", "tsx", program, ...args]);
    return Number(stdout);
  });
}

/** The ratio of two times in each of some pairs, sorted. The first pair warms the caches and is not counted. */
export async function compare(
  pairs: number,
  over: () => Promise<number>,
  under: () => Promise<number>,
): Promise<number[]> {
  const ratios: number[] = [];
  for (let pair = 0; pair <= pairs; pair++) {
    const denominator = await under();
    const numerator = await over();
    if (pair > 0) {
      ratios.push(numerator / denominator);
    }
  }
  return ratios.sort((a, b) => a - b);
}

/** For people: the middle of sorted ratios and how far they spread. */
export function summary(ratios: readonly number[], of = "pairs"): string {
  const at = (share: number) => ratios[Math.round(share * (ratios.length - 1))]?.toFixed(2);
  return `median ${at(0.5)} of ${ratios.length} ${of}, quartiles ${at(0.25)} to ${at(0.75)}, all ${at(0)} to ${at(1)}`;
}

/** The same of unsorted ratios. */
export function summarySorted(ratios: readonly number[], of = "pairs"): string {
  return summary(
    [...ratios].sort((a, b) => a - b),
    of,
  );
}

/** The time of some work, in milliseconds. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}
