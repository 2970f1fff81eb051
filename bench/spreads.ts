import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { connect } from "pulumi-otc-cts";
// The compiled package, as users run it.
import { MAX_CONCURRENCY } from "../client/paging/rateLimiter";
import { listTraces, traces } from "../dist/client/api/traces";
import { SPREAD_NAMES, type SpreadName } from "../emulator/synthetic/spreads";
import type { Say } from "./timing";

const COUNT = 20_000;
const PAGES = COUNT / 200;
const LATENCY_MS = 50;
const CALLS_PER_SECOND = 20;
/** Constants were chosen by other seeds: `test/support/simulation.ts`. */
const FIRST_SEED = 1001;

/**
 * Measures reading all traces of a week, beside reading page after page, for each spread over time. The server is a
 * process of its own, and no part of the emulator but the times is in it.
 */
export async function benchSpreads(runs: number, say: Say): Promise<void> {
  const server = await Served.start({ count: COUNT, latencyMs: LATENCY_MS, callsPerSecond: 0 });
  const idealMs = (PAGES * LATENCY_MS) / MAX_CONCURRENCY;
  say(
    `${COUNT} traces, ${LATENCY_MS} ms latency per call, medians of ${runs} runs:\n\n| spread | page after page / list | page after page / iterator | calls beyond the pages: list, iterator | list / ideal |\n|---|---|---|---|---|`,
  );
  // Every run measures every spread, so that a minute in which the machine is slow does not decide about one of them.
  const measured = new Map<SpreadName, Row[]>(SPREAD_NAMES.map((spread) => [spread, []]));
  for (let run = 0; run < runs; run++) {
    for (const [spread, rows] of measured) {
      await server.load(spread, FIRST_SEED + run);
      rows.push(await measure(server, idealMs));
    }
  }
  server.stop();
  const medianOf = new Map([...measured].map(([spread, rows]) => [spread, medians(rows)]));
  for (const [spread, row] of medianOf) {
    say(
      `| ${spread} | ${row.list.toFixed(1)} | ${row.iterator.toFixed(1)} | ${percent(row.beyond)}, ${percent(row.iteratorBeyond)} | ${row.ideal.toFixed(2)} |`,
    );
  }
  const others = [...medianOf].filter(([spread]) => spread !== "office").map(([, row]) => row);
  const of = (field: keyof Row) => others.map((row) => row[field]).sort((a, b) => a - b);
  const range = (field: keyof Row) =>
    `worst ${of(field)[0]?.toFixed(1)}, median ${median(of(field)).toFixed(1)}`;
  const busyMs = median([...medianOf.values()].map((row) => row.busyMs));
  say(
    `\nThe client is busy for ${busyMs.toFixed(1)} ms with each page of the list, in the median of the spreads. ${MAX_CONCURRENCY} concurrent requests can bring a page every ${(LATENCY_MS / MAX_CONCURRENCY).toFixed(1)} ms: where the client needs longer than that, the machine limits the list.`,
  );
  say(
    `\nWithout the spread "office": list ${range("list")}; iterator ${range("iterator")}; calls beyond the pages: worst ${percent(of("beyond").at(-1) ?? 0)}, median ${percent(median(of("beyond")))}.\n`,
  );
  await benchLimited(Math.min(runs, 3), say);
}

interface Row {
  readonly list: number;
  readonly iterator: number;
  readonly beyond: number;
  readonly iteratorBeyond: number;
  readonly ideal: number;
  /** The time for which the client is busy with each page of the list. */
  readonly busyMs: number;
}

async function measure(server: Served, idealMs: number): Promise<Row> {
  await server.list();
  const slowMs = (await server.timed(() => server.list(COUNT + 1))).ms;
  const list = await server.timed(() => server.list());
  const iterator = await server.timed(() => server.iterate());
  return {
    list: slowMs / list.ms,
    iterator: slowMs / iterator.ms,
    beyond: list.calls / PAGES - 1,
    iteratorBeyond: iterator.calls / PAGES - 1,
    ideal: list.ms / idealMs,
    busyMs: list.busyMs / list.calls,
  };
}

