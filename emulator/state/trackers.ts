import type { Behaviour } from "../behaviour";
import { type Account, dashedId } from "../options";
import { type Place, placeKey, placesOf } from "../place";
import { DEFAULT_SETTINGS, type WireTrackerSettings } from "../wire/trackers";
import { LaggedHistory } from "./laggedHistory";

/** A tracker as the service keeps it. */
export interface StoredTracker {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly createTime: number;
  readonly settings: WireTrackerSettings;
}

/** The trackers of every project and region with their recent past, and the buckets that exist. */
export class TrackerStore {
  /** Names of the existing OBS buckets; buckets belong to no region. */
  readonly buckets = new Set<string>();
  readonly #histories: LaggedHistory<StoredTracker | undefined>;
  #created = 0;

  constructor(
    private readonly account: Account,
    private readonly behaviour: Behaviour,
    private readonly clock: () => number,
  ) {
    this.#histories = new LaggedHistory(behaviour, clock);
    this.reset();
  }

  /** Resets to a new account: no bucket, and a tracker everywhere if `trackerExists`. */
  reset(): void {
    this.buckets.clear();
    this.#created = 0;
    for (const place of this.places()) {
      this.#histories.reset(place, undefined);
      this.backdate(place, this.behaviour.trackerExists ? DEFAULT_SETTINGS : undefined);
    }
  }

  /** Every place, the projects of the first region first. */
  places(): Place[] {
    return placesOf(this.account);
  }

  /** The tracker now. */
  current(place: Place): StoredTracker | undefined {
    return this.#histories.current(place);
  }

  /** The tracker that a read shows: that of `lagMs` ago. */
  visible(place: Place): StoredTracker | undefined {
    return this.#histories.visible(place);
  }

  write(place: Place, settings: WireTrackerSettings): StoredTracker {
    const tracker = this.#toStored(place, settings);
    this.#histories.append(place, tracker);
    return tracker;
  }

  remove(place: Place): void {
    this.#histories.append(place, undefined);
  }

  /** Sets the tracker as if it had always been there: no read shows an earlier state. */
  backdate(place: Place, settings: WireTrackerSettings | undefined): void {
    this.#histories.reset(place, settings && this.#toStored(place, settings));
  }

  #toStored(place: Place, settings: WireTrackerSettings): StoredTracker {
    const bucket = settings.obs_info?.bucket_name;
    if (bucket) {
      this.buckets.add(bucket);
    }
    const old = this.current(place);
    return {
      id: old?.id ?? this.#newId(place),
      createTime: old?.createTime ?? this.clock(),
      settings,
    };
  }

  #newId(place: Place): string {
    this.#created += 1;
    return dashedId(`tracker ${this.#created} ${placeKey(place)}`);
  }
}
