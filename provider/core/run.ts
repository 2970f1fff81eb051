import type { NotificationEntry } from "../../client/api/notifications";
import type { WireTracker } from "../../client/api/trackers";
import type { Clock } from "../../client/clock";
import type { Connection } from "../../client/connection";
import { Declarations } from "./declarations";
import { KeyedMutex } from "./keyedMutex";
import { PlaceResolver } from "./place";
import { ReadCache } from "./readCache";

/** A read for `check`, or ahead of it, serves `create` in the same run, which follows soon. */
const TRACKER_TTL_MS = 10_000;
/**
 * A refresh says what there was at some moment, and a moment some seconds ago does as well. So long, all that are read
 * share one list.
 */
const NOTIFICATIONS_TTL_MS = 30_000;

/** The state of one run of the provider: its connection, and what its resources know of each other. */
export class Run {
  readonly places: PlaceResolver;
  readonly declarations = new Declarations();
  readonly mutex = new KeyedMutex();
  /** By the tracker's id. */
  readonly trackers: ReadCache<WireTracker | undefined>;
  /** All notifications of a place, by {@link placeKey}. */
  readonly notifications: ReadCache<readonly NotificationEntry[]>;

  /** @param connect gives the connection, or throws ConfigError where it is not set up. */
  constructor(
    readonly connect: () => Connection,
    readonly clock: Clock,
  ) {
    this.places = new PlaceResolver(connect);
    this.trackers = new ReadCache(clock, TRACKER_TTL_MS);
    this.notifications = new ReadCache(clock, NOTIFICATIONS_TTL_MS);
  }
}
