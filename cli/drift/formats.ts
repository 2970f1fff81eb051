import { appendFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { codeOf, paintFor } from "../terminal";
import { asCodeQuality, asJson, asJunit, asSarif } from "./machine";
import { asMarkdown, COMMENT_BYTES, SUMMARY_BYTES } from "./markdown";
import type { Reported } from "./reported";
import { asText } from "./text";

/** The formats of a report. A new one is added here, to the help of the command and to docs/guides/drift.md. */
export const FORMATS = {
  text: (reported, file) => asText(reported, file === undefined ? paintFor(process.stdout) : undefined),
  markdown: (reported, file) => asMarkdown(reported, isStepSummary(file) ? SUMMARY_BYTES : COMMENT_BYTES),
  json: asJson,
  sarif: asSarif,
  junit: asJunit,
  codequality: asCodeQuality,
} as const satisfies Record<string, (reported: Reported, file: string | undefined) => string>;

/** Writes a report to standard output, or to a file. */
export function write(name: keyof typeof FORMATS, reported: Reported, file: string | undefined): void {
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
