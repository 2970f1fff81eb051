/**
 * The emulator's page. All names come from programs and may be hostile: they reach the document as text only.
 *
 * @typedef {{ region: string, projectId: string, project: string, tracker: Tracker | null, notifications: Notice[] }} Place
 * @typedef {{ status: string, detail?: string, is_support_validate: boolean, lts: { is_lts_enabled: boolean }, obs_info: Record<string, unknown> }} Tracker
 * @typedef {{ notification_id: string, notification_name: string, operation_type: string, status: string, topic_id?: string }} Notice
 * @typedef {{ kind: string, status?: number, when?: string, match?: { service?: string, operation?: string, method?: string } }} Fault
 * @typedef {Record<string, any>} Entry
 * @typedef {{ places: Place[], traces: Entry[], calls: Entry[], messages: Entry[], faults: { planned: { fault: Fault, timesLeft: number }[], random: { rate: number } }, obs: string }} Overview
 * @typedef {Node | string | undefined | false} Child
 */

const POLL_MS = 1000;

/** The faults that the page offers, by their names in the list. */
const FAULTS = {
  "answer 503": { kind: "status", status: 503 },
  "answer 429, retry after 1 s": { kind: "status", status: 429, retryAfter: 1 },
  "answer 500 by CTS": { kind: "status", status: 500 },
  "answer 401": { kind: "status", status: 401 },
  "answer 403": { kind: "status", status: 403 },
  "connection reset, not carried out": { kind: "reset" },
  "connection reset, carried out": { kind: "reset", when: "after" },
  "no answer for 30 s": { kind: "timeout", hangMs: 30_000 },
  "answer cut off": { kind: "truncated", when: "after" },
  "answer of a wrong form": { kind: "wrongJson", when: "after" },
  "page of a gateway, 502": { kind: "html" },
};

/**
 * @param {string} id
 * @returns {any}
 */
const byId = (id) => document.getElementById(id);

/**
 * Makes an element. Children that are strings become text, never markup.
 *
 * @param {string} tag
 * @param {Record<string, unknown>} properties
 * @param {...Child} children
 */
function make(tag, properties, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children.filter((child) => child !== undefined && child !== false));
  return element;
}

/**
 * A button that keeps the focus when its section is drawn again.
 *
 * @param {string} key unique in the page
 * @param {string} text
 * @param {string} about completes the name for screen readers
 * @param {() => unknown} action
 */
function button(key, text, about, action) {
  const made = make("button", { type: "button", ariaLabel: `${text} ${about}`, onclick: action }, text);
  made.dataset["key"] = key;
  return made;
}

/** @param {number} ms since 1970 */
function time(ms) {
  const date = new Date(ms);
  const text = Number.isNaN(date.getTime()) ? "?" : date.toLocaleTimeString("en-GB");
  return make("time", { title: text === "?" ? "" : date.toISOString() }, text);
}

/** @param {unknown} value of a trace: services write fields in many ways */
const toText = (value) => (typeof value === "string" ? value : JSON.stringify(value));

/** @param {unknown} value @param {string} tone `good`, `warn` or `bad` */
const badge = (value, tone) => make("span", { className: `badge ${tone}` }, toText(value));

/** @param {string} text @param {boolean} isBad */
function say(text, isBad = false) {
  byId("message").textContent = text;
  byId("message").className = isBad ? "bad" : "";
}

/**
 * Calls a control route, says how it ended, and shows the result.
 *
 * @param {string} done the message after success
 * @param {string} method
 * @param {string} path
 * @param {unknown} [body]
 */
async function act(done, method, path, body) {
  try {
    const response = await fetch(`/_emulator${path}`, {
      method,
      body: body === undefined ? null : JSON.stringify(body),
    });
    if (!response.ok) {
      const { error } = await response.json();
      throw new Error(error);
    }
    await refresh();
    say(done);
  } catch (error) {
    say(`Failed: ${error instanceof Error ? error.message : error}`, true);
  }
}

/**
 * Does what a person does at the console, as the person that the page names.
 *
 * @param {string} done the message after success
 * @param {string} method
 * @param {string} path by {@link consolePath}
 * @param {Record<string, unknown>} [settings]
 */
function actAtConsole(done, method, path, settings) {
  const user = byId("user").value.trim();
  return act(done, method, path, { ...settings, ...(user && { user }) });
}

/** @param {Place} place */
const nameOf = ({ region, project }) => `${region}/${project}`;

/** @param {Place} place @param {string} kind @param {...string} rest */
const consolePath = ({ region, projectId }, kind, ...rest) =>
  ["/console", region, projectId, kind, ...rest]
    .map((part, i) => (i ? encodeURIComponent(part) : part))
    .join("/");

