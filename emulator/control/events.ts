import { z } from "zod";
import { checkDepth } from "../depth";
import { parseAs } from "../parse";
import { findPlace, type PlaceRef } from "../place";
import { publish } from "../recording/dispatch";
import { toWireNotification } from "../routes/notifications";
import type { EmulatorState } from "../state/emulatorState";
import { type Delivery, parseTopicUrn, topicUrn } from "../state/topics";
import type {
  WireEvent,
  WireNotification,
  WireNotificationArgs,
  WireNotificationSettings,
} from "../wire/notifications";

/** The key event notifications of an emulator, their topics, and the events that they report. */
export interface EmulatorEvents {
  /** Copies of the notifications as they really are now, the newest first, whatever `lagMs` lets a read see. */
  notifications(place?: PlaceRef): WireNotification[];
  /**
   * Sets a notification as if it had always been there, past every rule and lag, in place of another of its name. It
   * defaults to every operation or the given ones, everybody, and enabled if it has a topic.
   */
  setNotification(notification: WireNotificationArgs, place?: PlaceRef): void;
  /** Removes a notification as if it had never been there; it need not exist. */
  removeNotification(name: string, place?: PlaceRef): void;
  /** The topics that exist, and the URLs they post to. Any other can be used as well, unless `topics: "existing"`. */
  topics(): { urn: string; subscribers: string[] }[];
  /**
   * Creates a topic, unless it exists.
   *
   * @returns its URN, `urn:smn:{region}:{project_id}:{name}`
   */
  createTopic(name: string, place?: PlaceRef): string;
  /**
   * Posts the messages of a topic to a URL from now on, as SMN does once a subscription is confirmed. Creates the topic
   * if it does not exist.
   *
   * @param url of this machine: `http://127.0.0.1:8080/alarm`
   * @returns a function that ends the subscription
   * @throws Error if the topic is in no project or region of the emulator, or if the URL is not of this machine or
   *   contains a user name or password
   */
  subscribe(topicUrn: string, url: string): () => void;
  /**
   * Emits an event of the cloud: the subscribers of each matching notification get a message. The trace may have more
   * fields than the type; all are in the message. It is not recorded. Changes of trackers and notifications here send
   * their messages anyway.
   *
   * @returns the messages, as soon as each has arrived or failed. A subscriber has 30 seconds to answer, less if
   * `reset()` or `close()` comes first
   */
  emit<T extends WireEvent>(trace: T, place?: PlaceRef): Promise<Delivery[]>;
  /** The messages to subscribers, in the order of sending, arrived or not; at most the last 100,000. */
  readonly deliveries: readonly Delivery[];
  /** Waits until every message has arrived or failed. */
  delivered(): Promise<void>;
}

/** The part of an emulator that is about events. */
export function createEvents(state: EmulatorState): EmulatorEvents {
  const { account, notifications, topics } = state;
  return {
    notifications: (ref) => {
      const place = findPlace(account, ref);
      return notifications.current(place).map((one) => toWireNotification(state, place, one));
    },
    setNotification: (notification, ref) =>
      notifications.backdate(findPlace(account, ref), withDefaults(notification)),
    removeNotification: (name, ref) => notifications.backdateRemoval(findPlace(account, ref), name),
    topics: () => topics.list(),
    createTopic: (name, ref) => {
      const urn = topicUrn(findPlace(account, ref), name);
      checkUrn(state, urn);
      topics.create(urn);
      return urn;
    },
    subscribe: (urn, url) => {
      checkUrn(state, urn);
      return topics.subscribe(urn, url);
    },
    emit: async (trace, ref) => {
      checkDepth("The trace", trace);
      return publish(state, findPlace(account, ref), trace);
    },
    deliveries: topics.deliveries,
    delivered: () => topics.settled(),
  };
}

function checkUrn({ account }: EmulatorState, urn: string): void {
  const place = parseTopicUrn(urn);
  if (place === undefined) {
    throw new Error(`"${urn}" is no topic: use urn:smn:{region}:{project_id}:{name}.`);
  }
  findPlace(account, { region: place.region, project: place.projectId });
}

/** A copy of a notification with the defaults of omitted fields. */
function withDefaults(some: WireNotificationArgs): WireNotificationSettings {
  const operations = some.operations ?? [];
  return structuredClone({
    ...some,
    operation_type: some.operation_type ?? (operations.length > 0 ? "customized" : "complete"),
    operations,
    notify_user_list: some.notify_user_list ?? [],
    status: some.status ?? (some.topic_id ? "enabled" : "disabled"),
  });
}

const eventSchema = z.looseObject({
  service_type: z.string(),
  resource_type: z.string(),
  trace_name: z.string(),
  user: z
    .union([z.string(), z.looseObject({ name: z.string().optional(), group: z.string().optional() })])
    .optional(),
  api_version: z.string().optional(),
  code: z.union([z.string(), z.number()]).optional(),
  trace_rating: z.string().optional(),
  trace_type: z.string().optional(),
  resource_id: z.string().optional(),
  resource_name: z.string().optional(),
});

/** @throws Error that names the invalid field */
export function parseEvent(value: unknown): WireEvent {
  return parseAs(eventSchema, value, "trace") as WireEvent;
}
