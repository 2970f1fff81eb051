import type { KeyPair } from "./auth/signature";
import type { SignInKind } from "./auth/signInSettings";
import type { Behaviour } from "./behaviour";
import type { ForeignResources } from "./console/otherServices";
import type { EmulatorConsole } from "./console/tracker";
import type { EmulatorEvents } from "./control/events";
import type { Faults } from "./http/faults";
import type { Journal } from "./http/journal";
import type { PlaceRef } from "./place";
import type { WireTrace } from "./wire/traces";
import type { WireTracker, WireTrackerChanges } from "./wire/trackers";

/** The traces of an emulator, read and written without a call. */
export interface EmulatorTraces {
  /**
   * Records one trace or several, in any order, late ones too; returns copies of them as they are in the log. An
   * omitted field gets its default, an `undefined` one is absent. `time` defaults to now, and `record_time`, from which
   * on the trace can be queried, to `time`. Sends no messages: see `emit`. Throws an Error for a `trace_id` that
   * exists, for a `time` that is not milliseconds since 1970, and for values that are nested deeper than 1000 levels;
   * then none is recorded.
   */
  add(traces: Partial<WireTrace> | readonly Partial<WireTrace>[], place?: PlaceRef): WireTrace[];
  /**
   * Copies of the traces of the last seven days, the newest first, also those that cannot be queried yet. Makes every
   * synthetic one: about a second, and some hundred megabytes, for each 100,000.
   *
   * @param limit the most traces to list. @defaultValue all
   */
  list(place?: PlaceRef, limit?: number): WireTrace[];
  /** Forgets all traces of all places, synthetic ones too. */
  clear(): void;
}

/** A running emulator of CTS and IAM. */
export interface Emulator extends EmulatorEvents, ForeignResources {
  /** For example `http://127.0.0.1:4510`. */
  readonly url: string;
  /** The base URL for signing in: `{url}/v3`. */
  readonly authUrl: string;
  /** The CTS base of a region, without version and project. @defaultValue the first region */
  endpoint(region?: string): string;
  /**
   * Settings to put under `otc-cts:` in the configuration of a stack, secrets included. `"token"` issues a token.
   * Throws an Error for `"keys"` and `"temporaryKeys"` if there are no such keys. @defaultValue sign in by password
   */
  settings(ref?: PlaceRef, how?: SignInKind): Record<string, string>;
  /** The keys that calls may be signed with. */
  readonly keys: readonly Readonly<KeyPair>[];
  /** The id of a project. @defaultValue the first project */
  projectId(name?: string): string;
  /** The behaviour of the service; may be changed at any time. */
  readonly behaviour: Behaviour;
  /** The faults that calls are to meet. */
  readonly faults: Faults;
  /** The calls so far. */
  readonly journal: Journal;
  /** A copy of the tracker as it really is now, whatever `lagMs` lets a read see. */
  tracker(place?: PlaceRef): WireTracker | undefined;
  /**
   * Sets a tracker as if it had always been there, past every rule and lag; omitted settings are at service defaults.
   * `undefined` means none.
   */
  setTracker(tracker: WireTrackerChanges | undefined, place?: PlaceRef): void;
  /** The traces that CTS has recorded, and synthetic traffic if it was asked for. */
  readonly traces: EmulatorTraces;
  /** Actions of a person in the web console. */
  readonly console: EmulatorConsole;
  /** Every project in its region, the projects of the first region first. */
  places(): { region: string; projectId: string; project: string }[];
  /** All trackers that exist, as `tracker()` shows them. */
  trackers(): { region: string; projectId: string; tracker: WireTracker }[];
  /**
   * Resets trackers, traces, buckets, notifications, topics, faults, journal, behaviour, tokens, locked keys and the
   * rate limit to the start of the emulator.
   */
  reset(): void;
  /** Makes every token issued so far invalid: the next call with one is answered 401. */
  revokeTokens(): void;
  /** Stops listening and closes every connection, also those that wait for an answer, also to subscribers. */
  close(): Promise<void>;
}
