import { z } from "zod";
import type { Clock } from "../clock";
import { ApiError, is401 } from "../errors";
import type { Http } from "../http/http";
import { parseResponse } from "../http/parseResponse";
import { retryIdempotent } from "../http/retry";
import type { ProjectRef } from "../place";
import { LockoutGuard } from "./lockoutGuard";

/** A signed-in project: its token, and what IAM told with it. A token for a whole account has an empty project. */
export interface Session {
  readonly token: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
  readonly projectId: string;
  readonly projectName: string;
  readonly domainId: string | undefined;
  /** CTS' base URLs as the catalogue lists them, by region. */
  readonly endpoints: ReadonlyMap<string, string>;
}

/** A token is renewed when this part of its lifetime is left, but at the earliest five minutes before its end. */
const RENEWAL_SHARE = 0.1;
const RENEWAL_MARGIN_MS = 5 * 60_000;
/** A wrong project name may cause the refusal, and another project may work. */
const MAX_REFUSALS = 3;

/** The means to reach IAM. */
export interface TokenContext {
  readonly http: Http;
  readonly clock: Clock;
  readonly authUrl: string | undefined;
}

/** A way to prove to IAM who asks for a token. */
export interface TokenMethod {
  /** @param isRenewal whether the last proof may have led to a token that is refused now */
  prove(isRenewal: boolean): Promise<{
    readonly identity: object;
    readonly headers?: Readonly<Record<string, string>>;
    readonly secrets: readonly string[];
  }>;
  /** The scope of a token: a project; or a whole account, where no project is named. */
  scope(project: ProjectRef): { readonly project: object } | { readonly domain: object };
  /** Advice where IAM refuses: what to check beside the credentials. */
  readonly advice?: string;
}

/**
 * Tokens of IAM: one sign-in per project, however many callers ask concurrently, and whether they name it by id or by
 * name.
 */
export class TokenStore {
  // Private for the language, not for the compiler alone: a printed store must not show a password.
  readonly #context: TokenContext;
  readonly #method: TokenMethod;
  readonly #sessions = new Map<string, Promise<Entry>>();
  readonly #guard = new LockoutGuard(MAX_REFUSALS);
  #hasSignedIn = false;

  constructor(context: TokenContext, method: TokenMethod) {
    this.#context = context;
    this.#method = method;
  }

  /** The project's session, signed in where there is none or it is about to end. */
  async session(project: ProjectRef): Promise<Session> {
    const entry = await this.#entry(project);
    const isCurrent = this.#context.clock.monotonic() < entry.renewAt;
    return isCurrent ? entry.session : this.renew(entry.session);
  }

  /** A new session in place of one that was refused; callers that come with the same old one share the new. */
  async renew(refused: Session): Promise<Session> {
    const project = { projectId: refused.projectId };
    const known = this.#sessions.get(keyOf(project));
    const isRefused = known === undefined || (await known).session === refused;
    const isCurrent = known === this.#sessions.get(keyOf(project));
    return (await (isRefused && isCurrent ? this.#signIn(project, true) : this.#entry(project))).session;
  }

  #entry(project: ProjectRef): Promise<Entry> {
    return this.#sessions.get(keyOf(project)) ?? this.#signIn(project);
  }

  #signIn(project: ProjectRef, isRenewal = false): Promise<Entry> {
    const pending = this.#requestToken(project, isRenewal);
    this.#remember(project, pending);
    pending.then(
      ({ session }) => {
        this.#remember({ projectId: session.projectId }, pending);
        this.#remember({ projectName: session.projectName }, pending);
      },
      () => this.#sessions.delete(keyOf(project)),
    );
    return pending;
  }

