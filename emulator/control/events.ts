import { z } from "zod";
import { describeIssues } from "../options";
import { publish } from "../recording/dispatch";
import { toWireNotification } from "../routes/notifications";
import { findPlace, type Where, type World } from "../state/state";
import { type Delivery, parseTopicUrn, topicUrn } from "../state/topics";
import type {
  WireEvent,
  WireNotification,
  WireNotificationArgs,
  WireNotificationSettings,
} from "../wire/notifications";

/** What an emulator has for key event notifications: themselves, their topics, and events they are about. */
export interface EmulatorEvents {
  /** Copies of the notifications that the service really has now, the newest first, whatever `lagMs` lets a read see. */
  notifications(where?: Where): WireNotification[];
  /**
   * Puts a notification there as if it had always been, past every rule and lag, in place of any other of its name.
   * What is left out: about every operation or those that are given, for everybody, enabled if it has a topic.
   */
  setNotification(notification: WireNotificationArgs, where?: Where): void;
  /** Takes a notification away as if it had never been; it need not be there. */
  removeNotification(name: string, where?: Where): void;
  /** The topics that exist, and the URLs they post to. Any other can be used as well, unless `topics: "existing"`. */
  topics(): { urn: string; subscribers: string[] }[];
  /**
   * Creates a topic; there may be one already.
   *
   * @returns its URN, `urn:smn:{region}:{project_id}:{name}`
   */
  createTopic(name: string, where?: Where): string;
  /**
   * Posts the messages of a topic to a URL from now on, as SMN does once a subscription is confirmed. A topic that does
   * not exist is created.
   *
   * @param url - of this machine: `http://127.0.0.1:8080/alarm`
   * @returns what ends the subscription
   * @throws Error if the topic is in no project or region of the emulator, or the URL is not of this machine
   */
  subscribe(topicUrn: string, url: string): () => void;
  /**
   * Lets something happen in the cloud: whoever is subscribed to a notification that is about it, gets a message. The
   * trace may have more fields than the type; all are in the message. It is not written down. Of what is done to
   * trackers and notifications here, messages are sent anyway.
   *
   * @returns the messages that were sent, as soon as each has arrived or failed. A subscriber has 30 seconds to answer,
   * less where `reset()` or `close()` comes first
   */
  emit<T extends WireEvent>(trace: T, where?: Where): Promise<Delivery[]>;
  /** The messages that were sent to subscribers, in that order, arrived or not; the last 100,000 at most. */
  readonly deliveries: readonly Delivery[];
  /** Waits until every message has arrived or failed, also those that nobody waits for. */
  delivered(): Promise<void>;
}

/** Everything of an emulator that is about events. */
export function createEvents(world: World): EmulatorEvents {
  const { account, notifications, topics } = world;
  return {
    notifications: (where) => {
      const place = findPlace(account, where);
      return notifications.current(place).map((one) => toWireNotification(world, place, one));
    },
    setNotification: (notification, where) =>
      notifications.put(findPlace(account, where), withDefaults(notification)),
    removeNotification: (name, where) => notifications.drop(findPlace(account, where), name),
    topics: () => topics.list(),
    createTopic: (name, where) => {
      const urn = topicUrn(findPlace(account, where), name);
      checkUrn(world, urn);
      topics.create(urn);
      return urn;
    },
    subscribe: (urn, url) => {
      checkUrn(world, urn);
      return topics.subscribe(urn, url);
    },
    emit: async (trace, where) => publish(world, findPlace(account, where), trace),
    deliveries: topics.deliveries,
    delivered: () => topics.settled(),
  };
}

function checkUrn({ account }: World, urn: string): void {
  const place = parseTopicUrn(urn);
  if (place === undefined) {
    throw new Error(`"${urn}" is no topic: use urn:smn:{region}:{project_id}:{name}.`);
  }
  findPlace(account, { region: place.region, project: place.projectId });
}

/** Fills in what a notification leaves out; a copy. */
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

/** @throws Error that names what is wrong with it */
export function parseEvent(value: unknown): WireEvent {
  const parsed = eventSchema.safeParse(value);
  if (!parsed.success) {
    throw new Error(`The trace is not valid. ${describeIssues(parsed.error)}`);
  }
  return parsed.data as WireEvent;
}
