/**
 * Proxies, as the environment names them: `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`, in either case, read
 * as curl reads them, but for ranges of addresses in `NO_PROXY`, which name no host of ours.
 *
 * axios could do it, but opens a tunnel for each request, takes the proxy's refusal for the service's answer, sends the
 * password as it is encoded in the URL, and throws a malformed URL with the password in it (1.21.1, `setProxy`).
 */
import http from "node:http";
import https from "node:https";
import { isIPv6 } from "node:net";
import type { Duplex } from "node:stream";
import { ConfigError } from "../errors";

/** A proxy, and our credentials for it. */
export interface ProxySettings {
  readonly protocol: "http:" | "https:";
  readonly host: string;
  readonly port: number;
  readonly auth?: { readonly username: string; readonly password: string };
  /** For people, without credentials: host, port, and the variable that names it. */
  readonly name: string;
}

/**
 * The proxy that leads to a URL, or undefined for the direct way.
 *
 * @throws ConfigError where a variable does not hold a proxy that we can speak to.
 */
export function proxyFor(target: URL, env: NodeJS.ProcessEnv = process.env): ProxySettings | undefined {
  const found = firstSet(env, `${target.protocol.slice(0, -1)}_proxy`, "all_proxy");
  if (!found || isExempt(target, firstSet(env, "no_proxy")?.value ?? "")) {
    return undefined;
  }
  return parseProxy(found.value, found.variable);
}

/** The secrets of a proxy. The user name alone is none: it may be a word of many texts. */
export function secretsOf({ auth }: ProxySettings): string[] {
  return auth ? [auth.password, `${auth.username}:${auth.password}`] : [];
}

/** Reaches https servers through tunnels of a proxy, which sees only their names. Keeps the tunnels open. */
export class TunnelAgent extends https.Agent {
  readonly #proxy: ProxySettings;
  readonly #toProxy: http.Agent;
  readonly #timeoutMs: number;

  /** @param options also hold for TLS with the proxy, where it speaks that */
  constructor(proxy: ProxySettings, timeoutMs: number, options: https.AgentOptions) {
    super(options);
    this.#proxy = proxy;
    this.#toProxy = proxy.protocol === "https:" ? new https.Agent(options) : new http.Agent();
    this.#timeoutMs = timeoutMs;
  }

  /** Node's agent calls it for each new connection, and keeps the connection by the name of the server. */
  override createConnection(
    options: https.RequestOptions,
    callback: (error: Error | null, socket?: Duplex) => void,
  ): undefined {
    const { protocol, host, port } = this.#proxy;
    const target = `${bracketed(options.host ?? "")}:${options.port}`;
    const asked = http.request({
      agent: this.#toProxy,
      protocol,
      host,
      port,
      method: "CONNECT",
      path: target,
      headers: { Host: target, ...authorization(this.#proxy) },
      timeout: this.#timeoutMs,
    });
    asked.once("connect", ({ statusCode = 0 }, socket) => {
      if (statusCode === 200) {
        // Given a socket, Node speaks TLS in it.
        const inside: https.RequestOptions & { socket: Duplex } = { ...options, socket };
        callback(null, super.createConnection(inside) ?? undefined);
      } else {
        socket.destroy();
        callback(new ProxyError(statusCode));
      }
    });
    // The caller has given up by then; without this the tunnel would stay half open.
    asked.once("timeout", () => asked.destroy());
    asked.once("error", (error: NodeJS.ErrnoException) => callback(new ProxyError(error.code ?? "unknown")));
    asked.end();
    return undefined;
  }
}

/** The proxy could not be used. Its code is all that leaves this client; see `NetworkError.code`. */
class ProxyError extends Error {
  readonly code: string;

  constructor(reason: string | number) {
    super("The proxy could not be used");
    this.code = `PROXY_${reason}`;
  }
}

function authorization({ auth }: ProxySettings): Record<string, string> {
  if (!auth) {
    return {};
  }
  const credentials = Buffer.from(`${auth.username}:${auth.password}`).toString("base64");
  return { "Proxy-Authorization": `Basic ${credentials}` };
}

function firstSet(env: NodeJS.ProcessEnv, ...names: string[]) {
  return names
    .flatMap((name) => [name, name.toUpperCase()])
    .map((variable) => ({ variable, value: env[variable]?.trim() ?? "" }))
    .find(({ value }) => value !== "");
}

/** Each entry exempts a host and all below it, on one port or on all; `*` exempts everything. */
function isExempt(target: URL, noProxy: string): boolean {
  const port = target.port || defaultPort(target.protocol);
  return noProxy
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((entry) => entry !== "")
    .some((entry) => {
      const [, name = "", onPort = port] = /^(.*?)(?::(\d+))?$/.exec(entry) ?? [];
      const host = name.replace(/^\*?\.?/, "");
      if (onPort !== port) {
        return false;
      }
      return name === "*" || target.hostname === host || target.hostname.endsWith(`.${host}`);
    });
}

function parseProxy(value: string, variable: string): ProxySettings {
  try {
    // Most tools take a bare host name as an http proxy.
    const url = new URL(value.includes("://") ? value : `http://${value}`);
    const { protocol, hostname, username, password } = url;
    if (protocol === "http:" || protocol === "https:") {
      const port = url.port || defaultPort(protocol);
      return {
        protocol,
        host: hostname.replace(/^\[|\]$/g, ""),
        port: Number(port),
        ...((username || password) && {
          auth: { username: decodeURIComponent(username), password: decodeURIComponent(password) },
        }),
        name: `${hostname}:${port} of ${variable}`,
      };
    }
  } catch {
    // The error repeats the URL with the password.
  }
  throw new ConfigError(
    `${variable} must be the URL of an http or https proxy, such as http://proxy.example.com:3128, its user and password percent-encoded`,
  );
}

function defaultPort(protocol: string): string {
  return protocol === "https:" ? "443" : "80";
}

function bracketed(host: string): string {
  return isIPv6(host) ? `[${host}]` : host;
}
