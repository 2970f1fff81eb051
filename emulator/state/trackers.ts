import { type Place, placesOf } from "../place";
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
export class TrackerStore extends LaggedHistory<StoredTracker | undefined> {
  /** Names of the existing OBS buckets; buckets belong to no region. */
  readonly buckets = new Set<string>();
  protected override readonly initial = undefined;

  /** Resets to a new account: no bucket, and a tracker everywhere if `trackerExists`. */
  override reset(): void {
    super.reset();
    this.buckets.clear();
    for (const place of this.places()) {
      this.backdate(place, this.behaviour.trackerExists ? DEFAULT_SETTINGS : undefined);
    }
  }

  /** Every place, the projects of the first region first. */
  places(): Place[] {
    return placesOf(this.account);
  }

  write(place: Place, settings: WireTrackerSettings): StoredTracker {
    const tracker = this.#toStored(place, settings);
    this.append(place, tracker);
    return tracker;
  }

  remove(place: Place): void {
    this.append(place, undefined);
  }

  /** Sets the tracker as if it had always been there: no read shows an earlier state. */
  backdate(place: Place, settings: WireTrackerSettings | undefined): void {
    this.rewrite(place, settings && this.#toStored(place, settings));
  }

  #toStored(place: Place, settings: WireTrackerSettings): StoredTracker {
    const bucket = settings.obs_info?.bucket_name;
    if (bucket) {
      this.buckets.add(bucket);
    }
    const old = this.current(place);
    return {
      id: old?.id ?? this.newId("tracker", place),
      createTime: old?.createTime ?? this.clock(),
      settings,
    };
  }
}