/** @param {string} status */
const toneOf = (status) => (status === "enabled" ? "good" : status === "error" ? "bad" : "warn");

/** @param {Place} place */
function placeCard(place) {
  const { tracker } = place;
  const name = nameOf(place);
  const path = consolePath(place, "tracker");
  const about = `the tracker of ${name}`;
  /** @param {string} key @param {string} text @param {() => unknown} action @param {string} [of] */
  const control = (key, text, action, of = about) => button(`${key} ${name}`, text, of, action);
  const isDisabled = tracker?.status === "disabled";
  const [verb, past] = isDisabled ? ["enable", "Enabled"] : ["disable", "Disabled"];
  const buttons = tracker
    ? [
        control("toggle", isDisabled ? "Enable" : "Disable", () =>
          actAtConsole(`${past} ${about}.`, "POST", `${path}/${verb}`),
        ),
        control("change", "Change…", () => changeTracker(place, tracker)),
        control("delete", "Delete", () => actAtConsole(`Deleted ${about}.`, "DELETE", path)),
      ]
    : [
        control(
          "toggle",
          "Create tracker",
          () => actAtConsole(`Created ${about}.`, "POST", path),
          `in ${name}`,
        ),
      ];
  return make(
    "article",
    {},
    make(
      "h3",
      {},
      make("span", {}, place.project),
      make("span", { className: "dim" }, place.region),
      tracker
        ? badge(
            tracker.detail ? `${tracker.status}: ${tracker.detail}` : tracker.status,
            toneOf(tracker.status),
          )
        : badge("no tracker", "bad"),
    ),
    tracker !== null && settingsOf(tracker),
    make(
      "p",
      { className: "buttons" },
      ...buttons,
      control("notify", "New notification…", () => editNotification(place), `in ${name}`),
    ),
    make("ul", {}, ...place.notifications.map((notice) => notificationRow(place, notice))),
  );
}

/** @param {Tracker} tracker */
function settingsOf({ obs_info, lts, is_support_validate }) {
  const bucket = String(obs_info["bucket_name"] ?? "");
  const details = [obs_info["compress_type"], obs_info["is_sort_by_service"] && "sorted by service"];
  /** @type {[string, string][]} */
  const rows = [
    ["bucket", bucket || "none"],
    ["prefix", String(obs_info["file_prefix_name"] || "none")],
    ["files", details.filter(Boolean).join(", ")],
    ["log tank", lts.is_lts_enabled ? "on" : "off"],
    ["digest files", is_support_validate ? "on" : "off"],
  ];
  const shown = rows.filter(([term]) => bucket || !["prefix", "files"].includes(term));
  return make("dl", {}, ...shown.flatMap(([term, text]) => [make("dt", {}, term), make("dd", {}, text)]));
}

/** @param {Place} place @param {Notice} notice */
function notificationRow(place, notice) {
  const { notification_name: name, notification_id: id, status } = notice;
  const path = consolePath(place, "notifications", name);
  const about = `the notification ${name}`;
  const [verb, past] = status === "enabled" ? ["disable", "Disabled"] : ["enable", "Enabled"];
  return make(
    "li",
    { className: "row" },
    make("span", {}, name, " ", badge(status, toneOf(status))),
    make(
      "span",
      { className: "buttons" },
      button(`toggle ${id}`, verb === "enable" ? "Enable" : "Disable", about, () =>
        actAtConsole(`${past} ${about}.`, "POST", `${path}/${verb}`),
      ),
      button(`change ${id}`, "Change…", about, () => editNotification(place, notice)),
      button(`delete ${id}`, "Delete", about, () => actAtConsole(`Deleted ${about}.`, "DELETE", path)),
    ),
  );
}

/**
 * Opens a dialog, and hands over its values when they are saved.
 *
 * @param {string} id
 * @param {string} title
 * @param {Record<string, string | boolean>} values by the names of the fields
 * @param {(values: Record<string, any>) => unknown} save
 */
function ask(id, title, values, save) {
  const dialog = byId(`${id}-dialog`);
  const { elements } = dialog.querySelector("form");
  byId(`${id}-title`).textContent = title;
  for (const [name, value] of Object.entries(values)) {
    elements[name][typeof value === "boolean" ? "checked" : "value"] = value;
  }
  const opener = focusedKey();
  dialog.returnValue = "";
  dialog.onclose = () => {
    if (opener !== undefined) {
      focusOn(opener);
    }
    if (dialog.returnValue === "save") {
      const said = Object.entries(values).map(([name, value]) => [
        name,
        typeof value === "boolean" ? elements[name].checked : elements[name].value.trim(),
      ]);
      save(Object.fromEntries(said));
    }
  };
  dialog.showModal();
}

