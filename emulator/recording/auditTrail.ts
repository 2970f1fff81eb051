import type { Answer } from "../http/errors";
import { withoutSecrets } from "../http/journal";
import type { Call, Operation, Recorded, Resource } from "../http/operation";
import type { Place } from "../location";
import { keyOf } from "../location";
import type { World } from "../state/state";
import type { WireTrace } from "../wire/traces";
import { publish } from "./dispatch";

/**
 * Carries a call out and writes down what CTS itself would: one trace for each resource that the call is about, or one
 * for the call where there is no such resource. Calls that change nothing leave none.
 */
export function recordCall(world: World, operation: Operation, call: Call, carryOut: () => Answer): Answer {
  const { records } = operation;
  if (records === undefined) {
    return carryOut();
  }
  const before = look(world, records, call);
  const answer = carryOut();
  const after = look(world, records, call);
  const affected = new Map([...after.resources, ...before.resources].map((each) => [identityOf(each), each]));
  const recording = new Set([...before.recording, ...after.recording]);
  const here: Resource = { place: { region: call.region, projectId: call.projectId } };
  for (const { place, ...named } of affected.size > 0 ? affected.values() : [here]) {
    if (recording.has(keyOf(place))) {
      write(world, place, {
        trace_name: records.trace_name,
        trace_type: "ApiCall",
        resource_type: records.resource_type,
        ...named,
        ...exchange(world, operation, call, answer),
      });
    }
  }
  return answer;
}

/** What a call is about, and the places in which traces are written down, at one time. */
function look(world: World, records: Recorded, call: Call): { resources: Resource[]; recording: string[] } {
  const recording = world.store.places().filter((place) => isRecording(world, place));
  return { resources: records.resources(world, call), recording: recording.map(keyOf) };
}

/** A call may change the name of what has an id. */
function identityOf({ place, resource_id, resource_name }: Resource): string {
  return `${keyOf(place)}/${resource_id ?? resource_name}`;
}

/** Without a tracker that is enabled nothing is written down, unless the switch says so. */
function isRecording({ store, behaviour }: World, place: Place): boolean {
  return behaviour.recordsAlways || store.current(place)?.settings.status === "enabled";
}

/** Who asked what from where, and what the answer was. */
function exchange({ account }: World, { path }: Operation, call: Call, answer: Answer): Partial<WireTrace> {
  const { user, domain } = account;
  return {
    trace_rating: answer.status >= 500 ? "incident" : answer.status >= 400 ? "warning" : "normal",
    user: { id: user.id, name: user.name, domain },
    source_ip: call.sourceIp,
    code: `${answer.status}`,
    api_version: path.split("/")[1],
    request: toText(call.entry.body ?? call.query),
    response: toText(answer.body),
    request_id: call.entry.requestId,
  };
}

function toText(value: unknown): string {
  return value === undefined ? "" : JSON.stringify(withoutSecrets(value));
}

/** What somebody does in the web console. */
export interface ConsoleAction {
  /** As in {@link Recorded}. */
  trace_name: string;
  resource_type: string;
  /** The HTTP status of the call that the console makes. */
  code: string;
  request: unknown;
  /** What it is done to, if it is there; asked before and, if it was not there, after. */
  resource(): Resource | undefined;
}

/** Writes down what somebody does in the web console, which is on this machine as everything of the emulator. */
export function recordConsoleAction(
  world: World,
  place: Place,
  { request, resource, ...action }: ConsoleAction,
  act: () => void,
): void {
  const { user, domain } = world.account;
  const before = resource();
  const wasRecording = isRecording(world, place);
  act();
  const { place: _, ...named } = before ?? resource() ?? { place };
  if (wasRecording || isRecording(world, place)) {
    write(world, place, {
      ...action,
      ...named,
      trace_rating: "normal",
      trace_type: "ConsoleAction",
      user: { id: user.id, name: user.name, domain },
      source_ip: "127.0.0.1",
      api_version: "v3",
      request: toText(request),
      response: "",
    });
  }
}

/**
 * The trackers that the service has made by itself. Where there is synthetic traffic of seven days, there has been a
 * tracker for longer.
 */
export function recordTrackersMade(world: World): void {
  const { store, account } = world;
  for (const place of world.traces.hasTraffic ? [] : store.places()) {
    const tracker = store.current(place);
    if (tracker) {
      write(world, place, {
        trace_name: "createTracker",
        trace_rating: "normal",
        trace_type: "SystemAction",
        resource_type: "tracker",
        resource_name: "system",
        resource_id: tracker.id,
        user: { id: "", name: "", domain: account.domain },
        source_ip: "",
        code: "201",
        api_version: "v3",
        request: "",
        response: "",
      });
    }
  }
}

/**
 * Writes a trace down, and tells whom it may concern. So there are no messages of what happens while the tracker is
 * disabled: it is not known what the real service does then, but its messages are about traces, and there are none. That the
 * tracker is disabled is the last that is heard of it.
 */
function write(world: World, place: Place, trace: Partial<WireTrace>): void {
  // Clocks of tests count fractions of milliseconds, too; traces have none.
  const time = Math.floor(world.clock());
  const record_time = time + world.behaviour.recordLagMs;
  const written = world.traces.add(place, [
    { ...trace, service_type: "CTS", time, record_time, tracker_name: "system" },
  ]);
  // Nobody waits for the messages but `delivered()`.
  for (const one of written) void publish(world, place, one);
}
