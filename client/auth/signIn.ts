/**
 * The ways to sign in, behind one interface: by password, with a token that one has, or by signing each request
 * with keys. Which one is used is decided once, from the credentials; nothing else in the client knows the
 * difference.
 */
import { z } from "zod";
import type {
  Agency,
  Credentials,
  KeyCredentials,
  PasswordCredentials,
  TokenCredentials,
} from "../config/credentials";
import { ConfigError, CtsError, is401 } from "../errors";
import { bodyOf, type Http, type HttpAnswer, type HttpRequest } from "../http/http";
import { parseResponse } from "../http/parseResponse";
import { retryIdempotent } from "../http/retry";
import { encodeQuery } from "../http/urlEncoding";
import type { Place, ProjectRef } from "../place";
import { LockoutGuard } from "./lockoutGuard";
import { sign } from "./signer";
import { agencyMethod, passwordMethod } from "./tokenMethods";
import { type Session, type TokenContext, TokenStore } from "./tokenStore";

export interface SignIn {
  /** The id of the project with this name. */
  findProject(projectName: string): Promise<string>;
  /**
   * Sends a request with all that makes it an authorised one, and once more where it is refused for a token that
   * has ended or a clock that is off.
   *
   * @throws CtsError that is `notSent` where signing in failed.
   */
  send(request: HttpRequest, projectId?: string): Promise<HttpAnswer>;
  /** CTS' base URLs by region, as far as signing in tells. */
  endpoints(place: Place): Promise<ReadonlyMap<string, string>>;
}

/** The services that signing in needs. */
export interface SignInContext extends TokenContext {
  /** Advice if `authUrl` is needed but missing. */
  readonly noAuthUrl: string;
}

export function signInBy(credentials: Credentials, context: SignInContext): SignIn {
  switch (credentials.kind) {
    case "password":
      return byPassword(credentials, context);
    case "token":
      return credentials.agency
        ? byAgency(credentials.agency, async () => credentials.token, context)
        : byToken(credentials, context);
    case "keys":
      return byKeys(credentials, context);
  }
}

/** @param ownToken of a user who may use the agency. */
function byAgency(
  agency: Agency,
  ownToken: (isRenewal: boolean) => Promise<string>,
  context: SignInContext,
): SignIn {
  return bySessions(new TokenStore(context, agencyMethod(agency, ownToken)), context.http);
}

function byPassword(credentials: PasswordCredentials, context: SignInContext): SignIn {
  const tokens = new TokenStore(context, passwordMethod(credentials));
  const { agency } = credentials;
  if (!agency) {
    return bySessions(tokens, context.http);
  }
  let last: Session | undefined;
  const ownToken = async (isRenewal: boolean) => {
    last = isRenewal && last ? await tokens.renew(last) : await tokens.session({});
    return last.token;
  };
  return byAgency(agency, ownToken, context);
}

function bySessions(tokens: TokenStore, http: Http): SignIn {
  const session = (project: ProjectRef) => beforeSending(() => tokens.session(project));
  return {
    findProject: async (projectName) => (await session({ projectName })).projectId,
    async send(request, projectId = "") {
      const first = await session({ projectId });
      try {
        return await http.send(withToken(request, first.token));
      } catch (refusal) {
        if (!is401(refusal)) {
          throw refusal;
        }
        const next = await beforeSending(() => tokens.renew(first));
        return http.send(withToken(request, next.token));
      }
    },
    endpoints: async ({ projectId }) => (await session({ projectId })).endpoints,
  };
}

/** An error in here means that the call was not sent. */
async function beforeSending<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof CtsError) {
      error.notSent = true;
      // Only the sign-in may have been carried out.
      error.mayHaveBeenApplied = false;
    }
    throw error;
  }
}

function byToken({ token }: TokenCredentials, context: SignInContext): SignIn {
  const send: SignIn["send"] = (request) => context.http.send(withToken(request, token));
  return { send, findProject: projectFinder(context, send), endpoints: async () => new Map() };
}

function withToken(request: HttpRequest, token: string): HttpRequest {
  return { ...request, headers: { ...request.headers, "X-Auth-Token": token }, secrets: [token] };
}

/** A signature may be off by 15 minutes: a difference of less than this is not why it was refused. */
const CLOCK_TOLERANCE_MS = 60_000;

