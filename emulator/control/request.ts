import type { HttpBindings } from "@hono/node-server";
import type { Context } from "hono";
import { checkDepth } from "../depth";
import { bodyOf } from "../http/guard";

/** The place in the path of a control call. */
export function placeRefOf(c: Context): { region: string; project: string } {
  return { region: c.req.param("region") ?? "", project: c.req.param("project") ?? "" };
}

/** @throws Error if the body is not JSON, or is nested too deep */
export function readJson(c: Context): unknown {
  const json = parseJson(bodyOf((c.env as HttpBindings).incoming).toString());
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
export function checkSettings(json: unknown, what: string, known: readonly string[]): object {
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
