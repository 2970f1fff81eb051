import { beforeEach, describe, expect, it } from "vitest";
import type { PlaceRef } from "../../../client/connection";
import { Lookahead } from "../../../provider/core/lookahead";
import { UNKNOWN } from "../../../provider/core/managedResource";

const project = (number: number): PlaceRef => ({ projectName: `eu-de_${number}` });
const projects = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => project(from + i));

/** Looks that last until they are told to end. */
let underWay: { place: PlaceRef; end: (error?: Error) => void }[];
let looked: PlaceRef[];
let ahead: Lookahead;

beforeEach(() => {
  underWay = [];
  looked = [];
  ahead = new Lookahead((place) => {
    looked.push(place);
    return new Promise((resolve, reject) => {
      underWay.push({ place, end: (error) => (error ? reject(error) : resolve(undefined)) });
    });
  });
});

async function endAll(error?: Error): Promise<void> {
  for (const { end } of underWay.splice(0)) end(error);
  await new Promise((resolve) => setImmediate(resolve));
}

describe("Lookahead", () => {
  it("looks at nothing before two new ones came in a row, then at twice as many at once with each", () => {
    ahead.expect(projects(0, 100));
    const counts = [0, 1, 2, 3, 4, 5, 6, 7].map((number) => {
      ahead.met(project(number), true);
      return underWay.length;
    });
    expect(counts).toEqual([0, 1, 2, 4, 8, 16, 16, 16]);
  });

  it("goes on by itself, and looks at each once, none that was checked before", async () => {
    ahead.expect(projects(0, 50));
    for (const place of projects(0, 8)) ahead.met(place, true);
    ahead.expect(projects(0, 60));
    while (underWay.length > 0) await endAll();
    expect(looked).toEqual([...new Set(looked)]);
    expect(new Set(looked.map(({ projectName }) => projectName)).size).toBe(looked.length);
    expect(looked).toEqual(expect.arrayContaining(projects(8, 60)));
    expect(looked).not.toEqual(expect.arrayContaining([project(0)]));
  });

  it("stops as soon as one needs no look", async () => {
    ahead.expect(projects(0, 50));
    for (const place of projects(0, 4)) ahead.met(place, true);
    ahead.met(project(4), false);
    const before = looked.length;
    await endAll();
    ahead.met(project(5), true);
    expect(looked).toHaveLength(before);
  });

  it("leaves a look that fails to whoever is checked, and looks at no other before that has gone well", async () => {
    ahead.expect(projects(0, 10));
    for (const place of projects(0, 3)) ahead.met(place, true);
    const before = looked.length;
    await endAll(new Error("out of reach"));
    ahead.met(project(3), true);
    expect(looked).toHaveLength(before);
    ahead.met(project(4), true);
    expect(looked.length).toBeGreaterThan(before);
  });

  it("bears places that are not known yet", () => {
    ahead.expect(projects(0, 10));
    ahead.met({ region: UNKNOWN, projectId: undefined, projectName: undefined }, true);
    ahead.met({ region: undefined, projectId: undefined, projectName: UNKNOWN }, true);
    expect(looked).toEqual([project(0)]);
  });
});