  #remember(project: ProjectRef, entry: Promise<Entry>) {
    this.#sessions.set(keyOf(project), entry);
  }

  async #requestToken(project: ProjectRef, isRenewal: boolean): Promise<Entry> {
    const { http, clock, authUrl = "" } = this.#context;
    const { identity, headers = {}, secrets } = await this.#method.prove(isRenewal);
    const scope = this.#method.scope(project);
    const request = {
      method: "POST",
      url: `${authUrl}/auth/tokens`,
      headers,
      body: { auth: { identity, scope } },
      secrets,
    } as const;
    const shape = "project" in scope ? projectTokenAnswer : tokenAnswer;
    // An additional token does no harm, so this POST may be repeated.
    const session = await this.#guard
      .run(() =>
        retryIdempotent(async () => {
          const answer = await http.send(request);
          const { token } = parseResponse(shape, answer.body, request);
          return {
            ...toSession(token),
            token: parseResponse(z.string(), answer.header("x-subject-token"), request),
          };
        }, clock),
      )
      .catch((error: unknown) => {
        throw this.#explained(error, project);
      });
    this.#hasSignedIn = true;
    // By IAM's clock: this machine's may be off.
    const lifeMs = session.expiresAt - http.clocks.of(request.url).now();
    const keptMs = lifeMs - Math.min(RENEWAL_MARGIN_MS, lifeMs * RENEWAL_SHARE);
    // A new token has not expired, so this machine's clock is off; a 401 tells when to renew.
    return { session, renewAt: lifeMs > 0 ? clock.monotonic() + keptMs : Number.POSITIVE_INFINITY };
  }

  /** IAM answers alike for a wrong password and for a project that the user cannot use. */
  #explained(error: unknown, { projectId, projectName }: ProjectRef): unknown {
    if (!(error instanceof ApiError) || error.status >= 500) {
      return error;
    }
    const { advice } = this.#method;
    if (is401(error) && (projectName || projectId)) {
      const project = `the token was asked for project "${projectName || projectId}"`;
      error.advise(
        this.#hasSignedIn
          ? `${project}: the same credentials signed in for another project, so check this project's name or id`
          : project,
      );
    }
    return advice === undefined ? error : error.advise(advice);
  }
}

interface Entry {
  readonly session: Session;
  /** By the monotonic time, in milliseconds. */
  readonly renewAt: number;
}

function keyOf({ projectId, projectName }: ProjectRef): string {
  return projectId ? `id:${projectId}` : `name:${projectName}`;
}

const project = z.looseObject({
  id: z.string(),
  name: z.string(),
  domain: z.looseObject({ id: z.string().optional() }).optional(),
});

const ofCts = z.looseObject({ type: z.enum(["cts", "ctsv3"]) });
const ctsService = ofCts.extend({
  endpoints: z.array(z.looseObject({ region: z.string().nullish(), url: z.string() })).default([]),
});

const tokenAnswer = z.looseObject({
  token: z.looseObject({
    expires_at: z.iso.datetime({ offset: true }),
    project: project.optional(),
    // The catalogue lists all services; a malformed entry of another one does not matter.
    catalog: z
      .array(z.unknown())
      .default([])
      .transform((all) => all.filter((entry) => ofCts.safeParse(entry).success))
      .pipe(z.array(ctsService)),
  }),
});

const projectTokenAnswer = tokenAnswer.extend({ token: tokenAnswer.shape.token.extend({ project }) });

function toSession(token: z.output<typeof tokenAnswer>["token"]) {
  return {
    expiresAt: Date.parse(token.expires_at),
    projectId: token.project?.id ?? "",
    projectName: token.project?.name ?? "",
    domainId: token.project?.domain?.id,
    endpoints: ctsEndpoints(token.catalog),
  };
}

/**
 * The catalogue lists `cts` with `…/v1.0/{project_id}`, some deployments `ctsv3` with `…/v3/{project_id}`; the
 * base is what comes before the version.
 */
function ctsEndpoints(catalog: z.output<typeof tokenAnswer>["token"]["catalog"]): Map<string, string> {
  const listed = ["cts", "ctsv3"].flatMap((type) => catalog.filter((entry) => entry.type === type));
  const bases = listed.flatMap(({ endpoints }) =>
    endpoints.map(
      ({ region, url }) => [region ?? "", url.replace(/(\/v\d+(\.\d+)?(\/.*)?|\/+)$/, "")] as const,
    ),
  );
  return new Map(bases.filter(([region]) => region !== ""));
}
