import { readFileSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import { createSecureContext, rootCertificates } from "node:tls";
import axios, { type AxiosInstance, type AxiosRequestConfig, isAxiosError } from "axios";
import type { Clock } from "../clock";
import {
  CancelledError,
  isSignIn,
  MalformedAnswerError,
  NetworkError,
  neverConnected,
  type RequestFacts,
  TimeoutError,
  toApiError,
} from "../errors";
import { type Masker, maskAll, masker } from "../mask";
import { ServiceClocks } from "../serviceClock";
import { isRecord } from "../values";
import { type ProxySettings, proxyFor, secretsOf, TunnelAgent } from "./proxy";
import { encodeQuery } from "./urlEncoding";

/** One HTTP request, complete: nothing is added to it but the connection's own headers. */
export interface HttpRequest {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** Absolute, without query. */
  readonly url: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Secrets of this request. Nothing may repeat them, even if the service echoes them. */
  readonly secrets?: readonly string[];
}

/** A 2xx answer. */
export interface HttpAnswer {
  readonly status: number;
  header(name: string): string | undefined;
  /** Parsed JSON; undefined if the body was empty. */
  readonly body: unknown;
  /** Characters of the body as it came. */
  readonly size: number;
}

/** Options of all connections. */
export interface HttpOptions {
  /** From the first byte sent to the last one received, in milliseconds. @defaultValue 30000 */
  readonly timeoutMs?: number;
  /** Certificates to trust beside the usual ones, PEM. */
  readonly ca?: string;
  /** True: TLS certificates are not verified. @defaultValue false */
  readonly insecure?: boolean;
}

/** From the first byte sent to the last one received. The service answers in well under a second. */
const TIMEOUT_MS = 30_000;
/** A full page of 200 traces is about 0.5 MiB. */
const MAX_ANSWER_BYTES = 32 * 1024 * 1024;
/**
 * After a connection broke, each call to that server gets a new connection for this long: some devices on the way let
 * one request through each, and every kept connection may be dead, too.
 */
const DISTRUST_MS = 60_000;
/** A longer answer, in characters, is a page of traces, which no state keeps: masking it takes as long as parsing it. */
const MAX_MASKED = 256 * 1024;
/** Errors quote at most this many characters of the service's answer. */
const MAX_QUOTE_LENGTH = 1000;

/**
 * Sends single requests. The only file that knows axios: its errors carry the whole request with the token, so
 * they are translated here and go no further.
 */
export class Http {
  readonly #axios: AxiosInstance;
  readonly #clock: Clock;
  /** The clocks of the servers that answer. */
  readonly clocks: ServiceClocks;
  readonly #timeoutMs: number;
  readonly #agentOptions: https.AgentOptions;
  readonly #kept: Agents;
  readonly #fresh: Agents;
  readonly #tunnels = new Map<string, TunnelAgent>();
  /** The time until which a server's connections are not kept, in milliseconds since the epoch. */
  readonly #distrustedUntil = new Map<string, number>();

  constructor(
    clock: Clock,
    { timeoutMs = TIMEOUT_MS, ca, insecure = false }: HttpOptions = {},
    clocks = new ServiceClocks(clock),
  ) {
    this.#clock = clock;
    this.clocks = clocks;
    this.#timeoutMs = timeoutMs;
    this.#agentOptions = {
      // Parsed only once: reading some 150 certificates for each connection takes longer than a call.
      ...(ca && { secureContext: createSecureContext({ ca: trusting(ca) }) }),
      // Always set: if it is left out, NODE_TLS_REJECT_UNAUTHORIZED=0 would switch it off.
      rejectUnauthorized: !insecure,
    };
    this.#kept = agentsFor(this.#agentOptions, true);
    this.#fresh = agentsFor(this.#agentOptions, false);
    this.#axios = axios.create({
      // A redirect would carry the token elsewhere.
      maxRedirects: 0,
      maxContentLength: MAX_ANSWER_BYTES,
      responseType: "text",
      transformRequest: [(data) => data],
      transformResponse: [(data) => data],
      validateStatus: () => true,
    });
  }

  /** @throws NetworkError, TimeoutError, MalformedAnswerError, CancelledError, ApiError and its family. */
  async send(request: HttpRequest): Promise<HttpAnswer> {
    const url = new URL(request.url);
    const proxy = isLoopback(url) ? undefined : proxyFor(url);
    const facts: RequestFacts = {
      method: request.method,
      url: request.url,
      ...(proxy && { proxy: proxy.name }),
    };
    const sentAt = this.#clock.monotonic();
    const answer = await this.#exchange(request, facts, this.#wayTo(url, proxy, this.#mayKeep(request, url)));
    // A refusal by the proxy of a tunnel is not an answer of the service.
    if (proxy && answer.status === 407) {
      throw new NetworkError("PROXY_407", facts);
    }
    const header = (name: string) => textOf(answer.headers[name]);
    this.clocks.hear(request.url, header("date"), sentAt);
    const text = String(answer.data ?? "");
    // Drop the body text now; axios' promises stay reachable and would retain it.
    answer.data = undefined;
    const body = answer.status < 300 ? parseBody(text, facts) : parseJson(text);
    const isRefused = answer.status >= 300 || isRefusal(body);
    // The answer to a sign-in is not kept, and a password may be a word of it.
    const isKept = text.length <= MAX_MASKED && !isSignIn(request.url);
    const size = text.length;
    if (!isRefused && !isKept) {
      return { status: answer.status, header, body, size };
    }
    // A proxy may answer too: one that is handed plain http, or one that ends TLS itself.
    const hide = masker([...(request.secrets ?? []), ...(proxy ? secretsOf(proxy) : [])]);
    if (isRefused) {
      const serviceClock = this.clocks.of(request.url);
      throw toApiError(readRefusal(answer.status, body, text, header, facts, hide, serviceClock));
    }
    return { status: answer.status, header, body: hide(text) === text ? body : maskAll(body, hide), size };
  }

  /**
   * True if a call may go over a connection that an earlier one has used. If that breaks, nobody knows whether the call
   * was carried out, so a POST, which must not be repeated, never does (RFC 9112, 9.3.1).
   */
  #mayKeep({ method }: HttpRequest, { host }: URL): boolean {
    return method !== "POST" && this.#clock.now() >= (this.#distrustedUntil.get(host) ?? 0);
  }

  /** axios does not read the environment if it gets this with each request. */
  #wayTo({ protocol }: URL, proxy: ProxySettings | undefined, keepAlive: boolean): AxiosRequestConfig {
    const agents = keepAlive ? this.#kept : this.#fresh;
    if (proxy && protocol === "http:") {
      const { name: _, ...rest } = proxy;
      return { ...agents, proxy: rest };
    }
    return { ...agents, proxy: false, ...(proxy && { httpsAgent: this.#tunnelThrough(proxy, keepAlive) }) };
  }

  #tunnelThrough(proxy: ProxySettings, keepAlive: boolean): TunnelAgent {
    const key = JSON.stringify([proxy, keepAlive]);
    const options = { ...this.#agentOptions, keepAlive };
    const agent = this.#tunnels.get(key) ?? new TunnelAgent(proxy, this.#timeoutMs, options);
    this.#tunnels.set(key, agent);
    return agent;
  }

  async #exchange(request: HttpRequest, facts: RequestFacts, way: AxiosRequestConfig) {
    const { cancelled } = this.#clock;
    if (cancelled?.aborted) {
      throw new CancelledError(`${facts.method} ${facts.url}: not sent, because the run was cancelled`);
    }
    // Like AbortSignal.any, which early Node 20 does not have.
    const stop = new AbortController();
    const end = () => stop.abort();
    const timer = setTimeout(end, this.#timeoutMs);
    cancelled?.addEventListener("abort", end);
    const data = bodyOf(request);
    try {
      return await this.#axios.request<unknown>({
        method: request.method,
        url: request.url + encodeQuery(request.query),
        headers: {
          Accept: "application/json",
          ...(data !== undefined && { "Content-Type": "application/json" }),
          ...request.headers,
        },
        ...(data !== undefined && { data }),
        ...way,
        signal: stop.signal,
      });
    } catch (error) {
      if (cancelled?.aborted) {
        throw cancelledUnderWay(facts);
      }
      this.#distrustedUntil.set(new URL(request.url).host, this.#clock.now() + DISTRUST_MS);
      if (stop.signal.aborted) {
        throw new TimeoutError(this.#timeoutMs, facts);
      }
      if (!isAxiosError(error)) {
        throw error;
      }
      if (error.code === "ERR_BAD_RESPONSE") {
        throw new MalformedAnswerError(`the answer was cut off or over ${MAX_ANSWER_BYTES} bytes`, facts);
      }
      const code = error.code ?? "unknown";
      // The proxy gets plain http as it is: there is no connection to the server.
      throw new NetworkError(way.proxy && neverConnected(code) ? `PROXY_${code}` : code, facts);
    } finally {
      clearTimeout(timer);
      cancelled?.removeEventListener("abort", end);
    }
  }
}