/** @param {Place} place @param {Tracker} tracker */
function changeTracker(place, tracker) {
  const about = `the tracker of ${nameOf(place)}`;
  const values = {
    bucket: String(tracker.obs_info["bucket_name"] ?? ""),
    prefix: String(tracker.obs_info["file_prefix_name"] ?? ""),
    lts: tracker.lts.is_lts_enabled,
    validate: tracker.is_support_validate,
  };
  ask("tracker", `Change ${about}`, values, ({ bucket, prefix, lts, validate }) =>
    actAtConsole(`Changed ${about}.`, "PATCH", consolePath(place, "tracker"), {
      obs_info: { bucket_name: bucket, ...(bucket && { file_prefix_name: prefix }) },
      is_lts_enabled: lts,
      is_support_validate: validate,
    }),
  );
}

/** @param {Place} place @param {Notice} [notice] the one to change; absent for a new one */
function editNotification(place, notice) {
  const topic = notice ? (notice.topic_id ?? "") : `urn:smn:${place.region}:${place.projectId}:alarm`;
  const values = { name: notice?.notification_name ?? "", topic, url: "" };
  const title = notice ? `Change the notification ${values.name}` : `New notification in ${nameOf(place)}`;
  ask("notification", title, values, async ({ name, topic, url }) => {
    const path = consolePath(place, "notifications", ...(notice ? [values.name] : []));
    const changes = {
      notification_name: name,
      topic_id: topic || null,
      ...(notice && !topic && { status: "disabled" }),
    };
    await actAtConsole(`Saved the notification ${name}.`, notice ? "PATCH" : "POST", path, changes);
    if (url) {
      await act(`Messages of ${topic} go to ${url}.`, "POST", "/subscriptions", { topic_urn: topic, url });
    }
  });
}

/** @param {Entry} trace */
function traceRow({
  trace_id,
  time: at,
  trace_name,
  trace_rating,
  trace_type,
  service_type,
  resource_name,
  user,
  project,
}) {
  const tone = trace_rating === "normal" ? "good" : trace_rating === "incident" ? "bad" : "warn";
  const about = [userName(user), trace_type, service_type, resource_name, project];
  return row(trace_id, at, trace_name ?? "(no name)", badge(trace_rating ?? "no rating", tone), about);
}

/** @param {unknown} user an object, or JSON of one */
function userName(user) {
  try {
    const known = typeof user === "string" ? JSON.parse(user) : user;
    return known?.name || "the service";
  } catch {
    return user;
  }
}

/** @param {Entry} call */
function callRow({ requestId, at, method, path, projectId, operation, status, fault, auth }) {
  const tone = fault || status >= 500 ? "bad" : status >= 400 ? "warn" : "good";
  const short = projectId ? path.replace(projectId, "…") : path;
  const outcome = [status ?? "no answer", fault && `fault: ${fault.kind}`].filter(Boolean).join(", ");
  return row(requestId, at, operation, badge(outcome, tone), [`${method} ${short}`, auth && `by ${auth}`]);
}

/** @param {Entry} message */
function messageRow({ messageId, at, notificationName, url, status, error }) {
  const outcome = error
    ? badge("failed", "bad")
    : badge(status ? `arrived, ${status}` : "on its way", "good");
  return row(`${messageId} ${url}`, at, notificationName, outcome, [url, error]);
}

/**
 * @param {string} id of the entry, to mark the new ones
 * @param {number} at
 * @param {unknown} title
 * @param {Node} outcome
 * @param {unknown[]} about
 */
function row(id, at, title, outcome, about) {
  const made = make(
    "li",
    {},
    time(at),
    make("span", {}, toText(title)),
    outcome,
    make("span", { className: "dim" }, about.filter(Boolean).map(toText).join(" · ")),
  );
  made.dataset["id"] = String(id);
  return made;
}

/** @param {string} id @param {HTMLElement[]} rows @param {string} none the text of an empty list */
function drawLog(id, rows, none) {
  const list = byId(id);
  const known = new Set([...list.children].map((each) => each.dataset.id));
  for (const each of rows) {
    each.classList.toggle("new", known.size > 0 && !known.has(each.dataset["id"]));
  }
  list.replaceChildren(...(rows.length > 0 ? rows : [make("li", { className: "dim" }, none)]));
}

