import { once } from "node:events";
import { fstatSync } from "node:fs";
import { cutNote, isCut, type Trace } from "../../client/api/trace";
import { openTraceLog, type TraceLog, type TraceReading, UNKNOWN_TIME } from "../../client/api/traceLog";
import type { TraceWindow } from "../../client/api/traceQuery";
import { Connection } from "../../client/connection";
import { type Command, UNEXPECTED } from "../command";
import { settingsIn, sourcesOf, stackHelp } from "../settings";
import { paintFor, say, widthOf } from "../terminal";
import { Chart } from "../traces/chart";
import { follow } from "../traces/follow";
import { FORMATS, type Target } from "../traces/output";
import { ReadProgress } from "../traces/progress";
import { MAX_REMEMBERED } from "../traces/remembered";
import { asUsageError, type Expectation, readTraceRequest, type TraceRequest } from "../traces/request";
import { Writer } from "../writer";

const help = `Usage: otc-cts traces [options]

Lists what happened in a project, newest first: the traces of the last hour, or those that match. Changes nothing.

Which traces (all criteria that are given must match; upper and lower case differ):
  --service-type <acronym>    for example ECS. This and the next seven may be repeated: any of the values matches then
  --user <name>
  --resource-type <type>
  --resource-name <name>
  --resource-id <id>
  --trace-name <name>         what was done, for example createServer
  --trace-rating <rating>     normal: it succeeded; warning: it failed; incident: worse than that, for example a node has
                              failed or a service was interrupted
  --code <status>             the HTTP status that was answered, for example 403, or a class such as 4xx
  --failed                    operations that failed: the rating is warning or incident, the code is 400 or more, or the
                              name ends in Failed or Failure. For this, --code, or several values, the whole window is read
  --trace-id <id>             one trace; all others of these are ignored then, --from and --to too
  --from, --since <time>      no earlier ones: an age such as 24h (units s, m, h, d, w), milliseconds since 1970, or
                              ISO 8601 such as 2026-11-22T10:00 (UTC); default one hour before --to. Seven days at most
  --to, --until <time>        only earlier ones; default now
  --limit <number>            the newest so many

Where:
  --region <name>             default that of the settings, as are
  --project-id <id>
  --project-name <name>
${stackHelp(30)}
How:
  --output <format>           table   for people; cut to fit on a terminal; times are UTC (default)
                              json    one array
                              ndjson  one object on each line
                              csv     the documented fields, on one line for each trace. An apostrophe is put before
                                      what a spreadsheet would take for a formula
  --chart                     bars over time, by rating, instead of the list
  --follow                    oldest first, then go on with what comes in, until Ctrl-C; --limit is for the beginning
  --interval <time>           how often --follow looks, 0.1s to 1h (default 5s)
  --expect none|some          exit with 3 if that is not what is found, with 1 if what time it is at the service is not
                              known well enough to tell
  --help                      this text

Exit codes:
  0    done, whether any was found or not; --follow was ended; whoever read the output wanted no more
  1    it failed: the message is on standard error
  2    the command line is wrong
  3    not what --expect says
  130  Ctrl-C, but for --follow
`;

/** `otc-cts traces`: what happened, for people and for scripts. */
export const tracesCommand: Command = {
  summary: "list what happened, follow it, or draw a chart of it",
  help,
  async run(args) {
    const request = readTraceRequest(args);
    const connection = new Connection(settingsIn(await sourcesOf(request.stack), request.stack));
    try {
      return await (request.followEveryMs === undefined
        ? readOnce(connection, request)
        : followAll(connection, request, request.followEveryMs));
    } catch (error) {
      throw asUsageError(error, request.optionOf);
    }
  },
};

async function readOnce(connection: Connection, request: TraceRequest): Promise<number> {
  const log = await openTraceLog(connection, request.query);
  const reading = await log.begin(request.query.limit);
  sayNote(reading.window, request);
  const { expect } = request;
  const progress = progressOf(reading.window);
  const traces = watched(reading, progress);
  const count = await (request.isChart
    ? draw(traces, reading.window)
    : list(traces, request, { beforeWriting: () => process.stdout.isTTY && progress?.hide() }));
  if (count === 0) {
    // A program that reads standard error gets nothing but warnings.
    if (process.stderr.isTTY) {
      say(nothingIn(reading.window, request));
    }
    sayHint(log, request);
  }
  const doubt = expect && reading.doubt();
  if (doubt !== undefined) {
    throw new Error(`--expect ${expect} cannot be judged: ${doubt}`);
  }
  if (!isUnexpected(expect, count)) {
    return 0;
  }
  say(expect === "none" ? `found ${count}, expected none` : "found none, expected some");
  return UNEXPECTED;
}

