/** The settings of a tracker's transfer to an OBS bucket, as the API spells them. */
export interface WireObsInfo {
  /** The bucket, 3 to 63 characters; `""` means no transfer. */
  bucket_name: string;
  /** The first characters of the names of the trace files, 0 to 64. @defaultValue "" */
  file_prefix_name: string;
  /** True: CTS was asked to create the bucket. False: it exists. @defaultValue false */
  is_obs_created: boolean;
  /** The packing of the trace files; `"json"` is unpacked. @defaultValue "gzip" */
  compress_type: "gzip" | "json";
  /** True if the path of a trace file has a folder for the service. @defaultValue true */
  is_sort_by_service: boolean;
}

/** The settings of a tracker. */
export interface WireTrackerSettings {
  /** Traces are recorded only if it is enabled. @defaultValue "enabled" */
  status: "enabled" | "disabled";
  /** The transfer to a bucket. @defaultValue absent: no transfer */
  obs_info?: WireObsInfo | undefined;
  /** Transfer to the log tank service. @defaultValue false */
  is_lts_enabled: boolean;
  /** Digest files that prove the trace files unchanged. @defaultValue false */
  is_support_validate: boolean;
}

/** Some settings of a tracker; `undefined` ones are left out. */
export type WireTrackerChanges = Some<Omit<WireTrackerSettings, "obs_info">> & {
  /** May be partial, too. An empty `bucket_name` means no transfer. */
  obs_info?: Some<WireObsInfo> | undefined;
};

type Some<T> = { [K in keyof T]?: T[K] | undefined };

/** A tracker as `GET /v3/{project_id}/trackers` shows it. Strings that are not set are `""`. */
export interface WireTracker {
  /** Changes with every tracker that is created. */
  id: string;
  /** Milliseconds since 1970, UTC. */
  create_time: number;
  tracker_type: "system";
  tracker_name: "system";
  /** 32 hexadecimal digits. */
  domain_id: string;
  /** 32 hexadecimal digits. */
  project_id: string;
  /** `"error"`: enabled, but the transfer does not work; `detail` says why. */
  status: "enabled" | "disabled" | "error";
  /** Only there when `status` is `"error"`. */
  detail?: "bucketPolicyError" | "noBucket" | "arrears";
  is_support_validate: boolean;
  /** Group `CTS` and topic `system-trace` while the transfer is on. */
  lts: { is_lts_enabled: boolean; log_group_name: string; log_topic_name: string };
  /** Always present; without a transfer its `bucket_name` is `""` and the rest is at its default. */
  obs_info: WireObsInfo & {
    /** True if CTS may write to the bucket. */
    is_authorized_bucket: boolean;
    /** Days; 0 is not set. */
    bucket_lifecycle: number;
    /** The bucket's region. */
    bucket_location: string;
  };
}

/** A tracker as a POST of v1.0 answers it: without the fields of v3. */
export type WireNestedTracker = Omit<WireTracker, "is_support_validate" | "obs_info"> & {
  /** Of the log group, 32 hexadecimal digits; `""` while there is no transfer to it. */
  group_id: string;
  /** Of the log topic, likewise. */
  stream_id: string;
  obs_info: Omit<WireTracker["obs_info"], "compress_type" | "is_sort_by_service">;
};

/** A tracker as `GET /v1.0/{project_id}/tracker` shows it: of the transfer only these two. */
export type WireFlatTracker = Omit<WireNestedTracker, "obs_info"> &
  Pick<WireObsInfo, "bucket_name" | "file_prefix_name">;

/** The service's defaults for omitted transfer settings. */
export const DEFAULT_OBS_INFO: Readonly<WireObsInfo> = {
  bucket_name: "",
  file_prefix_name: "",
  is_obs_created: false,
  compress_type: "gzip",
  is_sort_by_service: true,
};

/** The settings of a tracker that the service creates by itself. */
export const DEFAULT_SETTINGS: Readonly<WireTrackerSettings> = {
  status: "enabled",
  is_lts_enabled: false,
  is_support_validate: false,
};
