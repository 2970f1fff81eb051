import * as pulumi from "@pulumi/pulumi";
import { keyEventNotificationSpec } from "../provider/keyEventNotification/spec";
import { DynamicResource, typeOf } from "./internal/dynamicResource";
import { isOfType } from "./internal/isOfType";
import type { Reported } from "./tracker";

/** Operations of one kind of resource. {@link events} has the common ones. */
export interface OperationArgs {
  /** The acronym of the service, in capitals, for example `ECS`. */
  serviceType: pulumi.Input<string>;
  /** For example `ecs`. Upper and lower case make a difference. */
  resourceType: pulumi.Input<string>;
  /** Names of operations as traces have them, for example `deleteServer`: at least one, each of 1 to 64 characters. */
  traceNames: pulumi.Input<pulumi.Input<string>[]>;
}

/** Users of one group. */
export interface NotifyUserArgs {
  /** The name of an IAM user group. */
  userGroup: pulumi.Input<string>;
  /** The names of users of that group: at least one. */
  userList: pulumi.Input<pulumi.Input<string>[]>;
}

/** Further conditions on a trace. */
export interface FilterArgs {
  /**
   * `"AND"`: every rule must be kept. `"OR"`: at least one.
   * @defaultValue "AND"
   */
  condition?: pulumi.Input<"AND" | "OR">;
  /**
   * True puts the filter into effect; the console shows it only then.
   * @defaultValue true
   */
  isSupportFilter?: pulumi.Input<boolean>;
  /**
   * One to six rules, each `field = value` or `field != value`. Fields and their values: `api_version` (1 to 64 letters,
   * digits, `-`, `_` and `.`), `code` (the HTTP status, 1 to 256 characters), `trace_rating` (`normal`, `warning` or
   * `incident`), `trace_type` (`ApiCall`, `ConsoleAction` or `SystemAction`), `resource_id` (1 to 350 characters),
   * `resource_name` (1 to 256 characters).
   */
  rule: pulumi.Input<pulumi.Input<string>[]>;
}

/**
 * The arguments of a key event notification. An argument that is left out has its default, which is set, and whose
 * drift is detected, all the same. The order of operations, names, users and rules makes no difference.
 */
export interface KeyEventNotificationArgs {
  /**
   * 1 to 64 letters, digits and underscores, unique in the project and region. Changing this renames the notification;
   * it stays the same one. A name may pass from one to another in one `up`. Two cannot swap their names in one `up`.
   */
  notificationName: pulumi.Input<string>;
  /**
   * `"complete"`: about every operation of every service. `"customized"`: about those in `operations`.
   * @defaultValue "customized" where there are `operations`, else "complete"
   */
  operationType?: pulumi.Input<"complete" | "customized">;
  /**
   * The operations that it is about, of at most 100 services, at most 1000 names together. {@link events} has the
   * common ones. Not with `"complete"`.
   */
  operations?: pulumi.Input<pulumi.Input<OperationArgs>[]>;
  /**
   * Whose operations it is about: at most 50 users in 10 groups.
   * @defaultValue none: everybody's
   */
  notifyUserList?: pulumi.Input<pulumi.Input<NotifyUserArgs>[]>;
  /**
   * The topic that messages go to: the URN of an SMN topic in the same region, `urn:smn:{region}:{projectId}:{name}`.
   * This or `topicName` is required, unless `status` is `"disabled"`.
   */
  topicId?: pulumi.Input<string>;
  /**
   * The name of an SMN topic in the same project and region, in place of its URN: 1 to 255 letters, digits, `-` and `_`,
   * the first a letter or digit.
   */
  topicName?: pulumi.Input<string>;
  /**
   * Further conditions on a trace.
   * @defaultValue none
   */
  filter?: pulumi.Input<FilterArgs>;
  /**
   * `"enabled"` sends messages, `"disabled"` does not. They are about traces, of which there are none while the
   * project's tracker is disabled.
   * @defaultValue "enabled"
   */
  status?: pulumi.Input<"enabled" | "disabled">;
  /**
   * The region, for example `eu-de`. Changing this replaces the notification.
   * @defaultValue the connection's: config `otc-cts:region`, or `OS_REGION_NAME`
   */
  region?: pulumi.Input<string>;
  /**
   * The project's id. Changing this replaces the notification; naming the same project by name is no change.
   * @defaultValue the connection's: config `otc-cts:projectId`, or `OS_PROJECT_ID`
   */
  projectId?: pulumi.Input<string>;
  /**
   * The project's name, for example `eu-de_production`, in place of its id.
   * @defaultValue the connection's: config `otc-cts:projectName`, or `OS_PROJECT_NAME`
   */
  projectName?: pulumi.Input<string>;
  /**
   * The treatment of an existing notification of that name. `true`: take it over and set it as declared; `destroy` then
   * deletes it. `false`: fail, in `up`.
   * @defaultValue false
   */
  adopt?: pulumi.Input<boolean>;
}