/** By protocol, as axios names them. */
type Agents = Pick<AxiosRequestConfig, "httpAgent" | "httpsAgent">;

function agentsFor(tls: https.AgentOptions, keepAlive: boolean): Agents {
  return { httpAgent: new http.Agent({ keepAlive }), httpsAgent: new https.Agent({ ...tls, keepAlive }) };
}

/**
 * These certificates, and the default ones: with any given, Node ignores all others, even those of
 * `NODE_EXTRA_CA_CERTS`.
 */
export function trusting(ca: string, env: NodeJS.ProcessEnv = process.env): string[] {
  return [...rootCertificates, ...readExtra(env["NODE_EXTRA_CA_CERTS"]), ca];
}

function readExtra(file: string | undefined): string[] {
  try {
    return file ? [readFileSync(file, "utf8")] : [];
  } catch {
    // Node has already printed a warning about it.
    return [];
  }
}

function cancelledUnderWay({ method, url }: RequestFacts): CancelledError {
  const error = new CancelledError(
    `${method} ${url}: cancelled before its answer came: run it again to end what was begun`,
  );
  error.mayHaveBeenApplied = true;
  return error;
}

/** The body as it is sent, which is what a signature is made over; undefined for none. */
export function bodyOf({ body }: HttpRequest): string | undefined {
  return body === undefined ? undefined : JSON.stringify(body);
}