async function benchLimited(runs: number, say: Say): Promise<void> {
  const server = await Served.start({
    count: COUNT,
    latencyMs: LATENCY_MS,
    callsPerSecond: CALLS_PER_SECOND,
  });
  const leastMs = ((PAGES - CALLS_PER_SECOND) / CALLS_PER_SECOND) * 1000;
  say(
    `${CALLS_PER_SECOND} calls per second allowed: list / the least time that this permits. Each spread has a connection, and the first of its ${runs} readings has to find the limit:\n`,
  );
  for (const spread of SPREAD_NAMES) {
    server.disconnect();
    const ratios: number[] = [];
    for (let run = 0; run < runs; run++) {
      await server.load(spread, FIRST_SEED + run);
      // A second of rest fills what may pass immediately.
      await new Promise((resolve) => setTimeout(resolve, 1100));
      ratios.push((await server.timed(() => server.list())).ms / leastMs);
    }
    const [first, worst] = [ratios[0] ?? Number.NaN, Math.max(...ratios)];
    say(
      `- ${spread}: median ${median(ratios).toFixed(2)}, first ${first.toFixed(2)}, worst ${worst.toFixed(2)}`,
    );
  }
  server.stop();
}

function medians(rows: readonly Row[]): Row {
  const of = (field: keyof Row) => median(rows.map((row) => row[field]));
  return {
    list: of("list"),
    iterator: of("iterator"),
    beyond: of("beyond"),
    iteratorBeyond: of("iteratorBeyond"),
    ideal: of("ideal"),
    busyMs: of("busyMs"),
  };
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

function percent(share: number): string {
  return `${Math.round(100 * share)} %`;
}

/** A server in a process of its own. */
class Served {
  #connection: ReturnType<typeof connect> | undefined;

  private constructor(
    private readonly child: ChildProcess,
    private readonly port: number,
  ) {}

  static async start(options: object): Promise<Served> {
    const child = fork(`${__dirname}/programs/tracesServer.ts`, [JSON.stringify(options)], {
      execArgv: ["--import", "tsx"],
    });
    const [port] = (await once(child, "message")) as [number];
    return new Served(child, port);
  }

  get connection(): ReturnType<typeof connect> {
    const endpoint = `http://127.0.0.1:${this.port}`;
    this.#connection ??= connect({ region: "eu-de", projectId: "p1", endpoint, token: "t" });
    return this.#connection;
  }

  /** The next reading makes a new connection, which knows nothing of the service. */
  disconnect(): void {
    this.#connection = undefined;
  }

  async list(limit?: number): Promise<number> {
    return (await listTraces(this.connection, { from: "7d", ...(limit && { limit }) })).traces.length;
  }

  async iterate(): Promise<number> {
    let count = 0;
    for await (const _ of traces(this.connection, { from: "7d" })) {
      count++;
    }
    return count;
  }

  async load(spread: SpreadName, seed: number): Promise<void> {
    await this.#ask({ spread, seed });
  }

  async timed(read: () => Promise<number>): Promise<{ ms: number; busyMs: number; calls: number }> {
    await this.#ask("calls");
    const start = performance.now();
    const utilization = performance.eventLoopUtilization();
    const count = await read();
    const ms = performance.now() - start;
    const { active } = performance.eventLoopUtilization(utilization);
    if (count !== COUNT) {
      throw new Error(`${count} of ${COUNT} traces were read`);
    }
    return { ms, busyMs: active, calls: await this.#ask("calls") };
  }

  async #ask(message: "calls" | { spread: SpreadName; seed: number }): Promise<number> {
    this.child.send(message);
    const [calls] = (await once(this.child, "message")) as [number];
    return calls;
  }

  stop(): void {
    this.child.disconnect();
  }
}
