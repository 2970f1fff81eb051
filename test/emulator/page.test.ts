import type { Page } from "playwright-core";
import { Tracker } from "pulumi-otc-cts";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Emulator, startEmulator } from "../../emulator";
import { findChromium, openBrowser } from "../support/browser";
import { request, signIn } from "../support/emulator";
import { startProject } from "../support/project";

const HTML = { Accept: "text/html,application/xhtml+xml,*/*;q=0.8" };

let emulator: Emulator;
beforeAll(async () => {
  emulator = await startEmulator({ projects: [{ name: "eu-de_demo" }, { name: "eu-de_team" }] });
});
afterAll(() => emulator.close());
beforeEach(() => emulator.reset());

describe("GET / and the page's files", () => {
  const control = (path: string) => request(`${emulator.url}/_emulator${path}`);

  it("GET / is the page for a browser, under a strict content security policy", async () => {
    const { status, headers, text } = await request(`${emulator.url}/`, { headers: HTML });

    expect([status, headers.get("Content-Type")]).toEqual([200, "text/html; charset=utf-8"]);
    expect(text).toContain("<title>CTS emulator</title>");
    const policy = headers.get("Content-Security-Policy") ?? "";
    expect(policy.split("; ")).toEqual(
      expect.arrayContaining([
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "connect-src 'self'",
      ]),
    );
    expect(policy).not.toMatch(/unsafe|data:|\*/);
    expect(headers.get("X-Content-Type-Options")).toBe("nosniff");
  });

  it.each([undefined, "*/*", "application/json", "application/json, text/plain, */*"])(
    "GET / lists the versions of the API for a program that accepts %s",
    async (accept) => {
      const { headers, json } = await request(`${emulator.url}/`, {
        headers: accept ? { Accept: accept } : {},
      });

      expect(headers.get("Content-Type")).toBe("application/json");
      expect(json).toMatchObject({ versions: [{ id: "v3" }, { id: "v1.0" }] });
    },
  );

  it("GET /{region} lists the versions for a browser, too", async () => {
    expect((await request(`${emulator.url}/eu-de`, { headers: HTML })).json).toHaveProperty("versions");
  });

  it.each(["page.css", "page.js", "page.svg"])("serves %s", async (name) => {
    const { status, headers, text } = await control(`/${name}`);

    expect([status, text.length > 100]).toEqual([200, true]);
    expect(headers.get("Content-Security-Policy")).toContain("default-src 'none'");
  });

  it("the page loads nothing but its own files, and has no inline script or style", async () => {
    const { text } = await request(`${emulator.url}/`, { headers: HTML });

    const addresses = [...text.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, address]) => address);
    expect(addresses).toEqual(["/_emulator/page.svg", "/_emulator/page.css", "/_emulator/page.js"]);
    expect(text).not.toMatch(/<script>|<style|\sstyle=|\son[a-z]+=/);
    expect((await control("/page.js")).text).not.toMatch(
      /innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(/,
    );
  });

  it("calls of the page are not in the journal", async () => {
    await request(`${emulator.url}/`, { headers: HTML });
    await control("/overview");

    expect(emulator.journal.entries).toEqual([]);
  });
});

