import type { Answer } from "../http/errors";
import { withoutSecrets } from "../http/journal";
import type { Call, Operation, Recorded, Resource } from "../http/operation";
import { traceUserOf } from "../options";
import { type Place, placeKey } from "../place";
import type { EmulatorState } from "../state/emulatorState";
import type { WireTrace } from "../wire/traces";
import { publish } from "./dispatch";

/**
 * Carries a call out and records the traces that CTS itself would: one for each resource of the call, or one for the
 * call if it has no resource. Calls that change nothing leave none.
 */
export function recordCall(
  state: EmulatorState,
  operation: Operation,
  call: Call,
  execute: () => Answer,
): Answer {
  const { records } = operation;
  if (records === undefined) {
    return execute();
  }
  const before = takeSnapshot(state, records, call);
  const answer = execute();
  const after = takeSnapshot(state, records, call);
  const affected = new Map([...after.resources, ...before.resources].map((each) => [identityOf(each), each]));
  const recording = new Set([...before.recording, ...after.recording]);
  const here: Resource = { place: { region: call.region, projectId: call.projectId } };
  for (const { place, ...named } of affected.size > 0 ? affected.values() : [here]) {
    if (recording.has(placeKey(place))) {
      recordTrace(state, place, {
        trace_name: records.trace_name,
        trace_type: "ApiCall",
        resource_type: records.resource_type,
        ...named,
        ...describeExchange(state, operation, call, answer),
      });
    }
  }
  return answer;
}

/** The resources of a call, and the places that record traces, at this moment. */
function takeSnapshot(
  state: EmulatorState,
  records: Recorded,
  call: Call,
): { resources: Resource[]; recording: string[] } {
  const recording = state.trackers.places().filter((place) => isRecording(state, place));
  return { resources: records.resources(state, call), recording: recording.map(placeKey) };
}

/** A call may change the name of a resource with an id. */
function identityOf({ place, resource_id, resource_name }: Resource): string {
  return `${placeKey(place)}/${resource_id ?? resource_name}`;
}

/** Without an enabled tracker nothing is recorded, unless the switch says so. */
function isRecording({ trackers, behaviour }: EmulatorState, place: Place): boolean {
  return behaviour.recordsAlways || trackers.current(place)?.settings.status === "enabled";
}

/** The caller, the request and the answer, as traces hold them. */
function describeExchange(
  { account }: EmulatorState,
  { path }: Operation,
  call: Call,
  answer: Answer,
): Partial<WireTrace> {
  return {
    trace_rating: answer.status >= 500 ? "incident" : answer.status >= 400 ? "warning" : "normal",
    user: traceUserOf(account, account.user.name),
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

/** The call that the web console makes for an action. */
export interface ConsoleCall {
  /** As in {@link Recorded}. */
  trace_name: string;
  /** The HTTP status. */
  code: string;
  request: unknown;
}

/** An action of a person in the web console. */
interface ConsoleAction extends ConsoleCall {
  resource_type: string;
  /** The name of the person. */
  user: string;
  /** The resource of the action, if it exists; read before and, if it did not exist, after. */
  resource(): Resource | undefined;
}

/** Records an action in the web console, which is on this machine as everything of the emulator. */
export function recordConsoleAction(
  state: EmulatorState,
  place: Place,
  { request, resource, user, ...action }: ConsoleAction,
  act: () => void,
): void {
  const before = resource();
  const wasRecording = isRecording(state, place);
  act();
  const { place: _, ...named } = before ?? resource() ?? { place };
  if (wasRecording || isRecording(state, place)) {
    recordTrace(state, place, {
      ...action,
      ...named,
      trace_rating: "normal",
      trace_type: "ConsoleAction",
      user: traceUserOf(state.account, user),
      source_ip: "127.0.0.1",
      api_version: "v3",
      request: toText(request),
      response: "",
    });
  }
}

/** Records the trackers that the service makes by itself. With synthetic traffic they are older than the log. */
export function recordInitialTrackers(state: EmulatorState): void {
  const { trackers, account } = state;
  for (const place of state.traces.hasTraffic ? [] : trackers.places()) {
    const tracker = trackers.current(place);
    if (tracker) {
      recordTrace(state, place, {
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
 * Records a trace and notifies its subscribers. While the tracker is disabled, no messages are sent: the real service's
 * messages are about traces, and there are none. The last message is that the tracker is disabled.
 */
function recordTrace(state: EmulatorState, place: Place, trace: Partial<WireTrace>): void {
  // The clocks of tests count fractions of milliseconds; traces have none.
  const time = Math.floor(state.clock());
  const record_time = time + state.behaviour.recordLagMs;
  const written = state.traces.add(place, [
    { ...trace, service_type: "CTS", time, record_time, tracker_name: "system" },
  ]);
  // Only `delivered()` waits for the messages.
  for (const one of written) {
    void publish(state, place, one);
  }
}
