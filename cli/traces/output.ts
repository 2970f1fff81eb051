import type { Trace } from "../../client/api/trace";
import { visible, visibleJson } from "../../client/visible";
import { type Colour, columnsOf, fitTo, type Paint } from "../terminal";

/** A format for writing traces. */
export interface TraceFormat {
  /** Written before the first trace. */
  readonly head: string;
  line(trace: Trace, isFirst: boolean): string;
  /** Written after the last trace. */
  readonly tail: string;
  /** Written instead of all if there is no trace. */
  readonly none: string;
}

/** The output that a format writes to. */
export interface Target {
  /** The width of the terminal, in columns; undefined: no limit. */
  readonly width: number | undefined;
  readonly paint: Paint;
}

/** The formats by their names on the command line. */
export const FORMATS = {
  table: tableFormat,
  json: jsonFormat,
  ndjson: ndjsonFormat,
  csv: csvFormat,
} as const satisfies Record<string, (target: Target) => TraceFormat>;

export type FormatName = keyof typeof FORMATS;

interface Column {
  readonly title: string;
  value(trace: Trace): string | undefined;
  /** The least width, in columns. */
  readonly min: number;
  /** The width if there is room. */
  readonly ideal: number;
  /** If there is not even room for `min`, the highest is left out first. */
  readonly rank: number;
  colour?(trace: Trace): Colour | undefined;
}

const COLUMNS: readonly Column[] = [
  { title: "TIME", value: ({ time }) => time, min: 24, ideal: 24, rank: 0 },
  { title: "RATING", value: ({ traceRating }) => traceRating, min: 8, ideal: 8, rank: 4, colour: colourOf },
  { title: "SERVICE", value: ({ serviceType }) => serviceType, min: 5, ideal: 7, rank: 2 },
  { title: "NAME", value: ({ traceName }) => traceName, min: 10, ideal: 24, rank: 1 },
  { title: "RESOURCE", value: resourceOf, min: 12, ideal: 32, rank: 5 },
  { title: "USER", value: ({ user }) => textOf(user?.name), min: 8, ideal: 16, rank: 3 },
  { title: "SOURCE IP", value: ({ sourceIp }) => sourceIp, min: 11, ideal: 15, rank: 7 },
  { title: "CODE", value: ({ code }) => code, min: 4, ideal: 4, rank: 6 },
];

const GAP = "  ";

function colourOf({ traceRating }: Trace): Colour | undefined {
  return traceRating === "incident" ? "red" : traceRating === "warning" ? "yellow" : undefined;
}

function resourceOf({ resourceType, resourceName, resourceId }: Trace): string {
  return [resourceType, resourceName || resourceId]
    .map(textOf)
    .filter((part) => part)
    .join("/");
}

/** Columns; on a terminal as wide as it, elsewhere nothing is cut. One line for each trace, whatever is in it. */
function tableFormat({ width, paint }: Target): TraceFormat {
  const columns = layOut(COLUMNS, width);
  const row = (cells: string[], colours: (Colour | undefined)[]) =>
    cells
      .map((text, i) => {
        const cell = cellOf(text, columns[i]?.width ?? 0, width !== undefined);
        const colour = colours[i];
        return colour ? paint(colour, cell) : cell;
      })
      .join(GAP)
      .trimEnd();
  return {
    head: `${paint("bold", row(titlesOf(columns), []))}\n`,
    line(trace) {
      const cells = columns.map(({ column }) => visible(textOf(column.value(trace)) || "-"));
      return `${row(
        cells,
        columns.map(({ column }) => column.colour?.(trace)),
      )}\n`;
    },
    tail: "",
    none: "",
  };
}

function titlesOf(columns: readonly { column: Column }[]): string[] {
  return columns.map(({ column }) => column.title);
}

function cellOf(text: string, width: number, isCut: boolean): string {
  return isCut || columnsOf(text) < width ? fitTo(text, width) : text;
}

