import type { Place } from "../place";
import type { EmulatorState } from "../state/emulatorState";
import type { Delivery } from "../state/topics";
import { type MatchedFields, matches } from "./notificationMatching";

/**
 * Notifies every subscriber of every enabled notification that matches the trace. Call it for each recorded trace; it
 * need not be awaited, and does not fail.
 *
 * @returns the messages, once each has arrived or failed
 */
export async function publish(
  { notifications, topics }: EmulatorState,
  place: Place,
  trace: MatchedFields,
): Promise<Delivery[]> {
  const sent = notifications.current(place).map(({ settings }) => {
    const { topic_id: topicUrn, notification_name: notificationName, status } = settings;
    const isNotified = status === "enabled" && topicUrn !== undefined && matches(settings, trace);
    // The subject of the real service is unknown.
    const subject = `CTS key event notification ${notificationName}`;
    return isNotified
      ? topics.publish({ topicUrn, subject, message: JSON.stringify(trace), notificationName })
      : [];
  });
  return (await Promise.all(sent)).flat();
}
