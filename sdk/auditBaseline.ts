import * as pulumi from "@pulumi/pulumi";
import { CtsError } from "../client/errors";
import { compact } from "../client/values";
import { type EventOperations, events } from "./events";
import { isOfType } from "./internal/isOfType";
import { KeyEventNotification } from "./keyEventNotification";
import { Tracker, type TrackerArgs } from "./tracker";

/** A project in a region, and the topic for messages about it. */
export interface AuditedPlace {
  /**
   * The region, for example `eu-de`. Known when the program runs, as names of resources are made from it.
   * @defaultValue the connection's: config `otc-cts:region`, or `OS_REGION_NAME`
   */
  region?: string;
  /**
   * The project's name, for example `eu-de_production`. Known when the program runs.
   * @defaultValue the connection's project
   */
  projectName?: string;
  /** The project's id, in place of its name. Known when the program runs. */
  projectId?: string;
  /**
   * The URN of an SMN topic in the same region, `urn:smn:{region}:{projectId}:{name}`.
   * @defaultValue the topic of the baseline's `topicName` in this project and region
   */
  topicId?: pulumi.Input<string>;
  /**
   * Settings of this place's tracker, for example the bucket of its region. Each property replaces the one of the baseline's
   * `tracker`; `obsInfo` is replaced as a whole.
   * @defaultValue the baseline's `tracker`
   */
  tracker?: PlacelessTracker;
  /**
   * `true`: this place has the alarms that concern the whole account, `signIn` and `access`. If any place says `true`, only
   * such places have them: the account's sign-ins and users are the same in every region.
   * @defaultValue true if no place says `true`
   */
  accountAlarms?: boolean;
}

/** The settings of a tracker that do not say where it is. */
type PlacelessTracker = Omit<TrackerArgs, "region" | "projectName" | "projectId">;

/** An alarm of the baseline. */
export type AuditAlarm = keyof typeof ALARMS;

/** The arguments of {@link AuditBaseline}. */
export interface AuditBaselineArgs {
  /** Every project and region that is audited: at least one, each of them once. */
  places: readonly AuditedPlace[];
  /** The name of the SMN topic that each project has in its region; required if a place has no `topicId`. */
  topicName?: pulumi.Input<string>;
  /**
   * Settings of all trackers, for example the bucket of the trace files.
   * @defaultValue enabled, and nothing is transferred
   */
  tracker?: PlacelessTracker;
  /**
   * The alarms. `auditLog`: trackers and notifications changed, switched off or deleted. `signIn`: failed logins,
   * and protection by a second factor taken away. `access`: users, groups, policies, agencies, access keys, identity
   * providers or the rules for passwords changed. `storage`: buckets opened to others, or deleted. `keys`: encryption
   * keys disabled or deleted. `network`: security groups changed.
   * @defaultValue all of them
   */
  alarms?: readonly AuditAlarm[];
  /**
   * Begins the names of all notifications: at most 50 letters, digits and underscores.
   * @defaultValue "audit"
   */
  namePrefix?: string;
  /**
   * `true`: notifications of these names that exist already are taken over.
   * @defaultValue false
   */
  adopt?: boolean;
}

/** The operations of each alarm, by the end of the notification's name. */
const ALARMS = {
  auditLog: [events.cts.trackerChanges, events.cts.notificationChanges],
  signIn: [events.iam.loginFailed, ...events.iam.mfaChanges],
  access: [
    events.iam.userChanges,
    events.iam.groupChanges,
    events.iam.accessKeyChanges,
    events.iam.identityProviderChanges,
    ...events.iam.policyChanges,
    ...events.iam.agencyChanges,
    ...events.iam.securityPolicyChanges,
  ],
  storage: [events.obs.bucketPolicyChanges, events.obs.bucketDeleted, events.obs.bucketLifecycleChanges],
  keys: [events.kms.keyDisabled, events.kms.grantChanges],
  network: events.vpc.securityGroupChanges,
} satisfies Record<string, EventOperations[]>;
const ACCOUNT_ALARMS: readonly AuditAlarm[] = ["signIn", "access"];
const ALL_ALARMS = Object.keys(ALARMS) as AuditAlarm[];

const TYPE = "otc-cts:index:AuditBaseline";

