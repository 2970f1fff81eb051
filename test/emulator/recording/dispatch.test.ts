import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Emulator, startEmulator, type WireMessage } from "../../../emulator";
import { Topics } from "../../../emulator/state/topics";
import { type Reply, request, signIn, stoppedClock } from "../../support/emulator";

const clock = stoppedClock();
const other = { region: "eu-nl", project: "eu-nl_demo" };
const deletion = { service_type: "ECS", resource_type: "server", trace_name: "deleteServer" };
const operations = [{ service_type: "ECS", resource_type: "server", trace_names: ["deleteServer"] }];

/** A subscriber of this machine: what it was sent, and what it does with it. */
interface Subscriber {
  url: string;
  server: Server;
  received: { method?: string | undefined; headers: IncomingHttpHeaders; message: WireMessage }[];
  /** `undefined` never answers. @defaultValue 200, immediately */
  answer: { status: number; headers?: Record<string, string> } | undefined;
  /** Is resolved when a message has come. */
  arrival: Promise<unknown>;
}

const subscribers: Subscriber[] = [];

async function startSubscriber(): Promise<Subscriber> {
  const server = createServer(async (incoming, outgoing) => {
    const message = JSON.parse(await text(incoming));
    subscriber.received.push({ method: incoming.method, headers: incoming.headers, message });
    server.emit("message");
    if (subscriber.answer) {
      outgoing.writeHead(subscriber.answer.status, subscriber.answer.headers).end("thank you");
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/alarm`;
  const subscriber: Subscriber = {
    url,
    server,
    received: [],
    answer: { status: 200 },
    arrival: once(server, "message"),
  };
  subscribers.push(subscriber);
  return subscriber;
}

async function stop({ server }: Subscriber): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeAllConnections();
  await closed;
}

let emulator: Emulator;
let topic: string;
let subscriber: Subscriber;

beforeAll(async () => {
  emulator = await startEmulator({ clock: clock.now });
});
afterAll(() => emulator.close());
beforeEach(async () => {
  emulator.reset();
  topic = emulator.createTopic("alarm");
  subscriber = await startSubscriber();
});
afterEach(async () => {
  await Promise.all(subscribers.splice(0).map(stop));
});

const tracesOf = ({ received }: Subscriber): unknown[] =>
  received.map(({ message }) => JSON.parse(message.message));

describe("Emulator.emit", () => {
  it("posts the trace to whoever is subscribed, as SMN does", async () => {
    emulator.setNotification({ notification_name: "deletions", operations, topic_id: topic });
    emulator.subscribe(topic, subscriber.url);
    const trace = { ...deletion, user: { name: "alice", id: "1" }, request: "{}" };

    const deliveries = await emulator.emit(trace);

    expect(subscriber.received).toEqual([
      {
        method: "POST",
        headers: expect.objectContaining({
          "content-type": "application/json",
          "x-smn-message-type": "Notification",
          "x-smn-message-id": deliveries[0]?.messageId,
          "x-smn-topic-urn": topic,
        }),
        message: {
          type: "Notification",
          topic_urn: topic,
          message_id: expect.stringMatching(/^[0-9a-f]{32}$/),
          subject: "CTS key event notification deletions",
          message: JSON.stringify(trace),
          timestamp: "2026-11-22T00:00:00Z",
        },
      },
    ]);
    expect(deliveries).toEqual([
      {
        at: clock.now(),
        topicUrn: topic,
        url: subscriber.url,
        messageId: subscriber.received[0]?.message.message_id,
        notificationName: "deletions",
        status: 200,
      },
    ]);
    expect(emulator.deliveries).toEqual(deliveries);
  });

  it("sends nothing about what the notification is not about", async () => {
    emulator.setNotification({ notification_name: "deletions", operations, topic_id: topic });
    emulator.subscribe(topic, subscriber.url);

    const nothing = await emulator.emit({ ...deletion, trace_name: "createServer" });
    await emulator.emit(deletion);

    expect(nothing).toEqual([]);
    expect(tracesOf(subscriber)).toEqual([deletion]);
  });

  it("sends nothing for a notification that is disabled, has no topic, or is of another place", async () => {
    emulator.setNotification({ notification_name: "disabled", topic_id: topic, status: "disabled" });
    emulator.setNotification({ notification_name: "nowhere", status: "enabled" });
    emulator.setNotification({ notification_name: "elsewhere", topic_id: topic }, other);
    emulator.subscribe(topic, subscriber.url);

    const here = await emulator.emit(deletion);
    const there = await emulator.emit(deletion, other);

    expect(here).toEqual([]);
    expect(there).toMatchObject([{ notificationName: "elsewhere" }]);
    expect(subscriber.received).toHaveLength(1);
  });

  it("goes by what there is now, whatever the lag", async () => {
    emulator.behaviour.lagMs = 60_000;
    emulator.subscribe(topic, subscriber.url);
    emulator.console.notifications.create({
      notification_name: "deletions",
      operation_type: "customized",
      operations,
      topic_id: topic,
    });

    await emulator.emit(deletion);
    emulator.console.notifications.disable("deletions");
    await emulator.emit(deletion);

    expect(subscriber.received).toHaveLength(1);
  });

  it("sends one message per notification, the same one to every subscriber of its topic", async () => {
    const second = await startSubscriber();
    emulator.setNotification({ notification_name: "all", topic_id: topic });
    emulator.setNotification({ notification_name: "deletions", operations, topic_id: topic });
    emulator.setNotification({ notification_name: "unheard", topic_id: `${topic}2` });
    emulator.subscribe(topic, subscriber.url);
    emulator.subscribe(topic, second.url);
    emulator.subscribe(topic, second.url);

    const deliveries = await emulator.emit(deletion);

    expect(deliveries.map(({ notificationName, url }) => [notificationName, url])).toEqual([
      ["deletions", subscriber.url],
      ["deletions", second.url],
      ["all", subscriber.url],
      ["all", second.url],
    ]);
    const ids = deliveries.map(({ messageId }) => messageId);
    expect(ids[0]).toBe(ids[1]);
    expect(ids[2]).toBe(ids[3]);
    expect(ids[0]).not.toBe(ids[2]);
    expect(second.received).toHaveLength(2);
  });

  it("rejects for a place that is not there", async () => {
    await expect(emulator.emit(deletion, { region: "eu-xx" })).rejects.toThrow("It has: eu-de");
  });
});

describe("what CTS writes down itself", () => {
  const aboutCts = (resource_type: string, ...trace_names: string[]) => [
    { service_type: "CTS", resource_type, trace_names },
  ];

  beforeEach(() => {
    emulator.subscribe(topic, subscriber.url);
    const tracker = aboutCts("tracker", "updateTracker", "deleteTracker");
    emulator.setNotification({ notification_name: "tracker", operations: tracker, topic_id: topic });
  });

  it("is posted as it is in the log: who switched the tracker off, by API or in the console", async () => {
    const cts = await signIn(emulator);

    await cts.put({ status: "disabled" });
    emulator.console.enable();
    await emulator.delivered();

    expect(tracesOf(subscriber)).toEqual(emulator.traces.list().slice(0, 2).reverse());
    expect(tracesOf(subscriber)).toMatchObject([
      { trace_name: "updateTracker", trace_type: "ApiCall", user: { name: "demo" }, resource_name: "system" },
      { trace_name: "updateTracker", trace_type: "ConsoleAction", request: '{"status":"enabled"}' },
    ]);
  });

  it("is not posted where it does not match, nor while nothing is written down", async () => {
    emulator.setNotification({
      notification_name: "tracker",
      operations: aboutCts("tracker", "deleteTracker"),
      topic_id: topic,
    });

    emulator.console.change({ is_lts_enabled: true });
    emulator.console.disable();
    emulator.setNotification({ notification_name: "all", topic_id: topic });
    emulator.console.change({ is_lts_enabled: false });
    emulator.traces.add({ service_type: "CTS", resource_type: "tracker", trace_name: "deleteTracker" });
    emulator.console.delete();
    await emulator.delivered();

    expect(emulator.deliveries).toEqual([]);
  });

  it("is posted also for what is done to notifications, which may be to the very one that tells of it", async () => {
    const names = ["createNotification", "updateNotification", "deleteNotification"];
    const cts = await signIn(emulator);
    const body = {
      notification_name: "watch",
      operation_type: "customized",
      operations: aboutCts("notification", ...names),
      topic_id: topic,
    };

    const { json } = await cts.call("POST", "/notifications", body);
    emulator.console.notifications.change("watch", { filter: undefined });
    await cts.call("DELETE", `/notifications?notification_id=${json.notification_id}`);
    await emulator.delivered();

    expect(tracesOf(subscriber)).toMatchObject([
      { trace_name: "createNotification", resource_id: json.notification_id, resource_name: "watch" },
      { trace_name: "updateNotification", resource_id: json.notification_id, resource_name: "watch" },
    ]);
  });
});

describe("Emulator.deliveries", () => {
  beforeEach(() => emulator.setNotification({ notification_name: "all", topic_id: topic }));

  it("tells which did not arrive, and why", async () => {
    const gone = await startSubscriber();
    const target = await startSubscriber();
    const redirecting = await startSubscriber();
    redirecting.answer = { status: 307, headers: { Location: target.url } };
    subscriber.answer = { status: 500 };
    for (const { url } of [gone, redirecting, subscriber]) {
      emulator.subscribe(topic, url);
    }
    await stop(gone);

    await emulator.emit(deletion);

    expect(emulator.deliveries).toMatchObject([
      { url: gone.url, error: expect.stringContaining("ECONNREFUSED") },
      { url: redirecting.url, status: 307, error: "The subscriber answered 307." },
      { url: subscriber.url, status: 500, error: "The subscriber answered 500." },
    ]);
    expect(emulator.deliveries[0]).not.toHaveProperty("status");
    expect(target.received).toEqual([]);
  });

  it("has what was answered, and does not wait for the rest of an answer that has no end", async () => {
    const hungUp = new Promise((resolve) => {
      subscriber.server.prependOnceListener("request", (_, outgoing) => {
        outgoing.writeHead(200).write("never ");
        outgoing.once("close", resolve);
      });
    });
    subscriber.answer = undefined;
    emulator.subscribe(topic, subscriber.url);

    const deliveries = await emulator.emit(deletion);

    expect(deliveries).toMatchObject([{ status: 200 }]);
    await hungUp;
  });

  it("has all messages after delivered()", async () => {
    emulator.subscribe(topic, subscriber.url);

    emulator.emit(deletion);
    const atOnce = structuredClone(emulator.deliveries);
    await emulator.delivered();

    expect(atOnce).toMatchObject([{ url: subscriber.url }]);
    expect(atOnce[0]).not.toHaveProperty("status");
    expect(emulator.deliveries).toMatchObject([{ status: 200 }]);
  });

  it("gives up a subscriber that does not answer in time", async () => {
    const topics = new Topics(clock.now, 20);
    topics.subscribe(topic, subscriber.url);
    subscriber.answer = undefined;

    await topics.publish({ topicUrn: topic, subject: "", message: "{}", notificationName: "all" });

    expect(topics.deliveries).toMatchObject([{ error: "No answer within 0.02 s." }]);
  });

  it("has the last 100,000", async () => {
    const topics = new Topics(clock.now);
    topics.subscribe(topic, subscriber.url);
    const publication = { topicUrn: topic, subject: "", message: "{}", notificationName: "all" };
    const [first] = await topics.publish(publication);
    for (let i = 1; first && i < 100_000; i += 1) {
      topics.deliveries.push({ ...first, messageId: `${i}` });
    }

    const [last] = await topics.publish(publication);

    expect(topics.deliveries).toHaveLength(100_000);
    expect(topics.deliveries[0]?.messageId).toBe("1");
    expect(topics.deliveries.at(-1)).toBe(last);
  });

  it("is emptied by reset(), which also gives up what is under way", async () => {
    subscriber.answer = undefined;
    emulator.subscribe(topic, subscriber.url);
    const sending = emulator.emit(deletion);
    await subscriber.arrival;

    emulator.reset();

    expect(await sending).toMatchObject([{ error: "The emulator gave it up." }]);
    expect(emulator.deliveries).toEqual([]);
    expect(emulator.topics()).toEqual([]);
  });

  it("works again after reset()", async () => {
    emulator.reset();
    emulator.setNotification({ notification_name: "all", topic_id: topic });
    emulator.subscribe(topic, subscriber.url);

    expect(await emulator.emit(deletion)).toMatchObject([{ status: 200 }]);
  });
});

describe("Emulator.close", () => {
  it("waits until what it gives up has ended", async () => {
    const topics = new Topics(clock.now);
    topics.subscribe(topic, subscriber.url);
    subscriber.answer = undefined;
    topics.publish({ topicUrn: topic, subject: "", message: "{}", notificationName: "all" });
    await subscriber.arrival;

    await topics.close();

    expect(topics.deliveries).toMatchObject([{ error: "The emulator gave it up." }]);
  });

  it("gives up what is under way, and sends nothing any more", async () => {
    const second = await startEmulator();
    const urn = second.createTopic("alarm");
    second.setNotification({ notification_name: "all", topic_id: urn });
    second.subscribe(urn, subscriber.url);
    subscriber.answer = undefined;
    second.emit(deletion);
    await subscriber.arrival;

    await second.close();
    const afterClose = structuredClone(second.deliveries);
    await second.emit(deletion);

    expect(afterClose).toMatchObject([{ error: "The emulator gave it up." }]);
    expect(second.deliveries).toMatchObject([{}, { error: "The emulator gave it up." }]);
    expect(subscriber.received).toHaveLength(1);
  });
});

describe("Emulator.subscribe", () => {
  it("creates the topic, and ends with what it returns", async () => {
    emulator.setNotification({ notification_name: "all", topic_id: `${topic}2` });
    const end = emulator.subscribe(`${topic}2`, subscriber.url);
    const during = emulator.topics();

    end();

    expect(during).toEqual([
      { urn: topic, subscribers: [] },
      { urn: `${topic}2`, subscribers: [subscriber.url] },
    ]);
    expect(emulator.topics()[1]).toEqual({ urn: `${topic}2`, subscribers: [] });
    expect(await emulator.emit(deletion)).toEqual([]);
  });

  it("leaves the subscribers of a topic that is created again", () => {
    emulator.subscribe(topic, subscriber.url);

    expect(emulator.createTopic("alarm")).toBe(topic);
    expect(emulator.topics()).toEqual([{ urn: topic, subscribers: [subscriber.url] }]);
  });

  it.each(["http://localhost:1/", "http://127.0.0.1:1/a?b=c", "http://127.9.9.9/", "http://[::1]:1/"])(
    "takes %s",
    (url) => {
      emulator.subscribe(topic, url);

      expect(emulator.topics()[0]?.subscribers).toEqual([url]);
    },
  );

  it.each([
    "http://example.com/",
    "http://10.0.0.1/",
    "http://127.0.0.1.example.com/",
    "http://localhost.example.com/",
    "http://[2001:db8::1]/",
    "https://127.0.0.1/",
    "ftp://localhost/",
  ])("refuses %s", (url) => {
    expect(() => emulator.subscribe(topic, url)).toThrow("to this machine only");
    expect(emulator.topics()).toEqual([{ urn: topic, subscribers: [] }]);
  });

  it.each([
    "http://user:hidden@127.0.0.1:1/",
    "http://user@localhost/",
    "http://:hidden@127.0.0.1/",
    "http://localhost@example.com/",
    "http://user:hidden@[::1",
    "hidden",
    "",
  ])("refuses %s without repeating it", async (url) => {
    const { status, text } = await request(`${emulator.url}/_emulator/subscriptions`, {
      method: "POST",
      json: { topic_urn: topic, url },
    });

    expect([status, text]).toEqual([400, expect.stringMatching(/The URL of a subscriber .*:/)]);
    expect(text).not.toContain("hidden");
    expect(emulator.topics()).toEqual([{ urn: topic, subscribers: [] }]);
  });

  it("refuses what is no topic, or a topic of nowhere", () => {
    const { url } = subscriber;

    expect(() => emulator.subscribe("alarm", url)).toThrow('"alarm" is no topic: use urn:smn:');
    expect(() => emulator.subscribe("urn:smn:eu-xx:p:alarm", url)).toThrow("It has: eu-de");
    expect(() => emulator.subscribe("urn:smn:eu-de:p:alarm", url)).toThrow("It has: eu-de_demo");
    expect(() => emulator.createTopic("a:b")).toThrow("is no topic");
    expect(emulator.topics()).toHaveLength(1);
  });
});

describe("/_emulator topics and events", () => {
  const control = (method: string, path: string, json?: unknown): Promise<Reply> =>
    request(`${emulator.url}/_emulator${path}`, { method, json });
  const events = "/console/eu-de/eu-de_demo/events";

  it("subscribes, lets something happen, and lists what was sent", async () => {
    emulator.setNotification({ notification_name: "all", topic_id: topic });

    const subscribed = await control("POST", "/subscriptions", { topic_urn: topic, url: subscriber.url });
    const emitted = await control("POST", events, { ...deletion, more: 1 });
    const elsewhere = await control("POST", "/console/eu-nl/eu-nl_demo/events", deletion);
    const topics = await control("GET", "/topics");
    const deliveries = await control("GET", "/deliveries");

    expect([subscribed.status, emitted.status, elsewhere.text]).toEqual([204, 200, "[]"]);
    expect(emitted.json).toMatchObject([{ status: 200, notificationName: "all" }]);
    expect(topics.json).toEqual([{ urn: topic, subscribers: [subscriber.url] }]);
    expect(deliveries.json).toEqual(emitted.json);
    expect(tracesOf(subscriber)).toEqual([{ ...deletion, more: 1 }]);
    expect(emulator.journal.entries).toEqual([]);
  });

  it.each([
    ["/subscriptions", {}, "topic_urn"],
    ["/subscriptions", { topic_urn: "alarm", url: "http://localhost/" }, "no topic"],
    ["/subscriptions", { topic_urn: "alarm", url: "http://localhost/", more: 1 }, "more"],
    ["/subscriptions", undefined, "must be JSON"],
    [events, {}, "service_type"],
    [events, { ...deletion, user: 5 }, "user"],
    ["/console/eu-xx/eu-de_demo/events", deletion, "It has: eu-de"],
  ])("answers POST %s of %j with 400 and why", async (path, json, message) => {
    expect(await control("POST", path, json)).toMatchObject({
      status: 400,
      json: { error: expect.stringContaining(message) },
    });
  });
});
