import { isRecord } from "../../client/values";
import { type DriftCheck, InputError, type Json } from "../drifted";
import { isDigest, readDigest } from "./pulumiDigest";
import { EVENTS_COMMAND, isEvent, readEvents } from "./pulumiEvents";
import { isTerraform, readPlan } from "./terraformPlan";

const TAKEN =
  "taken are Pulumi's event stream, its digest, and a plan of Terraform or OpenTofu as JSON (terraform show -json)";

/**
 * Reads a check for drift: a text or its bytes, or engine events as the Automation API hands them to `onEvent`.
 *
 * @throws InputError that says what it is instead; CheckFailedError where the check itself failed.
 */
export function readInput(input: string | Uint8Array | readonly unknown[]): DriftCheck {
  if (Array.isArray(input)) {
    return readList(input);
  }
  const text = typeof input === "string" ? input.replace(/^\ufeff/, "") : decode(input as Uint8Array);
  if (text.trim() === "") {
    throw new InputError(`The input is empty; ${TAKEN}`);
  }
  if (text.startsWith("PK\u0003\u0004")) {
    throw new InputError(
      "This is a plan of Terraform as a file: give its JSON, which terraform show -json FILE prints",
    );
  }
  return readValue(parse(text));
}

function readValue(value: unknown): DriftCheck {
  if (Array.isArray(value)) {
    return readList(value);
  }
  if (!isRecord(value)) {
    throw new InputError(`The input is JSON, but no object; ${TAKEN}`);
  }
  // A run that is cut off after its first event.
  if (isEvent(value)) {
    return readEvents([value]);
  }
  if (isTerraform(value)) {
    return readPlan(value);
  }
  if (isDigest(value)) {
    return readDigest(value);
  }
  if ("deployment" in value) {
    throw new InputError(
      `This is a stack's state, which holds no drift: give it by --state, beside the event stream of ${EVENTS_COMMAND}`,
    );
  }
  if ("summary" in value && "result" in value) {
    throw new InputError(
      `This is Pulumi's summary (--output json), which only counts. Give the event stream: ${EVENTS_COMMAND}`,
    );
  }
  throw new InputError(`The input is JSON of another kind; ${TAKEN}`);
}

function readList(list: readonly unknown[]): DriftCheck {
  if (list.length > 0 && list.every(isEvent)) {
    return readEvents(list as Json[]);
  }
  if (list.some((each) => isRecord(each) && "@level" in each)) {
    throw new InputError(
      "This is the log of terraform plan -json: give the plan, which terraform show -json FILE prints",
    );
  }
  throw new InputError(`The input is a list, but not of Pulumi's events; ${TAKEN}`);
}

/** One JSON value, or JSON lines. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const lines = text.split(/\r?\n/);
    const values: unknown[] = [];
    for (const [i, line] of lines.entries()) {
      if (line.trim() === "") {
        continue;
      }
      try {
        values.push(JSON.parse(line));
      } catch {
        // One value over several lines that is cut off, or no JSON at all.
        if (values.length === 0 || !values.every(isRecord)) {
          throw notJson(error);
        }
        throw new InputError(
          `Line ${i + 1} of the input is not JSON, so that the events are not complete; ${TAKEN}`,
        );
      }
    }
    return values;
  }
}

function notJson(error: unknown): InputError {
  // Node's message quotes the text, which may hold secrets.
  const where = /position \d+/.exec(String(error))?.[0];
  return new InputError(`The input is not JSON${where ? ` (at ${where})` : ""}; ${TAKEN}`);
}

/** PowerShell writes UTF-16 where it redirects. */
function decode(bytes: Uint8Array): string {
  const isUtf16 = bytes[0] === 0xff && bytes[1] === 0xfe;
  return new TextDecoder(isUtf16 ? "utf-16le" : "utf-8").decode(bytes);
}
