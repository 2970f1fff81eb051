import { isRecord } from "../../client/values";
import { InputError, type Json } from "../drifted";

/** The facts that a stack's state adds to a check. */
export interface StackState {
  /** By URN. */
  readonly resources: ReadonlyMap<string, StateResource>;
}

export interface StateResource {
  /** When the state was last made to agree with the cloud, in milliseconds since the epoch. */
  readonly modified?: number;
  readonly source?: { readonly file: string; readonly line: number };
  readonly inputs: Json;
  readonly id: string;
}

/** A run of the stack, in milliseconds since the epoch. */
export interface StackRun {
  readonly start: number;
  readonly end: number;
}

/** Reads what `pulumi stack export` prints. @throws InputError where it is something else. */
export function readState(text: string, from: string): StackState {
  const value = parse(text, from, "pulumi stack export");
  const deployment = isRecord(value) ? value["deployment"] : undefined;
  if (!isRecord(deployment)) {
    throw new InputError(`${from} has no deployment: it must be what pulumi stack export prints`);
  }
  const { resources = [] } = deployment;
  const listed = Array.isArray(resources) ? resources.filter(isRecord) : [];
  return {
    resources: new Map(
      listed.map((each) => [
        String(each["urn"]),
        {
          id: String(each["id"] ?? ""),
          inputs: isRecord(each["inputs"]) ? each["inputs"] : {},
          ...modifiedOf(each["modified"]),
          ...sourceOf(each),
        },
      ]),
    ),
  };
}

/** Old checkpoints have no time, and digests one that means none. */
function modifiedOf(modified: unknown): Pick<StateResource, "modified"> {
  const time = typeof modified === "string" ? Date.parse(modified) : Number.NaN;
  return time > 0 ? { modified: time } : {};
}

/**
 * The place in the program that declares a resource: the first in the user's own files, as that of a class of a package is in
 * `node_modules`. `project:///index.ts#12,1` is line 12. Files outside of the project are in no repository of it.
 */
function sourceOf({ sourcePosition, stackTrace }: Record<string, unknown>): Pick<StateResource, "source"> {
  const frames = Array.isArray(stackTrace) ? stackTrace.filter(isRecord) : [];
  for (const position of [sourcePosition, ...frames.map((frame) => frame["sourcePosition"])]) {
    const [, file, line] = /^project:\/\/\/(?!\.\.\/)(.+)#(\d+)(?:,\d+)?$/.exec(String(position)) ?? [];
    if (file !== undefined && !/(^|\/)node_modules\//.test(file)) {
      return { source: { file: decoded(file), line: Math.max(1, Number(line)) } };
    }
  }
  return {};
}

function decoded(file: string): string {
  try {
    return decodeURIComponent(file);
  } catch {
    return file;
  }
}

/** Reads what `pulumi stack history --json` prints. @throws InputError where it is something else. */
export function readHistory(text: string, from: string): StackRun[] {
  const value = parse(text, from, "pulumi stack history --json");
  if (!Array.isArray(value)) {
    throw new InputError(`${from} is no list: it must be what pulumi stack history --json prints`);
  }
  return value.filter(isRecord).flatMap(({ startTime, endTime }) => {
    const [start, end] = [Date.parse(String(startTime)), Date.parse(String(endTime))];
    if (Number.isNaN(start)) {
      return [];
    }
    return [{ start, end: Number.isNaN(end) ? start : end }];
  });
}

function parse(text: string, from: string, command: string): unknown {
  try {
    return JSON.parse(text.replace(/^\ufeff/, ""));
  } catch {
    throw new InputError(`${from} is not JSON: it must be what ${command} prints`);
  }
}
