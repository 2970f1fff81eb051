/** The operations of a service that a notification is about; names are case-sensitive. */
export interface WireOperations {
  /** The service's acronym, for example `ECS`. */
  service_type: string;
  /** For example `server`. */
  resource_type: string;
  /** For example `deleteServer`; at least one. */
  trace_names: string[];
}

/** The users whose operations a notification is about. */
export interface WireNotifyUsers {
  /** Name of an IAM user group. */
  user_group: string;
  /** Names of IAM users of that group; at least one. */
  user_list: string[];
}

/** Further conditions on a trace, all or one of which must hold for a notification to be sent. */
export interface WireFilter {
  /** `"AND"`: every rule; `"OR"`: at least one. @defaultValue "AND" */
  condition: "AND" | "OR";
  /** True if the filter is in effect. @defaultValue false */
  is_support_filter: boolean;
  /**
   * `field = value` or `field != value`, at most six; the field is one of `api_version`, `code`, `trace_rating`,
   * `trace_type`, `resource_id` and `resource_name`.
   */
  rule: string[];
}

/** The settings of a key event notification. */
export interface WireNotificationSettings {
  /** 1 to 64 letters, digits and underscores; unique in a project and region. */
  notification_name: string;
  /** `"complete"`: every operation; `"customized"`: those in `operations`. */
  operation_type: "complete" | "customized";
  /** Empty with `"complete"`, else of at most 100 services and with at most 1000 names together. */
  operations: WireOperations[];
  /** At most 50 users in 10 groups; empty is everybody. @defaultValue empty */
  notify_user_list: WireNotifyUsers[];
  /** Messages are sent only if it is enabled. */
  status: "enabled" | "disabled";
  /** URN of the SMN topic for the messages; a notification without one is disabled. */
  topic_id?: string | undefined;
  /** Absent: none. */
  filter?: WireFilter | undefined;
}

/** Some settings of a key event notification; `undefined` ones are unset. */
export type WireNotificationChanges = {
  [K in keyof WireNotificationSettings]?: WireNotificationSettings[K] | undefined;
};

/** Some settings of a key event notification, its name among them. */
export type WireNotificationArgs = WireNotificationChanges & { notification_name: string };

/** A key event notification as `GET /v3/{project_id}/notifications/smn` shows it. */
export interface WireNotification extends WireNotificationSettings {
  /** Changes with every notification that is created. */
  notification_id: string;
  notification_type: "smn";
  /** Milliseconds since 1970, UTC. */
  create_time: number;
  /** 32 hexadecimal digits. */
  domain_id: string;
  /** 32 hexadecimal digits. */
  project_id: string;
}

/** The fields of a trace that notifications match. All other fields go into the message, too. */
export interface WireEvent {
  service_type: string;
  resource_type: string;
  trace_name: string;
  /**
   * The user; the service also writes it as a JSON string. A real trace does not have the `group`: the service asks
   * IAM. Without it, the user counts as a member of the group that a notification asks for.
   */
  user?: { name?: string; group?: string } | string;
  api_version?: string;
  /** The HTTP status that the operation was answered with. */
  code?: string | number;
  trace_rating?: string;
  trace_type?: string;
  resource_id?: string;
  resource_name?: string;
}

/** The message that SMN posts to a subscriber. The real one also signs it; the emulator does not. */
export interface WireMessage {
  type: "Notification";
  topic_urn: string;
  /** 32 hexadecimal digits; the same for every subscriber of the topic. */
  message_id: string;
  subject: string;
  /** The trace, as JSON text. */
  message: string;
  /** When it was published, UTC: `2026-11-22T00:00:00Z`. */
  timestamp: string;
}
