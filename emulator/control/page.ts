import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Context, Hono } from "hono";

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
export function pageRoute(): Hono {
  const app = new Hono();
  app.get("/", (c, next) =>
    c.req.header("Accept")?.includes("text/html") ? serveFile(c, "page.html") : next(),
  );
  return app;
}

/** The files that the page loads. */
export function pageFileRoutes(): Hono {
  const app = new Hono();
  for (const name of ["page.css", "page.js", "page.svg"] as const) {
    app.get(`/${name}`, (c) => serveFile(c, name));
  }
  return app;
}

function serveFile(c: Context, name: keyof typeof FILES): Response {
  const text = readFileSync(join(__dirname, "..", "page", name), "utf8");
  return c.body(text, 200, { ...HEADERS, "Content-Type": FILES[name], Vary: "Accept" });
}