describe("GET /_emulator/overview", () => {
  const overview = async () =>
    (await request(`${emulator.url}/_emulator/overview`)).json as unknown as Overview;

  interface Overview {
    places: { region: string; project: string; tracker: unknown; notifications: unknown[] }[];
    traces: { trace_name: string; project: string; request?: unknown }[];
    calls: { operation: string }[];
    messages: unknown[];
    faults: unknown;
    obs: string;
  }

  it("shows each place with its tracker and notifications", async () => {
    emulator.console.delete({ project: "eu-de_team" });
    emulator.console.notifications.create({ notification_name: "all" });

    expect((await overview()).places).toEqual([
      expect.objectContaining({
        region: "eu-de",
        project: "eu-de_demo",
        tracker: emulator.tracker(),
        notifications: emulator.notifications(),
      }),
      expect.objectContaining({ project: "eu-de_team", tracker: null, notifications: [] }),
      expect.objectContaining({ region: "eu-nl", project: "eu-nl_demo", tracker: expect.anything() }),
    ]);
  });

  it("shows the 50 latest traces of all places and the 50 latest calls, newest first", async () => {
    const cts = await signIn(emulator);
    const now = Date.now();
    emulator.traces.add(Array.from({ length: 60 }, (_, i) => ({ time: now - 100 - i, trace_name: `t${i}` })));
    emulator.traces.add({ trace_name: "newest", time: now, request: "long" }, { region: "eu-nl" });
    for (let i = 0; i < 51; i += 1) {
      await cts.get();
    }

    const { traces, calls } = await overview();

    expect([traces.length, calls.length]).toEqual([50, 50]);
    expect(traces[0]).toMatchObject({ trace_name: "newest", project: "eu-nl_demo" });
    expect(traces[0]).not.toHaveProperty("request");
    expect(new Set(calls.map(({ operation }) => operation))).toEqual(new Set(["listTrackers"]));
  });

  it("shows the faults in force, which GET /_emulator/faults lists, too", async () => {
    emulator.faults.add({ kind: "reset", times: 2 });
    emulator.faults.random({ rate: 0.5 });
    await signIn(emulator).catch(() => undefined);

    const { faults } = await overview();

    expect(faults).toEqual({
      planned: [{ fault: { kind: "reset", times: 2 }, timesLeft: 1 }],
      random: { rate: 0.5 },
    });
    expect((await request(`${emulator.url}/_emulator/faults`)).json).toEqual(faults);
  });
});

const why = findChromium() ? "" : " (skipped: no Chromium on PATH)";

