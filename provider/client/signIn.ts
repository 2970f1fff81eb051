/**
 * The ways to sign in, behind one interface: by password, with a token that one has, or by signing each request
 * with keys. Which one is used is decided once, from the credentials; nothing else in the client knows the
 * difference.
 */
import { z } from "zod";
import { answered } from "./answer";
import type { Clock } from "./clock";
import { type Credentials, type KeyCredentials, missing, type Place, type TokenCredentials } from "./config";
import { encodeQuery } from "./encode";
import { type ApiError, AuthError, ConfigError } from "./errors";
import { bodyOf, type Http, type HttpRequest } from "./http";
import { retryIdempotent } from "./retry";
import { sign } from "./sign";
import { TokenStore } from "./token";

export interface SignIn {
  /** The id of a project that is known by its name. */
  findProject(projectName: string): Promise<string>;
  /** A request with all that makes it an authorised one. Asked before each attempt. */
  authorize(request: HttpRequest, projectId?: string): Promise<HttpRequest>;
  /** Whether a request that was answered 401 is worth another attempt. */
  renew(refused: HttpRequest, refusal: ApiError, projectId: string): Promise<boolean>;
  /** CTS' base URLs by region, as far as signing in tells. */
  endpoints(place: Place): Promise<ReadonlyMap<string, string>>;
}

/** What signing in needs. */
export interface SignInContext {
  readonly http: Http;
  readonly clock: Clock;
  readonly authUrl: string | undefined;
  /** Says something that the user should know. */
  readonly warn: (message: string) => void;
}

export function signInBy(credentials: Credentials, context: SignInContext): SignIn {
  switch (credentials.kind) {
    case "password":
      return byPassword(new TokenStore(context.http, context.clock, context.authUrl ?? "", credentials));
    case "token":
      return byToken(credentials, context);
    case "keys":
      return byKeys(credentials, context);
  }
}

function byPassword(tokens: TokenStore): SignIn {
  return {
    findProject: async (projectName) => (await tokens.session({ projectName })).projectId,
    authorize: async (request, projectId = "") =>
      withToken(request, (await tokens.session({ projectId })).token),
    async renew(refused, _, projectId) {
      const session = await tokens.session({ projectId });
      if (refused.headers?.["X-Auth-Token"] === session.token) await tokens.renew(session);
      return true;
    },
    endpoints: async ({ projectId }) => (await tokens.session({ projectId })).endpoints,
  };
}

function byToken({ token }: TokenCredentials, context: SignInContext): SignIn {
  const signIn: Omit<SignIn, "findProject"> = {
    authorize: async (request) => withToken(request, token),
    renew: async () => false,
    endpoints: async () => new Map(),
  };
  return { ...signIn, findProject: projectFinder(context, signIn) };
}

/** A clock is taken to be off from here; the service refuses a signature that is off by 15 minutes. */
const CLOCK_TOLERANCE_MS = 60_000;

function byKeys(keys: KeyCredentials, context: SignInContext): SignIn {
  const { clock, warn } = context;
  let clockOffsetMs = 0;
  const signIn: Omit<SignIn, "findProject"> = {
    async authorize(request, projectId) {
      const signable = {
        method: request.method,
        url: request.url + encodeQuery(request.query),
        headers: {},
        body: bodyOf(request) ?? "",
      };
      const signature = sign(signable, keys, new Date(clock.now() + clockOffsetMs));
      return {
        ...request,
        headers: {
          ...request.headers,
          ...signature,
          ...(projectId && { "X-Project-Id": projectId }),
          ...(keys.securityToken && { "X-Security-Token": keys.securityToken }),
        },
        secrets: [keys.secretKey, ...(keys.securityToken ? [keys.securityToken] : [])],
      };
    },
    // Several failures in a row lock a key, so that a 401 is final, unless it is our clock that was wrong.
    async renew(_, { answeredAt }) {
      const offsetMs = answeredAt === undefined ? 0 : answeredAt - clock.now();
      if (clockOffsetMs !== 0 || Math.abs(offsetMs) < CLOCK_TOLERANCE_MS) return false;
      clockOffsetMs = offsetMs;
      const direction = offsetMs > 0 ? "behind" : "ahead of";
      warn(
        `the clock of this machine is ${Math.round(Math.abs(offsetMs) / 1000)} s ${direction} the service's: requests are signed by the service's time, set the clock right`,
      );
      return true;
    },
    endpoints: async () => new Map(),
  };
  return { ...signIn, findProject: projectFinder(context, signIn) };
}

const projectList = z.looseObject({ projects: z.array(z.looseObject({ id: z.string(), name: z.string() })) });

/** Looks a project up by its name, once. */
function projectFinder(
  { http, clock, authUrl }: SignInContext,
  { authorize, renew }: Pick<SignIn, "authorize" | "renew">,
) {
  const found = new Map<string, Promise<string>>();
  const lookUp = async (name: string): Promise<string> => {
    if (!authUrl) throw new ConfigError(`project "${name}" cannot be looked up: ${missing("authUrl")}`);
    const request = { method: "GET", url: `${authUrl}/projects`, query: { name } } as const;
    const ask = () =>
      retryIdempotent(async () => {
        const { body } = await http.send(await authorize(request));
        return answered(projectList, body, request);
      }, clock);
    const { projects } = await ask().catch(async (error: unknown) => {
      if (error instanceof AuthError && (await renew(request, error, ""))) return ask();
      throw error;
    });
    const project = projects.find((each) => each.name === name);
    if (project) return project.id;
    throw new ConfigError(
      `there is no project "${name}": check projectName (config otc-cts:projectName or OS_PROJECT_NAME)`,
    );
  };
  return (name: string): Promise<string> => {
    const pending = found.get(name) ?? lookUp(name);
    found.set(name, pending);
    pending.catch(() => found.delete(name));
    return pending;
  };
}

function withToken(request: HttpRequest, token: string): HttpRequest {
  return { ...request, headers: { ...request.headers, "X-Auth-Token": token }, secrets: [token] };
}

/** What to do about a 401 that stays. */
export function adviceOn401(credentials: Credentials): string {
  const { source } = credentials;
  const stored = source.startsWith("Pulumi config")
    ? "; `refresh` and `destroy` use the configuration of the last `up`: where it has changed since, add `--run-program`"
    : "";
  return `${whatToCheck(credentials)}; the credentials are from the ${source}${stored}`;
}

function whatToCheck(credentials: Credentials): string {
  switch (credentials.kind) {
    case "password": {
      const { userName, domain } = credentials;
      return `that was user "${userName}" of domain "${domain.name ?? domain.id}": check userName, password, domainName and projectName (config otc-cts:*, or OS_USERNAME, OS_PASSWORD, OS_DOMAIN_NAME, OS_PROJECT_NAME)`;
    }
    case "token":
      return "the token may have expired, or be of another project: get a new one (config otc-cts:token or OS_TOKEN)";
    case "keys":
      return "check accessKey, secretKey and securityToken (config otc-cts:*, or OS_ACCESS_KEY, OS_SECRET_KEY, OS_SECURITY_TOKEN)";
  }
}
