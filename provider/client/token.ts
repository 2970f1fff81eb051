import { z } from "zod";
import { answered } from "./answer";
import type { Clock } from "./clock";
import type { PasswordCredentials, ProjectRef } from "./config";
import type { Http } from "./http";
import { retryIdempotent } from "./retry";
import { Trial } from "./trial";

/** A signed-in project: its token, and what IAM told with it. */
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

/** A token is renewed when this part of its life is left, but no earlier than five minutes before its end. */
const RENEWAL_SHARE = 0.1;
const RENEWAL_MARGIN_MS = 5 * 60_000;
/** It may be the project's name that is wrong, and another one right. */
const MAX_REFUSALS = 3;

/**
 * Signs in by user and password: once per project, however many callers ask at the same time, and however they
 * name the project.
 */
export class TokenStore {
  // Private for the language, not for the compiler alone: whoever prints a store must not print the password.
  readonly #http: Http;
  readonly #clock: Clock;
  readonly #authUrl: string;
  readonly #credentials: PasswordCredentials;
  readonly #sessions = new Map<string, Promise<Entry>>();
  readonly #trial = new Trial(MAX_REFUSALS);

  constructor(http: Http, clock: Clock, authUrl: string, credentials: PasswordCredentials) {
    this.#http = http;
    this.#clock = clock;
    this.#authUrl = authUrl;
    this.#credentials = credentials;
  }

  /** The project's session, signed in where there is none or it is about to end. */
  async session(project: ProjectRef): Promise<Session> {
    const entry = await this.#entry(project);
    if (this.#clock.now() < entry.renewAt) return entry.session;
    return this.renew(entry.session);
  }

  /** A new session in place of one that was refused; callers that come with the same old one share the new. */
  async renew(refused: Session): Promise<Session> {
    const project = { projectId: refused.projectId };
    const known = this.#sessions.get(keyOf(project));
    const isRefused = known === undefined || (await known).session === refused;
    const isCurrent = known === this.#sessions.get(keyOf(project));
    return (await (isRefused && isCurrent ? this.#signIn(project) : this.#entry(project))).session;
  }

  #entry(project: ProjectRef): Promise<Entry> {
    return this.#sessions.get(keyOf(project)) ?? this.#signIn(project);
  }

  #signIn(project: ProjectRef): Promise<Entry> {
    const pending = this.#requestToken(project);
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

  async #requestToken(project: ProjectRef): Promise<Entry> {
    const request = {
      method: "POST",
      url: `${this.#authUrl}/auth/tokens`,
      body: { auth: { identity: this.#identity(), scope: { project: this.#scope(project) } } },
      secrets: [this.#credentials.password],
    } as const;
    // A token more does no harm, so this POST may be repeated.
    const session = await this.#trial.run(() =>
      retryIdempotent(async () => {
        const answer = await this.#http.send(request);
        const { token } = answered(tokenAnswer, answer.body, request);
        return {
          ...toSession(token),
          token: answered(z.string(), answer.header("x-subject-token"), request),
        };
      }, this.#clock),
    );
    const lifeMs = session.expiresAt - this.#clock.now();
    return { session, renewAt: session.expiresAt - Math.min(RENEWAL_MARGIN_MS, lifeMs * RENEWAL_SHARE) };
  }

  #identity() {
    const { userName, password, domain } = this.#credentials;
    return { methods: ["password"], password: { user: { name: userName, password, domain } } };
  }

  #scope({ projectId, projectName }: ProjectRef) {
    return projectId ? { id: projectId } : { name: projectName, domain: this.#credentials.domain };
  }
}

interface Entry {
  readonly session: Session;
  /** Milliseconds since the epoch. */
  readonly renewAt: number;
}

function keyOf({ projectId, projectName }: ProjectRef): string {
  return projectId ? `id:${projectId}` : `name:${projectName}`;
}

const ofCts = z.looseObject({ type: z.enum(["cts", "ctsv3"]) });
const ctsService = ofCts.extend({
  endpoints: z.array(z.looseObject({ region: z.string().nullish(), url: z.string() })).default([]),
});

const tokenAnswer = z.looseObject({
  token: z.looseObject({
    expires_at: z.iso.datetime({ offset: true }),
    project: z.looseObject({
      id: z.string(),
      name: z.string(),
      domain: z.looseObject({ id: z.string().optional() }).optional(),
    }),
    // The catalogue lists all services: another one's odd entry is not our affair.
    catalog: z
      .array(z.unknown())
      .default([])
      .transform((all) => all.filter((entry) => ofCts.safeParse(entry).success))
      .pipe(z.array(ctsService)),
  }),
});

function toSession(token: z.output<typeof tokenAnswer>["token"]) {
  return {
    expiresAt: Date.parse(token.expires_at),
    projectId: token.project.id,
    projectName: token.project.name,
    domainId: token.project.domain?.id,
    endpoints: ctsEndpoints(token.catalog),
  };
}

/**
 * The catalogue lists `cts` with `…/v1.0/{project_id}`, some deployments `ctsv3` with `…/v3/{project_id}`; the
 * base is what comes before the version.
 */
function ctsEndpoints(catalog: z.output<typeof tokenAnswer>["token"]["catalog"]): Map<string, string> {
  const bases = new Map<string, string>();
  for (const type of ["cts", "ctsv3"]) {
    for (const { region, url } of catalog
      .filter((entry) => entry.type === type)
      .flatMap((e) => e.endpoints)) {
      if (region) bases.set(region, url.replace(/(\/v\d+(\.\d+)?(\/.*)?|\/+)$/, ""));
    }
  }
  return bases;
}
