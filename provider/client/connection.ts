import { type Clock, systemClock } from "./clock";
import { type ConnectionSettings, missing, type ProjectRef, urlProblem } from "./config";
import { encodeStrictly } from "./encode";
import { AuthError, ConfigError, CtsError } from "./errors";
import { Http, type HttpRequest } from "./http";
import { retryIdempotent, retryOnce } from "./retry";
import { type Session, TokenStore } from "./token";

/** A project in a region, settled: where one tracker lives. */
export interface Place {
  readonly region: string;
  readonly projectId: string;
}

/** A place as a user names it; what is left out comes from the connection. */
export interface PlaceRef extends ProjectRef {
  readonly region?: string;
}

/** A call of the CTS API within a project: the path is what follows `/v3/{project_id}`. */
export interface Call extends Pick<HttpRequest, "method" | "query" | "body"> {
  readonly path: string;
}

/** One project in one region, signed in: all that the files of the API groups need. */
export interface Project extends Place {
  /** Sends a call, repeated where that does no harm, with a new token where the old one is refused. */
  request(call: Call): Promise<{ body: unknown; url: string; method: string }>;
}

/** One set of settings, with its tokens. Make one per process and share it. */
export class Connection {
  readonly #http: Http;
  readonly #tokens: TokenStore;

  constructor(
    private readonly settings: ConnectionSettings,
    private readonly clock: Clock = systemClock,
  ) {
    this.#http = new Http(clock);
    this.#tokens = new TokenStore(this.#http, clock, settings.authUrl ?? "", settings.credentials);
  }

  /**
   * Settles what a user left to the connection. Signs in only where a project is known by name alone, or is
   * named both ways and must be proved to be one.
   *
   * @throws ConfigError where neither the user nor the connection names a region or a project.
   */
  async locate(ref: PlaceRef): Promise<Place & { projectName?: string }> {
    const region = ref.region ?? this.settings.region;
    const project = ref.projectId || ref.projectName ? ref : this.settings.project;
    if (!region) throw new ConfigError(missing("region"));
    if (project.projectId && !project.projectName) return { region, projectId: project.projectId };
    if (!project.projectName) throw new ConfigError(missing("projectName", "projectId"));
    const { projectName } = project;
    const { projectId } = await this.#tokens.session({ projectName });
    if (project.projectId && project.projectId !== projectId) {
      throw new ConfigError(
        `projectName "${projectName}" is project ${projectId}, but projectId is ${project.projectId}: give one of them`,
      );
    }
    return { region, projectId, projectName };
  }

  /** The API of one project. Nothing is sent yet. */
  project(place: Place): Project {
    return {
      region: place.region,
      projectId: place.projectId,
      request: (call) => this.#request(place, call),
    };
  }

  async #request(place: Place, call: Call) {
    const retry = call.method === "POST" ? retryOnce : retryIdempotent;
    const session = await this.#tokens.session(place);
    const url = `${this.#endpoint(place, session)}/v3/${encodeStrictly(place.projectId)}/${call.path}`;
    const send = ({ token }: Session) => {
      const request = { ...call, url, headers: { "X-Auth-Token": token }, secrets: [token] };
      return retry(() => this.#http.send(request), this.clock);
    };
    const answer = await send(session).catch(async (refusal: unknown) => {
      if (!isRefusedToken(refusal)) throw refusal;
      return this.#tokens
        .renew(session)
        .then(send)
        .catch((error: unknown) => {
          // What was open before the token was refused is still open.
          if (error instanceof CtsError) error.maybeDone ||= refusal.maybeDone;
          throw error;
        });
    });
    return { body: answer.body, url, method: call.method };
  }

  /**
   * The user's own `endpoint` holds for the connection's region; other regions are looked up in the token's
   * catalogue, so that no call goes to another region's CTS.
   */
  #endpoint({ region }: Place, session: Session): string {
    const { endpoint } = this.settings;
    if (!/^[\w-]+$/.test(region)) {
      throw new ConfigError(`region must be a name such as eu-de, got ${JSON.stringify(region)}`);
    }
    if (endpoint?.includes("{region}")) return endpoint.replaceAll("{region}", region);
    if (endpoint && region === (this.settings.region ?? region)) return endpoint;
    const found = session.endpoints.get(region) ?? knownEndpoint(region);
    if (!found) {
      throw new ConfigError(
        `CTS is not known in region "${region}": the catalogue lists it in ${[...session.endpoints.keys()].join(", ") || "none"}; check region, or set otc-cts:endpoint (OS_CTS_ENDPOINT_OVERRIDE)`,
      );
    }
    const problem = urlProblem(found);
    if (problem) throw new ConfigError(`The catalogue's endpoint of CTS ${problem}, got ${found}`);
    return found;
  }
}

/** Any 401, once: a token may have been revoked, whatever its date. */
function isRefusedToken(error: unknown): error is AuthError {
  return error instanceof AuthError && error.status === 401;
}

function knownEndpoint(region: string): string | undefined {
  if (region === "eu-de" || region === "eu-nl") return `https://cts.${region}.otc.t-systems.com`;
  return region === "eu-ch2" ? "https://cts.eu-ch2.sc.otc.t-systems.com" : undefined;
}
