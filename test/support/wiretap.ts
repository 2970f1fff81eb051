import { once } from "node:events";
import { Agent, createServer, type IncomingHttpHeaders, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** Answers a call in place of the emulator. */
type Interception = (call: { headers: IncomingHttpHeaders; body: string }, response: ServerResponse) => void;

/** Stands between a client and an emulator, and knows the secrets that pass, among them those that nobody chose. */
export interface Wiretap {
  readonly url: string;
  /** Tokens that were issued or shown, and signatures, in the order of appearance. */
  readonly secrets: Set<string>;
  /** Answers all calls that hold this in method and path (`PUT /eu-de/v3/…/tracker`), until it is deleted. */
  readonly interceptions: Map<string, Interception>;
  /** The emulator's settings, leading through here. */
  settings(direct: Readonly<Record<string, string>>): Record<string, string>;
  close(): Promise<void>;
}

export async function startWiretap(emulatorUrl: string): Promise<Wiretap> {
  const secrets = new Set<string>();
  const interceptions = new Map<string, Interception>();
  const agent = new Agent({ keepAlive: true });
  const note = (headers: IncomingHttpHeaders) => {
    for (const name of ["x-auth-token", "x-subject-token", "x-security-token"]) {
      if (headers[name]) {
        secrets.add(String(headers[name]));
      }
    }
    const signature = headers.authorization?.split("Signature=")[1];
    if (signature) {
      secrets.add(signature);
    }
  };
  const server = createServer(async (incoming, response) => {
    const { method = "", url: path = "", headers } = incoming;
    note(headers);
    let body = "";
    for await (const chunk of incoming.setEncoding("utf8")) {
      body += chunk;
    }
    for (const [call, intercept] of interceptions) {
      if (`${method} ${path}`.includes(call)) {
        return intercept({ headers, body }, response);
      }
    }
    const { hostname, port } = new URL(emulatorUrl);
    const forwarded = request({ hostname, port, method, path, headers, agent }, (answer) => {
      note(answer.headers);
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      // A broken answer is passed on broken.
      answer.on("error", () => response.destroy()).pipe(response);
    });
    forwarded.on("error", () => response.destroy());
    response.on("close", () => forwarded.destroy());
    forwarded.end(body);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    secrets,
    interceptions,
    settings: (direct) => ({ ...direct, authUrl: `${url}/v3`, endpoint: `${url}/{region}` }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
        agent.destroy();
      }),
  };
}

/** Answers with all that the call held, as a gateway may that explains too much, in every field that a client may quote. */
export function echo(status: number): Interception {
  return ({ headers, body }, response) => {
    const signature = headers.authorization?.split("Signature=")[1] ?? "";
    const shown = [headers["x-auth-token"], headers["x-security-token"], signature, passwordIn(body)]
      .filter((secret) => secret)
      .map(String);
    const forms = shown.flatMap((secret) => [
      secret,
      JSON.stringify(secret),
      encodeURIComponent(secret),
      Buffer.from(secret).toString("base64"),
      Buffer.from(secret).toString("base64url"),
    ]);
    const words = [...forms, headers.authorization, body].join(" ");
    const answer = { error_code: `CTS.0003 ${forms.join(" ")}`, error_msg: words, request_id: words };
    response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(answer));
  };
}

function passwordIn(body: string): string | undefined {
  const signIn = /"auth"/.test(body) ? (JSON.parse(body) as SignInBody) : undefined;
  return signIn?.auth.identity.password.user.password;
}

interface SignInBody {
  readonly auth: {
    readonly identity: { readonly password: { readonly user: { readonly password: string } } };
  };
}
