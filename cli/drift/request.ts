import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { buffer } from "node:stream/consumers";
import { resolveTraceQuery } from "../../client/api/traceQuery";
import type { DriftInput, DriftOptions } from "../../drift/driftCause";
import { InputError } from "../../drift/drifted";
import { CONFIDENCES } from "../../drift/judge";
import { parseKinds, type ResourceKind } from "../../drift/kinds/resourceKind";
import { durationOf, flag, oneOf, parseWithInput, refuse, text, texts, UsageError } from "../command";
import { codeOf } from "../terminal";
import { faultsOf } from "../traces/request";
import { FORMATS } from "./formats";

const EXPECTATIONS = ["none", "explained", "any"] as const;

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
  "show-values": flag,
} as const;

/** A command line of `otc-cts drift`, checked, with the files that it names. */
export interface Request {
  readonly input: DriftInput | undefined;
  readonly stack: string | undefined;
  readonly cwd: string | undefined;
  readonly expect: (typeof EXPECTATIONS)[number];
  readonly minConfidence: (typeof CONFIDENCES)[number];
  readonly formats: readonly { name: keyof typeof FORMATS; file: string | undefined }[];
  readonly options: DriftOptions;
}

/**
 * Reads a command line and its files. Call it before the folder changes: they are named from where the command was typed.
 *
 * @throws UsageError that names each option that is wrong, and what it takes
 */
export async function readRequest(args: string[]): Promise<Request> {
  const { values, input } = parseWithInput(args, OPTIONS);
  const faults: string[] = [];
  const expect = oneOf("expect", values.expect ?? "none", EXPECTATIONS, faults);
  const minConfidence = oneOf("min-confidence", values["min-confidence"] ?? "likely", CONFIDENCES, faults);
  const maxCalls = values["max-calls"];
  if (maxCalls !== undefined && !/^\d{1,9}$/.test(maxCalls)) {
    faults.push(`--max-calls must be a whole number, 0 or more, not "${maxCalls}"`);
  }
  const waitMs = values.wait === undefined ? 0 : ageOf(values.wait, faults);
  if (values.since !== undefined) {
    const [from, to] = [values.since, Date.now()];
    faults.push(
      ...faultsOf(
        () => resolveTraceQuery({ from, to }, to),
        (name) => name.replace("from", "--since"),
      ),
    );
  }
  const formats = (values.format ?? ["text"]).map((format) => {
    const [, word = "", file] = /^([^=]*)(?:=(.*))?$/s.exec(format) ?? [];
    const name = oneOf("format", word, Object.keys(FORMATS) as (keyof typeof FORMATS)[], faults);
    if (file === "") {
      faults.push(`--format ${word}= names no file`);
    }
    return { name, file: file && resolve(file) };
  });
  if (formats.filter(({ file }) => file === undefined).length > 1) {
    faults.push(
      "--format: one of them can be on standard output; write the others to files, as in --format json=drift.json",
    );
  }
  refuse(faults);
  const { stack, cwd, state, history, since, region, project, own, kinds } = values;
  return {
    ...{ stack, cwd, expect, minConfidence, formats },
    options: {
      ...(state !== undefined && { state: readBytes(state, "--state").toString() }),
      ...(history !== undefined && { history: readBytes(history, "--history").toString() }),
      ...(kinds !== undefined && { kinds: readKinds(kinds) }),
      ...(since !== undefined && { since }),
      ...(region && { regions: region }),
      ...(project && { projects: project }),
      ...(own && { own }),
      ...(maxCalls !== undefined && { maxCalls: Number(maxCalls) }),
      minConfidence,
      waitMs,
      showValues: values["show-values"] ?? false,
    },
    input: input === undefined ? undefined : await readInput(input),
  };
}

function ageOf(value: string, faults: string[]): number {
  const ms = durationOf(value);
  if (!(ms <= 7 * 86_400_000)) {
    faults.push(`--wait must be an age such as 15m, at most 7d, not "${value}"`);
  }
  return ms;
}

async function readInput(file: string): Promise<Buffer> {
  return file === "-" ? buffer(process.stdin) : readBytes(file, "INPUT");
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