/** True if a URL leads to this machine only, so that plain `http` shows nothing to others. */
export function isLoopback(url: URL): boolean {
  return /^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname);
}

function parseBody(text: string, facts: RequestFacts): unknown {
  if (text === "") {
    return undefined;
  }
  const body = parseJson(text);
  if (body !== undefined) {
    return body;
  }
  throw new MalformedAnswerError(`the answer is ${looksLikeHtml(text) ? "an HTML page" : "not JSON"}`, facts);
}

function readRefusal(
  status: number,
  answer: unknown,
  text: string,
  header: (name: string) => string | undefined,
  facts: RequestFacts,
  hide: Masker,
  clock: Clock,
) {
  const body = unwrap(answer);
  const quote = (value: unknown) => {
    const words = textOf(value);
    return words && hide(words).slice(0, MAX_QUOTE_LENGTH);
  };
  return {
    ...facts,
    status,
    errorCode: quote(body["error_code"])?.toUpperCase(),
    reason: quote(body["error_msg"] ?? body["message"]) ?? fallbackReason(status, text),
    requestId: quote(body["request_id"]) ?? quote(header("x-request-id")),
    retryAfterMs: parseRetryAfter(header("retry-after"), clock),
  };
}

/** True if the body of a success reports a failure, as some gateways answer. */
function isRefusal(answer: unknown): boolean {
  const { error_code, error_msg } = unwrap(answer);
  return isRecord(answer) && (isRecord(answer["error"]) || !!(textOf(error_code) ?? textOf(error_msg)));
}

/** Finds the object that says what went wrong: CTS' own, IAM's `{error: {…}}`, or one encoded twice. */
function unwrap(body: unknown): Record<string, unknown> {
  if (!isRecord(body)) {
    return {};
  }
  if (isRecord(body["error"])) {
    return body["error"];
  }
  const inner = typeof body["error_msg"] === "string" ? parseJson(body["error_msg"]) : undefined;
  return isRecord(inner) && "error_msg" in inner ? { ...body, ...inner } : body;
}

function fallbackReason(status: number, text: string): string {
  if (status < 300) {
    return "an error in place of an answer";
  }
  if (status < 400) {
    return "a redirect, which is not followed";
  }
  return looksLikeHtml(text) ? "an HTML page instead of an answer" : (http.STATUS_CODES[status] ?? "unknown");
}

/** Both forms of the header: seconds, or a date. */
function parseRetryAfter(value: string | undefined, clock: Clock): number | undefined {
  if (value === undefined) {
    return undefined;
  }
  const ms = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - clock.now();
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function looksLikeHtml(text: string): boolean {
  return /^\s*</.test(text);
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
