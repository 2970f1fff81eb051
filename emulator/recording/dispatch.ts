import type { Place } from "../location";
import type { World } from "../state/state";
import type { Delivery } from "../state/topics";
import { type MatchedFields, matches } from "./notificationMatching";

/**
 * Tells every subscriber of every enabled notification that the trace is one of its own. To be called for each trace
 * that is recorded; need not be awaited, and does not fail.
 *
 * @returns what was sent, once it has arrived or not
 */
export async function publish(
  { notifications, topics }: World,
  place: Place,
  trace: MatchedFields,
): Promise<Delivery[]> {
  const sent = notifications.current(place).map(({ settings }) => {
    const { topic_id: topicUrn, notification_name: notificationName, status } = settings;
    const isMeant = status === "enabled" && topicUrn !== undefined && matches(settings, trace);
    // Not known of the real service: what the subject says.
    const subject = `CTS key event notification ${notificationName}`;
    return isMeant
      ? topics.publish({ topicUrn, subject, message: JSON.stringify(trace), notificationName })
      : [];
  });
  return (await Promise.all(sent)).flat();
}
