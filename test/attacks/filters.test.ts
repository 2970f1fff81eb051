/**
 * Attack: searches that would find less than they seem to ask for, so that "nothing found" is a false all-clear: criteria
 * with several values, options given twice, failures that only the code or the name tells, acronyms in small letters.
 *
 * Alone: `npx vitest run test/attacks/filters`
 */
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { readTraceRequest } from "../../cli/traces/request";
import type { TraceQuery } from "../../client/api/traceQuery";
import { listTraces, traces } from "../../client/api/traces";
import { type Emulator, startEmulator, type WireTrace } from "../../emulator";
import { environmentOf, otcCts } from "../support/cli";
import { useEmulated } from "../support/emulated";
import { propertyRuns } from "../support/runs";

const service = useEmulated();
let now: number;
beforeEach(() => {
  service.emulator.reset();
  service.emulator.traces.clear();
  now = Math.floor(service.clock.now());
});

const add = (...all: Partial<WireTrace>[]) =>
  service.emulator.traces.add(all.map((each, i) => ({ time: now - 1 - i, trace_id: `t${i}`, ...each })));
const queries = () => service.emulator.journal.calls("cts").map(({ query }) => query);
const idsOf = async (query: TraceQuery) =>
  (await listTraces(service.connect(), query)).traces.map(({ traceId }) => traceId);

const user = (name: string) => ({ id: "1", name, domain: { id: "2", name: "d" } });

/** Some values of each criterion, among them those that differ in case only, and where each stands in a trace. */
const VALUES = {
  serviceType: ["ECS", "ecs", "OBS"],
  user: ["alice", "Alice", "bob"],
  resourceType: ["bucket", "Bucket", "server"],
  resourceName: ["a", "A", "b c/ü"],
  resourceId: ["1", "2", "x"],
  traceName: ["loginfailed", "createServer", "jobFailure"],
  traceRating: ["normal", "warning", "incident"],
  code: ["200", "403", "404", "503"],
} as const;
const NAMES = Object.keys(VALUES) as (keyof typeof VALUES)[];

const fields = fc.record(
  Object.fromEntries(NAMES.map((name) => [name, fc.constantFrom(...VALUES[name])])) as {
    [K in keyof typeof VALUES]: fc.Arbitrary<string>;
  },
  { requiredKeys: ["traceRating", "user"] },
);
type Fields = Partial<Record<keyof typeof VALUES, string>>;

/** Two criteria at most: more match next to nothing. */
const wanted: fc.Arbitrary<Wanted> = fc.subarray(NAMES, { maxLength: 2 }).chain((names) => {
  const anyOf = (name: keyof typeof VALUES) => {
    const value = fc.constantFrom<string>(...VALUES[name], ...(name === "code" ? ["4xx", "5XX"] : []));
    return fc.oneof(value, fc.array(value, { minLength: 1, maxLength: 3 }));
  };
  const criteria = Object.fromEntries(names.map((name) => [name, anyOf(name)]));
  return fc.record({ ...criteria, ...(names.length < 2 && { failed: fc.boolean() }) });
});
type Wanted = Partial<Record<keyof typeof VALUES, string | string[]>> & { failed?: boolean };

function isWanted(found: Fields, { failed, ...criteria }: Wanted): boolean {
  const isMatch = NAMES.every((name) => {
    const asked = criteria[name];
    if (asked === undefined) {
      return true;
    }
    return [asked].flat().some((each) => {
      if (name === "code" && /xx/i.test(each)) {
        return found.code?.startsWith(each.charAt(0)) ?? false;
      }
      return each === found[name];
    });
  });
  const isFailure =
    found.traceRating !== "normal" ||
    Number(found.code ?? 0) >= 400 ||
    ["loginfailed", "jobFailure"].includes(found.traceName ?? "");
  return isMatch && (!failed || isFailure);
}

const toWire = (one: Fields): Partial<WireTrace> => ({
  service_type: one.serviceType,
  user: user(one.user ?? ""),
  resource_type: one.resourceType,
  resource_name: one.resourceName,
  resource_id: one.resourceId,
  trace_name: one.traceName,
  trace_rating: one.traceRating as WireTrace["trace_rating"],
  code: one.code === "403" ? 403 : one.code,
});

