import type { HttpBindings } from "@hono/node-server";
import type { Context, Hono } from "hono";
import type { EmulatorConsole } from "../console/tracker";
import { checkDepth } from "../depth";
import type { Emulator } from "../emulator";
import { bodyOf } from "../http/guard";

/** The place in the path of a control call. */
export function placeRefOf(c: Context): { region: string; project: string } {
  return { region: c.req.param("region") ?? "", project: c.req.param("project") ?? "" };
}

/** Adds a route that acts, and answers 204. */
export function addAction(app: Hono, method: string, path: string, act: (c: Context) => void): void {
  app.on(method, path, (c) => {
    act(c);
    return c.body(null, 204);
  });
}

/**
 * The console of the person that the body names as `user`, or of the usual one, and the rest of the body.
 *
 * @param what the owner of the settings, for example `tracker`
 * @param known its settings that the call takes. @defaultValue none: the body may be empty
 * @throws Error that says what is wrong with the body
 */
export function atConsole(
  { console }: Emulator,
  c: Context,
  what: string,
  known: readonly string[] = [],
): { console: EmulatorConsole; settings: object } {
  const json = readJson(c, known.length > 0 ? "" : "{}");
  const { user, ...settings } = checkSettings(json, what, ["user", ...known]) as { user?: unknown };
  if (user === undefined) {
    return { console, settings };
  }
  if (typeof user !== "string") {
    throw new Error("user must be the name of the person at the console.");
  }
  return { console: console.as(user), settings };
}

/**
 * @param none stands for an empty body. @defaultValue an empty body is refused
 * @throws Error if the body is not JSON, or is nested too deep
 */
export function readJson(c: Context, none = ""): unknown {
  const json = parseJson(bodyOf((c.env as HttpBindings).incoming).toString() || none);
  checkDepth("The body", json);
  return json;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error("The body must be JSON.");
  }
}

/**
 * Checks only that it is an object of known settings; the caller checks their values.
 *
 * @param what the owner of the settings, for example `tracker`
 * @throws Error that names the unknown settings, and the known ones
 */
function checkSettings(json: unknown, what: string, known: readonly string[]): object {
  if (typeof json !== "object" || json === null || Array.isArray(json)) {
    throw new Error(`The body must be a JSON object with settings of the ${what}.`);
  }
  const unknown = Object.keys(json).filter((key) => !known.includes(key));
  if (unknown.length > 0) {
    throw new Error(
      `Not a setting of a ${what}: ${unknown.join(", ")}. The settings are: ${known.join(", ")}.`,
    );
  }
  return json;
}
