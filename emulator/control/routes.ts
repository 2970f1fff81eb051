import { type Context, Hono } from "hono";
import { parseBehaviour } from "../behaviour";
import type { ForeignChange } from "../console/otherServices";
import type { Emulator } from "../emulator";
import { type Faults, parseFault, parseRandomFaults } from "../http/faults";
import { eventRoutes, notificationRoutes, topicRoutes } from "./eventRoutes";
import { overviewOf } from "./overview";
import { pageFileRoutes } from "./page";
import { atConsole, placeRefOf, readJson } from "./request";

/**
 * Control over HTTP, below `/_emulator`: the methods of the emulator object. These calls are not in the journal, and
 * have no latency and no faults. A mistake is answered 400 `{"error": …}`.
 */
export function controlRoutes(emulator: Emulator): Hono {
  const app = new Hono();
  app.onError((error, c) => c.json({ error: error.message }, 400));
  app.route("/", pageFileRoutes());
  app.get("/overview", (c) => c.json(overviewOf(emulator)));
  app.get("/trackers", (c) => c.json(emulator.trackers()));
  app.route("/traces", traceRoutes(emulator));
  app.route("/", foreignRoutes(emulator));
  app.route("/journal", journalRoutes(emulator));
  app.route("/behaviour", behaviourRoutes(emulator));
  app.route("/faults", faultRoutes(emulator));
  app.post("/reset", (c) => {
    emulator.reset();
    return c.body(null, 204);
  });
  app.route("/console/:region/:project/tracker", trackerRoutes(emulator));
  app.route("/console/:region/:project/notifications", notificationRoutes(emulator));
  app.route("/console/:region/:project/events", eventRoutes(emulator));
  app.route("/", topicRoutes(emulator));
  app.all("/*", (c) => c.json({ error: `The emulator has no ${c.req.method} ${c.req.path}.` }, 404));
  return app;
}

/** Changes of other services' resources. */
function foreignRoutes(emulator: Emulator): Hono {
  const app = new Hono();
  app.post("/changes/:region/:project", (c) =>
    c.json(emulator.change(checkChange(readJson(c)), placeRefOf(c)), 201),
  );
  app.get("/resources/:id", (c) => {
    const resource = emulator.resource(c.req.param("id"));
    return resource ? c.json(resource) : c.json({ error: "There is no such resource." }, 404);
  });
  return app;
}

function journalRoutes({ journal }: Emulator): Hono {
  const app = new Hono();
  app.get("/", (c) => c.json(journal.entries));
  app.delete("/", (c) => {
    journal.clear();
    return c.body(null, 204);
  });
  return app;
}

function behaviourRoutes({ behaviour }: Emulator): Hono {
  const app = new Hono();
  app.get("/", (c) => c.json(behaviour));
  app.patch("/", (c) => {
    Object.assign(behaviour, parseBehaviour(readJson(c)));
    return c.json(behaviour);
  });
  return app;
}

function faultRoutes({ faults }: Emulator): Hono {
  const app = new Hono();
  app.get("/", (c) => c.json(faults.list()));
  app.post("/", (c) => {
    plan(faults, readJson(c));
    return c.body(null, 204);
  });
  app.delete("/", (c) => {
    faults.clear();
    return c.body(null, 204);
  });
  return app;
}

/** Either one fault, or `{"random": {"rate": 0.3}}`. */
function plan(faults: Faults, json: unknown): void {
  if (typeof json === "object" && json !== null && "random" in json) {
    faults.random(parseRandomFaults(json.random));
  } else {
    faults.add(parseFault(json));
  }
}

function checkChange(json: unknown): ForeignChange {
  const { service_type, resource_type, trace_name } = (json ?? {}) as Partial<ForeignChange>;
  if (![service_type, resource_type, trace_name].every((each) => typeof each === "string")) {
    throw new Error("A change needs service_type, resource_type and trace_name.");
  }
  return json as ForeignChange;
}

function traceRoutes(emulator: Emulator): Hono {
  const app = new Hono();
  app.get("/:region/:project", (c) => c.json(emulator.traces.list(placeRefOf(c))));
  app.post("/:region/:project", (c) => {
    const traces = [readJson(c)].flat();
    if (!traces.every((trace) => typeof trace === "object" && trace !== null)) {
      throw new Error("The body must be a JSON object with fields of a trace, or an array of such.");
    }
    return c.json(emulator.traces.add(traces, placeRefOf(c)), 201);
  });
  app.delete("/", (c) => {
    emulator.traces.clear();
    return c.body(null, 204);
  });
  return app;
}

function trackerRoutes(emulator: Emulator): Hono {
  const app = new Hono();
  const act = (c: Context, action: "create" | "enable" | "disable", status: 200 | 201 = 200): Response => {
    atConsole(emulator, c, "tracker").console[action](placeRefOf(c));
    return c.json(emulator.tracker(placeRefOf(c)) ?? null, status);
  };
  app.patch("/", (c) => {
    const { console, settings } = atConsole(emulator, c, "tracker", SETTINGS);
    console.change(settings, placeRefOf(c));
    return c.json(emulator.tracker(placeRefOf(c)) ?? null);
  });
  app.post("/", (c) => act(c, "create", 201));
  app.delete("/", (c) => {
    atConsole(emulator, c, "tracker").console.delete(placeRefOf(c));
    return c.body(null, 204);
  });
  app.post("/disable", (c) => act(c, "disable"));
  app.post("/enable", (c) => act(c, "enable"));
  return app;
}

const SETTINGS = ["status", "obs_info", "is_lts_enabled", "is_support_validate"];
