import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as realSleep } from "node:timers/promises";
import { getRequestListener, type HttpBindings } from "@hono/node-server";
import { Hono } from "hono";
import { Keys } from "./auth/accessKeys";
import type { KeyPair } from "./auth/signature";
import { type SignInKind, settingsFor } from "./auth/signInSettings";
import { Tokens } from "./auth/tokens";
import { createForeignResources, type ForeignResources } from "./console/otherServices";
import { completeSettings, createConsole, type EmulatorConsole } from "./console/tracker";
import { createEvents, type EmulatorEvents } from "./control/events";
import { controlRoutes } from "./control/routes";
import { Turns } from "./http/eventLoopTurns";
import { Faults } from "./http/faults";
import { guard } from "./http/guard";
import { Journal } from "./http/journal";
import { notPublished, type Operation } from "./http/operation";
import { serveCall } from "./http/pipeline";
import { Throttle } from "./http/throttle";
import {
  type Behaviour,
  defaultBehaviour,
  type EmulatorOptions,
  parseBehaviour,
  resolveAccount,
  resolveTraffic,
} from "./options";
import { recordTrackersMade } from "./recording/auditTrail";
import { iamOperations } from "./routes/iam";
import { notificationOperations } from "./routes/notifications";
import { quotaOperations } from "./routes/quotas";
import { traceOperations } from "./routes/traces";
import { toWireTracker, trackerOperations } from "./routes/trackers";
import { trackerV1Operations } from "./routes/trackersV1";
import { versionOperations } from "./routes/versions";
import { Notifications } from "./state/notifications";
import { endpointOf, findPlace, findProject, findRegion, type Where, type World } from "./state/state";
import { Topics } from "./state/topics";
import { Traces } from "./state/traces";
import { type Place, Store } from "./state/trackers";
import type { WireTrace, WireTracker, WireTrackerChanges } from "./wire/trackers";

/** The traces of an emulator, behind the service's back. */
export interface EmulatorTraces {
  /**
   * Writes down one trace or several, in any order, late ones too; returns copies of them as they are in the log. A
   * field that is left out is at a default, one that is `undefined` is not there. `time` is by default now, and
   * `record_time`, from which on a trace can be queried, is by default `time`. No message is sent about them: see
   * `emit`. Throws an Error for a `trace_id` that is
   * there already, and for a `time` that is not milliseconds since 1970; then none is written down.
   */
  add(traces: Partial<WireTrace> | readonly Partial<WireTrace>[], where?: Where): WireTrace[];
  /**
   * Copies of all traces of the last seven days, the newest first, also those that are not to be queried yet. Makes
   * every synthetic one: about a second, and some hundred megabytes, for each 100,000.
   */
  list(where?: Where): WireTrace[];
  /** Forgets all traces of all places, synthetic ones too. */
  clear(): void;
}

/** A running emulator of CTS and IAM. */
export interface Emulator extends EmulatorEvents, ForeignResources {
  /** For example `http://127.0.0.1:4510`. */
  readonly url: string;
  /** Where to sign in: `{url}/v3`. */
  readonly authUrl: string;
  /** The CTS base of a region, without version and project; default the first region. */
  endpoint(region?: string): string;
  /**
   * What to put under `otc-cts:` in the configuration of a stack, secrets included; by default to sign in by
   * password. `"token"` issues one. Throws an Error for `"keys"` and `"temporaryKeys"` if there are no such keys.
   */
  settings(where?: Where, how?: SignInKind): Record<string, string>;
  /** What calls may be signed with. */
  readonly keys: readonly Readonly<KeyPair>[];
  /** The id of a project; default the first. */
  projectId(name?: string): string;
  /** How the service behaves; may be changed at any time. */
  readonly behaviour: Behaviour;
  /** What is to go wrong. */
  readonly faults: Faults;
  /** What was called. */
  readonly journal: Journal;
  /** A copy of what the service really has now, whatever `lagMs` lets a read see. */
  tracker(where?: Where): WireTracker | undefined;
  /**
   * Puts a tracker there as if it had always been, past every rule and lag; what is left out is at service defaults.
   * `undefined` means none.
   */
  setTracker(tracker: WireTrackerChanges | undefined, where?: Where): void;
  /** What CTS has written down, and synthetic traffic if it was asked for. */
  readonly traces: EmulatorTraces;
  /** What a person does in the web console. */
  readonly console: EmulatorConsole;
  /** All trackers that exist, as `tracker()` shows them. */
  trackers(): { region: string; projectId: string; tracker: WireTracker }[];
  /**
   * Trackers, traces, buckets, notifications, topics, faults, journal, behaviour, tokens, locked keys and rate back to how the
   * emulator was started.
   */
  reset(): void;
  /** Makes every token issued so far invalid: the next call with one is answered 401. */
  revokeTokens(): void;
  /** Stops listening and closes every connection, also those that wait for an answer, also to subscribers. */
  close(): Promise<void>;
}

const operations: Operation[] = [
  ...iamOperations,
  ...versionOperations,
  ...trackerOperations,
  ...trackerV1Operations,
  ...traceOperations,
  ...notificationOperations,
  ...quotaOperations,
];