describe("criteria of several values", () => {
  it("are sent where there is one value, and filtered here where there are several", async () => {
    await idsOf({ serviceType: ["ECS", "ECS"], traceRating: ["warning", "incident"], user: "alice" });

    expect(queries()[0]).toMatchObject({ service_type: "ECS", user: "alice" });
    expect(queries()[0]).not.toHaveProperty("trace_rating");
  });

  it("cost whole pages, whatever the limit, and none after the last trace that is wanted", async () => {
    const all = Array.from({ length: 450 }, (_, i) => ({ code: i === 250 || i === 251 ? "500" : "200" }));
    add(...all);
    const found: string[] = [];

    for await (const { traceId } of traces(service.connect(), { failed: true, limit: 1 })) {
      found.push(traceId);
    }

    expect(found).toEqual(["t250"]);
    expect(queries().map(({ limit }) => limit)).toEqual(queries().map(() => "200"));
    expect(queries().length).toBeLessThanOrEqual(3);
  });

  it("are read from API v1.0, too, which has another name for the rating", async () => {
    const rated = (rating: string) => ({ trace_rating: undefined, trace_status: rating });
    add(rated("warning"), rated("normal"), rated("incident"));
    const connection = service.connect({ ...service.emulator.settings(), apiVersion: "v1" });

    const { traces: found } = await listTraces(connection, { traceRating: ["warning", "incident"] });

    expect(found.map(({ traceId }) => traceId)).toEqual(["t0", "t2"]);
  });

  it("are ignored with an id, as the service does", async () => {
    add({ trace_rating: "normal" });

    expect(await idsOf({ traceId: "t0", traceRating: ["warning", "incident"], failed: true })).toEqual([
      "t0",
    ]);
  });

  it.each([
    [{ traceRating: [] }, "traceRating must have at least one value"],
    [{ traceRating: ["normal", "bad"] }, 'traceRating must be "normal", "warning" or "incident"'],
    [{ serviceType: ["ECS", ""] }, "serviceType must not be empty"],
    [{ user: ["alice", null] }, "user must be a string"],
    [{ resourceId: [["1"]] }, "resourceId must be a string"],
    [{ traceId: ["t0", "t1"] }, "traceId must be a string"],
    [{ code: "forbidden" }, "code must be an HTTP status such as 403, or a class such as 4xx"],
    [{ code: ["403", "40"] }, "code must be an HTTP status"],
    [{ code: 600 }, "code must be an HTTP status"],
    [{ failed: "yes" }, "failed must be true or false"],
  ])("are refused before any call: %j", async (query, message) => {
    const failure = await listTraces(service.connect(), query as unknown as TraceQuery).catch(String);

    expect(failure).toContain(message);
    expect(service.emulator.journal.entries).toEqual([]);
  });

  it.each<[TraceQuery, string[]]>([
    [{ user: ["alice", "bob"] }, ["t0"]],
    [{ user: ["alice", "Alice"], code: 403 }, ["t0"]],
    [{ code: "5XX" }, ["t1"]],
    [{ code: [500, "4xx"] }, ["t0", "t1"]],
  ])("compare exactly, but for the x of a class: %j", async (query, expected) => {
    add({ user: user("alice"), code: 403 }, { user: user("Alice"), code: "500" }, { code: undefined });

    expect(await idsOf(query)).toEqual(expected);
  });

  it("find exactly the traces that have one of the values of each, newest first, up to the limit", async () => {
    let found = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fields, { maxLength: 12 }),
        fc.integer({ min: 1, max: 40 }),
        wanted,
        fc.option(fc.integer({ min: 1, max: 60 }), { nil: undefined }),
        async (kinds, times, asked, limit) => {
          service.emulator.traces.clear();
          const all = Array.from({ length: times }, () => kinds).flat();
          add(...all.map(toWire));
          const expected = all.flatMap((one, i) => (isWanted(one, asked) ? [`t${i}`] : []));
          const query = { ...asked, ...(limit && { limit }) } as TraceQuery;

          const list = await listTraces(service.connect(), query);

          expect(list.traces.map(({ traceId }) => traceId)).toEqual(expected.slice(0, limit));
          expect(list.truncated).toBe(limit !== undefined && expected.length > limit);
          const iterated: string[] = [];
          for await (const { traceId } of traces(service.connect(), query)) {
            iterated.push(traceId);
          }
          expect(iterated).toEqual(expected.slice(0, limit));
          if (iterated.length > 0) {
            found++;
          }
        },
      ),
      { numRuns: propertyRuns(0.1) },
    );
    // Else the property would say little.
    expect(found).toBeGreaterThan(propertyRuns(0.1) / 4);
  }, 600_000);
});