function byKeys(keys: KeyCredentials, context: SignInContext): SignIn {
  const { http } = context;
  // Stop after one refusal: a 401 here can only mean the key itself is wrong, and five of them lock it.
  const guard = new LockoutGuard(1);
  // Several failures in a row lock a key: so a 401 is final, unless it is our clock that was wrong.
  const send: SignIn["send"] = (request, projectId) =>
    guard.run(async () => {
      const clock = http.clocks.of(request.url);
      const usedOffsetMs = clock.offsetMs;
      const sendSigned = () => http.send(withSignature(request, keys, new Date(clock.now()), projectId));
      try {
        return await sendSigned();
      } catch (refusal) {
        if (is401(refusal) && clock.hasMovedFrom(usedOffsetMs, CLOCK_TOLERANCE_MS)) {
          return sendSigned();
        }
        throw refusal;
      }
    });
  return { send, findProject: projectFinder(context, send), endpoints: async () => new Map() };
}

function withSignature(
  request: HttpRequest,
  keys: KeyCredentials,
  at: Date,
  projectId?: string,
): HttpRequest {
  const signable = {
    method: request.method,
    url: request.url + encodeQuery(request.query),
    headers: {},
    body: bodyOf(request) ?? "",
  };
  const signature = sign(signable, keys, at);
  // The part that lets an attacker repeat the request while it is valid.
  const [, repeatable = ""] = signature["Authorization"]?.split("Signature=") ?? [];
  return {
    ...request,
    headers: {
      ...request.headers,
      ...signature,
      ...(projectId && { "X-Project-Id": projectId }),
      ...(keys.securityToken && { "X-Security-Token": keys.securityToken }),
    },
    secrets: [keys.secretKey, keys.securityToken ?? "", repeatable],
  };
}

const projectList = z.looseObject({ projects: z.array(z.unknown()) });
const named = z.looseObject({ name: z.string() });
const wireProject = named.extend({ id: z.string().min(1) });

/** Finds projects by name: one listing serves all names, and only one that it does not have is asked for by name. */
function projectFinder(
  { clock, authUrl, noAuthUrl }: SignInContext,
  send: SignIn["send"],
): SignIn["findProject"] {
  let all: Promise<Map<string, () => string>> | undefined;
  // A malformed project affects only its own users.
  const list = async (query: Record<string, string>) => {
    const request = { method: "GET", url: `${authUrl}/projects`, query } as const;
    const { projects } = await retryIdempotent(async () => {
      const { body } = await send(request);
      return parseResponse(projectList, body, request);
    }, clock);
    const entries = projects.map((entry, index) => {
      const id = () => parseResponse(wireProject, entry, request, ["projects", index]).id;
      return [named.safeParse(entry).data?.name ?? "", id] as const;
    });
    return new Map(entries);
  };
  const listAll = () => {
    all ??= list({}).catch((error: unknown) => {
      all = undefined;
      throw error;
    });
    return all;
  };
  return async (name) => {
    if (!authUrl) {
      throw new ConfigError(`project "${name}" cannot be looked up: ${noAuthUrl}`);
    }
    const id = (await listAll()).get(name) ?? (await list({ name })).get(name);
    if (id) {
      return id();
    }
    throw new ConfigError(
      `there is no project "${name}": check projectName (config otc-cts:projectName or OS_PROJECT_NAME)`,
    );
  };
}

/** Advice for a 401 that stays. */
export function adviceOn401(credentials: Credentials): string {
  return `${whatToCheck(credentials)}; the credentials are from the ${credentials.source}`;
}

function whatToCheck(credentials: Credentials): string {
  switch (credentials.kind) {
    case "password": {
      const { userName, userId, domain } = credentials;
      return `that was user "${userName ?? userId}" of domain "${domain.name ?? domain.id}": check userName, password, domainName and projectName (config otc-cts:*, or OS_USERNAME, OS_PASSWORD, OS_DOMAIN_NAME, OS_PROJECT_NAME)`;
    }
    case "token":
      return "the token may have expired, or be of another project: get a new one (config otc-cts:token or OS_TOKEN)";
    case "keys":
      return "check accessKey, secretKey and securityToken (config otc-cts:*, or OS_ACCESS_KEY, OS_SECRET_KEY, OS_SECURITY_TOKEN)";
  }
}
