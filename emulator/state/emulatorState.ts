import type { AccessKeys } from "../auth/accessKeys";
import type { Tokens } from "../auth/tokens";
import type { Behaviour } from "../behaviour";
import type { EventLoopTurns } from "../http/eventLoopTurns";
import type { Faults } from "../http/faults";
import type { Journal } from "../http/journal";
import type { Throttle } from "../http/throttle";
import type { Account } from "../options";
import type { NotificationStore } from "./notifications";
import type { Topics } from "./topics";
import type { TraceStore } from "./traces";
import type { TrackerStore } from "./trackers";

/** Everything that an operation may read or change. */
export interface EmulatorState {
  /** Without a slash at the end; set once the server listens. */
  url: string;
  readonly account: Account;
  readonly behaviour: Behaviour;
  readonly trackers: TrackerStore;
  readonly traces: TraceStore;
  readonly notifications: NotificationStore;
  readonly topics: Topics;
  readonly tokens: Tokens;
  readonly keys: AccessKeys;
  readonly throttle: Throttle;
  readonly turns: EventLoopTurns;
  readonly faults: Faults;
  readonly journal: Journal;
  /** The properties of other services' resources that changes have set, by id or name. */
  readonly foreignResources: Map<string, Record<string, unknown>>;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** Waits this many milliseconds. */
  readonly sleep: (ms: number) => Promise<void>;
}

/** The CTS base of a region, without version and project. */
export function endpointOf(state: EmulatorState, region: string): string {
  return `${state.url}/${region}`;
}