/** @param {Overview["faults"]} faults */
function drawFaults({ planned, random }) {
  const lines = planned.map(({ fault: { kind, status, when, match = {} }, timesLeft }) => {
    const where = [match.service, match.operation, match.method].filter(Boolean).join(" ");
    const what = [kind, status, when === "after" && "(carried out)"].filter(Boolean).join(" ");
    return `${what}: calls to hit: ${timesLeft}${where && ` of ${where}`}`;
  });
  if (random.rate > 0) {
    lines.push(`at random: ${Math.round(random.rate * 100)} % of calls`);
  }
  const clear = button("clear", "Clear", "all faults", () => act("Cleared all faults.", "DELETE", "/faults"));
  byId("faults").replaceChildren(
    ...lines.map((line) => make("li", { className: "warn" }, line)),
    lines.length > 0 ? make("li", {}, clear) : make("li", { className: "dim" }, "None in force."),
  );
}

/** The key of the button that has the focus. */
function focusedKey() {
  return document.activeElement instanceof HTMLElement ? document.activeElement.dataset["key"] : undefined;
}

/** @param {Overview} overview */
function draw({ places, traces, calls, messages, faults, obs }) {
  const focused = focusedKey();
  byId("places").replaceChildren(...places.map(placeCard));
  drawLog("traces", traces.map(traceRow), "None yet. Changes here and calls of programs leave traces.");
  drawLog("calls", calls.map(callRow), "None yet. The page's own calls are not shown.");
  drawLog(
    "messages",
    messages.map(messageRow),
    "None yet. A message needs an enabled notification with a subscriber.",
  );
  drawFaults(faults);
  if (document.activeElement !== byId("obs").elements.obs) {
    byId("obs").elements.obs.value = obs;
  }
  if (focused !== undefined) {
    focusOn(focused);
  }
}

/**
 * Focuses a button that may have been drawn again. Where it is gone: the one that brings its thing back, or the message.
 *
 * @param {string} key
 */
function focusOn(key) {
  const buttons = [...document.querySelectorAll("button")];
  const wanted = [key, key.replace(/^\w+/, "toggle")];
  const found = wanted.flatMap((each) => buttons.filter(({ dataset }) => dataset["key"] === each))[0];
  (found ?? byId("message")).focus();
}

/** The last answer: the page is drawn only when it changes. */
let drawn = "";
/** Numbers of the last question and of the last answer: answers may overtake each other. */
const turns = { asked: 0, answered: 0 };
/** The states of the trackers, to announce changes by others. */
let states = new Map();

async function refresh() {
  turns.asked += 1;
  const turn = turns.asked;
  try {
    const response = await fetch("/_emulator/overview");
    const text = await response.text();
    if (!response.ok) {
      throw new Error(text);
    }
    showConnection("live", `live at ${location.host}`);
    if (text === drawn || turn < turns.answered) {
      return;
    }
    turns.answered = turn;
    drawn = text;
    const overview = JSON.parse(text);
    draw(overview);
    announce(overview.places);
  } catch {
    showConnection("lost", "The emulator does not answer. Is it still running?");
  }
}

/** @param {string} className @param {string} text */
function showConnection(className, text) {
  const element = byId("connection");
  if (element.className !== className) {
    Object.assign(element, { className, textContent: text });
  }
}

/** @param {Place[]} places */
function announce(places) {
  const now = new Map(places.map((place) => [nameOf(place), place.tracker?.status ?? "deleted"]));
  const changed = [...now].filter(([name, status]) => states.size > 0 && states.get(name) !== status);
  states = now;
  if (changed.length > 0) {
    say(changed.map(([name, status]) => `The tracker of ${name} is ${status}.`).join(" "));
  }
}

/** Asks each second, unless the tab is hidden. */
async function poll() {
  if (!document.hidden) {
    await refresh();
  }
  setTimeout(poll, POLL_MS);
}

byId("reset").onclick = () => act("Everything is as at the start.", "POST", "/reset");
byId("fault").elements.kind.append(
  ...[...Object.keys(FAULTS), "30 % of calls fail"].map((name) => make("option", {}, name)),
);
byId("fault").onsubmit = (/** @type {SubmitEvent} */ event) => {
  event.preventDefault();
  const { kind, service, times } = byId("fault").elements;
  const fault = Object.entries(FAULTS).find(([name]) => name === kind.value)?.[1];
  const match = service.value ? { match: { service: service.value } } : {};
  const services = service.value ? { services: [service.value] } : {};
  const body = fault
    ? { ...fault, times: Number(times.value), ...match }
    : { random: { rate: 0.3, ...services } };
  act(`Planned: ${kind.value}.`, "POST", "/faults", body);
};
byId("obs").elements.obs.onchange = (/** @type {{ target: HTMLSelectElement }} */ { target }) =>
  act("Changed the state of the bucket.", "PATCH", "/behaviour", { obs: target.value });
document.addEventListener("visibilitychange", () => document.hidden || refresh());
poll();
