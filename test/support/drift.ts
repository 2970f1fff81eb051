import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Trace } from "../../client/api/trace";
import type { Change, Drifted } from "../../drift/drifted";
import { identityOf } from "../../drift/identity";
import type { StackRun } from "../../drift/input/state";
import { type Judgement, judge } from "../../drift/judge";
import { kindOf } from "../../drift/kinds/kindOf";

/** A text that Pulumi 3.245.0 printed for a stack with one drifted, one vanished and one unchanged resource. */
export function sample(name: string): string {
  return readFileSync(join(__dirname, "..", "fixtures", "drift", name), "utf8");
}

export const MINUTE = 60_000;
export const NOON = Date.UTC(2026, 10, 25, 12);

let traceCount = 0;

/** A trace of this many minutes after noon, by this user. */
export function traceAt(minute: number, user: string, fields: Partial<Trace> = {}): Trace {
  traceCount++;
  return {
    traceId: `trace-${traceCount}`,
    time: new Date(NOON + minute * MINUTE).toISOString(),
    traceRating: "normal",
    traceType: user === "" ? "SystemAction" : "ConsoleAction",
    ...(user !== "" && { user: { name: user, id: `id of ${user}` } }),
    ...fields,
  };
}

/** A resource of the bridged provider, or of Terraform. */
export function drifted(
  type: string,
  id: string,
  changes?: Partial<Change>[],
  outputs: object = {},
): Drifted {
  return {
    urn: `urn:pulumi:dev::test::${type}::it`,
    type,
    id,
    kind: changes ? "changed" : "gone",
    changes: (changes ?? []).map((change) => ({ path: "", secret: false, ...change })),
    outputs: { ...outputs },
  };
}

/** The judgement of a resource by its traces, as `driftCause` asks. */
export function judgementOf(
  resource: Drifted,
  traces: readonly Trace[],
  own: readonly string[] = [],
  runs: readonly StackRun[] = [],
): Judgement {
  const identity = identityOf(resource, kindOf(resource.type, resource.id));
  return judge(resource, traces, { identity, own: new Set(own), runs });
}

/** An event stream of `pulumi refresh --preview-only` with these resources. */
export function eventsOf(
  resources: readonly { urn: string; type: string; id: string; old: object; now: object | undefined }[],
  at = NOON,
): string {
  const metadata = ({ urn, type, id, old, now }: (typeof resources)[number], op: string) => {
    const state = (outputs: object) => ({ urn, type, id, custom: true, inputs: old, outputs, provider: "" });
    return { op, urn, type, old: state(old), new: now && state(now), detailedDiff: null };
  };
  const opOf = ({ old, now }: (typeof resources)[number]) =>
    now === undefined ? "delete" : JSON.stringify(old) === JSON.stringify(now) ? "same" : "update";
  const events = [
    ...resources.map((each) => ({
      resourcePreEvent: { metadata: metadata(each, "refresh"), planning: true },
    })),
    ...resources.map((each) => ({
      resOutputsEvent: { metadata: metadata(each, opOf(each)), planning: true },
    })),
    {
      summaryEvent: {
        isPreview: true,
        resourceChanges: resources.length > 0 ? { same: 1 } : {},
        result: "succeeded",
      },
    },
  ];
  return events
    .map((event, sequence) => JSON.stringify({ sequence, timestamp: at / 1000, ...event }))
    .join("\n");
}
