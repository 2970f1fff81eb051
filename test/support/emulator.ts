import type { Emulator, PlaceRef, WireNotification, WireTrace, WireTracker } from "../../emulator";

/** The fields that tests check in answers; an answer has some of them. */
interface AnswerBody extends WireTracker {
  trackers: WireTracker[];
  traces: WireTrace[];
  meta_data: { count: number; marker?: string | null };
  notifications: WireNotification[];
  notification_id: string;
  resources: { type: string; used: number; quota: number }[];
  projects: { id: string; name: string; domain_id: string; enabled: boolean }[];
  token: { expires_at: string; catalog: { type: string; endpoints: Record<string, string>[] }[] };
  error: unknown;
  error_code: string;
  error_msg: string;
  request_id: string;
}

/** An answer of the emulator, its body parsed where it is JSON. */
export interface Reply {
  status: number;
  headers: Headers;
  text: string;
  json: AnswerBody;
}

export async function request(url: string, init: RequestInit & { json?: unknown } = {}): Promise<Reply> {
  const { json, ...rest } = init;
  const response = await fetch(url, { ...rest, ...(json !== undefined && { body: JSON.stringify(json) }) });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, json: parse(text) as AnswerBody };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The sign-in body of the user of `settings()`. */
export function signInBody(
  settings: Record<string, string>,
  scope: unknown = { project: { name: settings["projectName"] } },
): { auth: Record<string, unknown> } {
  const user = {
    name: settings["userName"],
    password: settings["password"],
    domain: { name: settings["domainName"] },
  };
  return { auth: { identity: { methods: ["password"], password: { user } }, ...(scope ? { scope } : {}) } };
}

export function postToken(emulator: Emulator, body: unknown): Promise<Reply> {
  return request(`${emulator.authUrl}/auth/tokens`, { method: "POST", json: body });
}

/** A signed-in caller of CTS in one place. */
export interface Caller {
  token: string;
  /** `path` follows the project id. */
  call(method: string, path: string, json?: unknown): Promise<Reply>;
  post(body?: object): Promise<Reply>;
  put(body?: object): Promise<Reply>;
  get(): Promise<Reply>;
  delete(): Promise<Reply>;
}

/** Signs in and calls CTS; `tracker_type` and `tracker_name` are added to bodies. */
export async function signIn(emulator: Emulator, place?: PlaceRef): Promise<Caller> {
  const settings = emulator.settings(place);
  const reply = await postToken(emulator, signInBody(settings));
  const token = reply.headers.get("X-Subject-Token") ?? "";
  const base = `${emulator.endpoint(settings["region"])}/v3/${emulator.projectId(settings["projectName"])}`;
  const call = (method: string, path: string, json?: unknown): Promise<Reply> =>
    request(base + path, { method, headers: { "X-Auth-Token": token }, json });
  const system = { tracker_type: "system", tracker_name: "system" };
  return {
    token,
    call,
    post: (body) => call("POST", "/tracker", { ...system, ...body }),
    put: (body) => call("PUT", "/tracker", { ...system, ...body }),
    get: () => call("GET", "/trackers?tracker_name=system"),
    delete: () => call("DELETE", "/trackers?tracker_name=system"),
  };
}

/**
 * Reads traces page after page until there is no marker.
 *
 * @param path with the query, but for `next`
 * @param after the marker to begin with
 */
export async function pagesOf(cts: Caller, path: string, after?: string | null): Promise<WireTrace[][]> {
  const pages: WireTrace[][] = [];
  for (let marker = after; pages.length < 1000; ) {
    const { traces, meta_data } = (await cts.call("GET", path + (marker ? `&next=${marker}` : ""))).json;
    pages.push(traces);
    marker = meta_data.marker;
    if (!marker) {
      return pages;
    }
  }
  throw new Error("There is no end after 1000 pages.");
}

/** A clock that stands still until it is told to go on. */
export function stoppedClock(start = Date.UTC(2026, 10, 22)): {
  now: () => number;
  advance(ms: number): void;
} {
  let now = start;
  return {
    now: () => now,
    advance: (ms) => {
      now += ms;
    },
  };
}
