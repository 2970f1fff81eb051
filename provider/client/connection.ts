import type { z } from "zod";
import { answered } from "./answer";
import { type Clock, systemClock } from "./clock";
import { type ConnectionSettings, missing, type Place, type ProjectRef, urlProblem } from "./config";
import { encodeStrictly } from "./encode";
import { AuthError, ConfigError, CtsError } from "./errors";
import { Http, type HttpRequest } from "./http";
import { KNOWN_REGIONS } from "./regions";
import { retryIdempotent, retryOnce } from "./retry";
import { adviceOn401, type SignIn, signInBy } from "./signIn";

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
  /**
   * Sends a call, repeated where that does no harm, with a new token where the old one is refused.
   *
   * @param shape what is promised of the answer's body: one that is not so counts as trouble that may pass
   */
  request<T = unknown>(call: Call, shape?: z.ZodType<T>): Promise<{ body: T; url: string; method: string }>;
}

/** What a connection needs beside its settings. */
export interface ConnectionOptions {
  /** @defaultValue the system's */
  readonly clock?: Clock;
  /** Says something that the user should know. @defaultValue writes to standard error */
  readonly warn?: (message: string) => void;
}

/** One set of settings, signed in where needed. Make one per process and share it. */
export class Connection {
  readonly #settings: ConnectionSettings;
  readonly #clock: Clock;
  readonly #http: Http;
  readonly #signIn: SignIn;

  constructor(
    settings: ConnectionSettings,
    { clock = systemClock, warn = warnOnStandardError }: ConnectionOptions = {},
  ) {
    const { authUrl, credentials, insecure } = settings;
    this.#settings = settings;
    this.#clock = clock;
    this.#http = new Http(clock, settings);
    this.#signIn = signInBy(credentials, { http: this.#http, clock, authUrl, warn });
    if (insecure)
      warn("insecure is set: certificates are not checked, and anyone between may read and change all");
  }

  /**
   * Settles what a user left to the connection. Signs in only where a project is known by name alone, or is
   * named both ways and must be proved to be one.
   *
   * @throws ConfigError where neither the user nor the connection names a region or a project.
   */
  async locate(ref: PlaceRef): Promise<Place & { projectName?: string }> {
    const region = ref.region ?? this.#settings.region;
    const project = ref.projectId || ref.projectName ? ref : this.#settings.project;
    if (!region) throw new ConfigError(missing("region"));
    if (project.projectId && !project.projectName) return { region, projectId: project.projectId };
    if (!project.projectName) throw new ConfigError(missing("projectName", "projectId"));
    const { projectName } = project;
    const projectId = await this.#signedIn(() => this.#signIn.findProject(projectName));
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
      request: (call, shape) => this.#request(place, call, shape),
    };
  }

  async #request<T>(place: Place, call: Call, shape: z.ZodType<T> | undefined) {
    const { projectId } = place;
    if (!/^[\w-]+$/.test(place.region)) {
      throw new ConfigError(`region must be a name such as eu-de, got ${JSON.stringify(place.region)}`);
    }
    // It is encoded; only these cannot be.
    if (/^\.{0,2}$/.test(projectId)) {
      throw new ConfigError(`projectId must be the id of a project, got ${JSON.stringify(projectId)}`);
    }
    const base = await this.#signedIn(() => this.#endpoint(place));
    const url = `${base}/v3/${encodeStrictly(projectId)}/${call.path}`;
    const retry = call.method === "POST" ? retryOnce : retryIdempotent;
    let sent: HttpRequest = { ...call, url };
    const send = () =>
      retry(async () => {
        sent = await this.#signedIn(() => this.#signIn.authorize({ ...call, url }, projectId));
        const { body } = await this.#http.send(sent);
        return shape ? answered(shape, body, sent) : (body as T);
      }, this.#clock);
    const body = await send().catch(async (refusal: unknown) => {
      if (!is401(refusal)) throw refusal;
      try {
        const isWorthIt = await this.#signedIn(() => this.#signIn.renew(sent, refusal, projectId));
        if (isWorthIt) return await send();
      } catch (error) {
        // What was open before the refusal is still open.
        if (error instanceof CtsError) error.maybeDone ||= refusal.maybeDone;
        throw is401(error) && !error.unsent ? error.advise(this.#adviceOn401) : error;
      }
      throw refusal.advise(this.#adviceOn401);
    });
    return { body, url, method: call.method };
  }

  get #adviceOn401(): string {
    return adviceOn401(this.#settings.credentials);
  }

  /** Work that comes before a call: where it fails, the call was not sent. */
  async #signedIn<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof CtsError && !error.unsent) {
        error.unsent = true;
        // It is the sign-in that may be done.
        error.maybeDone = false;
        if (is401(error)) error.advise(this.#adviceOn401);
      }
      throw error;
    }
  }

  /**
   * The user's own `endpoint` holds for the connection's region; other regions are looked up in the token's
   * catalogue, so that no call goes to another region's CTS.
   */
  async #endpoint(place: Place): Promise<string> {
    const { region } = place;
    const { endpoint, insecure } = this.#settings;
    if (endpoint?.includes("{region}")) return endpoint.replaceAll("{region}", region);
    if (endpoint && region === this.#settings.region) return endpoint;
    const listed = await this.#signIn.endpoints(place);
    const found = listed.get(region) ?? KNOWN_REGIONS[region]?.endpoint;
    if (!found) {
      throw new ConfigError(
        `CTS is not known in region "${region}": the catalogue lists it in ${[...listed.keys()].join(", ") || "none"}; check region, or set otc-cts:region (OS_REGION_NAME) and its otc-cts:endpoint (OS_CTS_ENDPOINT_OVERRIDE)`,
      );
    }
    const problem = urlProblem(found, insecure);
    if (problem) throw new ConfigError(`The catalogue's endpoint of CTS ${problem}, got ${found}`);
    return found;
  }
}

function is401(error: unknown): error is AuthError {
  return error instanceof AuthError && error.status === 401;
}

/** Standard output of the provider's process belongs to the engine; it shows what is on standard error. */
function warnOnStandardError(message: string): void {
  process.stderr.write(`warning: otc-cts: ${message}\n`);
}
