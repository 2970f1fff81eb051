/**
 * Attack: a service whose listing of traces never ends, or shows what it was not asked for: markers in a circle, empty pages
 * for ever, the same traces again, traces outside of the window, one id at many times.
 *
 * Alone: `npx vitest run test/attacks/endlessListing`
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Trace } from "../../client/api/trace";
import type { TraceQuery } from "../../client/api/traceQuery";
import { listTraces, traces } from "../../client/api/traces";
import { connectWith } from "../support/client";
import { json, type RawServer, startRawServer } from "../support/rawServer";

/** The time of the connection's virtual clock. */
const NOW = Date.UTC(2026, 0, 1);
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

interface Asked {
  /** The number of requests before this one. */
  readonly count: number;
  readonly next: string | undefined;
  readonly from: number;
  readonly to: number;
}

interface Answered {
  readonly traces: readonly { readonly trace_id: string; readonly time: number }[];
  readonly marker: string | null;
}

let server: RawServer;
beforeAll(async () => {
  server = await startRawServer();
});
afterAll(() => server.close());

function serve(page: (asked: Asked) => Answered): void {
  let count = 0;
  server.requests.length = 0;
  server.answer = (response, request) => {
    const query = new URL(request.target, server.url).searchParams;
    const { traces: found, marker } = page({
      count: count++,
      next: query.get("next") ?? undefined,
      from: Number(query.get("from")),
      to: Number(query.get("to")),
    });
    json(200, { traces: found, meta_data: { count: found.length, marker } })(response, request);
  };
}

const connect = () => connectWith({ region: "eu-de", projectId: "p1", endpoint: server.url, token: "t" });

/** Traces with these ids, the first at this time, each a millisecond older than the one before it. */
const some = (count: number, id: string, time: number) =>
  Array.from({ length: count }, (_, i) => ({ trace_id: `${id}-${i}`, time: time - i }));

const inOneGo = async (query: TraceQuery) => (await listTraces(connect(), query)).traces;
async function oneByOne(query: TraceQuery): Promise<readonly Trace[]> {
  const found: Trace[] = [];
  for await (const trace of traces(connect(), query)) {
    found.push(trace);
  }
  return found;
}
const READERS = [
  ["listTraces", inOneGo],
  ["traces", oneByOne],
] as const;
const WINDOWS: readonly TraceQuery[] = [
  {},
  { from: "7d" },
  { from: "7d", serviceType: "ECS" },
  { limit: 5000 },
];
const CASES = READERS.flatMap(([name, read]) =>
  WINDOWS.map((window) => ({ name: `${name} of ${JSON.stringify(window)}`, read, window })),
);

const CIRCLE = /the marker "[\w-]+" came before/;
const NOTHING_NEW = /nothing new/;
const NO_FURTHER = /no further back in time/;

interface Attack {
  page(asked: Asked): Answered;
  readonly says: RegExp;
}

const ENDLESS: Record<string, Attack> = {
  "two markers in turn, with their traces": {
    page: ({ next, to }) =>
      next === "A"
        ? { traces: some(200, "b", to - 300), marker: "B" }
        : { traces: some(200, "a", to - 1), marker: "A" },
    says: CIRCLE,
  },
  "two markers in turn, without traces": {
    page: ({ next }) => ({ traces: [], marker: next === "A" ? "B" : "A" }),
    says: CIRCLE,
  },
  "one page with one marker": {
    page: ({ to }) => ({ traces: some(200, "a", to - 1), marker: "a-199" }),
    says: CIRCLE,
  },
  "one trace with the marker of another one": {
    page: ({ to }) => ({ traces: some(1, "a", to - 1), marker: "b" }),
    says: CIRCLE,
  },
  "ever new traces with two markers in turn": {
    page: ({ count, next, to }) => ({
      traces: some(200, `${count}`, to - 1 - 200 * count),
      marker: next === "A" ? "B" : "A",
    }),
    says: CIRCLE,
  },
  "the same traces under ever new markers": {
    page: ({ count }) => ({ traces: some(200, "a", NOW - 1), marker: `${count}` }),
    says: NOTHING_NEW,
  },
  "pages that go back to newer ones under ever new markers": {
    page: ({ count }) => ({
      traces: some(200, `${count % 5}`, NOW - 1 - 200 * (count % 5)),
      marker: `${count}`,
    }),
    says: NOTHING_NEW,
  },
  "ever new traces that are newer than asked for": {
    page: ({ count, to }) => ({ traces: some(200, `${count}`, to + 5000), marker: `${count}` }),
    says: NOTHING_NEW,
  },
};

