import type * as pulumi from "@pulumi/pulumi";
import { trackerSpec } from "../provider/tracker/spec";
import { DynamicResource, typeOf } from "./internal/dynamicResource";
import { isOfType } from "./internal/isOfType";
import { placesDeclaredNext } from "./internal/prefetchHints";

/** The transfer of trace files to an OBS bucket. */
export interface ObsInfoArgs {
  /**
   * The OBS bucket: 3 to 63 lower-case letters, digits, hyphens and dots, beginning and ending with a letter or
   * digit, without `..`, `.-` or `-.`, not an IP address. It must be of the storage class Standard.
   */
  bucketName: pulumi.Input<string>;
  /**
   * Begins the name of every trace file: at most 64 letters, digits, underscores, hyphens and dots.
   * @defaultValue none
   */
  filePrefixName?: pulumi.Input<string>;
  /**
   * `false`: the bucket exists. `true`: CTS creates it.
   * @defaultValue false
   */
  isObsCreated?: pulumi.Input<boolean>;
  /**
   * `"gzip"`, or `"json"` for files that are not compressed.
   * @defaultValue "gzip"
   */
  compressType?: pulumi.Input<"gzip" | "json">;
  /**
   * True stores the files of each service in a folder of its own.
   * @defaultValue true
   */
  isSortByService?: pulumi.Input<boolean>;
}

/**
 * The arguments of a tracker. An argument that is left out has its default, which is set, and whose drift is detected,
 * all the same.
 */
export interface TrackerArgs {
  /**
   * `"enabled"` records traces, `"disabled"` does not.
   * @defaultValue "enabled"
   */
  status?: pulumi.Input<"enabled" | "disabled">;
  /**
   * Transfer of trace files to a bucket, for longer than the seven days that CTS keeps them.
   * @defaultValue none: nothing is transferred
   */
  obsInfo?: pulumi.Input<ObsInfoArgs>;
  /**
   * True also sends traces to the log tank service (log group `CTS`, topic `system-trace`).
   * @defaultValue false
   */
  isLtsEnabled?: pulumi.Input<boolean>;
  /**
   * True stores digest files, which prove trace files unchanged. Needs `obsInfo`.
   * @defaultValue false
   */
  isSupportValidate?: pulumi.Input<boolean>;
  /**
   * The region, for example `eu-de`. Changing this replaces the tracker.
   * @defaultValue the connection's: config `otc-cts:region`, or `OS_REGION_NAME`
   */
  region?: pulumi.Input<string>;
  /**
   * The project's id. Changing this replaces the tracker; naming the same project by name is no change.
   * @defaultValue the connection's: config `otc-cts:projectId`, or `OS_PROJECT_ID`
   */
  projectId?: pulumi.Input<string>;
  /**
   * The project's name, for example `eu-de_production`, in place of its id.
   * @defaultValue the connection's: config `otc-cts:projectName`, or `OS_PROJECT_NAME`
   */
  projectName?: pulumi.Input<string>;
  /**
   * The treatment of a tracker that exists already; usually there is one, made by the service. `true`: take it over
   * and set it as declared. `false`: fail.
   * @defaultValue unset: take it over where nothing that is set on it would be lost, else fail and list what would
   * change
   */
  adopt?: pulumi.Input<boolean>;
  /**
   * The effect of `destroy`. `"delete"`: deletes the tracker. `"disable"`: leaves it, switched off. `"restore"`: puts
   * back the settings it had when it was taken over; a tracker that this resource created is deleted.
   * @defaultValue "restore", which is to say "delete" where this resource created the tracker
   */
  onDestroy?: pulumi.Input<"delete" | "disable" | "restore">;
}

/** One of these values, or another one that the service says: it is shown as it is, and differs from all that is declared. */
export type Reported<Known extends string> = Known | (string & {});

/** The transfer of trace files, as it is in effect. */
export interface ObsInfo {
  readonly bucketName: string;
  readonly filePrefixName?: string;
  /** Not told by API v1.0. */
  readonly isObsCreated?: boolean;
  readonly compressType: Reported<"gzip" | "json">;
  readonly isSortByService: boolean;
  /** True if the bucket has granted CTS access. */
  readonly isAuthorizedBucket?: boolean;
  /** Days that the bucket keeps trace files; absent where it keeps them for ever. */
  readonly bucketLifecycle?: number;
  /** The region of the bucket. */
  readonly bucketLocation?: string;
}

/** Transfer to the log tank service, as it is in effect. */
export interface Lts {
  readonly isLtsEnabled: boolean;
  readonly logGroupName?: string;
  readonly logTopicName?: string;
}

