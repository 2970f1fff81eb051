import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { buffer } from "node:stream/consumers";
import { resolveTraceQuery } from "../../client/api/traceQuery";
import { Connection } from "../../client/connection";
import { ArgumentError } from "../../client/errors";
import { visible } from "../../client/visible";
import { type DriftOptions, explainDrift, isEnough } from "../../drift/driftCause";
import { InputError } from "../../drift/drifted";
import { CONFIDENCES } from "../../drift/judge";
import { parseKinds, type ResourceKind } from "../../drift/kinds/resourceKind";
import { type Command, durationOf, oneOf, parseWithInput, UsageError } from "../command";
import { asCodeQuality, asJson, asJunit, asSarif } from "../drift/machine";
import { asMarkdown, COMMENT_BYTES, SUMMARY_BYTES } from "../drift/markdown";
import { exportedState, refreshEvents, selectedStack, stackHistory } from "../drift/pulumi";
import type { Reported } from "../drift/reported";
import { asText } from "../drift/text";
import { settingsIn, sourcesOf } from "../settings";
import { fitTo, paintFor } from "../terminal";
import { version } from "../version";

const help = `Usage: otc-cts drift [INPUT|-] [options]

Says what drifted in a stack, and who did it: looks for the traces that explain each change. Changes nothing.

INPUT is Pulumi's event stream (PULUMI_ENABLE_STREAMING_JSON_PREVIEW=true pulumi refresh --preview-only --json), its digest, or
a plan of Terraform or OpenTofu (terraform show -json); - reads standard input. Without it, pulumi is run.

Which stack:
  --stack <name>              the stack: its configuration, and its state and history, which pulumi is asked for
  --cwd <dir>                 the folder of its project
  --state <file>              what pulumi stack export prints, given instead
  --history <file>            what pulumi stack history --json prints, given instead

Where and since when to look:
  --since <time>              no traces before that: an age such as 24h, milliseconds since 1970, or ISO 8601 (UTC); default for
                              each resource when the state was last made to agree with the cloud, at most seven days ago
  --region <name>             where to look besides each resource's own region; may be repeated
  --project <name|id>         likewise
  --max-calls <number>        bound of the search through all traces, for each project (default 100); 0: by id and name only
  --wait <age>                wait up to this long for late traces, while something is unexplained

What counts:
  --own <name|id|key>         whose operations explain nothing; may be repeated (default who signs in)
  --min-confidence <word>     what counts as explained: confirmed, likely (default) or possible
  --expect <word>             none (default): nothing has drifted; explained: all that has is explained; any: whatever it is
  --kinds <file>              kinds of resources beside those that are known: a JSON array

How:
  --format <name>[=<file>]    text (default), markdown, json, sarif, junit or codequality; may be repeated. A file that is
                              $GITHUB_STEP_SUMMARY is added to
  --show-values               old and new values, too; they may be confidential
  --help                      this text

Exit codes:
  0    the expectation of --expect is met
  1    it failed, or not all could be looked at
  2    the command line or the input is wrong
  3    the expectation of --expect is not met
  130  Ctrl-C
`;

/** A failed expectation must differ from a failed command. */
const UNEXPECTED = 3;

const FORMATS = {
  text: (reported, file) => asText(reported, file === undefined ? paintFor(process.stdout) : undefined),
  markdown: (reported, file) => asMarkdown(reported, isStepSummary(file) ? SUMMARY_BYTES : COMMENT_BYTES),
  json: asJson,
  sarif: asSarif,
  junit: asJunit,
  codequality: asCodeQuality,
} as const satisfies Record<string, (reported: Reported, file: string | undefined) => string>;

const EXPECTATIONS = ["none", "explained", "any"] as const;

const text = { type: "string" } as const;
const texts = { type: "string", multiple: true } as const;
const OPTIONS = {
  stack: text,
  cwd: text,
  state: text,
  history: text,
  since: text,
  region: texts,
  project: texts,
  own: texts,
  wait: text,
  "max-calls": text,
  "min-confidence": text,
  expect: text,
  kinds: text,
  format: texts,
  "show-values": { type: "boolean" },
} as const;

