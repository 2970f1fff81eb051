import { randomBytes } from "node:crypto";
import { once } from "node:events";
import type { HttpBindings } from "@hono/node-server";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import type { Context } from "hono";
import { checkAccess } from "../auth/authorize";
import type { RawRequest } from "../auth/signature";
import { isShallow } from "../depth";
import { recordCall } from "../recording/auditTrail";
import type { EmulatorState } from "../state/emulatorState";
import { type Answer, ServiceError } from "./errors";
import type { Fault, StatusFault, TimeoutFault } from "./faults";
import { bodyOf } from "./guard";
import { type JournalEntry, recordedBody } from "./journal";
import type { Call, Operation } from "./operation";

/** A request as the web framework hands it over, with Node's own request and response. */
type HttpContext = Context<{ Bindings: HttpBindings }>;

/**
 * Takes every call through its steps: record, delay, perhaps fail, check, carry out, answer.
 *
 * @param region whose endpoint was called; the default region for IAM
 */
export async function serveCall(
  state: EmulatorState,
  operation: Operation,
  region: string,
  context: HttpContext,
): Promise<Response> {
  const call = readCall(state, operation, region, context);
  const { entry } = call;
  call.outgoing.once("close", () => state.journal.announce(entry, "answered"));
  await state.journal.received(entry);
  const { latencyMs } = state.behaviour;
  // Half of the latency passes before the operation, the rest before the answer, as with a distant service.
  const due = latencyMs > 0 ? state.sleep(latencyMs) : undefined;
  if (due) {
    await state.sleep(latencyMs / 2);
    await state.turns.next();
  }
  const isAdmitted = operation.service === "iam" || state.throttle.admit(state.behaviour.requestsPerSecond);
  const fault = isAdmitted ? state.faults.take(entry) : undefined;
  if (fault) {
    entry.fault = { kind: fault.kind, when: fault.when ?? "before" };
  }
  let answer: Answer = { status: 200, body: { request_id: entry.requestId } };
  if (entry.fault?.when !== "before") {
    answer = isAdmitted ? execute(state, operation, call) : statusAnswer(THROTTLED, entry);
    await state.journal.announce(entry, "applied");
  } else if (fault?.kind === "status") {
    recordFailure(state, operation, call, statusAnswer(fault, entry));
  }
  await due;
  return fault ? applyFault(state, fault, answer, call) : send(state, answer, call);
}

const utf8 = new TextDecoder();

function readCall(state: EmulatorState, operation: Operation, region: string, context: HttpContext): Call {
  const raw = readRaw(context);
  // Most calls have no body, and a thrown and caught error is slow.
  const json = raw.body.length === 0 ? undefined : parseJson(utf8.decode(raw.body));
  const projectId = context.req.param("projectId") ?? "";
  const entry: JournalEntry = {
    at: state.clock(),
    service: operation.service,
    operation: operation.name,
    method: context.req.method,
    path: new URL(context.req.url).pathname,
    query: { ...context.req.query() },
    ...(operation.service === "cts" && operation.name !== "unknown" && { region }),
    ...(projectId && { projectId }),
    ...(raw.body.length > 0 && { body: recordedBody(json, raw.body.length) }),
    requestId: randomBytes(16).toString("hex"),
  };
  return {
    region,
    projectId,
    query: entry.query,
    param: (name) => context.req.param(name),
    header: (name) => context.req.header(name),
    json,
    raw,
    sourceIp: context.env.incoming.socket.remoteAddress ?? "",
    entry,
    outgoing: context.env.outgoing,
  };
}

/** From Node, not from the web framework, which does not read the body of a GET. */
function readRaw({ env, req }: HttpContext): RawRequest {
  const { url = "", headersDistinct } = env.incoming;
  const [path = "", ...query] = url.split("?");
  return {
    method: req.method,
    path,
    query: query.join("?"),
    headers: headersDistinct,
    body: bodyOf(env.incoming),
  };
}

function parseJson(text: string): unknown {
  try {
    const json: unknown = JSON.parse(text);
    return isShallow(json) ? json : undefined;
  } catch {
    return undefined;
  }
}

function execute(state: EmulatorState, operation: Operation, call: Call): Answer {
  return orRefusal(call, () => {
    checkAccess(state, operation, call);
    return recordCall(state, operation, call, () => orRefusal(call, () => operation.handle(state, call)));
  });
}

function orRefusal(call: Call, act: () => Answer): Answer {
  try {
    return act();
  } catch (error) {
    if (error instanceof ServiceError) {
      return error.toAnswer(call.entry.requestId);
    }
    throw error;
  }
}

/** A call that failed in CTS itself, behind the gateway, leaves a trace, though nothing was carried out. */
function recordFailure(state: EmulatorState, operation: Operation, call: Call, failure: Answer): void {
  const code = (failure.body as { error_code?: unknown } | undefined)?.error_code;
  if (operation.records && String(code).startsWith("CTS.")) {
    execute(state, { ...operation, handle: () => failure }, call);
  }
}

