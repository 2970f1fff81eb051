import type { KeyPair } from "./auth/signature";
import type { SignInKind } from "./auth/signInSettings";
import type { EmulatorConsole } from "./console/tracker";
import type { EmulatorEvents } from "./control/events";
import type { Faults } from "./http/faults";
import type { Journal } from "./http/journal";
import type { Behaviour } from "./options";
import type { Where } from "./state/state";
import type { WireTrace } from "./wire/traces";
import type { WireTracker, WireTrackerChanges } from "./wire/trackers";

/** The traces of an emulator, behind the service's back. */
export interface EmulatorTraces {
  /**
   * Writes down one trace or several, in any order, late ones too; returns copies of them as they are in the log. A
   * field that is left out is at a default, one that is `undefined` is not there. `time` is by default now, and
   * `record_time`, from which on a trace can be queried, is by default `time`. No message is sent about them: see
   * `emit`. Throws an Error for a `trace_id` that is
   * there already, and for a `time` that is not milliseconds since 1970; then none is written down.
   */
  add(traces: Partial<WireTrace> | readonly Partial<WireTrace>[], where?: Where): WireTrace[];
  /**
   * Copies of all traces of the last seven days, the newest first, also those that are not to be queried yet. Makes
   * every synthetic one: about a second, and some hundred megabytes, for each 100,000.
   */
  list(where?: Where): WireTrace[];
  /** Forgets all traces of all places, synthetic ones too. */
  clear(): void;
}

/** A running emulator of CTS and IAM. */
export interface Emulator extends EmulatorEvents {
  /** For example `http://127.0.0.1:4510`. */
  readonly url: string;
  /** Where to sign in: `{url}/v3`. */
  readonly authUrl: string;
  /** The CTS base of a region, without version and project; default the first region. */
  endpoint(region?: string): string;
  /**
   * What to put under `otc-cts:` in the configuration of a stack, secrets included; by default to sign in by
   * password. `"token"` issues one. Throws an Error for `"keys"` and `"temporaryKeys"` if there are no such keys.
   */
  settings(where?: Where, how?: SignInKind): Record<string, string>;
  /** What calls may be signed with. */
  readonly keys: readonly Readonly<KeyPair>[];
  /** The id of a project; default the first. */
  projectId(name?: string): string;
  /** How the service behaves; may be changed at any time. */
  readonly behaviour: Behaviour;
  /** What is to go wrong. */
  readonly faults: Faults;
  /** What was called. */
  readonly journal: Journal;
  /** A copy of what the service really has now, whatever `lagMs` lets a read see. */
  tracker(where?: Where): WireTracker | undefined;
  /**
   * Puts a tracker there as if it had always been, past every rule and lag; what is left out is at service defaults.
   * `undefined` means none.
   */
  setTracker(tracker: WireTrackerChanges | undefined, where?: Where): void;
  /** What CTS has written down, and synthetic traffic if it was asked for. */
  readonly traces: EmulatorTraces;
  /** What a person does in the web console. */
  readonly console: EmulatorConsole;
  /** All trackers that exist, as `tracker()` shows them. */
  trackers(): { region: string; projectId: string; tracker: WireTracker }[];
  /**
   * Trackers, traces, buckets, notifications, topics, faults, journal, behaviour, tokens, locked keys and rate back to how the
   * emulator was started.
   */
  reset(): void;
  /** Makes every token issued so far invalid: the next call with one is answered 401. */
  revokeTokens(): void;
  /** Stops listening and closes every connection, also those that wait for an answer, also to subscribers. */
  close(): Promise<void>;
}
