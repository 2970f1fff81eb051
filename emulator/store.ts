import { type Account, type Behaviour, hexId } from "./options";
import { defaultSettings, type WireTrackerSettings } from "./wire";

/** One project in one region: where there is one management tracker or none. */
export interface Place {
  region: string;
  /** 32 hexadecimal digits. */
  projectId: string;
}

/** A tracker as the service keeps it; how it reads is another matter. */
export interface StoredTracker {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly createTime: number;
  readonly settings: WireTrackerSettings;
}

/** What there was from a point in time on (milliseconds since 1970). */
interface Moment {
  at: number;
  tracker: StoredTracker | undefined;
}

/** The trackers of every project and region with their recent past, and the buckets that exist. */
export class Store {
  /** Names of the OBS buckets that are known to exist; they belong to no region. */
  readonly buckets = new Set<string>();
  readonly #histories = new Map<string, Moment[]>();
  #created = 0;

  constructor(
    private readonly account: Account,
    private readonly behaviour: Behaviour,
    private readonly clock: () => number,
  ) {
    this.reset();
  }

  /** Back to how an account starts: no bucket, and a tracker everywhere if `trackerExists`. */
  reset(): void {
    this.buckets.clear();
    this.#histories.clear();
    this.#created = 0;
    for (const place of this.places()) {
      this.replace(place, this.behaviour.trackerExists ? defaultSettings : undefined);
    }
  }

  /** Every place, the projects of the first region first. */
  places(): Place[] {
    return this.account.regions.flatMap((region) =>
      this.account.projects.map(({ id }) => ({ region, projectId: id })),
    );
  }

  /** What there is now. */
  current(place: Place): StoredTracker | undefined {
    return this.#history(place).at(-1)?.tracker;
  }

  /** What a read shows: what there was `lagMs` ago. */
  visible(place: Place): StoredTracker | undefined {
    const { lagMs } = this.behaviour;
    if (lagMs <= 0) {
      return this.current(place);
    }
    return this.#history(place).findLast(({ at }) => at <= this.clock() - lagMs)?.tracker;
  }

  /** Creates the tracker, or changes it where there is one. */
  write(place: Place, settings: WireTrackerSettings): StoredTracker {
    const tracker = this.#toStored(place, settings);
    this.#append(place, tracker);
    return tracker;
  }

  /** Takes the tracker away. */
  remove(place: Place): void {
    this.#append(place, undefined);
  }

  /** Makes it as if it had always been so: no read shows what was before. */
  replace(place: Place, settings: WireTrackerSettings | undefined): void {
    const tracker = settings && this.#toStored(place, settings);
    this.#histories.set(keyOf(place), [{ at: Number.NEGATIVE_INFINITY, tracker }]);
  }

  #toStored(place: Place, settings: WireTrackerSettings): StoredTracker {
    const bucket = settings.obs_info?.bucket_name;
    if (bucket) {
      this.buckets.add(bucket);
    }
    const old = this.#histories.get(keyOf(place))?.at(-1)?.tracker;
    return {
      id: old?.id ?? this.#newId(place),
      createTime: old?.createTime ?? this.clock(),
      settings,
    };
  }

  #newId(place: Place): string {
    this.#created += 1;
    const hex = hexId(`tracker ${this.#created} ${keyOf(place)}`);
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
  }

  #append(place: Place, tracker: StoredTracker | undefined): void {
    const history = this.#history(place);
    history.push({ at: this.clock(), tracker });
    const oldestNeeded = history.findLastIndex(({ at }) => at <= this.clock() - this.behaviour.lagMs);
    history.splice(0, Math.max(oldestNeeded, 0));
  }

  #history(place: Place): Moment[] {
    const history = this.#histories.get(keyOf(place));
    if (history === undefined) {
      throw new Error(`The emulator has no project ${place.projectId} in region ${place.region}.`);
    }
    return history;
  }
}

/** A place as text: the same for the same place. */
export function keyOf({ region, projectId }: Place): string {
  return `${region}/${projectId}`;
}
