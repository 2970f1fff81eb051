import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as realSleep } from "node:timers/promises";
import { getRequestListener, type HttpBindings } from "@hono/node-server";
import { Hono } from "hono";
import { AccessKeys } from "./auth/accessKeys";
import { settingsFor } from "./auth/signInSettings";
import { Tokens } from "./auth/tokens";
import { type Behaviour, DEFAULT_BEHAVIOUR, parseBehaviour } from "./behaviour";
import { createForeignResources } from "./console/otherServices";
import { createConsole } from "./console/tracker";
import { createEvents } from "./control/events";
import { servePage } from "./control/page";
import { controlRoutes } from "./control/routes";
import type { Emulator, EmulatorTraces } from "./emulator";
import { notPublished } from "./http/errors";
import { EventLoopTurns } from "./http/eventLoopTurns";
import { Faults } from "./http/faults";
import { guard } from "./http/guard";
import { Journal } from "./http/journal";
import type { Operation } from "./http/operation";
import { serveCall } from "./http/pipeline";
import { Throttle } from "./http/throttle";
import { type EmulatorOptions, resolveAccount, resolveTraffic } from "./options";
import type { Place } from "./place";
import { findPlace, findProject, findRegion } from "./place";
import { recordInitialTrackers } from "./recording/auditTrail";
import { iamOperations } from "./routes/iam";
import { notificationOperations } from "./routes/notifications";
import { quotaOperations } from "./routes/quotas";
import { traceOperations } from "./routes/traces";
import { toWireTracker, trackerOperations } from "./routes/trackers";
import { trackerV1Operations } from "./routes/trackersV1";
import { versionOperations } from "./routes/versions";
import { completeSettings } from "./rules/trackers";
import { type EmulatorState, endpointOf } from "./state/emulatorState";
import { NotificationStore } from "./state/notifications";
import { Topics } from "./state/topics";
import { TraceStore } from "./state/traces";
import { TrackerStore } from "./state/trackers";
import type { WireTracker } from "./wire/trackers";

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
  const startBehaviour: Behaviour = { ...DEFAULT_BEHAVIOUR, ...parseBehaviour(options.behaviour ?? {}) };
  const state = createState(options, startBehaviour);
  const app = new Hono<{ Bindings: HttpBindings }>({ strict: false });
  const listener = getRequestListener(app.fetch, { overrideGlobalObjects: false });
  const server = createServer(guard(listener, options.allowedHosts ?? []));
  // Node's default of 5 seconds closes the connection of a busy client while it sends its next call.
  server.keepAliveTimeout = 60_000;
  const emulator = createEmulator(state, startBehaviour, server);
  app.route("/_emulator", controlRoutes(emulator));
  app.get("/", servePage);
  mountOperations(app, state);
  await listen(server, options.port ?? 0);
  state.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return emulator;
}

function createState(options: EmulatorOptions, startBehaviour: Behaviour): EmulatorState {
  const behaviour = { ...startBehaviour };
  const clock = options.clock ?? Date.now;
  const account = resolveAccount(options);
  const state: EmulatorState = {
    url: "",
    account,
    behaviour,
    trackers: new TrackerStore(account, behaviour, clock),
    traces: new TraceStore(account, resolveTraffic(options), () => Math.floor(clock())),
    notifications: new NotificationStore(account, behaviour, clock),
    topics: new Topics(clock),
    tokens: new Tokens(options.tokenLifetimeMs ?? 24 * 60 * 60 * 1000, clock),
    keys: new AccessKeys(account.keys, clock),
    throttle: new Throttle(clock),
    turns: new EventLoopTurns(),
    faults: new Faults(options.random ?? Math.random),
    journal: new Journal(),
    foreignResources: new Map(),
    clock,
    // A pending wait must not keep the process of a closed emulator alive.
    sleep: options.sleep ?? ((ms) => realSleep(ms, undefined, { ref: false })),
  };
  resetState(state, startBehaviour);
  return state;
}

function createEmulator(state: EmulatorState, startBehaviour: Behaviour, server: Server): Emulator {
  const { account, behaviour, trackers, faults, journal, tokens } = state;
  const show = (place: Place): WireTracker | undefined => {
    const tracker = trackers.current(place);
    return tracker && toWireTracker(state, place, tracker);
  };
  return {
    get url() {
      return state.url;
    },
    get authUrl() {
      return `${state.url}/v3`;
    },
    endpoint: (region) => endpointOf(state, findRegion(account, region)),
    settings: (ref, how) => settingsFor(state, ref, how),
    keys: account.keys,
    projectId: (name) => (name === undefined ? account.projects[0] : findProject(account, name)).id,
    behaviour,
    faults,
    journal,
    tracker: (ref) => show(findPlace(account, ref)),
    setTracker: (tracker, ref) =>
      trackers.backdate(findPlace(account, ref), tracker && completeSettings(tracker)),
    traces: createTraces(state),
    console: createConsole(state),
    ...createEvents(state),
    ...createForeignResources(state),
    places: () =>
      account.projects.flatMap(({ id, name }) =>
        trackers
          .places()
          .filter(({ projectId }) => projectId === id)
          .map((place) => ({ ...place, project: name })),
      ),
    trackers: () =>
      trackers.places().flatMap((place) => {
        const tracker = show(place);
        return tracker ? [{ ...place, tracker }] : [];
      }),
    reset: () => resetState(state, startBehaviour),
    revokeTokens: () => tokens.revokeAll(),
    close: async () => {
      await Promise.all([state.topics.close(), close(server)]);
    },
  };
}

function createTraces({ account, traces }: EmulatorState): EmulatorTraces {
  return {
    add: (some, ref) => structuredClone(traces.add(findPlace(account, ref), [some].flat())),
    list: (ref, limit) => traces.list(findPlace(account, ref), limit),
    clear: () => traces.clear(),
  };
}

function resetState(state: EmulatorState, startBehaviour: Behaviour): void {
  Object.assign(state.behaviour, startBehaviour);
  state.trackers.reset();
  state.traces.reset();
  state.foreignResources.clear();
  state.notifications.reset();
  state.topics.reset();
  state.faults.clear();
  state.journal.clear();
  state.tokens.revokeAll();
  state.keys.reset();
  state.throttle.reset();
  recordInitialTrackers(state);
}

/** CTS is served below each region, and without a region for the default one; IAM has no regions. */
function mountOperations(app: Hono<{ Bindings: HttpBindings }>, state: EmulatorState): void {
  const [defaultRegion] = state.account.regions;
  for (const operation of operations) {
    const mount = (path: string, region: string): void => {
      app.on(operation.method, path, (c) => serveCall(state, operation, region, c));
    };
    mount(operation.path, defaultRegion);
    if (operation.service === "cts") {
      for (const region of state.account.regions) {
        mount(`/${region}${operation.path === "/" ? "" : operation.path}`, region);
      }
    }
  }
  app.notFound((c) => serveCall(state, unknownPath, defaultRegion, c));
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
