import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Trace } from "../../client/api/trace";
import { KINDS } from "../../drift/kinds/kinds";
import type { ResourceKind } from "../../drift/kinds/resourceKind";
import { drifted, judgementOf, traceAt } from "../support/drift";
import { propertyRuns } from "../support/runs";

/**
 * Random lives of a resource of any kind. The oracle follows the life itself: it knows what the cloud holds after each event, and
 * who brought that about, and sees no trace.
 */
const PEOPLE = ["alice", "bob", "carol"];
const OWN = "ci";
const VALUES = ["red-value", "green-value", "blue-value"];

interface Happening {
  readonly who: string;
  readonly what: "set" | "delete" | "read" | "other";
  readonly value: string;
  readonly hasFailed: boolean;
  /** Recorded as two traces: the request and its result. */
  readonly isAsync: boolean;
  readonly shape: "text" | "object" | "empty";
  /** Late ones are not to be queried yet. */
  readonly recorded: "id" | "late";
  readonly isOnOther: boolean;
}

const happening = fc.record<Happening>({
  who: fc.constantFrom(...PEOPLE, OWN, ""),
  what: fc.oneof(
    { weight: 6, arbitrary: fc.constant("set" as const) },
    { weight: 1, arbitrary: fc.constantFrom("read" as const, "other" as const, "delete" as const) },
  ),
  value: fc.constantFrom(...VALUES),
  hasFailed: fc.boolean(),
  isAsync: fc.boolean(),
  shape: fc.constantFrom("text", "object", "empty"),
  recorded: fc.oneof(
    { weight: 5, arbitrary: fc.constant("id" as const) },
    { weight: 1, arbitrary: fc.constant("late" as const) },
  ),
  isOnOther: fc.integer({ max: 4, min: 0 }).map((n) => n === 0),
});

const scene = fc.record({
  kind: fc.constantFrom(
    ...KINDS.filter(
      ({ identity, update, delete: deletes }) =>
        identity !== "none" && update.length > 0 && deletes.length > 0,
    ),
  ),
  life: fc.array(happening, { minLength: 1, maxLength: 6 }),
  id: fc.uuid(),
  other: fc.uuid(),
});

/** The marks of a kind in traces, by the service's documents. */
function marksOf({ identity, serviceTypes, resourceTypes }: ResourceKind, id: string): Partial<Trace> {
  const type = { serviceType: serviceTypes[0] ?? "", resourceType: resourceTypes[0] ?? "" };
  if (identity === "name") {
    return { ...type, resourceName: id };
  }
  if (identity === "tracker") {
    return { ...type, resourceName: id, resourceId: `${id}-uuid` };
  }
  return { ...type, resourceId: id };
}

function providerIdOf({ identity, type }: ResourceKind, id: string): string {
  if (identity === "lastPart") {
    return `7d9f0c8e-0000-4000-8000-000000000000/${id}`;
  }
  if (identity === "firstPart") {
    return `${id}/name`;
  }
  if (type === "otc-cts:index:Tracker") {
    return `eu-de/${"0".repeat(32)}/${id}`;
  }
  return id;
}

describe("judge", () => {
  it("never confirms a wrong person, and names the right one where a trace with the id is there", () => {
    let [found, visible] = [0, 0];
    fc.assert(
      fc.property(scene, ({ kind, life, id: uuid, other }) => {
        const id = kind.identity === "tracker" ? "system" : uuid;
        let [value, isGone] = ["before", false];
        let author: Happening | undefined;
        const traces: Trace[] = [];
        for (const [i, event] of life.entries()) {
          if (isGone && !event.isOnOther) {
            break;
          }
          traces.push(...tracesOf(event, i * 40, kind, event.isOnOther ? other : id));
          if (event.isOnOther || event.hasFailed || event.what === "read" || event.what === "other") {
            continue;
          }
          if (event.what === "delete") {
            [isGone, author] = [true, event];
          }
          // To set again what is there changes nothing, but the last one to set it is as good an answer.
          else {
            [value, author] = [event.value, event];
          }
        }
        if (!author) {
          return;
        }
        const changes = isGone ? undefined : [{ path: "description", old: "before", new: value }];
        const resource = drifted(kind.type, providerIdOf(kind, id), changes);
        const { verdict, cause } = judgementOf(resource, traces, [OWN]);

        const person = cause?.act.first.user?.name;
        const setToIt = life.filter(
          (each) =>
            !each.isOnOther &&
            !each.hasFailed &&
            each.what === "set" &&
            each.value === value &&
            each.who !== "",
        );
        if (verdict === "confirmed") {
          // Unseen events may hide that somebody else has set the same value later.
          const isRight =
            person === author.who ||
            ((author.recorded === "late" || author.shape === "empty") &&
              setToIt.some(({ who }) => who === person));
          expect(isRight).toBe(true);
        }
        expect(person).not.toBe(OWN);
        if (author.recorded === "id" && PEOPLE.includes(author.who)) {
          visible++;
          if (verdict === "confirmed" || verdict === "likely") {
            found++;
          }
        }
      }),
      { numRuns: propertyRuns() },
    );
    expect(found / visible).toBeGreaterThan(0.95);
  });
});

function tracesOf(event: Happening, minute: number, kind: ResourceKind, id: string): Trace[] {
  if (event.recorded === "late") {
    return [];
  }
  const { who, what, value, hasFailed, isAsync, shape } = event;
  const body = { description: value };
  const request = shape === "empty" || what !== "set" ? "" : shape === "text" ? JSON.stringify(body) : body;
  const traceName = { set: "updateIt", delete: kind.delete[0] ?? "", read: "showIt", other: "createBackup" }[
    what
  ];
  const fields = { ...marksOf(kind, id), traceName, request };
  const outcome = { traceRating: hasFailed ? ("warning" as const) : ("normal" as const) };
  if (!isAsync || what === "read") {
    return [traceAt(minute, who, { ...fields, ...outcome })];
  }
  return [traceAt(minute, who, fields), traceAt(minute + 5, "", { ...fields, request: "", ...outcome })];
}