/**
 * Starts an emulator on 127.0.0.1.
 *
 * @throws Error with `code: "EADDRINUSE"` when the port is taken, or one that says what is wrong with the options.
 */
export async function startEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const startBehaviour: Behaviour = { ...defaultBehaviour, ...parseBehaviour(options.behaviour ?? {}) };
  const world = createWorld(options, { ...startBehaviour });
  const app = new Hono<{ Bindings: HttpBindings }>({ strict: false });
  const listener = getRequestListener(app.fetch, { overrideGlobalObjects: false });
  const server = createServer(guard(listener, options.allowedHosts ?? []));
  // With Node's 5 seconds, who is busy for longer loses the next call: its connection is closed while it sends.
  server.keepAliveTimeout = 60_000;
  const emulator = createEmulator(world, startBehaviour, server);
  app.route("/_emulator", controlRoutes(emulator));
  mountOperations(app, world);
  await listen(server, options.port ?? 0);
  world.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return emulator;
}

function createWorld(options: EmulatorOptions, behaviour: Behaviour): World {
  const clock = options.clock ?? Date.now;
  const account = resolveAccount(options);
  const world: World = {
    url: "",
    account,
    behaviour,
    store: new Store(account, behaviour, clock),
    traces: new Traces(account, resolveTraffic(options), () => Math.floor(clock())),
    notifications: new Notifications(account, behaviour, clock),
    topics: new Topics(clock),
    tokens: new Tokens(options.tokenLifetimeMs ?? 24 * 60 * 60 * 1000, clock),
    keys: new Keys(account.keys, clock),
    throttle: new Throttle(clock),
    turns: new Turns(),
    faults: new Faults(options.random ?? Math.random),
    journal: new Journal(),
    clock,
    // A wait that is not over must not keep a process alive whose emulator is closed.
    sleep: options.sleep ?? ((ms) => realSleep(ms, undefined, { ref: false })),
  };
  recordTrackersMade(world);
  return world;
}

function createEmulator(world: World, startBehaviour: Behaviour, server: Server): Emulator {
  const { account, behaviour, store, faults, journal, tokens } = world;
  const { forget, ...foreign } = createForeignResources(world);
  const show = (place: Place): WireTracker | undefined => {
    const tracker = store.current(place);
    return tracker && toWireTracker(world, place, tracker);
  };
  return {
    get url() {
      return world.url;
    },
    get authUrl() {
      return `${world.url}/v3`;
    },
    endpoint: (region) => endpointOf(world, findRegion(account, region)),
    settings: (where, how) => settingsFor(world, where, how),
    keys: account.keys,
    projectId: (name) => (name === undefined ? account.projects[0] : findProject(account, name)).id,
    behaviour,
    faults,
    journal,
    tracker: (where) => show(findPlace(account, where)),
    setTracker: (tracker, where) =>
      store.replace(findPlace(account, where), tracker && completeSettings(tracker)),
    traces: {
      add: (traces, where) => structuredClone(world.traces.add(findPlace(account, where), [traces].flat())),
      list: (where) => world.traces.list(findPlace(account, where)),
      clear: () => world.traces.clear(),
    },
    console: createConsole(world),
    ...createEvents(world),
    ...foreign,
    trackers: () =>
      store.places().flatMap((place) => {
        const tracker = show(place);
        return tracker ? [{ ...place, tracker }] : [];
      }),
    reset: () => {
      Object.assign(behaviour, startBehaviour);
      store.reset();
      world.traces.reset();
      forget();
      recordTrackersMade(world);
      world.notifications.reset();
      world.topics.reset();
      faults.clear();
      journal.clear();
      tokens.revokeAll();
      world.keys.reset();
      world.throttle.reset();
    },
    revokeTokens: () => tokens.revokeAll(),
    close: async () => {
      await Promise.all([world.topics.close(), close(server)]);
    },
  };
}

/** CTS is served below each region, and without a region for the default one; IAM has no regions. */
function mountOperations(app: Hono<{ Bindings: HttpBindings }>, world: World): void {
  const [defaultRegion] = world.account.regions;
  for (const operation of operations) {
    const mount = (path: string, region: string): void => {
      app.on(operation.method, path, (c) => serveCall(world, operation, region, c));
    };
    mount(operation.path, defaultRegion);
    if (operation.service === "cts") {
      for (const region of world.account.regions) {
        mount(`/${region}${operation.path === "/" ? "" : operation.path}`, region);
      }
    }
  }
  app.notFound((c) => serveCall(world, unknownPath, defaultRegion, c));
  app.onError((error, c) => c.json({ error: `The emulator failed: ${error.message}` }, 500));
}

const unknownPath: Operation = {
  name: "unknown",
  service: "cts",
  method: "GET",
  path: "",
  access: "none",
  handle: () => {
    throw notPublished();
  },
};

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const isTaken = error.code === "EADDRINUSE";
      const message = isTaken ? `Port ${port} on 127.0.0.1 is taken.` : `Cannot listen on port ${port}.`;
      reject(Object.assign(new Error(message, { cause: error }), { code: error.code }));
    });
    server.listen(port, "127.0.0.1", resolve);
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