/** By Node's own response: the web's would copy a page of traces three times. */
function send(state: EmulatorState, answer: Answer, { entry, outgoing }: Call): Response {
  entry.status = answer.status;
  const { bytes, headers } = encode(state, answer, entry);
  if ([204, 205, 304].includes(answer.status)) {
    outgoing.writeHead(answer.status, headers).end();
  } else {
    outgoing.writeHead(answer.status, { ...headers, "Content-Length": bytes.length }).end(bytes);
  }
  return RESPONSE_ALREADY_SENT;
}

/** Encodes text here: Node would go through it twice more, for its length and to write it. */
function encode(state: EmulatorState, { body, headers }: Answer, { requestId }: JournalEntry) {
  const date = new Date(state.clock()).toUTCString();
  const common = { "X-Request-Id": requestId, Date: date, ...headers };
  return body === undefined
    ? { bytes: Buffer.alloc(0), headers: common }
    : { bytes: toBytes(body), headers: { "Content-Type": "application/json", ...common } };
}

function toBytes(body: unknown): Buffer {
  return Buffer.isBuffer(body) ? body : Buffer.from(typeof body === "string" ? body : JSON.stringify(body));
}

/** Answers a call as the fault has it, if at all. */
async function applyFault(state: EmulatorState, fault: Fault, answer: Answer, call: Call): Promise<Response> {
  switch (fault.kind) {
    case "status":
      return send(state, statusAnswer(fault, call.entry), call);
    case "html":
      return send(state, htmlAnswer(fault.status ?? 502), call);
    case "wrongJson": {
      const body = fault.body ?? { unexpected: true };
      return send(state, { status: answer.status === 201 ? 201 : 200, body }, call);
    }
    case "reset":
      call.outgoing.socket?.resetAndDestroy();
      return RESPONSE_ALREADY_SENT;
    case "truncated":
      return truncate(state, answer, call);
    case "timeout":
      return (await hang(state, fault, call)) ? send(state, htmlAnswer(504), call) : RESPONSE_ALREADY_SENT;
  }
}

/** Waits until the connection is closed (false), or the gateway times out (true). */
async function hang(
  { sleep }: EmulatorState,
  { hangMs }: TimeoutFault,
  { outgoing }: Call,
): Promise<boolean> {
  const closed = once(outgoing, "close").then(() => false);
  return hangMs === undefined ? closed : Promise.race([closed, sleep(hangMs).then(() => true)]);
}

/** Promises the whole body, or one of a few bytes where there is none, and hangs up half-way. */
function truncate(state: EmulatorState, answer: Answer, { entry, outgoing }: Call): Response {
  const { bytes, headers } = encode(state, { ...answer, body: answer.body ?? {} }, entry);
  entry.status = answer.status === 204 ? 200 : answer.status;
  outgoing.writeHead(entry.status, { ...headers, "Content-Length": bytes.length });
  outgoing.write(bytes.subarray(0, Math.ceil(bytes.length / 2)), () => outgoing.socket?.destroy());
  return RESPONSE_ALREADY_SENT;
}

const THROTTLED: StatusFault = { kind: "status", status: 429, retryAfter: 1 };

const USUAL_CODES: Record<number, { errorCode: string; message: string }> = {
  400: { errorCode: "CTS.0001", message: "The IAM or OBS service is abnormal." },
  401: { errorCode: "APIGW.0301", message: "Incorrect IAM authentication information: decrypt token fail" },
  403: { errorCode: "CTS.0013", message: "No permission." },
  404: { errorCode: "CTS.0214", message: "The tracker does not exist." },
  429: { errorCode: "APIGW.0308", message: "The throttling threshold has been reached." },
  500: { errorCode: "CTS.0004", message: "Failed to write data." },
};

function statusAnswer({ status, errorCode, retryAfter, body }: StatusFault, entry: JournalEntry): Answer {
  const usual = USUAL_CODES[status];
  const code = errorCode ?? usual?.errorCode;
  const message = usual?.message ?? "The service is unavailable.";
  const error: Answer = code
    ? new ServiceError(status, code, message).toAnswer(entry.requestId)
    : { status, body: message, headers: { "Content-Type": "text/plain" } };
  const { headers, ...answer } = body === undefined ? error : { status, body, headers: {} };
  return {
    ...answer,
    headers: { ...headers, ...(retryAfter !== undefined && { "Retry-After": `${retryAfter}` }) },
  };
}

function htmlAnswer(status: number): Answer {
  const title = status === 504 ? "504 Gateway Time-out" : `${status} Bad Gateway`;
  return {
    status,
    headers: { "Content-Type": "text/html" },
    body: `<html>\n<head><title>${title}</title></head>\n<body><center><h1>${title}</h1></center></body>\n</html>\n`,
  };
}