/** The settings that a tracker had when it was taken over. */
export interface AdoptedSettings {
  readonly status: Reported<"enabled" | "disabled" | "error">;
  readonly obsInfo?: Omit<ObsInfo, "isAuthorizedBucket" | "bucketLifecycle" | "bucketLocation">;
  readonly isLtsEnabled: boolean;
  readonly isSupportValidate: boolean;
}

/**
 * Manages the management tracker `system` of a project in a region: its audit log. There is one per project and region,
 * usually made by the service itself, so a tracker that exists is taken over: see {@link TrackerArgs.adopt}.
 *
 * Its id is `{region}/{projectId}/system`.
 *
 * @param name the resource's name in the program.
 * @param args the arguments of the tracker. @defaultValue all defaults
 * @param opts Pulumi's resource options. A replacement always deletes first: there is one tracker per project and region,
 * so that creating first would take over the old one and then delete it. Give `replaceOnChanges` here: Pulumi does not
 * tell a dynamic provider of it if a transformation adds it.
 *
 * @example
 * ```ts
 * import * as cts from "pulumi-otc-cts";
 *
 * const audit = new cts.Tracker("audit", {
 *   obsInfo: { bucketName: "audit-files", filePrefixName: "prod" },
 *   isSupportValidate: true,
 * });
 * export const status = audit.status;
 * ```
 */
export class Tracker extends DynamicResource {
  /** `"enabled"`, `"disabled"`, or `"error"`: then {@link detail} says why. */
  declare readonly status: pulumi.Output<Reported<"enabled" | "disabled" | "error">>;
  /** The transfer of trace files; undefined if they go nowhere. */
  declare readonly obsInfo: pulumi.Output<ObsInfo | undefined>;
  /** True if traces go to the log tank service. */
  declare readonly isLtsEnabled: pulumi.Output<boolean>;
  /** True if digest files are written, by which changed trace files are found. */
  declare readonly isSupportValidate: pulumi.Output<boolean>;
  /** The region that the tracker is in, for example `eu-de`. */
  declare readonly region: pulumi.Output<string>;
  /** The id of the project that the tracker is in. */
  declare readonly projectId: pulumi.Output<string>;
  /** Known where the project was given by name. */
  declare readonly projectName: pulumi.Output<string | undefined>;
  /** As declared: see {@link TrackerArgs.adopt}. */
  declare readonly adopt: pulumi.Output<boolean | undefined>;
  /** As declared: see {@link TrackerArgs.onDestroy}. */
  declare readonly onDestroy: pulumi.Output<"delete" | "disable" | "restore" | undefined>;
  /** The id that the service gave the tracker. */
  declare readonly trackerId: pulumi.Output<string>;
  /** Always `system`. */
  declare readonly trackerName: pulumi.Output<string>;
  /** Always `system`. */
  declare readonly trackerType: pulumi.Output<string>;
  /** The account. */
  declare readonly domainId: pulumi.Output<string | undefined>;
  /** When the tracker was made: ISO 8601, UTC. */
  declare readonly createTime: pulumi.Output<string | undefined>;
  /** Why the status is `"error"`: `noBucket`, `bucketPolicyError` or `arrears`. */
  declare readonly detail: pulumi.Output<string | undefined>;
  /** Transfer to the log tank service. */
  declare readonly lts: pulumi.Output<Lts>;
  /** The settings at the take-over; undefined if this resource created the tracker. Always a secret. */
  declare readonly adopted: pulumi.Output<AdoptedSettings | undefined>;

  // The documentation is that of the class: a comment here would hide it in editors.
  constructor(name: string, args: TrackerArgs = {}, opts: pulumi.CustomResourceOptions = {}) {
    // One that is only looked up is not checked.
    const __prefetch = opts.id === undefined ? placesDeclaredNext(args) : undefined;
    super(trackerSpec, name, { ...args, __prefetch }, opts);
  }

  /**
   * Reads a tracker that is managed elsewhere.
   *
   * @param id `{region}/{projectId}/system`, or `system` for the connection's own region and project.
   */
  static get(name: string, id: pulumi.Input<pulumi.ID>, opts: pulumi.CustomResourceOptions = {}): Tracker {
    return new Tracker(name, {}, { ...opts, id });
  }

  /** Tells whether a value is a tracker, also one that another installed copy of this package made. */
  static override isInstance(value: unknown): value is Tracker {
    return isOfType(value, typeOf(trackerSpec));
  }
}
