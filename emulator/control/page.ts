import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Context, Handler } from "hono";

const FILES = {
  "page.html": "text/html; charset=utf-8",
  "page.css": "text/css; charset=utf-8",
  "page.js": "text/javascript; charset=utf-8",
  "page.svg": "image/svg+xml",
};

const HEADERS = {
  "Content-Security-Policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
  "Cache-Control": "no-store",
};

/** The emulator's page at `/`, for callers that accept HTML. Programs get the versions of the API there. */
export const servePage: Handler = (c, next) =>
  c.req.header("Accept")?.includes("text/html") ? serveFile(c, "page.html") : next();

/** Serves the page or a file that it loads. */
export function serveFile(c: Context, name: keyof typeof FILES): Response {
  const text = readFileSync(join(__dirname, "..", "page", name), "utf8");
  return c.body(text, 200, { ...HEADERS, "Content-Type": FILES[name], Vary: "Accept" });
}