/** The columns that fit, and the width of each. */
function layOut(columns: readonly Column[], width: number | undefined): { column: Column; width: number }[] {
  const shown = [...columns];
  const sum = (key: "min" | "ideal") =>
    shown.reduce((total, column) => total + column[key] + GAP.length, -GAP.length);
  while (width !== undefined && shown.length > 1 && sum("min") > width) {
    const least = Math.max(...shown.map(({ rank }) => rank));
    shown.splice(
      shown.findIndex(({ rank }) => rank === least),
      1,
    );
  }
  const wished = sum("ideal") - sum("min");
  const share = width === undefined || wished === 0 ? 1 : Math.min(1, (width - sum("min")) / wished);
  return shown.map((column) => {
    const fair = column.min + Math.floor((column.ideal - column.min) * share);
    return { column, width: Math.max(1, Math.min(fair, width ?? fair)) };
  });
}

/** One array, written as the traces arrive: after an interruption it is incomplete. */
function jsonFormat(): TraceFormat {
  return {
    head: "[",
    line: (trace, isFirst) => `${isFirst ? "" : ","}\n${visibleJson(JSON.stringify(trace))}`,
    tail: "\n]\n",
    none: "[]\n",
  };
}

function ndjsonFormat(): TraceFormat {
  return { head: "", line: (trace) => `${visibleJson(JSON.stringify(trace))}\n`, tail: "", none: "" };
}

/** Every field that the service documents; further fields are in JSON only. */
const FIELDS: Readonly<Record<string, (trace: Trace) => unknown>> = {
  time: ({ time }) => time,
  recordTime: ({ recordTime }) => recordTime,
  traceRating: ({ traceRating }) => traceRating,
  serviceType: ({ serviceType }) => serviceType,
  traceName: ({ traceName }) => traceName,
  traceType: ({ traceType }) => traceType,
  resourceType: ({ resourceType }) => resourceType,
  resourceName: ({ resourceName }) => resourceName,
  resourceId: ({ resourceId }) => resourceId,
  userName: ({ user }) => user?.name,
  userId: ({ user }) => user?.id,
  domainName: ({ user }) => user?.domain?.name,
  sourceIp: ({ sourceIp }) => sourceIp,
  code: ({ code }) => code,
  apiVersion: ({ apiVersion }) => apiVersion,
  request: ({ request }) => request,
  response: ({ response }) => response,
  message: ({ message }) => message,
  requestId: ({ requestId }) => requestId,
  locationInfo: ({ locationInfo }) => locationInfo,
  endpoint: ({ endpoint }) => endpoint,
  resourceUrl: ({ resourceUrl }) => resourceUrl,
  traceId: ({ traceId }) => traceId,
};

/**
 * Comma-separated, quoted as RFC 4180 says, also around other separators; lines ended by a line feed alone. One line for
 * each trace.
 */
function csvFormat(): TraceFormat {
  const head = `${Object.keys(FIELDS).join(",")}\n`;
  const fields = Object.values(FIELDS);
  const line = (trace: Trace) => `${fields.map((field) => csvField(textOf(field(trace)))).join(",")}\n`;
  return { head, line, tail: "", none: head };
}

/**
 * The places where a spreadsheet may begin a cell: it splits at the list separator of its language, and not all
 * spreadsheets know quotes. The characters after it begin a formula in East Asian width too, and after quotes and
 * invisible characters.
 */
const FORMULA = /(^|[,;|\p{Cc}\p{Zl}\p{Zp}])(["\p{C}\p{Z}\p{M}]*[=+\-@＝＋－＠﹦﹢﹣﹫])/gu;

/** Spreadsheets run what looks like a formula; an apostrophe before it makes it text to them. */
function csvField(value: string): string {
  const text = visible(value.replace(FORMULA, "$1'$2"));
  return /[",;|]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Any value as text: the service promises texts, and sends others too. */
function textOf(value: unknown): string {
  if (value === undefined || value === null) {
    return "";
  }
  return typeof value === "string" ? value : JSON.stringify(value);
}
