import { type Context, Hono } from "hono";
import { parseBehaviour } from "../behaviour";
import type { ForeignChange } from "../console/otherServices";
import type { Emulator } from "../emulator";
import { parseFault, parseRandomFaults } from "../http/faults";
import type { WireTrackerChanges } from "../wire/trackers";
import { eventRoutes, notificationRoutes, topicRoutes } from "./eventRoutes";
import { checkSettings, readJson, whereOf } from "./request";

/**
 * Control over HTTP, below `/_emulator`: the methods of the emulator object. These calls are not in the journal, and
 * have no latency and no faults. A mistake is answered 400 `{"error": …}`.
 */
export function controlRoutes(emulator: Emulator): Hono {
  const app = new Hono();
  app.onError((error, c) => c.json({ error: error.message }, 400));
  app.get("/trackers", (c) => c.json(emulator.trackers()));
  app.route("/traces", traceRoutes(emulator));
  app.post("/changes/:region/:project", (c) =>
    c.json(emulator.change(checkChange(readJson(c)), whereOf(c)), 201),
  );
  app.get("/resources/:id", (c) => {
    const resource = emulator.resource(c.req.param("id"));
    return resource ? c.json(resource) : c.json({ error: "There is no such resource." }, 404);
  });
  app.get("/journal", (c) => c.json(emulator.journal.entries));
  app.delete("/journal", (c) => {
    emulator.journal.clear();
    return c.body(null, 204);
  });
  app.get("/behaviour", (c) => c.json(emulator.behaviour));
  app.patch("/behaviour", (c) => {
    Object.assign(emulator.behaviour, parseBehaviour(readJson(c)));
    return c.json(emulator.behaviour);
  });
  app.post("/faults", (c) => {
    plan(emulator, readJson(c));
    return c.body(null, 204);
  });
  app.delete("/faults", (c) => {
    emulator.faults.clear();
    return c.body(null, 204);
  });
  app.post("/reset", (c) => {
    emulator.reset();
    return c.body(null, 204);
  });
  app.route("/console/:region/:project/tracker", consoleRoutes(emulator));
  app.route("/console/:region/:project/notifications", notificationRoutes(emulator));
  app.route("/console/:region/:project/events", eventRoutes(emulator));
  app.route("/", topicRoutes(emulator));
  app.all("/*", (c) => c.json({ error: `The emulator has no ${c.req.method} ${c.req.path}.` }, 404));
  return app;
}

/** Either one fault, or `{"random": {"rate": 0.3}}`. */
function plan(emulator: Emulator, json: unknown): void {
  if (typeof json === "object" && json !== null && "random" in json) {
    emulator.faults.random(parseRandomFaults(json.random));
  } else {
    emulator.faults.add(parseFault(json));
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
  app.get("/:region/:project", (c) => c.json(emulator.traces.list(whereOf(c))));
  app.post("/:region/:project", (c) => {
    const traces = [readJson(c)].flat();
    if (!traces.every((trace) => typeof trace === "object" && trace !== null)) {
      throw new Error("The body must be a JSON object with fields of a trace, or an array of such.");
    }
    return c.json(emulator.traces.add(traces, whereOf(c)), 201);
  });
  app.delete("/", (c) => {
    emulator.traces.clear();
    return c.body(null, 204);
  });
  return app;
}

function consoleRoutes(emulator: Emulator): Hono {
  const app = new Hono();
  const act = (c: Context, action: "create" | "enable" | "disable", status: 200 | 201 = 200): Response => {
    emulator.console[action](whereOf(c));
    return c.json(emulator.tracker(whereOf(c)) ?? null, status);
  };
  app.patch("/", (c) => {
    emulator.console.change(toChanges(readJson(c)), whereOf(c));
    return c.json(emulator.tracker(whereOf(c)) ?? null);
  });
  app.post("/", (c) => act(c, "create", 201));
  app.delete("/", (c) => {
    emulator.console.delete(whereOf(c));
    return c.body(null, 204);
  });
  app.post("/disable", (c) => act(c, "disable"));
  app.post("/enable", (c) => act(c, "enable"));
  return app;
}

function toChanges(json: unknown): WireTrackerChanges {
  return checkSettings(json, "tracker", ["status", "obs_info", "is_lts_enabled", "is_support_validate"]);
}
