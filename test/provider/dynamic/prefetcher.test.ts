import { beforeEach, describe, expect, it } from "vitest";
import type { PlaceRef } from "../../../client/place";

import { UNKNOWN } from "../../../provider/core/unknown";
import { Prefetcher } from "../../../provider/dynamic/prefetcher";

const project = (number: number): PlaceRef => ({ projectName: `eu-de_${number}` });
const projects = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => project(from + i));

/** Reads that last until they are told to end. */
let underWay: { place: PlaceRef; end: (error?: Error) => void }[];
let looked: PlaceRef[];
let ahead: Prefetcher;

beforeEach(() => {
  underWay = [];
  looked = [];
  ahead = new Prefetcher((place) => {
    looked.push(place);
    return new Promise((resolve, reject) => {
      underWay.push({ place, end: (error) => (error ? reject(error) : resolve(undefined)) });
    });
  });
});

async function endAll(error?: Error): Promise<void> {
  for (const { end } of underWay.splice(0)) {
    end(error);
  }
  await new Promise((resolve) => setImmediate(resolve));
}

describe("Prefetcher", () => {
  it("reads nothing before two new ones came in a row, then one, and several concurrently once that has succeeded", async () => {
    ahead.expect(projects(0, 100));
    ahead.onCheck(project(0), true);
    expect(underWay).toHaveLength(0);
    ahead.onCheck(project(1), true);
    expect(underWay).toHaveLength(1);
    await endAll();
    expect(underWay.length).toBeGreaterThan(1);
    const most = underWay.length;
    ahead.onCheck(project(2), true);
    expect(underWay).toHaveLength(most);
  });

  it("goes on by itself, and reads each once, none that was checked before", async () => {
    ahead.expect(projects(0, 50));
    for (const place of projects(0, 8)) {
      ahead.onCheck(place, true);
    }
    ahead.expect(projects(0, 60));
    while (underWay.length > 0) {
      await endAll();
    }
    expect(new Set(looked.map(({ projectName }) => projectName)).size).toBe(looked.length);
    expect(looked).toEqual(expect.arrayContaining(projects(8, 60)));
    expect(looked).not.toEqual(expect.arrayContaining([project(0)]));
  });

  it("stops as soon as one exists already", async () => {
    ahead.expect(projects(0, 50));
    for (const place of projects(0, 4)) {
      ahead.onCheck(place, true);
    }
    ahead.onCheck(project(4), false);
    const before = looked.length;
    await endAll();
    ahead.onCheck(project(5), true);
    expect(looked).toHaveLength(before);
  });

  it("reads no other after a failure before two checks have gone on, and then one only", async () => {
    ahead.expect(projects(0, 50));
    for (const place of projects(0, 3)) {
      ahead.onCheck(place, true);
    }
    const before = looked.length;
    await endAll(new Error("out of reach"));
    ahead.onCheck(project(4), true);
    expect(looked).toHaveLength(before);
    ahead.onCheck(project(5), true);
    expect(looked).toHaveLength(before + 1);
  });

  it("bears locations that are not known yet", () => {
    ahead.expect(projects(0, 10));
    ahead.onCheck({ region: UNKNOWN, projectId: undefined, projectName: undefined }, true);
    ahead.onCheck({ region: undefined, projectId: undefined, projectName: UNKNOWN }, true);
    expect(looked).toEqual([project(0)]);
  });
});