/** They take longer: as much may come of a service that is in order. */
const LASTING: typeof ENDLESS = {
  "empty pages under ever new markers": {
    page: ({ count }) => ({ traces: [], marker: `${count}` }),
    says: NOTHING_NEW,
  },
  "one id at ever older times": {
    page: ({ count, to }) => ({
      traces: [{ trace_id: "a", time: to - 1 - count }],
      marker: `${count}`,
    }),
    says: NOTHING_NEW,
  },
  "ever new traces of one millisecond": {
    page: ({ count, to }) => ({
      traces: some(200, `${count}`, to - 1).map((trace) => ({ ...trace, time: to - 1 })),
      marker: `${count}`,
    }),
    says: NO_FURTHER,
  },
  "ever new traces, in turn newer and older": {
    page: ({ count, to }) => ({
      traces: some(200, `${count}`, to - 1 - 1000 * (count % 2)),
      marker: `${count}`,
    }),
    says: NO_FURTHER,
  },
};
const WEEK = CASES.filter(({ read, window }) => read === inOneGo && window.from && !window.serviceType);

describe.each([
  ...Object.entries(ENDLESS).map(([name, attack]) => ({ name, ...attack, cases: CASES })),
  ...Object.entries(LASTING).map(([name, attack]) => ({ name, ...attack, cases: WEEK })),
])("a listing without end: $name", ({ page, says, cases }) => {
  it.each(cases)(
    "ends $name, with an error that names the URL, or with each trace once",
    async ({ read, window }) => {
      serve(page);
      const outcome = await read(window).catch((error: Error) => error);
      if (outcome instanceof Error) {
        expect(outcome.name).toBe("MalformedAnswerError");
        expect(outcome.message).toContain(`GET ${server.url}/v3/p1/traces: `);
        expect(outcome.message).toMatch(says);
      } else {
        // Whoever wants no more than these has them.
        expect(outcome).toHaveLength(window.limit ?? Number.NaN);
        expect(new Set(outcome.map(({ traceId }) => traceId)).size).toBe(outcome.length);
      }
      expect(server.requests.length).toBeLessThan(11_000);
    },
    240_000,
  );
});

describe("a listing of what was not asked for", () => {
  it.each(CASES)("gives $name nothing from outside of the window", async ({ read, window }) => {
    const inside: string[] = [];
    serve(({ next, from, to }) => {
      if (next !== undefined) {
        return { traces: [], marker: null };
      }
      const own = { trace_id: `at ${to}`, time: to - 1 };
      if (to === NOW) {
        inside.push(own.trace_id);
      }
      const traces = [
        { trace_id: `newer ${to}`, time: to },
        own,
        { trace_id: `older ${to}`, time: from },
        { trace_id: `oldest ${to}`, time: from - DAY },
      ];
      return { traces, marker: "1" };
    });
    const found = (await read(window)).map(({ traceId }) => traceId);
    expect(found.filter((id) => !id.startsWith("at "))).toEqual([]);
    expect(found).toEqual(expect.arrayContaining(inside));
  });

  it.each(CASES)("gives $name one id once, at however many times it comes", async ({ read, window }) => {
    serve(({ next, to }) => ({
      traces: [
        { trace_id: "a", time: to - 1 },
        { trace_id: "a", time: to - 2 },
        { trace_id: "b", time: to - 3, traceId: "a" },
      ],
      marker: next === undefined ? "1" : null,
    }));
    const found = (await read(window)).map(({ traceId }) => traceId);
    expect(found).toEqual(["a", "b"]);
  });

  it.each(CASES)("gives $name all of a page that is larger than was asked for", async ({ read, window }) => {
    serve(({ next, to }) => ({
      traces: next === undefined && to === NOW ? some(4000, "a", to - 1) : [],
      marker: next === undefined ? "1" : null,
    }));
    expect(await read(window)).toHaveLength(4000);
  });

  it.each(["\ud800", "m".repeat(100_000), " "])("takes the marker %j for what it is", async (marker) => {
    serve(({ next, to }) => ({
      traces: next === undefined ? some(3, "a", to - 1) : [],
      marker: next === undefined ? marker : null,
    }));
    const outcome = await inOneGo({}).catch((error: Error) => error);
    if (marker === " ") {
      expect(outcome).toHaveLength(3);
    } else {
      expect(outcome).toMatchObject({
        name: "MalformedAnswerError",
        message: expect.stringContaining("field meta_data.marker"),
      });
    }
  });
});

describe("a listing that shows the marked trace again, whatever the limit", () => {
  it.each([1, 2, 200, 201, 300, 399, 400, 450, 598])("gives %i of 600", async (limit) => {
    const all = some(600, "a", NOW - 1);
    server.answer = (response, request) => {
      const query = new URL(request.target, server.url).searchParams;
      const next = query.get("next");
      const first = next === null ? 0 : all.findIndex(({ trace_id }) => trace_id === next);
      const page = all.slice(first, first + Number(query.get("limit")));
      json(200, { traces: page, meta_data: { marker: page.at(-1)?.trace_id } })(response, request);
    };
    const found = await listTraces(connect(), { limit });
    expect(found.traces).toHaveLength(limit);
    expect(found.truncated).toBe(true);
  });
});
