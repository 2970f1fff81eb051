import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as realSleep } from "node:timers/promises";
import { getRequestListener, type HttpBindings } from "@hono/node-server";
import { Hono } from "hono";
import { Keys } from "./auth/accessKeys";
import { settingsFor } from "./auth/signInSettings";
import { Tokens } from "./auth/tokens";
import { type Behaviour, defaultBehaviour, parseBehaviour } from "./behaviour";
import { createForeignResources } from "./console/otherServices";
import { completeSettings, createConsole } from "./console/tracker";
import { createEvents } from "./control/events";
import { controlRoutes } from "./control/routes";
import type { Emulator } from "./emulator";
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
import { recordTrackersMade } from "./recording/auditTrail";
import { iamOperations } from "./routes/iam";
import { notificationOperations } from "./routes/notifications";
import { quotaOperations } from "./routes/quotas";
import { traceOperations } from "./routes/traces";
import { toWireTracker, trackerOperations } from "./routes/trackers";
import { trackerV1Operations } from "./routes/trackersV1";
import { versionOperations } from "./routes/versions";
import { Notifications } from "./state/notifications";
import { endpointOf, findPlace, findProject, findRegion, type World } from "./state/state";
import { Topics } from "./state/topics";
import { Traces } from "./state/traces";
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
  const startBehaviour: Behaviour = { ...defaultBehaviour, ...parseBehaviour(options.behaviour ?? {}) };
  const world = createWorld(options, { ...startBehaviour });
  const app = new Hono<{ Bindings: HttpBindings }>({ strict: false });
  const listener = getRequestListener(app.fetch, { overrideGlobalObjects: false });
  const server = createServer(guard(listener, options.allowedHosts ?? []));
  // Node's default of 5 seconds closes the connection of a busy client while it sends its next call.
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
    store: new TrackerStore(account, behaviour, clock),
    traces: new Traces(account, resolveTraffic(options), () => Math.floor(clock())),
    notifications: new Notifications(account, behaviour, clock),
    topics: new Topics(clock),
    tokens: new Tokens(options.tokenLifetimeMs ?? 24 * 60 * 60 * 1000, clock),
    keys: new Keys(account.keys, clock),
    throttle: new Throttle(clock),
    turns: new EventLoopTurns(),
    faults: new Faults(options.random ?? Math.random),
    journal: new Journal(),
    clock,
    // A pending wait must not keep the process of a closed emulator alive.
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