describe("a service in small letters", () => {
  it("is said where nothing is found, and only there", async () => {
    add({ service_type: "FunctionGraph" });
    const noteOf = async (query: TraceQuery) => (await listTraces(service.connect(), query)).note;

    expect(await noteOf({ serviceType: "ecs" })).toMatch(/^serviceType "ecs" is not in capitals/);
    expect(await noteOf({ serviceType: ["OBS", "Ecs", "kms"] })).toMatch(/^serviceType "Ecs", "kms" is not/);
    expect(await noteOf({ serviceType: "ECS" })).toBeUndefined();
    expect(await noteOf({ serviceType: "FunctionGraph" })).toBeUndefined();
  });
});

describe("options of otc-cts traces", () => {
  it.each(["service-type", "user", "resource-type", "resource-name", "resource-id", "trace-name", "code"])(
    "--%s may be repeated",
    (option) => {
      const name = option.replace(/-(.)/, (_, letter: string) => letter.toUpperCase());

      const { query } = readTraceRequest([`--${option}`, "401", `--${option}=403`]);

      expect(query).toMatchObject({ [name]: ["401", "403"] });
    },
  );

  it.each([
    ...["trace-id", "from", "since", "to", "until", "limit", "region", "project-id", "project-name"],
    ...["stack", "output", "interval", "expect"],
  ])("--%s given twice is an error that names it", (option) => {
    const twice = [`--${option}`, "1", `--${option}=1`];

    expect(() => readTraceRequest(twice)).toThrow(`--${option} is given more than once`);
  });

  it.each(["failed", "follow", "chart"])("--%s given twice is an error that names it", (option) => {
    expect(() => readTraceRequest([`--${option}`, `--${option}`])).toThrow(`--${option} is given more than`);
  });

  it.each([
    [["--until", "9d"], /^--until \(.*\) is too long ago/],
    [["--until", "soon"], /^--until must be ISO 8601/],
    [["--since", "1h", "--until", "2h"], /^--since \(.*\) must be earlier than --until \(/],
    [["--until", "1h", "--to", "1h"], "--until and --to exclude each other: they are the same."],
    [["--follow", "--until", "1h"], "--follow and --until exclude each other"],
    [["--code", "40x"], "--code must be an HTTP status such as 403, or a class such as 4xx."],
    [["--trace-rating", "normal", "--trace-rating", "bad"], '--trace-rating must be "normal"'],
  ])("%j is an error that names what was given", (args, message) => {
    expect(() => readTraceRequest(args)).toThrow(message);
  });

  it("takes --until for the end of the window", () => {
    const { from, to } = readTraceRequest(["--since", "3h", "--until", "1h"]).query;

    expect({ from, to }).toEqual({ from: "3h", to: "1h" });
  });
});

describe("otc-cts traces --expect none", () => {
  // The process has the clock of the machine.
  let emulator: Emulator;
  beforeAll(async () => {
    emulator = await startEmulator({ regions: ["eu-de"] });
  });
  afterAll(() => emulator.close());
  const run = async (...args: string[]) => {
    const running = otcCts(["traces", "--expect", "none", ...args], environmentOf(emulator.settings()));
    return { status: await running.status, stderr: running.stderr() };
  };

  it("is not met by a trace of the first of two ratings", async () => {
    emulator.traces.add({ time: Date.now() - 1000, trace_rating: "warning" });

    const { status, stderr } = await run("--trace-rating", "warning", "--trace-rating", "incident");

    expect([status, stderr]).toEqual([3, "otc-cts: found 1, expected none\n"]);
  });

  it("says so where an acronym in small letters finds nothing", async () => {
    const { status, stderr } = await run("--service-type", "ecs");

    expect(status).toBe(0);
    expect(stderr).toMatch(/^otc-cts: --service-type "ecs" is not in capitals: [^\n]*\n$/);
  });
});