/**
 * Makes what auditors ask for: in each project and region of a list, the audit log is on, and a message is sent when the audit
 * log, logins, access rights, buckets, keys or security groups are changed.
 *
 * A bucket is in one region: if trace files are kept, each place names its own. The alarms do not wait for the tracker, so
 * they exist also if a tracker cannot store its files.
 *
 * @param name the component's name in the program; the names of its resources begin with it.
 * @param args the places, and what each has.
 * @param opts Pulumi's resource options; all resources are children of this component.
 * @throws Error if `places` is empty or has duplicates, or if an alarm name is unknown.
 *
 * @example
 * ```ts
 * import * as cts from "pulumi-otc-cts";
 *
 * new cts.AuditBaseline("audit", {
 *   topicName: "security",
 *   tracker: { isLtsEnabled: true },
 *   places: [
 *     { region: "eu-de", projectName: "eu-de_prod", tracker: { obsInfo: { bucketName: "audit-de" } }, accountAlarms: true },
 *     { region: "eu-nl", projectName: "eu-nl_prod", tracker: { obsInfo: { bucketName: "audit-nl" } } },
 *   ],
 * });
 * ```
 */
export class AuditBaseline extends pulumi.ComponentResource {
  /** One tracker for each place, in that order. */
  readonly trackers: readonly Tracker[];
  /** The alarms of all places. */
  readonly notifications: readonly KeyEventNotification[];

  // Its documentation is that of the class: a comment here would hide it in editors.
  constructor(name: string, args: AuditBaselineArgs, opts: pulumi.ComponentResourceOptions = {}) {
    super(TYPE, name, {}, opts);
    const { places, tracker = {}, alarms = ALL_ALARMS, namePrefix = "audit" } = args;
    const named = nameAll(name, places);
    const unknown = alarms.find((alarm) => !ALL_ALARMS.includes(alarm));
    if (unknown) {
      throw new CtsError(
        `AuditBaseline "${name}": alarms must be of ${ALL_ALARMS.join(", ")}, got ${unknown}`,
      );
    }
    this.trackers = named.map(
      ([placeName, place]) =>
        new Tracker(placeName, { ...tracker, ...place.tracker, ...locationOf(place) }, { parent: this }),
    );
    const alarmsOf = alarmsByPlace(places, alarms);
    this.notifications = named.flatMap(([placeName, place]) =>
      alarmsOf(place).map(
        (alarm) =>
          new KeyEventNotification(
            `${placeName}-${alarm}`,
            {
              ...compact({
                topicName: place.topicId === undefined ? args.topicName : undefined,
                topicId: place.topicId,
                adopt: args.adopt,
              }),
              ...locationOf(place),
              notificationName: `${namePrefix}_${alarm}`,
              operationType: "customized",
              operations: ALARMS[alarm],
            },
            { parent: this },
          ),
      ),
    );
    // No resources among the outputs: an update plan has no ids of theirs, and Pulumi takes that for a violation.
    this.registerOutputs();
  }

  /** Tells whether a value is an audit baseline, also one that another installed copy of this package made. */
  static override isInstance(value: unknown): value is AuditBaseline {
    return isOfType(value, TYPE);
  }
}

function locationOf({ region, projectName, projectId }: AuditedPlace) {
  return compact({ region, projectName, projectId });
}

function alarmsByPlace(places: readonly AuditedPlace[], alarms: readonly AuditAlarm[]) {
  const isChosen = places.some(({ accountAlarms }) => accountAlarms);
  const ofProject = alarms.filter((alarm) => !ACCOUNT_ALARMS.includes(alarm));
  return ({ accountAlarms = !isChosen }: AuditedPlace) => (accountAlarms ? alarms : ofProject);
}

/** A name for the resources of each place, which stays when others are added. */
function nameAll(name: string, places: readonly AuditedPlace[] = []): [string, AuditedPlace][] {
  if (places.length === 0) {
    throw new CtsError(`AuditBaseline "${name}": places must have at least one`);
  }
  const named = new Map<string, AuditedPlace>();
  for (const place of places) {
    const parts = [name, place.region, place.projectName ?? place.projectId];
    const placeName = parts.filter((part) => part !== undefined).join("-");
    if (named.has(placeName)) {
      throw new CtsError(`AuditBaseline "${name}": places has ${placeName} twice`);
    }
    named.set(placeName, place);
  }
  return [...named];
}