/** `otc-cts drift`: what drifted, and who did it. */
export const driftCommand: Command = {
  summary: "say what drifted in a stack, and who did it",
  help,
  async run(args) {
    const request = readRequest(args);
    try {
      return await report(request);
    } catch (error) {
      if (error instanceof InputError) {
        throw new UsageError(error.message);
      }
      if (error instanceof ArgumentError) {
        throw new UsageError(`--${error.message}`);
      }
      throw error;
    }
  },
};

async function report(request: Request): Promise<number> {
  const { cwd, expect, formats, minConfidence } = request;
  const given = await readFiles(request);
  if (cwd !== undefined) {
    enter(cwd);
  }
  const stack = request.stack ?? (given.input === undefined ? await selectedStack() : undefined);
  if (given.input === undefined) {
    say(`pulumi refresh --preview-only looks at stack ${stack}`);
  }
  const input = given.input ?? (await refreshEvents(stack));
  const stored = stack === undefined ? {} : await storedOf(stack, given.options);
  const connection = new Connection(settingsIn(await sourcesOf(stack), stack));
  const progress = progressOn(process.stderr);
  const options: DriftOptions = {
    ...request.options,
    ...(stack !== undefined && { stack }),
    ...given.options,
    ...stored,
    onProgress: (message) => progress.show(message),
  };
  const { report, check, problems } = await explainDrift(connection, input, options).finally(() =>
    progress.end(),
  );
  const isExplained: Reported["isExplained"] = (resource) => isEnough(resource, minConfidence);
  const reported: Reported = { report, check, problems, isExplained, version: version() };
  for (const { name, file } of formats) {
    write(name, reported, file);
  }
  for (const problem of problems) {
    say(`not complete: ${problem}`);
  }
  if (!report.complete) {
    return 1;
  }
  const { drifted, unexplained } = report.summary;
  const isMet = expect === "any" || (expect === "none" ? drifted : unexplained) === 0;
  return isMet ? 0 : UNEXPECTED;
}

function write(name: keyof typeof FORMATS, reported: Reported, file: string | undefined): void {
  const text = FORMATS[name](reported, file);
  if (file === undefined) {
    process.stdout.write(text);
    return;
  }
  try {
    // Other commands of the step have written to it, too.
    if (isStepSummary(file)) {
      appendFileSync(file, text);
    } else {
      writeFileSync(file, text);
    }
  } catch (error) {
    throw new Error(`--format ${name}: ${file} cannot be written (${codeOf(error)})`);
  }
}

function isStepSummary(file: string | undefined): boolean {
  const summary = process.env["GITHUB_STEP_SUMMARY"];
  return file !== undefined && summary !== undefined && file === resolve(summary);
}

/** Pulumi's knowledge of the stack, unless it is given. */
async function storedOf(stack: string, { state, history }: DriftOptions): Promise<DriftOptions> {
  return {
    ...(state === undefined && { state: await exportedState(stack) }),
    ...(history === undefined && { history: await stackHistory(stack) }),
  };
}

interface Request {
  readonly input: string | undefined;
  readonly stack: string | undefined;
  readonly cwd: string | undefined;
  readonly state: string | undefined;
  readonly history: string | undefined;
  readonly kinds: string | undefined;
  readonly expect: (typeof EXPECTATIONS)[number];
  readonly minConfidence: (typeof CONFIDENCES)[number];
  readonly formats: readonly { name: keyof typeof FORMATS; file: string | undefined }[];
  readonly options: DriftOptions;
}

