import { type Context, Hono } from "hono";
import { z } from "zod";
import { parseBehaviour } from "../behaviour";
import type { ForeignChange } from "../console/otherServices";
import type { Emulator } from "../emulator";
import { type Faults, parseFault, parseRandomFaults } from "../http/faults";
import { parseAs } from "../parse";
import { DEFAULT_SETTINGS } from "../wire/trackers";
import { parseEvent } from "./events";
import { notificationRoutes } from "./notificationRoutes";
import { overviewOf } from "./overview";
import { serveFile } from "./page";
import { addAction, atConsole, placeRefOf, readJson } from "./request";

/**
 * Control over HTTP, below `/_emulator`: the methods of the emulator object. These calls are not in the journal, and
 * have no latency and no faults. A mistake is answered 400 `{"error": …}`.
 */
export function controlRoutes(emulator: Emulator): Hono {
  const app = new Hono();
  app.onError((error, c) => c.json({ error: error.message }, 400));
  for (const name of ["page.css", "page.js", "page.svg"] as const) {
    app.get(`/${name}`, (c) => serveFile(c, name));
  }
  app.get("/overview", (c) => c.json(overviewOf(emulator)));
  app.get("/trackers", (c) => c.json(emulator.trackers()));
  app.route("/traces", traceRoutes(emulator));
  app.post("/changes/:region/:project", (c) =>
    c.json(emulator.change(checkChange(readJson(c)), placeRefOf(c)), 201),
  );
  app.get("/resources/:id", (c) => {
    const resource = emulator.resource(c.req.param("id"));
    return resource ? c.json(resource) : c.json({ error: "There is no such resource." }, 404);
  });
  app.get("/journal", (c) => c.json(emulator.journal.entries));
  addAction(app, "DELETE", "/journal", () => emulator.journal.clear());
  app.get("/behaviour", (c) => c.json(emulator.behaviour));
  app.patch("/behaviour", (c) => c.json(Object.assign(emulator.behaviour, parseBehaviour(readJson(c)))));
  app.get("/faults", (c) => c.json(emulator.faults.list()));
  addAction(app, "POST", "/faults", (c) => plan(emulator.faults, readJson(c)));
  addAction(app, "DELETE", "/faults", () => emulator.faults.clear());
  addAction(app, "POST", "/reset", () => emulator.reset());
  app.route("/console/:region/:project/tracker", trackerRoutes(emulator));
  app.route("/console/:region/:project/notifications", notificationRoutes(emulator));
  app.post("/console/:region/:project/events", async (c) =>
    c.json(await emulator.emit(parseEvent(readJson(c)), placeRefOf(c))),
  );
  app.get("/topics", (c) => c.json(emulator.topics()));
  addAction(app, "POST", "/subscriptions", (c) => {
    const { topic_urn, url } = parseAs(subscriptionSchema, readJson(c), "subscription");
    emulator.subscribe(topic_urn, url);
  });
  app.get("/deliveries", (c) => c.json(emulator.deliveries));
  app.all("/*", (c) => c.json({ error: `The emulator has no ${c.req.method} ${c.req.path}.` }, 404));
  return app;
}

const subscriptionSchema = z.strictObject({ topic_urn: z.string(), url: z.string() });

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
  addAction(app, "DELETE", "/", () => emulator.traces.clear());
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
  addAction(app, "DELETE", "/", (c) => atConsole(emulator, c, "tracker").console.delete(placeRefOf(c)));
  app.post("/disable", (c) => act(c, "disable"));
  app.post("/enable", (c) => act(c, "enable"));
  return app;
}

const SETTINGS = [...Object.keys(DEFAULT_SETTINGS), "obs_info"];
