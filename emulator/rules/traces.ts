import type { Behaviour } from "../behaviour";
import { ServiceError } from "../http/errors";
import { SEARCH_FIELDS } from "../state/search";
import type { LogEntry } from "../state/traceLog";
import { RETENTION_MS } from "../state/traces";

const HOUR_MS = 60 * 60 * 1000;

/** The values of a query, by name; an absent or empty value is no criterion. */
type Query = Readonly<Record<string, string | undefined>>;

/** The parsed criteria of a query. */
export interface TraceQuery {
  /** If given, all other criteria are ignored, perhaps except `next`. */
  traceId: string | undefined;
  /** Milliseconds since 1970; both ends are open. */
  window: { from: number; to: number };
  /** 1 to 200. */
  limit: number;
  /** Only traces older than the one with this id. */
  next: string | undefined;
  /** Upper and lower case differ. */
  matches(entry: LogEntry): boolean;
}

/** The input of the rules. */
interface RuleInput {
  query: Query;
  behaviour: Behaviour;
  /** Milliseconds since 1970. */
  now: number;
}

/**
 * The service's rules for a query, in the order in which it checks them. Its reference names no code for them: they all
 * get that of an invalid request.
 */
const RULES: { message: string; isKept(input: RuleInput): boolean }[] = [
  {
    message: "The trace_type must be system.",
    isKept: ({ query, behaviour }) =>
      (query["trace_type"] || (behaviour.traceTypeRequired ? "" : "system")) === "system",
  },
  {
    message: "The limit must be an integer from 1 to 200.",
    isKept: ({ query: { limit } }) =>
      !limit || (/^\d{1,3}$/.test(limit) && Number(limit) >= 1 && Number(limit) <= 200),
  },
  {
    message: "The parameters from and to must be used together.",
    isKept: ({ query }) => !query["from"] === !query["to"],
  },
  {
    message: "The parameters from and to must be timestamps of 13 digits.",
    isKept: ({ query }) => [query["from"], query["to"]].every((time) => !time || /^\d{13}$/.test(time)),
  },
  {
    message: "The parameter from must not be later than to.",
    isKept: ({ query }) => Number(query["from"] || 0) <= Number(query["to"] || 0),
  },
  {
    message: "Only the traces of the last seven days can be queried.",
    isKept: ({ query, behaviour, now }) =>
      behaviour.fromBeforeRetention === "ignored" || Number(query["from"] || now) >= now - RETENTION_MS,
  },
  {
    message: "The trace_rating must be normal, warning or incident.",
    isKept: ({ query }) => ["normal", "warning", "incident"].includes(query["trace_rating"] || "normal"),
  },
];

/**
 * Reads a query of any version.
 *
 * @throws ServiceError 400 `CTS.0003` if a rule is broken; not with a `trace_id`, with which all the rest is ignored
 */
export function readTraceQuery(query: Query, behaviour: Behaviour, now: number): TraceQuery {
  const traceId = query["trace_id"] || undefined;
  const broken = traceId === undefined && RULES.find((rule) => !rule.isKept({ query, behaviour, now }));
  if (broken) {
    throw invalidQuery(broken.message);
  }
  const wanted = SEARCH_FIELDS.filter((name) => query[name]);
  return {
    traceId,
    window: windowOf(query, behaviour, now),
    limit: Number(query["limit"] || 10),
    next: query["next"] || undefined,
    matches: (entry) => {
      const fields = wanted.length > 0 ? entry.searchFields() : {};
      return wanted.every((name) => fields[name] === query[name]);
    },
  };
}

/** The refusal of a query. */
export function invalidQuery(message: string): ServiceError {
  return new ServiceError(400, "CTS.0003", `Invalid request. ${message}`);
}

/** The window of a query. Traces older than seven days are gone. The last hour includes this very millisecond. */
function windowOf(query: Query, { windowOfNext }: Behaviour, now: number): TraceQuery["window"] {
  if (query["from"] && query["to"]) {
    return { from: Math.max(Number(query["from"]), now - RETENTION_MS), to: Number(query["to"]) };
  }
  const isLastHour = !query["next"] || windowOfNext === "lastHour";
  return { from: now - (isLastHour ? HOUR_MS : RETENTION_MS), to: now + 1 };
}
