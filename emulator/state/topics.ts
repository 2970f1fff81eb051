import { randomBytes } from "node:crypto";
import type { Place } from "../place";
import type { WireMessage } from "../wire/notifications";

/** A message to one subscriber: on its way, arrived or failed. */
export interface Delivery {
  /** When it was published, in milliseconds since 1970 by the emulator's clock. */
  at: number;
  topicUrn: string;
  /** The subscriber. */
  url: string;
  messageId: string;
  /** Name of the notification that it was sent for. */
  notificationName: string;
  /** The status of the subscriber's answer; absent until there is one. */
  status?: number;
  /** The reason for a failure: no answer, or a status outside 200 to 299; absent if it arrived or is on its way. */
  error?: string;
}

/** A message to publish. */
export interface Publication {
  topicUrn: string;
  subject: string;
  message: string;
  notificationName: string;
}

const MAX_DELIVERIES = 100_000;

/**
 * The part of SMN that notifications need: topics, their HTTP subscribers, and messages posted to these, each once.
 * A real subscriber has to confirm first, and a message that does not arrive is sent again.
 */
export class Topics {
  /** The messages in the order of sending; at most the last 100,000. */
  readonly deliveries: Delivery[] = [];
  readonly #subscribers = new Map<string, Set<string>>();
  readonly #underWay = new Set<Promise<void>>();
  #hangUp = new AbortController();

  /** @param timeoutMs the time that a subscriber has to answer */
  constructor(
    private readonly clock: () => number,
    private readonly timeoutMs = 30_000,
  ) {}

  /** The topics that exist, each with the URLs of its subscribers. */
  list(): { urn: string; subscribers: string[] }[] {
    return [...this.#subscribers].map(([urn, urls]) => ({ urn, subscribers: [...urls] }));
  }

  /** Creates a topic, unless it exists. */
  create(urn: string): Set<string> {
    const subscribers = this.#subscribers.get(urn) ?? new Set();
    this.#subscribers.set(urn, subscribers);
    return subscribers;
  }

  /** True if it was created or subscribed to. */
  exists(urn: string): boolean {
    return this.#subscribers.has(urn);
  }

  /**
   * Subscribes a URL to a topic, and creates the topic if needed.
   *
   * @returns a function that ends the subscription
   * @throws Error if the URL is not one of this machine, or contains a user name or password
   */
  subscribe(urn: string, url: string): () => void {
    checkSubscriber(url);
    const subscribers = this.create(urn).add(url);
    return () => {
      subscribers.delete(url);
    };
  }

  /** Posts a message to every subscriber of its topic. Never fails: the deliveries hold the errors. */
  async publish({ topicUrn, subject, message, notificationName }: Publication): Promise<Delivery[]> {
    const at = this.clock();
    const messageId = randomBytes(16).toString("hex");
    const wire: WireMessage = {
      type: "Notification",
      topic_urn: topicUrn,
      message_id: messageId,
      subject,
      message,
      timestamp: new Date(at).toISOString().replace(/\.\d+Z$/, "Z"),
    };
    const deliveries = [...(this.#subscribers.get(topicUrn) ?? [])].map(
      (url): Delivery => ({ at, topicUrn, url, messageId, notificationName }),
    );
    this.deliveries.push(...deliveries);
    this.deliveries.splice(0, this.deliveries.length - MAX_DELIVERIES);
    await Promise.all(deliveries.map((delivery) => this.#track(this.#post(delivery, wire))));
    return deliveries;
  }

  /** Waits until every message has arrived or failed. */
  async settled(): Promise<void> {
    while (this.#underWay.size > 0) {
      await Promise.all(this.#underWay);
    }
  }

  /** Removes all topics, subscribers and deliveries, and aborts messages on their way. */
  reset(): void {
    this.#hangUp.abort();
    this.#hangUp = new AbortController();
    this.#subscribers.clear();
    this.deliveries.length = 0;
  }

  /** Aborts messages on their way, and sends none from now on. */
  async close(): Promise<void> {
    this.#hangUp.abort();
    await this.settled();
  }

  /** Does not follow redirects: they could lead away from this machine. */
  async #post(delivery: Delivery, message: WireMessage): Promise<void> {
    const hangUp = this.#hangUp.signal;
    // Like AbortSignal.any, which early Node 20 does not have.
    const stop = new AbortController();
    const end = (): void => stop.abort();
    const timer = setTimeout(end, this.timeoutMs);
    hangUp.addEventListener("abort", end);
    try {
      hangUp.throwIfAborted();
      const response = await fetch(delivery.url, {
        method: "POST",
        headers: {
          "Content-Type": "application/json",
          "X-SMN-MESSAGE-TYPE": message.type,
          "X-SMN-MESSAGE-ID": message.message_id,
          "X-SMN-TOPIC-URN": message.topic_urn,
        },
        body: JSON.stringify(message),
        redirect: "manual",
        signal: stop.signal,
      });
      delivery.status = response.status;
      await response.body?.cancel();
      if (!response.ok) {
        delivery.error = `The subscriber answered ${response.status}.`;
      }
    } catch (error) {
      const isTooLate = stop.signal.aborted && !hangUp.aborted;
      const reason = isTooLate ? `No answer within ${this.timeoutMs / 1000} s.` : reasonOf(error);
      delivery.error = hangUp.aborted ? "The emulator gave it up." : reason;
    } finally {
      clearTimeout(timer);
      hangUp.removeEventListener("abort", end);
    }
  }

  async #track(sending: Promise<void>): Promise<void> {
    this.#underWay.add(sending);
    await sending;
    this.#underWay.delete(sending);
  }
}

/** The message of a `fetch` error does not give the reason; its cause does. */
function reasonOf(error: unknown): string {
  const reason = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return reason instanceof Error ? reason.message : String(reason);
}

/** An address with a password cannot be posted to, and would be shown in lists: the message does not repeat it. */
function checkSubscriber(url: string): void {
  if (!URL.canParse(url)) {
    throw new Error("The URL of a subscriber is malformed: use one such as http://127.0.0.1:8080/alarm.");
  }
  const { protocol, hostname, username, password } = new URL(url);
  if (username || password) {
    throw new Error(
      "The URL of a subscriber must not contain a user name or password: leave out the part before @.",
    );
  }
  if (protocol !== "http:" || !/^(localhost|\[::1\]|127(\.\d+){3})$/.test(hostname)) {
    throw new Error(
      `The emulator posts to this machine only: "${url}" must begin with http:// and name localhost, 127.0.0.1 or [::1].`,
    );
  }
}

/** The URN of a topic. */
export function topicUrn({ region, projectId }: Place, name: string): string {
  return `urn:smn:${region}:${projectId}:${name}`;
}

/** The place of a topic; `undefined` if the text is no URN of one. */
export function parseTopicUrn(urn: string): Place | undefined {
  const [, region, projectId] = /^urn:smn:([^:]+):([^:]+):[A-Za-z0-9][A-Za-z0-9_-]{0,254}$/.exec(urn) ?? [];
  return region !== undefined && projectId !== undefined ? { region, projectId } : undefined;
}
