import { adviceOn401, type SignIn, signInBy } from "./auth/signIn";
import { type Clock, systemClock } from "./clock";
import { agencyOf, missing } from "./config/credentials";
import { KNOWN_REGIONS } from "./config/regions";
import type { ApiVersion, ConnectionSettings } from "./config/settings";
import { ConfigError, is401 } from "./errors";
import { Http, type HttpRequest } from "./http/http";
import { parseResponse, type Shape } from "./http/parseResponse";
import { retryButThrottling, retryIdempotent, retryOnce } from "./http/retry";
import { encodeStrictly } from "./http/urlEncoding";
import { urlProblem } from "./http/urls";
import { RateLimiter } from "./paging/rateLimiter";
import type { Place, PlaceRef } from "./place";
import { type ServiceClock, ServiceClocks } from "./serviceClock";
import { visible } from "./visible";

/** A call of the CTS API within a project. */
export interface Call extends Pick<HttpRequest, "method" | "query" | "body"> {
  /** The path after the version and the project, for example `trackers`. */
  readonly path: string;
  /** The API version in the path. @defaultValue v3 */
  readonly version?: "v3" | "v1.0";
  /** The treatment of a 429: the call is sent again later, or the error is thrown. @defaultValue retried */
  readonly throttling?: "retried" | "thrown";
}

/** One project in one region, signed in: all that the files of the API groups need. */
export interface Project extends Place {
  /** The API version for trackers. */
  readonly apiVersion: ApiVersion;
  /** The clock of the service there. Signs in only if that is needed to find the endpoint. */
  clock(): Promise<ServiceClock>;
  /** Shared by all readings of the region's traces by this connection: gateways usually limit the caller, not a project. */
  readonly limiter: RateLimiter;
  /**
   * Sends a call, retried if that is safe, and with a new token if the old one is refused.
   *
   * @param shape the promised shape of the answer's body: another shape counts as transient trouble
   * @returns the body, and the number of characters that it came as
   */
  request<T = unknown>(
    call: Call,
    shape?: Shape<T>,
  ): Promise<{ body: T; size: number; url: string; method: string }>;
}

/** Options of a connection beside its settings. */
export interface ConnectionOptions {
  /** @defaultValue the system's */
  readonly clock?: Clock;
  /** Reports a warning to the user. @defaultValue writes to standard error */
  readonly warn?: (message: string) => void;
  /** Advice that only the caller has for a 401 that stays, by the name of the credentials' source. @defaultValue none */
  readonly adviceOn401?: (source: string) => string | undefined;
}

/** One set of settings, signed in when needed. Make one per process and share it. */
export class Connection {
  readonly clock: Clock;
  readonly #settings: ConnectionSettings;
  readonly #http: Http;
  readonly #signIn: SignIn;
  readonly #adviceOn401: string;
  /** By region. */
  readonly #limiters = new Map<string, RateLimiter>();

  constructor(
    settings: ConnectionSettings,
    { clock = systemClock, warn = warnOnStandardError, adviceOn401: more }: ConnectionOptions = {},
  ) {
    const { authUrl, credentials, insecure, warnings } = settings;
    this.#settings = settings;
    this.clock = clock;
    this.#adviceOn401 = [adviceOn401(credentials), more?.(credentials.source)].filter(Boolean).join("; ");
    const say = (message: string) => warn(visible(message));
    this.#http = new Http(clock, settings, new ServiceClocks(clock, say));
    const noAuthUrl = [missing("authUrl"), ...warnings].join("; ");
    this.#signIn = signInBy(credentials, { http: this.#http, clock, authUrl, noAuthUrl });
    for (const warning of warnings) {
      say(warning);
    }
    if (insecure) {
      say(
        "insecure is set: TLS certificates are not verified, so traffic can be read and modified in transit",
      );
    }
  }

  /** The API version for trackers. */
  get apiVersion(): ApiVersion {
    return this.#settings.apiVersion;
  }

  /** By what traces name who signs in, as far as the settings tell: user, key, agency. */
  get signedInAs(): readonly string[] {
    const { credentials } = this.#settings;
    const { userName, userId } = credentials.kind === "password" ? credentials : {};
    const accessKey = credentials.kind === "keys" ? credentials.accessKey : undefined;
    return [userName, userId, accessKey, agencyOf(credentials)?.name].filter((each) => each !== undefined);
  }