/** @param log whose query may be spelled wrongly. */
function sayHint({ filter: { hint } }: TraceLog, { optionOf }: TraceRequest): void {
  say(hint?.replace(/^\w+/, optionOf));
}

function isUnexpected(expect: Expectation | undefined, count: number): boolean {
  return (expect === "none" && count > 0) || (expect === "some" && count === 0);
}

/**
 * Writes traces to standard output, and counts them.
 *
 * @param end ends it early, without waiting for the traces
 */
async function list(
  traces: AsyncIterable<Trace>,
  { output, expect }: TraceRequest,
  { beforeWriting, end = [] }: { beforeWriting?: () => void; end?: readonly Promise<unknown>[] },
): Promise<number> {
  const writer = new Writer(process.stdout, beforeWriting);
  const format = FORMATS[output](target());
  let [count, cut, isOver] = [0, 0, false];
  const writeAll = async () => {
    for await (const trace of traces) {
      if (isOver) {
        return;
      }
      // Whoever closes the pipe early ends the process then and there.
      if (count === 0 && expect === "none") {
        process.exitCode = UNEXPECTED;
      }
      const room = writer.write((count === 0 ? format.head : "") + format.line(trace, count === 0));
      count++;
      cut += isCut(trace) ? 1 : 0;
      if (room) {
        await room;
      }
    }
  };
  try {
    await Promise.race([writeAll(), ...end]);
    isOver = true;
    await writer.write(count > 0 ? format.tail : format.none);
  } finally {
    await writer.flush();
    say(cutNote(cut));
  }
  return count;
}

async function draw(traces: AsyncIterable<Trace>, window: TraceWindow): Promise<number> {
  const chart = new Chart(window);
  let count = 0;
  for await (const trace of traces) {
    chart.add(trace);
    count++;
  }
  const writer = new Writer(process.stdout);
  writer.write(chart.draw(target()));
  await writer.flush();
  return count;
}

async function* watched({ batches }: TraceReading, progress: ReadProgress | undefined) {
  try {
    for await (const trace of oneByOne(batches)) {
      progress?.note(Date.parse(trace.time));
      yield trace;
    }
  } finally {
    progress?.stop();
  }
}

async function followAll(connection: Connection, request: TraceRequest, intervalMs: number): Promise<number> {
  // A request or a pause that is under way is not waited for.
  const end = [once(process, "SIGINT"), once(process, "SIGTERM")];
  await list(followed(connection, request, intervalMs), request, { end });
  return 0;
}

async function* followed(connection: Connection, request: TraceRequest, intervalMs: number) {
  const log = await openTraceLog(connection, request.query);
  // It may wait for ever for a criterion that is spelled wrongly.
  sayHint(log, request);
  yield* oneByOne(followLog(log, request, intervalMs));
}

function followLog(log: TraceLog, request: TraceRequest, intervalMs: number): AsyncIterable<Trace[]> {
  let window: TraceWindow | undefined;
  return follow({
    async begin(now) {
      window = await log.windowAt(now);
      return window.from;
    },
    limit: request.query.limit,
    intervalMs,
    read: (part) => log.read(part),
    clock: log.clock,
    onBegin() {
      if (window) {
        sayNote(window, request);
      }
      if (!log.clock.isHeard) {
        say(UNKNOWN_TIME);
      }
    },
    onTrouble: (error) => say(`${messageOf(error)}; trying again every ${intervalMs / 1000} s`),
    onRecovery: () => say("it works again"),
    onOverflow: () =>
      say(
        `there were more than ${MAX_REMEMBERED} traces within a quarter of an hour: traces that came in late may be missing`,
      ),
  });
}

async function* oneByOne(batches: AsyncIterable<Trace[]>): AsyncGenerator<Trace, void, void> {
  for await (const batch of batches) {
    yield* batch;
  }
}

function target(): Target {
  return { width: widthOf(process.stdout), paint: paintFor(process.stdout) };
}

/** Only where somebody looks, and nothing else that writes to the same terminal: not where a pipe goes to `less`. */
function progressOf(window: TraceWindow): ReadProgress | undefined {
  if (!process.stderr.isTTY || isPipe(process.stdout.fd)) {
    return undefined;
  }
  const progress = new ReadProgress(window, { stream: process.stderr });
  progress.start();
  return progress;
}

function isPipe(fd: number): boolean {
  const stat = fstatSync(fd);
  return stat.isFIFO() || stat.isSocket();
}

function nothingIn(window: TraceWindow, { query }: TraceRequest): string {
  const [from, to] = [window.from, window.to].map((time) => new Date(time).toISOString());
  return query.traceId === undefined
    ? `nothing found between ${from} and ${to}`
    : `there is no trace ${query.traceId}`;
}

function sayNote({ note }: TraceWindow, { optionOf }: TraceRequest): void {
  say(note?.replace(/\bfrom was\b/, `${optionOf("from")} was`));
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