/** @throws UsageError that names each option that is wrong, and what it takes. */
function readRequest(args: string[]): Request {
  const { values, input } = parseWithInput(args, OPTIONS);
  const faults: string[] = [];
  const expect = oneOf("expect", values.expect ?? "none", EXPECTATIONS, faults) ?? "none";
  const minConfidence =
    oneOf("min-confidence", values["min-confidence"] ?? "likely", CONFIDENCES, faults) ?? "likely";
  const maxCalls = values["max-calls"] ?? "100";
  if (!/^\d{1,9}$/.test(maxCalls)) {
    faults.push(`--max-calls must be a whole number, 0 or more, not "${maxCalls}"`);
  }
  const waitMs = values.wait === undefined ? 0 : ageOf(values.wait, faults);
  if (values.since !== undefined) {
    checkTime(values.since, faults);
  }
  const formats = (values.format ?? ["text"]).flatMap((format) => {
    const [, name = "", file] = /^([^=]*)(?:=(.*))?$/s.exec(format) ?? [];
    const known = oneOf("format", name, Object.keys(FORMATS) as (keyof typeof FORMATS)[], faults);
    if (file === "") {
      faults.push(`--format ${name}= names no file`);
    }
    return known ? [{ name: known, file: file && resolve(file) }] : [];
  });
  if (formats.filter(({ file }) => file === undefined).length > 1) {
    faults.push(
      "--format: one of them can be on standard output; write the others to files, as in --format json=drift.json",
    );
  }
  if (faults.length > 0) {
    throw new UsageError(`${faults.join("; ")}.`);
  }
  const { stack, cwd, state, history, since, region, project, own, kinds } = values;
  return {
    ...{ input, stack, cwd, state, history, kinds, expect, minConfidence, formats },
    options: {
      ...(since !== undefined && { since }),
      ...(region && { regions: region }),
      ...(project && { projects: project }),
      ...(own && { own }),
      maxCalls: Number(maxCalls),
      minConfidence,
      waitMs,
      showValues: values["show-values"] ?? false,
    },
  };
}

function ageOf(value: string, faults: string[]): number {
  const ms = durationOf(value);
  if (!(ms <= 7 * 86_400_000)) {
    faults.push(`--wait must be an age such as 15m, at most 7d, not "${value}"`);
  }
  return ms;
}

function checkTime(since: string, faults: string[]): void {
  const now = Date.now();
  try {
    resolveTraceQuery({ from: since, to: now }, now);
  } catch (error) {
    if (!(error instanceof ArgumentError)) {
      throw error;
    }
    faults.push(
      ...error.problems.map((problem) => problem.replace(/^from/, "--since").replace("a Date, ", "")),
    );
  }
}

/** Reads files before the folder changes: they are named from where the command was typed. */
async function readFiles({ input, state, history, kinds }: Request) {
  const options: DriftOptions = {
    ...(state !== undefined && { state: readBytes(state, "--state").toString() }),
    ...(history !== undefined && { history: readBytes(history, "--history").toString() }),
    ...(kinds !== undefined && { kinds: readKinds(kinds) }),
  };
  const isPiped = input === "-";
  return {
    input:
      input === undefined ? undefined : isPiped ? await buffer(process.stdin) : readBytes(input, "INPUT"),
    options,
  };
}

function readBytes(file: string, option: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new UsageError(`${option}: ${file} cannot be read (${codeOf(error)}).`);
  }
}

function readKinds(file: string): ResourceKind[] {
  const fault = (why: string) => new UsageError(`--kinds: ${file} ${why}; see docs/guides/drift.md.`);
  try {
    return parseKinds(readBytes(file, "--kinds").toString());
  } catch (error) {
    throw error instanceof InputError ? fault(error.message) : error;
  }
}

function enter(folder: string): void {
  try {
    process.chdir(folder);
  } catch (error) {
    throw new UsageError(`--cwd: there is no folder ${folder} to work in (${codeOf(error)}).`);
  }
}

function codeOf(error: unknown): string {
  return String((error as NodeJS.ErrnoException).code ?? error);
}

/** Says how far it has come: in place on a terminal, elsewhere a line when it has been silent for long. */
function progressOn(stream: NodeJS.WriteStream) {
  let last = Date.now();
  return {
    show(message: string) {
      if (stream.isTTY) {
        stream.write(`\r\x1b[K${fitTo(visible(message), (stream.columns || 80) - 1)}`);
      } else if (Date.now() - last > SILENCE_MS) {
        say(message);
        last = Date.now();
      }
    },
    end() {
      if (stream.isTTY) {
        stream.write("\r\x1b[K");
      }
    },
  };
}

/** Some pipelines end a job that says nothing for ten minutes. */
const SILENCE_MS = 10_000;

function say(message: string): void {
  process.stderr.write(`otc-cts: ${visible(message)}\n`);
}
