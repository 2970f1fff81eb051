import fc from "fast-check";
import { expect } from "vitest";
import type { Trace } from "../../client/api/trace";
import type { Verdict } from "../../drift/judge";
import type { ResourceKind } from "../../drift/kinds/resourceKind";
import { traceAt } from "./drift";

/**
 * Random lives of a resource of any kind. The oracle follows the life itself: it knows what the cloud holds after each event, and
 * who brought that about, and sees no trace.
 */
const PEOPLE = ["alice", "bob", "carol"];
/** Who runs Pulumi. */
export const OWN = "ci";
const VALUES = ["red-value", "green-value", "blue-value"];

export interface Happening {
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

export const happening = fc.record<Happening>({
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

/** A kind, the life of one resource of it, and its id beside that of another. */
export function lifeOf(kinds: readonly ResourceKind[]) {
  return fc.record({
    kind: fc.constantFrom(...kinds),
    life: fc.array(happening, { minLength: 1, maxLength: 6 }),
    uuid: fc.uuid(),
    other: fc.uuid(),
  });
}

/** The end of a life. */
export interface Outcome {
  readonly value: string;
  readonly isGone: boolean;
  /** Who brought that about; undefined if nobody changed anything. */
  readonly author: Happening | undefined;
  /** Everything before its end. */
  readonly happened: readonly Happening[];
}

export function outcomeOf(life: readonly Happening[]): Outcome {
  let value = "before";
  let author: Happening | undefined;
  const happened: Happening[] = [];
  for (const event of life) {
    const isGone = author?.what === "delete";
    if (isGone && !event.isOnOther) {
      break;
    }
    happened.push(event);
    const isChange = event.what === "set" || event.what === "delete";
    if (!event.isOnOther && !event.hasFailed && isChange) {
      // To set again what is there changes nothing, but the last one to set it is as good an answer.
      author = event;
      value = event.what === "set" ? event.value : value;
    }
  }
  return { value, isGone: author?.what === "delete", author, happened };
}

/** True if a trace of what the author did, with the id, can be queried. */
function isVisible({ author }: Outcome): boolean {
  return author?.recorded === "id" && PEOPLE.includes(author.who);
}

/** Fails where a wrong person is confirmed, or the pipeline itself is blamed. */
function expectNoWrongPerson(
  { author, happened, value }: Outcome,
  verdict: Verdict,
  person: string | undefined,
): void {
  const setToIt = happened.filter(
    (each) =>
      !each.isOnOther && !each.hasFailed && each.what === "set" && each.value === value && each.who !== "",
  );
  if (verdict === "confirmed") {
    // Unseen events may hide that somebody else has set the same value later.
    const isRight =
      person === author?.who ||
      ((author?.recorded === "late" || author?.shape === "empty") &&
        setToIt.some(({ who }) => who === person));
    expect(isRight).toBe(true);
  }
  expect(person).not.toBe(OWN);
}

/** Checks judgements of many lives: none may name a wrong person, and most of what can be seen is to be found. */
export class JudgementCheck {
  #visible = 0;
  #found = 0;

  /** Fails where a wrong person is named. */
  add(outcome: Outcome, { identity }: ResourceKind, verdict: Verdict, person: string | undefined): void {
    expectNoWrongPerson(outcome, verdict, person);
    if (isVisible(outcome) && identity !== "none") {
      this.#visible++;
      this.#found += verdict === "confirmed" || verdict === "likely" ? 1 : 0;
    }
  }

  /** Fails unless over 95 % are found of those with a trace that has the id. */
  expectMostFound(): void {
    expect(this.#found / this.#visible).toBeGreaterThan(0.95);
  }
}

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

/** The id that the provider gives. @param projectId of a resource that has it in its id */
export function providerIdOf(
  { identity, type }: ResourceKind,
  id: string,
  projectId = "0".repeat(32),
): string {
  if (identity === "lastPart") {
    return `7d9f0c8e-0000-4000-8000-000000000000/${id}`;
  }
  if (identity === "firstPart") {
    return `${id}/name`;
  }
  if (type === "otc-cts:index:Tracker") {
    return `eu-de/${projectId}/${id}`;
  }
  return id;
}

/** The traces that an event leaves by now, which was so many minutes after noon. */
export function tracesOf(event: Happening, minute: number, kind: ResourceKind, id: string): Trace[] {
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