/** Operations of one kind of resource, as they are in effect. */
export interface Operation {
  readonly serviceType: string;
  readonly resourceType: string;
  readonly traceNames: string[];
}

/** Users of one group, as they are in effect. */
export interface NotifyUser {
  readonly userGroup: string;
  readonly userList: string[];
}

/** Further conditions on a trace, as they are in effect. */
export interface Filter {
  readonly condition: Reported<"AND" | "OR">;
  readonly isSupportFilter: boolean;
  readonly rule: string[];
}

/**
 * Manages a key event notification: a message to a topic of the Simple Message Notification service (SMN) whenever certain
 * operations are traced in a project and region. There may be 100 in each.
 *
 * Its id is `{region}/{projectId}/{notificationId}`. It is managed by API v3 also where `otc-cts:apiVersion` is `v1`,
 * because v1.0 has no notifications.
 *
 * @param name the resource's name in the program.
 * @param args the arguments of the notification.
 * @param opts Pulumi's resource options. A replacement always deletes first: a name can be there only once. Give
 * `replaceOnChanges` here: Pulumi does not tell a dynamic provider of it if a transformation adds it.
 *
 * @example
 * ```ts
 * import * as cts from "pulumi-otc-cts";
 *
 * new cts.KeyEventNotification("audit-log", {
 *   notificationName: "audit_log",
 *   operations: [cts.events.cts.trackerChanges],
 *   topicName: "security",
 * });
 * ```
 */
export class KeyEventNotification extends DynamicResource {
  /** The name, unique in the project. */
  declare readonly notificationName: pulumi.Output<string>;
  /** `"complete"`: all operations. `"customized"`: those of {@link operations}. */
  declare readonly operationType: pulumi.Output<Reported<"complete" | "customized">>;
  /** Undefined where it is about every operation. */
  declare readonly operations: pulumi.Output<Operation[] | undefined>;
  /** Undefined where it is about everybody's operations. */
  declare readonly notifyUserList: pulumi.Output<NotifyUser[] | undefined>;
  /** The URN of the topic that gets the messages; undefined if there is none. */
  declare readonly topicId: pulumi.Output<string | undefined>;
  /** The conditions that a trace must meet; undefined if there are none. */
  declare readonly filter: pulumi.Output<Filter | undefined>;
  /** `"enabled"`, or `"disabled"`: then no messages are sent. */
  declare readonly status: pulumi.Output<Reported<"enabled" | "disabled">>;
  /** The region that the notification is in, for example `eu-de`. */
  declare readonly region: pulumi.Output<string>;
  /** The id of the project that the notification is in. */
  declare readonly projectId: pulumi.Output<string>;
  /** Known where the project was given by name. */
  declare readonly projectName: pulumi.Output<string | undefined>;
  /** As declared: see {@link KeyEventNotificationArgs.adopt}. */
  declare readonly adopt: pulumi.Output<boolean | undefined>;
  /** The service's own id, which stays when the notification is renamed. */
  declare readonly notificationId: pulumi.Output<string>;
  /** `smn`. */
  declare readonly notificationType: pulumi.Output<string>;
  /** The account. */
  declare readonly domainId: pulumi.Output<string | undefined>;
  /** When the notification was made: ISO 8601, UTC. */
  declare readonly createTime: pulumi.Output<string | undefined>;

  // The documentation is that of the class: a comment here would hide it in editors.
  constructor(name: string, args: KeyEventNotificationArgs, opts: pulumi.CustomResourceOptions = {}) {
    const operations = withoutNesting(args.operations);
    super(keyEventNotificationSpec, name, { ...args, operations }, opts);
  }

  /**
   * Reads a key event notification that is managed elsewhere.
   *
   * @param id `{region}/{projectId}/{notificationId}`, or just the last for the connection's own region and project.
   */
  static get(
    name: string,
    id: pulumi.Input<pulumi.ID>,
    opts: pulumi.CustomResourceOptions = {},
  ): KeyEventNotification {
    // Settings that are not declared are read.
    return new KeyEventNotification(name, {} as KeyEventNotificationArgs, { ...opts, id });
  }

  /** Tells whether a value is a key event notification, also one that another installed copy of this package made. */
  static override isInstance(value: unknown): value is KeyEventNotification {
    return isOfType(value, typeOf(keyEventNotificationSpec));
  }
}

/** Each entry of a list within the list in its place: some helpers of {@link events} are several entries. */
function withoutNesting(operations: KeyEventNotificationArgs["operations"]): typeof operations {
  // An array stays one: an output of it would be unknown as a whole where one entry is unknown.
  if (Array.isArray(operations)) {
    return operations.flat();
  }
  return operations && pulumi.output(operations).apply((list) => (Array.isArray(list) ? list.flat() : list));
}
