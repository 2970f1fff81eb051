/** The pages of traces that the service sends. */
import { z } from "zod";
import type { Clock } from "../clock";
import type { ApiVersion } from "../config/settings";
import type { Call, Project } from "../connection";
import { MalformedAnswerError, type RequestFacts } from "../errors";
import type { Listing, PageQuery } from "../paging/listing";
import { isTrace, type Trace, toTrace, type WireTrace } from "./trace";
import { oldestFrom, type TraceFilter } from "./traceQuery";

/** The most that a page can hold. */
export const PAGE_SIZE = 200;

/** The memory that a trace takes, with the garbage of reading it, for each character of the text that it came as: about. */
const BYTES_PER_CHARACTER = 4;

/** The listing of traces in each version of the API. */
const DIALECTS: Record<
  ApiVersion,
  Required<Pick<Call, "path" | "version">> & { query: Record<string, string> }
> = {
  v3: { version: "v3", path: "traces", query: { trace_type: "system" } },
  v1: { version: "v1.0", path: "system/trace", query: {} },
};

const tracePage = z.object({
  // A full schema would take longer than all the rest: there are many.
  traces: z.array(z.custom<WireTrace>(isTrace)),
  // It must fit into a URL, and half a surrogate pair cannot be encoded.
  meta_data: z
    .object({
      marker: z
        .string()
        .regex(/^\P{Cs}{0,1000}$/u)
        .nullish(),
    })
    .nullish(),
});

export function listingOf(
  project: Project,
  clock: Clock,
  criteria: TraceFilter["criteria"],
  limit: number,
): Listing<WireTrace, Trace> {
  const dialect = DIALECTS[project.apiVersion];
  let received = 0;
  let isFull = true;
  let request: RequestFacts = { method: "GET", url: dialect.path };
  return {
    idOf: ({ trace_id }) => trace_id,
    timeOf: ({ time }) => time,
    toResult: toTrace,
    malformed: (what) => new MalformedAnswerError(what, request),
    async page({ from, to, next }: PageQuery) {
      // A long reading must not ask for what has become too old meanwhile.
      const earliest = Math.max(from, oldestFrom(clock.now()));
      if (earliest >= to) {
        return { entries: [], marker: undefined, bytes: 0 };
      }
      // A service may show the marked trace again. One that shows fewer than asked for may look at no more than that.
      const least = next === undefined ? 1 : 2;
      const size = isFull ? Math.min(PAGE_SIZE, Math.max(least, limit - received)) : PAGE_SIZE;
      const call: Call = {
        method: "GET",
        path: dialect.path,
        version: dialect.version,
        // Without the window, the service would take the default of the last hour, also for a further page.
        query: {
          ...dialect.query,
          ...criteria,
          // The service leaves out what is exactly at either end (API reference, "Querying traces").
          from: String(earliest - 1),
          to: String(to),
          limit: String(size),
          ...(next !== undefined && { next }),
        },
        // The parallel reader slows down by itself; one trace is one call.
        throttling: criteria.trace_id === undefined ? "thrown" : "retried",
      };
      const answer = await project.request(call, tracePage);
      const { traces: entries, meta_data } = answer.body;
      request = { method: answer.method, url: answer.url };
      isFull &&= entries.length >= size;
      received += entries.length;
      return { entries, marker: meta_data?.marker || undefined, bytes: answer.size * BYTES_PER_CHARACTER };
    },
  };
}