  /**
   * Fills in the omitted parts of a place. Signs in only if a project is known by name alone, or is given by name and
   * id, which must match.
   *
   * @throws ConfigError if neither the user nor the connection names a region or a project.
   */
  async locate(ref: PlaceRef): Promise<Place & { projectName?: string }> {
    const region = ref.region ?? this.#settings.region;
    const project = ref.projectId || ref.projectName ? ref : this.#settings.project;
    if (!region) {
      throw new ConfigError(missing("region"));
    }
    if (project.projectId && !project.projectName) {
      return { region, projectId: project.projectId };
    }
    if (!project.projectName) {
      const isDelegated = agencyOf(this.#settings.credentials) !== undefined;
      throw new ConfigError(isDelegated ? missing("delegatedProject") : missing("projectName", "projectId"));
    }
    const { projectName } = project;
    const projectId = await this.#advised(() => this.#signIn.findProject(projectName));
    if (project.projectId && project.projectId !== projectId) {
      throw new ConfigError(
        `projectName "${projectName}" is project ${projectId}, but projectId is ${project.projectId}: give one of them`,
      );
    }
    return { region, projectId, projectName };
  }

  /** The API of one project. Nothing is sent yet. */
  project(place: Place): Project {
    const { region } = place;
    const limiter = this.#limiters.get(region) ?? new RateLimiter(this.clock);
    this.#limiters.set(region, limiter);
    return {
      limiter,
      region,
      projectId: place.projectId,
      apiVersion: this.#settings.apiVersion,
      clock: async () => this.#http.clocks.of(await this.#advised(() => this.endpoint(place))),
      request: (call, shape) => this.#request(place, call, shape),
    };
  }

  async #request<T>(place: Place, call: Call, shape: Shape<T> | undefined) {
    const { projectId } = place;
    if (!/^[\w-]+$/.test(place.region)) {
      throw new ConfigError(`region must be a name such as eu-de, got ${JSON.stringify(place.region)}`);
    }
    // The path is encoded, except for these.
    if (/^\.{0,2}$/.test(projectId)) {
      throw new ConfigError(`projectId must be the id of a project, got ${JSON.stringify(projectId)}`);
    }
    const retry = retryOf(call);
    return this.#advised(async () => {
      const base = await this.endpoint(place);
      const url = `${base}/${call.version ?? "v3"}/${encodeStrictly(projectId)}/${call.path}`;
      return retry(async () => {
        const { body, size } = await this.#signIn.send({ ...call, url }, projectId);
        const facts = { method: call.method, url };
        return { body: shape ? parseResponse(shape, body, facts) : (body as T), size, ...facts };
      }, this.clock);
    });
  }

  /** Adds the advice for a 401 that stays. */
  async #advised<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw is401(error) ? error.advise(this.#adviceOn401) : error;
    }
  }

  /**
   * The base URL of CTS for a place. The user's own `endpoint` holds for the connection's region; other regions are
   * looked up in the token's catalogue, so that no call goes to another region's CTS.
   */
  async endpoint(place: Place): Promise<string> {
    const { region } = place;
    const { endpoint, insecure } = this.#settings;
    if (endpoint?.includes("{region}")) {
      return endpoint.replaceAll("{region}", region);
    }
    if (endpoint && region === this.#settings.region) {
      return endpoint;
    }
    const listed = await this.#signIn.endpoints(place);
    const found = listed.get(region) ?? KNOWN_REGIONS[region]?.endpoint;
    if (!found) {
      throw new ConfigError(
        [
          `CTS is not known in region "${region}": the catalogue lists it in ${[...listed.keys()].join(", ") || "none"}; check region, or set otc-cts:region (OS_REGION_NAME) and its otc-cts:endpoint (OS_CTS_ENDPOINT_OVERRIDE)`,
          ...this.#settings.warnings,
        ].join("; "),
      );
    }
    const problem = urlProblem(found, insecure);
    if (problem) {
      throw new ConfigError(`The catalogue's endpoint of CTS ${problem}, got ${found}`);
    }
    return found;
  }
}

function retryOf({ method, throttling }: Call) {
  if (method === "POST") {
    return retryOnce;
  }
  return throttling === "thrown" ? retryButThrottling : retryIdempotent;
}

/** Standard output of the provider's process belongs to the engine, which shows standard error. */
function warnOnStandardError(message: string): void {
  process.stderr.write(`warning: otc-cts: ${message}\n`);
}
