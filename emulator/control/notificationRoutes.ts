import { type Context, Hono } from "hono";
import type { EmulatorConsole } from "../console/tracker";
import type { Emulator } from "../emulator";
import type { WireNotificationChanges } from "../wire/notifications";
import { addAction, atConsole, placeRefOf } from "./request";

/** Routes for a person's actions on the notifications of a place. */
export function notificationRoutes(emulator: Emulator): Hono {
  const app = new Hono();
  const notificationsFor = (c: Context) => atConsole(emulator, c, "notification").console.notifications;
  const show = (c: Context, name: string | undefined, status: 200 | 201 = 200): Response => {
    const found = emulator.notifications(placeRefOf(c)).find((one) => one.notification_name === name);
    return c.json(found ?? null, status);
  };
  app.get("/", (c) => c.json(emulator.notifications(placeRefOf(c))));
  app.post("/", (c) => {
    const { console, changes } = changesBy(emulator, c);
    const { notification_name = "", ...settings } = changes;
    console.notifications.create({ notification_name, ...settings }, placeRefOf(c));
    return show(c, notification_name, 201);
  });
  app.patch("/:name", (c) => {
    const { console, changes } = changesBy(emulator, c);
    console.notifications.change(c.req.param("name"), changes, placeRefOf(c));
    return show(c, changes.notification_name ?? c.req.param("name"));
  });
  addAction(app, "DELETE", "/:name", (c) =>
    notificationsFor(c).delete(c.req.param("name") ?? "", placeRefOf(c)),
  );
  for (const act of ["disable", "enable"] as const) {
    app.post(`/:name/${act}`, (c) => {
      notificationsFor(c)[act](c.req.param("name"), placeRefOf(c));
      return show(c, c.req.param("name"));
    });
  }
  return app;
}

const SETTINGS = [
  "notification_name",
  "operation_type",
  "operations",
  "notify_user_list",
  "status",
  "topic_id",
  "filter",
];

/** As JSON has no `undefined`, null says that something is not set. */
function changesBy(
  emulator: Emulator,
  c: Context,
): { console: EmulatorConsole; changes: WireNotificationChanges } {
  const { console, settings } = atConsole(emulator, c, "notification", SETTINGS);
  const changes = Object.entries(settings).map(([key, value]) => [key, value ?? undefined]);
  return { console, changes: Object.fromEntries(changes) };
}
