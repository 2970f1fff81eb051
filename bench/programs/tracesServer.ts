/**
 * Serves traces of a week for another process, until that disconnects. All of them are one text that was made beforehand,
 * newest first, so that a page is a part of it and costs next to no processor time. Messages: `{ spread, seed }` makes new
 * traces; `"calls"` asks for the number of calls since the last time. Argument: `{ count, latencyMs, callsPerSecond }`.
 */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { seededRandom } from "../../emulator/synthetic/random";
import { SPREADS, type SpreadName } from "../../emulator/synthetic/spreads";

const WEEK_MS = 7 * 24 * 60 * 60_000;
/** The time for which the oldest traces can still be queried after they were made. */
const SPARE_MS = 60 * 60_000;

interface Options {
  readonly count: number;
  readonly latencyMs: number;
  /** 0 for no limit. */
  readonly callsPerSecond: number;
}

/** Traces, newest first. */
interface Made {
  readonly times: Float64Array;
  readonly text: Buffer;
  /** The offset of each trace in the text, and the end of the text. */
  readonly starts: Uint32Array;
}

function make(spread: SpreadName, seed: number, count: number): Made {
  const end = Date.now();
  const span = { oldest: end - WEEK_MS + SPARE_MS, end };
  const times = SPREADS[spread](count, span, seededRandom(seed)).sort().reverse();
  const starts = new Uint32Array(count + 1);
  const texts = Array.from(times, (time, i) => {
    const text = Buffer.from(`${traceText(i, time)},`);
    starts[i + 1] = (starts[i] ?? 0) + text.length;
    return text;
  });
  return { times, text: Buffer.concat(texts), starts };
}

/** About as long as the real service's. */
function traceText(index: number, time: number): string {
  const id = `${index}`.padStart(12, "0");
  return JSON.stringify({
    trace_id: `0d1c8b9e-0000-11f1-8000-${id}`,
    trace_name: "createServer",
    trace_rating: "normal",
    trace_type: "ApiCall",
    time,
    record_time: time + 900,
    user: {
      id: "7b1f",
      name: `user-${index % 20}`,
      domain: { id: "94d5", name: "OTC-EU-DE-00000000001000000001" },
    },
    service_type: "ECS",
    resource_type: "ecs",
    resource_name: `server-${index}`,
    resource_id: `6e1fa5a1-0000-4000-8000-${id}`,
    source_ip: "198.51.100.7",
    code: "202",
    api_version: "v1",
    request: JSON.stringify({
      server: { name: `server-${index}`, flavorRef: "s3.large.2", tags: "x".repeat(200) },
    }),
    response: JSON.stringify({ job_id: `ff80808288${id}` }),
    request_id: `req-${id}`,
    tracker_name: "system",
  });
}

/** The index of the first trace that is earlier than a time. */
function firstBefore(times: Float64Array, time: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((times[middle] ?? 0) < time) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return low;
}

async function main(options = "{}"): Promise<void> {
  const { count, latencyMs, callsPerSecond } = JSON.parse(options) as Options;
  let made: Made | undefined;
  let calls = 0;
  let tokens = callsPerSecond;
  let refilledAt = performance.now();
  const isThrottled = () => {
    if (callsPerSecond === 0) {
      return false;
    }
    const now = performance.now();
    tokens = Math.min(callsPerSecond, tokens + ((now - refilledAt) * callsPerSecond) / 1000);
    refilledAt = now;
    if (tokens < 1) {
      return true;
    }
    tokens--;
    return false;
  };
  const answer = (url: URL): { status: number; body: Buffer } => {
    calls++;
    if (!made || isThrottled()) {
      return { status: 429, body: Buffer.from('{"error_code":"CTS.0429"}') };
    }
    const number = (name: string) => Number(url.searchParams.get(name));
    const { times, text, starts } = made;
    const next = url.searchParams.get("next");
    const first = next === null ? firstBefore(times, number("to")) : Number(next) + 1;
    const end = Math.min(first + number("limit"), firstBefore(times, number("from") + 1));
    const meta = `],"meta_data":{"count":${end - first},"marker":${end > first ? `"${end - 1}"` : null}}}`;
    const shown = end > first ? text.subarray(starts[first], (starts[end] ?? 1) - 1) : Buffer.of();
    return { status: 200, body: Buffer.concat([Buffer.from('{"traces":['), shown, Buffer.from(meta)]) };
  };
  const server = createServer((request, response) => {
    const { status, body } = answer(new URL(request.url ?? "", "http://localhost"));
    const headers = { "content-type": "application/json", "content-length": body.length };
    setTimeout(() => response.writeHead(status, headers).end(body), latencyMs);
  });
  process.on("message", (message: "calls" | { spread: SpreadName; seed: number }) => {
    if (message !== "calls") {
      made = make(message.spread, message.seed, count);
    }
    process.send?.(calls);
    calls = 0;
  });
  process.once("disconnect", () => process.exit());
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  process.send?.((server.address() as AddressInfo).port);
}

main(process.argv[2]).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