describe.skipIf(!findChromium())(`the page in Chromium${why}`, () => {
  let browser: Awaited<ReturnType<typeof openBrowser>>;
  let page: Page;
  /** Everything that the page must not do. */
  let complaints: string[];
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser.close());

  async function open(url = emulator.url, width = 1280): Promise<void> {
    page = await browser.newPage({ viewport: { width, height: 900 } });
    complaints = [];
    page.on("console", (message) => complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(String(error)));
    page.on("dialog", (dialog) => complaints.push(dialog.message()));
    page.on("request", (call) => {
      if (new URL(call.url()).origin !== new URL(url).origin) {
        complaints.push(call.url());
      }
    });
    await page.goto(url);
    await page.getByRole("article").first().waitFor();
  }

  beforeEach(() => {
    complaints = [];
  });
  afterEach(async () => {
    await page.close();
    expect(complaints).toEqual([]);
  });

  const press = (name: string) => page.getByRole("button", { name, exact: true }).click();
  const says = (text: string) => page.getByRole("status").filter({ hasText: text }).waitFor();
  const TRACKER = "the tracker of eu-de/eu-de_demo";

  it("a click on Disable is drift in the next preview", async () => {
    const project = await startProject();
    project.program = async () => {
      new Tracker("audit", { adopt: true });
    };
    await project.up();
    const clean = await project.preview({ refresh: true, expectNoChanges: true });
    await open(project.emulator.url);

    await press(`Disable ${TRACKER}`);
    await says(`Disabled ${TRACKER}.`);
    const drifted = await project.preview({ refresh: true, expectNoChanges: true });

    expect(clean.ok).toBe(true);
    expect(drifted).toMatchObject({ ok: false, steps: { audit: "update" } });
    expect(drifted.output).toMatch(/status.*"disabled" => "enabled"/);
  }, 240_000);

  it("disables, enables, deletes and creates a tracker", async () => {
    await open();

    await press(`Disable ${TRACKER}`);
    await page.getByText("disabled", { exact: true }).waitFor();
    const disabled = emulator.tracker()?.status;
    await press(`Enable ${TRACKER}`);
    await says(`Enabled ${TRACKER}.`);
    const enabled = emulator.tracker()?.status;
    await press(`Delete ${TRACKER}`);
    await page.getByText("no tracker").waitFor();
    const deleted = emulator.tracker();
    await press("Create tracker in eu-de/eu-de_demo");
    await says(`Created ${TRACKER}.`);

    expect([disabled, enabled, deleted]).toEqual(["disabled", "enabled", undefined]);
    expect(emulator.tracker()).toBeDefined();
    expect(
      emulator.traces
        .list()
        .slice(0, 4)
        .map(({ trace_type }) => trace_type),
    ).toEqual(new Array(4).fill("ConsoleAction"));
  });

  it("changes the bucket, the prefix and the flags of a tracker", async () => {
    await open();

    await press(`Change… ${TRACKER}`);
    await page.getByLabel("Bucket", { exact: true }).fill("audit-logs");
    await page.getByLabel("Prefix of files").fill("cts");
    await page.getByLabel("Digest files").check();
    await press("Save");
    await says(`Changed ${TRACKER}.`);
    const changed = emulator.tracker();
    await press(`Change… ${TRACKER}`);
    await page.getByLabel("Bucket", { exact: true }).fill("");
    await press("Save");
    await page.getByRole("article").first().filter({ hasNotText: "audit-logs" }).waitFor();

    expect(changed).toMatchObject({
      obs_info: { bucket_name: "audit-logs", file_prefix_name: "cts" },
      is_support_validate: true,
      lts: { is_lts_enabled: false },
    });
    expect(emulator.tracker()).toMatchObject({ obs_info: { bucket_name: "" }, is_support_validate: true });
  });

  it("does it as the person that is named, and as the default one where none is", async () => {
    await open();
    const alarm = "the notification alarm";

    await press(`Disable ${TRACKER}`);
    await says(`Disabled ${TRACKER}.`);
    await page.getByLabel("Person at the console").fill(" carol ");
    await press(`Enable ${TRACKER}`);
    await says(`Enabled ${TRACKER}.`);
    await press(`Change… ${TRACKER}`);
    await page.getByLabel("Prefix of files").press("Enter");
    await says(`Changed ${TRACKER}.`);
    await press("New notification… in eu-de/eu-de_demo");
    await page.getByLabel("Name").fill("alarm");
    await press("Save");
    await says(`Saved ${alarm}.`);
    await press(`Delete ${alarm}`);
    await says(`Deleted ${alarm}.`);
    await press(`Delete ${TRACKER}`);
    await says(`Deleted ${TRACKER}.`);

    const byConsole = emulator.traces.list().filter((trace) => trace.trace_type === "ConsoleAction");
    const people = byConsole.map(({ user }) => (user as { name: string }).name);
    expect(people).toEqual(["carol", "carol", "carol", "carol", "carol", "alice"]);
  });

  it("a cancelled dialog changes nothing", async () => {
    await open();

    await press(`Change… ${TRACKER}`);
    await page.getByLabel("Bucket", { exact: true }).fill("audit-logs");
    await press("Cancel");
    await press(`Change… ${TRACKER}`);
    await page.keyboard.press("Escape");

    expect(await page.getByRole("dialog").count()).toBe(0);
    expect(emulator.traces.list()[0]).toMatchObject({ trace_type: "SystemAction" });
  });

  it("creates, disables, changes and deletes a notification, and shows its messages", async () => {
    await open();
    const name = "the notification deletions";

    await page.getByRole("button", { name: "New notification… in eu-de/eu-de_demo" }).click();
    await page.getByLabel("Name").fill("deletions");
    await page.getByLabel("Post its messages to").fill("http://127.0.0.1:1/");
    await press("Save");
    await says("Messages of urn:smn:eu-de");
    const [created] = emulator.notifications();
    await press(`Disable ${TRACKER}`);
    await page.getByRole("region", { name: "Messages" }).getByText("failed").first().waitFor();
    await press(`Disable ${name}`);
    await says(`Disabled ${name}.`);
    const [disabled] = emulator.notifications();
    await press(`Change… ${name}`);
    await page.getByLabel("Topic").fill("");
    await press("Save");
    await says("Saved the notification deletions.");
    const [changed] = emulator.notifications();
    await press(`Delete ${name}`);
    await says(`Deleted ${name}.`);

    expect(created).toMatchObject({ status: "enabled", topic_id: emulator.topics()[0]?.urn });
    expect(disabled?.status).toBe("disabled");
    expect(changed).not.toHaveProperty("topic_id");
    expect(emulator.notifications()).toEqual([]);
  });

  it("plans and clears faults", async () => {
    await open();
    const faults = page.getByRole("region", { name: "Faults" });
    const kinds = await faults
      .getByRole("combobox", { name: "Fault", exact: true })
      .locator("option")
      .allTextContents();

    for (const kind of kinds) {
      await faults.getByRole("combobox", { name: "Fault", exact: true }).selectOption(kind);
      await faults.getByRole("spinbutton", { name: "for calls" }).fill("3");
      await press("Plan");
      await says(`Planned: ${kind}.`);
    }
    const { planned, random } = emulator.faults.list();
    await faults.getByRole("listitem").filter({ hasText: "30 % of calls" }).waitFor();
    await press("Clear all faults");
    await faults.getByText("None in force.").waitFor();

    expect(new Set(planned.map(({ fault }) => fault.kind))).toEqual(
      new Set(["status", "reset", "timeout", "truncated", "wrongJson", "html"]),
    );
    expect(planned.every(({ timesLeft }) => timesLeft === 3)).toBe(true);
    expect([planned.length, random]).toEqual([kinds.length - 1, { rate: 0.3 }]);
    expect(emulator.faults.list()).toEqual({ planned: [], random: { rate: 0 } });
  });

  it("makes the tracker unhealthy by the state of its bucket, and resets everything", async () => {
    emulator.console.change({ obs_info: { bucket_name: "audit-logs" } });
    await open();

    await page
      .getByRole("combobox", { name: "Bucket of a tracker that transfers traces" })
      .selectOption("does not exist");
    await page.getByText("error: noBucket").waitFor();
    await press("Reset everything");
    await says("Everything is as at the start.");

    expect(emulator.behaviour.obs).toBe("ok");
    expect(emulator.tracker()).toMatchObject({ obs_info: { bucket_name: "" } });
  });

  it("shows the calls, traces and faults of programs while they come, without a reload", async () => {
    await open();
    const cts = await signIn(emulator);
    await page.getByRole("region", { name: "Calls" }).getByText("createToken").waitFor();
    emulator.faults.add({ kind: "status", status: 503 });

    await cts.put({ status: "disabled" });
    await page.getByRole("region", { name: "Calls" }).getByText("503, fault: status").waitFor();
    await cts.put({ status: "disabled" });

    await page.getByRole("region", { name: "Traces" }).getByText("updateTracker").waitFor();
    await says("The tracker of eu-de/eu-de_demo is disabled.");
  });

  it("asks nothing while its tab is hidden, and catches up afterwards", async () => {
    await open();
    await page.clock.install();
    await page.reload();
    await page.getByRole("article").first().waitFor();
    let calls = 0;
    page.on("request", () => {
      calls += 1;
    });
    const setHidden = (hidden: boolean) =>
      page.evaluate(
        `Object.defineProperty(document, "hidden", { configurable: true, value: ${hidden} });
         document.dispatchEvent(new Event("visibilitychange"));`,
      );

    await setHidden(true);
    await page.clock.runFor(10_000);
    const whileHidden = calls;
    emulator.console.disable();
    await setHidden(false);
    await page.getByText("disabled", { exact: true }).waitFor();
    const afterwards = calls;
    await page.clock.runFor(10_000);

    expect([whileHidden, afterwards]).toEqual([0, 1]);
    expect(calls).toBeGreaterThan(1);
  });

  it("shows hostile names as text", async () => {
    const hostile = `<img src=x onerror="alert(1)"><script>alert(2)</script>'">`;
    const cts = await signIn(emulator);
    const fields = {
      trace_name: hostile,
      resource_name: hostile,
      service_type: hostile,
      trace_rating: hostile,
      trace_type: hostile,
    };
    emulator.traces.add([
      { ...fields, source_ip: hostile, user: hostile } as object,
      { user: JSON.stringify({ name: hostile }) },
      { user: { name: { toString: 5 } } } as object,
      { trace_name: { a: 1 }, trace_rating: [], resource_name: 5, user: "[]" } as object,
    ]);
    emulator.setNotification({ notification_name: hostile, topic_id: hostile });
    emulator.setTracker({ obs_info: { bucket_name: hostile, file_prefix_name: hostile } });
    emulator.faults.add({ kind: hostile as "reset", match: { method: hostile } });
    await cts.call("GET", `/${hostile}?${hostile}`);
    await request(`${emulator.url}/${hostile}`, { headers: { "X-Auth-Token": hostile } });

    await open();
    await page.getByRole("button", { name: `Change… the notification ${hostile}` }).click();
    const shown = await page.getByText(hostile).count();

    expect(shown).toBeGreaterThan(8);
    expect(await page.locator("img, body script, [onerror]").count()).toBe(0);
  });

  it("tells when an action fails, and why", async () => {
    await open();
    await press(`Change… ${TRACKER}`);
    await page.getByLabel("Bucket", { exact: true }).fill("-");
    await press("Save");
    await says("Failed: Invalid message body. The bucket_name is");

    // The browser itself reports each refused call.
    complaints = complaints.filter((text) => !text.includes("status of 400"));
  });

  it("tells when the emulator has ended, and goes on when it is back", async () => {
    const first = await startEmulator();
    await open(first.url);

    await first.close();
    await page.getByText("The emulator does not answer.").waitFor();
    const second = await startEmulator({ port: Number(new URL(first.url).port), regions: ["eu-ch2"] });
    await page.getByRole("heading", { name: "eu-ch2_demo" }).waitFor();
    await page.getByText(`live at ${new URL(first.url).host}`).waitFor();
    await second.close();

    // The browser itself reports each call that fails.
    complaints = complaints.filter((text) => !text.includes("net::ERR_"));
  });

  it("can be used by keyboard, and keeps the focus while it is drawn again", async () => {
    await open();
    const focused = () => page.evaluate("document.activeElement.ariaLabel || document.activeElement.id");

    await page.getByRole("button", { name: `Disable ${TRACKER}` }).focus();
    await page.keyboard.press("Enter");
    await says(`Disabled ${TRACKER}.`);
    await expect.poll(focused).toBe(`Enable ${TRACKER}`);
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    emulator.console.enable();
    await says("is enabled");
    await page.keyboard.press("Escape");
    // The browser reports the end of a dialog after it has closed it.
    await expect.poll(focused).toBe(`Change… ${TRACKER}`);
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.getByText("no tracker").waitFor();

    await expect.poll(focused).toBe("Create tracker in eu-de/eu-de_demo");
  });

  it.each([320, 400, 800, 1600])("is not wider than a window of %i pixels", async (width) => {
    emulator.traces.add({ trace_name: "x".repeat(64), resource_name: "y".repeat(256) });
    emulator.setNotification({ notification_name: "n".repeat(64), topic_id: emulator.createTopic("alarm") });
    emulator.setTracker({ obs_info: { bucket_name: "b".repeat(63) } });
    await request(`${emulator.url}/${"p".repeat(300)}`);

    await open(emulator.url, width);

    expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(width);
    await press(`Change… ${TRACKER}`);
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(width);
  });

  it.each(["light", "dark"] as const)("has enough contrast in %s", async (colorScheme) => {
    emulator.console.disable();
    await open();
    await page.emulateMedia({ colorScheme });

    const ratios = (await page.evaluate(CONTRASTS)) as Record<string, number>;

    expect(Object.keys(ratios).length).toBeGreaterThan(5);
    for (const [what, ratio] of Object.entries(ratios)) {
      expect(ratio, what).toBeGreaterThan(4.5);
    }
  });
});

/** Runs in the page: the contrast of each kind of text with what is behind it, as WCAG counts it. */
const CONTRASTS = `(() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgb = (color) => {
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  const light = (color) => rgb(color)
    .map((value) => value / 255)
    .map((value) => (value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4))
    .reduce((sum, value, i) => sum + value * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = (element) => {
    const color = getComputedStyle(element).backgroundColor;
    return color === "rgba(0, 0, 0, 0)" && element.parentElement ? behind(element.parentElement) : color;
  };
  const kinds = ["h1", "h1 small", "#connection", "dt", "dd", ".badge.good", ".badge.warn", "time", "button", "label", ".log .dim"];
  return Object.fromEntries(kinds.map((kind) => {
    const element = document.querySelector(kind);
    const [a, b] = [light(getComputedStyle(element).color), light(behind(element))];
    return [kind, (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)];
  }));
})()`;
