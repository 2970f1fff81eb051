import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
// The compiled package, as users run it.
import { MAX_CONCURRENCY } from "../client/paging/rateLimiter";
import { listTraces } from "../dist/client/api/traces";
import { runPeer } from "./peer";
import { Served } from "./served";
import { type Say, summarySorted, timed } from "./timing";

const COUNT = 20_000;
const MANY = 1_000_000;
const LATENCY_MS = 50;
const REQUESTS_PER_SECOND = 20;
const PAGES = COUNT / 200;
const PROJECT = "eu-de_0";
const projectsOf = (count: number) => Array.from({ length: count }, (_, i) => `eu-de_${i}`);

/**
 * Measures reading all traces of a week, beside reading page after page: by this client with one request at a time,
 * and by python-otcextensions. Emulator and client are processes of their own.
 */
export async function benchTraces(pairs: number, say: Say): Promise<void> {
  const emulator = await Served.start({ traces: COUNT, latencyMs: LATENCY_MS, projects: projectsOf(pairs) });
  const all = (projectName = PROJECT) => listTraces(emulator.connection, { from: "7d", projectName });
  const oneByOne = (projectName: string) =>
    listTraces(emulator.connection, { from: "7d", projectName, limit: COUNT + 1 });
  const ratios: Record<"sequential" | "ideal" | "calls", number[]> = { sequential: [], ideal: [], calls: [] };
  const idealMs = (PAGES * LATENCY_MS) / MAX_CONCURRENCY;
  // Traces bunch differently in each project. The first reading of each signs in, and is not counted.
  for (const project of projectsOf(pairs)) {
    await all(project);
    const slowMs = await timed(() => oneByOne(project));
    await emulator.calls();
    const fastMs = await timed(() => all(project));
    const calls = await emulator.calls();
    ratios.sequential.push(slowMs / fastMs);
    ratios.ideal.push(fastMs / idealMs);
    ratios.calls.push(calls / PAGES);
  }
  say(`All of ${COUNT} traces, ${LATENCY_MS} ms latency per call:\n`);
  say(`- page after page / this client: ${summarySorted(ratios.sequential)}`);
  say(`- this client / ideal (pages × latency ÷ concurrent requests): ${summarySorted(ratios.ideal)}`);
  say(`- calls / least number of pages: ${summarySorted(ratios.calls)}`);
  await comparePeer(emulator, all, Math.min(pairs, 3), say);
  emulator.stop();
  await benchThrottled(pairs, say);
  say("");
  await benchMemory(say);
}

/** Fewer pairs: each takes half a minute. */
async function comparePeer(
  emulator: Served,
  all: () => Promise<unknown>,
  pairs: number,
  say: Say,
): Promise<void> {
  const ratios: number[] = [];
  for (let pair = 0; pair < pairs; pair++) {
    const peerMs = await runPeer(emulator.settings, COUNT);
    if (peerMs === undefined) {
      say("- python-otcextensions could not be installed");
      return;
    }
    ratios.push(peerMs / (await timed(all)));
  }
  say(`- python-otcextensions, which lists one page, in a loop / this client: ${summarySorted(ratios)}`);
}

async function benchThrottled(runs: number, say: Say): Promise<void> {
  const emulator = await Served.start({
    traces: COUNT,
    latencyMs: LATENCY_MS,
    requestsPerSecond: REQUESTS_PER_SECOND,
    projects: projectsOf(runs),
  });
  const leastMs = ((PAGES - REQUESTS_PER_SECOND) / REQUESTS_PER_SECOND) * 1000;
  const ratios: number[] = [];
  for (const projectName of projectsOf(runs)) {
    const all = () => listTraces(emulator.connection, { from: "7d", projectName });
    await all();
    // A second of rest refills the bucket.
    await new Promise((resolve) => setTimeout(resolve, 1100));
    ratios.push((await timed(all)) / leastMs);
  }
  emulator.stop();
  say(
    `- ${REQUESTS_PER_SECOND} calls per second allowed: this client / the least time that this permits: ${summarySorted(ratios, "runs")}`,
  );
}

async function benchMemory(say: Say): Promise<void> {
  const emulator = await Served.start({ traces: MANY, latencyMs: 0, projects: [PROJECT] });
  // By default, and with little to wait in.
  for (const mebibytes of [64, 8]) {
    const program = join(__dirname, "programs", "iterate.mjs");
    const args = [program, JSON.stringify(emulator.settings), String(MANY), String(mebibytes)];
    const { stdout } = await promisify(execFile)(process.execPath, args);
    const { count, before, most, samples } = JSON.parse(stdout) as Record<
      "count" | "before" | "most",
      number
    > & {
      samples: number[];
    };
    say(
      `- ${count} traces through the iterator, by plain \`node\`, buffer of ${mebibytes} MiB: at most ${most} MiB resident, ${before} MiB before the first trace, and after each fifth ${samples.join(", ")}`,
    );
  }
  emulator.stop();
}
