import { z } from "zod";
import {
  createNotification,
  deleteNotification,
  findById,
  listNotifications,
  type NotificationEntry,
  updateNotification,
  type WireNotification,
} from "../../client/api/notifications";
import type { Clock } from "../../client/clock";
import type { Place } from "../../client/config/settings";
import type { Connection, Project } from "../../client/connection";
import {
  ApiError,
  ConfigError,
  ConflictError,
  CtsError,
  isTransient,
  NotConvergedError,
  NotFoundError,
  wasNotApplied,
} from "../../client/errors";
import { Declarations } from "../core/declarations";
import {
  type Checked,
  type Difference,
  hasUnknown,
  type ManagedResource,
  PartialError,
  type Problem,
  parseArgs,
  show,
  UNKNOWN,
  type Unknown,
} from "../core/managedResource";
import { formatId, movesFrom, Places, parseId, placeShape } from "../core/place";
import { ReadCache } from "../core/readCache";
import {
  contradictionsIn,
  fromWire,
  keepDeclaredOrder,
  type NotificationSettings,
  settingDifferences,
  settingsShape,
  toWire,
} from "./settings";
import { keyEventNotificationSpec } from "./spec";
import {
  lifecycleOptionsOf,
  type NotificationInputs,
  type NotificationState,
  nameIn,
  toState,
} from "./state";

const argsSchema = z.strictObject(keyEventNotificationSpec.arguments);

/**
 * The fields of the cross-field rules. Invalid fields are treated as unknown, so that these rules still run.
 */
const judgedSchema = z.object({
  region: placeShape.region.catch(UNKNOWN),
  projectId: placeShape.projectId.catch(UNKNOWN),
  projectName: placeShape.projectName.catch(UNKNOWN),
  notificationName: settingsShape.notificationName.catch(UNKNOWN),
  topicId: settingsShape.topicId.catch(UNKNOWN),
});

/** The knowledge while a notification is brought to its settings, complete at every moment. */
interface Progress {
  /** The service's last answer; undefined before the first. */
  seen: WireNotification | undefined;
  /** True if a call of ours may have changed something. */
  touched: boolean;
}

/** The most mutating calls whose answers were lost. */
const MAX_CALLS = 8;
/** No call begins later than this after the first. */
const BUDGET_MS = 5 * 60_000;
/** The most answers to a modify that do not show the wanted settings. */
const MAX_ANSWERS = 2;
/** The list lags behind a create: the waits before each look for what another answer says is there. */
const LAG_WAITS_MS: readonly number[] = [0, 100, 200, 400, 800, 1600, 3200];
/** The waits before a name that is taken is asked for again: another declaration may be about to give it up. */
const NAME_WAITS_MS: readonly number[] = [100, 200, 400, 800, 1600, 3200];
/**
 * Shorter waits, if another answer may come sooner. A create whose answer was lost is sent again: had it arrived, its
 * name is taken.
 */
const SOON_WAITS_MS: readonly number[] = [0, 100, 200];
/**
 * A refresh says what there was at some moment, and a moment some seconds ago does as well. So long, all that are read
 * share one list.
 */
const LIST_TTL_MS = 30_000;
/** After this age, absence from the list means deleted, not list lag. Clocks may differ by some of it. */
const NEW_MS = 10 * 60_000;
/**
 * A notification that is older than our first call by this much was not made by us. Clocks may differ by as much.
 */
const CLOCKS_DIFFER_MS = 15 * 60_000;

const NAME_EXISTS = "CTS.0400";

export class KeyEventNotificationResource implements ManagedResource<NotificationInputs, NotificationState> {
  readonly spec = keyEventNotificationSpec;
  readonly #declarations = new Declarations();
  readonly #lists: ReadCache<readonly NotificationEntry[]>;
  readonly #places: Places;
  /** The ids of those that this run has renamed: a list that lags shows their old names. */
  readonly #renamed = new Set<string>();

  /** @param connect gives the connection, or throws ConfigError where it is not set up. */
  constructor(
    private readonly connect: () => Connection,
    private readonly clock: Clock,
  ) {
    this.#lists = new ReadCache(clock, LIST_TTL_MS);
    this.#places = new Places(connect);
  }

  async check(
    args: unknown,
    olds: NotificationInputs | undefined,
    owner: string | undefined,
  ): Promise<Checked<NotificationInputs>> {
    const { inputs: given, problems } = parseArgs(argsSchema, args, contradictionsIn);
    if (!given) {
      return { inputs: undefined, problems: [...problems, ...(await this.#judgeRest(args, olds, owner))] };
    }

    const { projectName: _, topicName, ...rest } = given;
    const operationType = given.operationType ?? (given.operations === undefined ? "complete" : "customized");
    const place = await this.#places.locate(given);
    const topic = topicName === undefined ? {} : { topicId: topicIn(place, topicName) };
    const inputs = { ...rest, operationType, ...place, ...topic } as NotificationInputs;
    return { inputs, problems: this.#judge(inputs, olds, owner) };
  }

  /** The arguments of a declaration, which `check` is told of, have another name where a rename was broken off. */
  remember(id: string, state: NotificationState): void {
    this.#declarations.hold(id, nameOf({ ...state, ...parseNotificationId(id).place }));
  }

  diff(id: string, state: NotificationState, inputs: NotificationInputs): readonly Difference[] {
    const { place } = parseNotificationId(id);
    const moves = movesFrom(place, inputs);
    const settings = settingDifferences(state, inputs);
    const treated: Difference[] =
      inputs.adopt === state.adopt ? [] : [{ path: "adopt", from: state.adopt, to: inputs.adopt }];
    // Another declaration of this run had adopted it by its name before this one was heard of: it is that one's now.
    if (this.#declarations.isTaken(id)) {
      return [...moves, ...settings.map((one) => ({ ...one, replaces: true })), ...treated];
    }
    return [...moves, ...settings, ...treated];
  }

  async create(inputs: NotificationInputs) {
    const project = this.connect().project(inputs);
    const made = await this.#changing(inputs, () => this.#make(project, inputs));
    const id = formatId(inputs, made.notification_id);
    return { id, state: await this.#settle(id, inputs, { seen: made, touched: true }) };
  }

  async read(id: string, state: Partial<NotificationState> | undefined) {
    const { place, name: notificationId } = id.includes("/")
      ? parseNotificationId(id)
      : { place: await this.connect().locate({}), name: id };
    const seen = await this.#find(place, notificationId, () => this.#isNew(place, state));
    if (!seen && !state) {
      throw new CtsError(`Key event notification ${formatId(place, notificationId)} does not exist`);
    }
    if (!seen) {
      return undefined;
    }
    const now = toState(seen, { ...place, ...lifecycleOptionsOf(state), ...nameIn(state) }, state ?? {});
    const { region, projectId } = place;
    const inputs = {
      ...keepDeclaredOrder(now, fromWire(seen)),
      region,
      projectId,
      ...lifecycleOptionsOf(state),
    };
    return { id: formatId(place, notificationId), inputs, state: now };
  }

  update(id: string, state: NotificationState, inputs: NotificationInputs): Promise<NotificationState> {
    return this.#declarations.runExclusive(id, () =>
      this.#settle(id, inputs, { seen: undefined, touched: false }, state),
    );
  }

  delete(id: string, state: NotificationState): Promise<void> {
    return this.#declarations.runExclusive(id, async () => {
      const { place, name: notificationId } = parseNotificationId(id);
      if (await this.#isAnothers(id, state)) {
        return;
      }
      await this.#changing(place, () => this.#remove(this.connect().project(place), notificationId));
    });
  }

  /** Judges the valid fields of invalid arguments, so that all problems are reported together. */
  async #judgeRest(
    args: unknown,
    olds: NotificationInputs | undefined,
    owner: string | undefined,
  ): Promise<Problem[]> {
    const { inputs: given } = parseArgs(judgedSchema, args);
    if (!given) {
      return [];
    }
    try {
      return this.#judge(
        { ...given, ...(await this.#places.locate(given)) } as NotificationInputs,
        olds,
        owner,
      );
    } catch (error) {
      if (error instanceof CtsError) {
        return [{ path: "", reason: error }];
      }
      throw error;
    }
  }

  #judge(
    inputs: NotificationInputs,
    olds: NotificationInputs | undefined,
    owner: string | undefined,
  ): Problem[] {
    this.#declarations.hold(owner, olds && nameOf(olds));
    const { region, projectId, notificationName, topicId } = inputs;
    const problems: Problem[] = [];
    const topicRegion = hasUnknown([topicId, region]) ? undefined : topicId?.split(":")[2];
    if (topicRegion && topicRegion !== region) {
      // Topics of another project may be open to this one; SMN itself ends at the region.
      const reason = `is a topic of region ${topicRegion}, but the notification is in ${region}: name a topic there`;
      problems.push({ path: "topicId", reason });
    }
    if (hasUnknown([region, projectId, notificationName])) {
      return problems;
    }
    const other = this.#declarations.declare(nameOf(inputs), owner);
    if (other) {
      problems.push({ path: "notificationName", reason: declaredTwice(inputs, other) });
    }
    return problems;
  }

  /**
   * True if another declaration has it by now: after a rename without alias, in this run or in one that was killed.
   */
  async #isAnothers(id: string, state: NotificationState): Promise<boolean> {
    if (this.#declarations.isTaken(id)) {
      return true;
    }
    const { place, name: notificationId } = parseNotificationId(id);
    if (!this.#declarations.isHeld(nameOf({ ...state, ...place }), id)) {
      return false;
    }
    // Another declaration has the name. It has this very notification only if that still bears it.
    const seen = await this.#find(place, notificationId);
    return seen?.notification_name === state.notificationName;
  }

  /** Makes the notification, or finds the one that is there if it is ours, or may be taken over. */
  async #make(project: Project, inputs: NotificationInputs): Promise<WireNotification> {
    const begunAt = this.clock.monotonic();
    const nameWaitsMs = NAME_WAITS_MS.values();
    let isPerhapsMade = false;
    let found: WireNotification | undefined;
    for (let calls = 1; ; ) {
      try {
        return await createNotification(project, toWire(inputs));
      } catch (error) {
        const isTaken = isNameTaken(error);
        if (!isTaken && (wasNotApplied(error) || !isTransient(error))) {
          throw advised(error, inputs);
        }
        isPerhapsMade ||= !wasNotApplied(error);
        // Another declaration's notification is never adopted: it may be about to be renamed.
        if (!found && !this.#declarations.isHeld(nameOf(inputs))) {
          found = await this.#findByName(project, inputs, isTaken ? LAG_WAITS_MS : SOON_WAITS_MS);
        }
        // By the service's clock, as is the time when it was made.
        const startedAt = (await project.clock()).now() - (this.clock.monotonic() - begunAt);
        if (found && (inputs.adopt || (isPerhapsMade && isMadeBy(inputs, found, startedAt)))) {
          // Immediately: from now on it is no other declaration's.
          this.#declarations.take(formatId(inputs, found.notification_id));
          return found;
        }
        if (isTaken) {
          const { value: waitMs } = nameWaitsMs.next();
          if (waitMs === undefined) {
            throw new CtsError(this.#whyTaken(inputs, exists(inputs, found)));
          }
          await this.clock.sleep(waitMs);
        } else if (found) {
          throw new CtsError(exists(inputs, found));
        } else if (this.#isEnough(calls++, begunAt)) {
          throw error;
        }
      }
    }
  }

  async #findByName(
    project: Project,
    { notificationName }: NotificationInputs,
    waitsMs: readonly number[],
  ): Promise<WireNotification | undefined> {
    const entry = await this.#lookFor(
      async () => (await listNotifications(project).catch(nothingIfTransient)) ?? [],
      waitsMs,
      ({ id = "", name }) => name === notificationName && !this.#renamed.has(formatId(project, id)),
    );
    return entry?.read();
  }

  /** Does work that renames a notification; waits where the new name is still another's. */
  async #rename(
    id: string,
    inputs: NotificationInputs,
    before: NotificationState,
    work: () => Promise<void>,
  ): Promise<void> {
    for (const waitMs of [...NAME_WAITS_MS, undefined]) {
      try {
        await work();
        this.#renamed.add(id);
        this.#declarations.release(nameOf(before));
        return;
      } catch (error) {
        if (!isNameTaken(error)) {
          throw error;
        }
        if (waitMs === undefined) {
          throw new CtsError(this.#whyTaken(inputs, isAnothersName(inputs)));
        }
      }
      await this.clock.sleep(waitMs);
    }
  }

  /** @param otherwise the reason where no declaration of this run has had the name. */
  #whyTaken(inputs: NotificationInputs, otherwise: string): string {
    return this.#declarations.isHeld(nameOf(inputs)) ? isDeclaredName(inputs) : otherwise;
  }

  /** Brings a notification to the settings that are wanted, and keeps what is known when that fails half-way. */
  async #settle(
    id: string,
    inputs: NotificationInputs,
    progress: Progress,
    before?: NotificationState,
  ): Promise<NotificationState> {
    const { place, name: notificationId } = parseNotificationId(id);
    const base = {
      ...place,
      ...nameIn(before),
      ...this.#places.projectNameOf(place.projectId),
      ...lifecycleOptionsOf(inputs),
    };
    const stateNow = () => (progress.seen ? toState(progress.seen, base, inputs) : before);
    const apply = () => this.#apply(notificationId, inputs, place, progress);
    const isRenamed = before && before.notificationName !== inputs.notificationName;
    try {
      await this.#changing(place, () => (isRenamed ? this.#rename(id, inputs, before, apply) : apply()));
      return stateNow() as NotificationState;
    } catch (thrown) {
      const error = thrown instanceof NotFoundError ? new CtsError(gone(notificationId)) : thrown;
      if (!(error instanceof CtsError) || !progress.touched) {
        throw error;
      }
      const reasons = error instanceof NotConvergedError ? error.reasons : [error.message];
      throw new PartialError(id, stateNow(), reasons);
    }
  }

  async #apply(
    notificationId: string,
    inputs: NotificationInputs,
    place: Place,
    progress: Progress,
  ): Promise<void> {
    const project = this.connect().project(place);
    const begunAt = this.clock.monotonic();
    for (let calls = 1, answers = 0; ; calls++) {
      const gaps = progress.seen && settingDifferences(fromWire(progress.seen), inputs);
      if (gaps?.length === 0) {
        return;
      }
      if (gaps && answers === MAX_ANSWERS) {
        throw notConverged(gaps);
      }
      try {
        progress.seen = await updateNotification(project, notificationId, toWire(inputs));
        progress.touched = true;
        answers++;
      } catch (error) {
        progress.touched ||= !wasNotApplied(error);
        if (wasNotApplied(error) || !isTransient(error) || this.#isEnough(calls, begunAt)) {
          throw advised(error, inputs);
        }
        // The list may lag; the answer to the next call does not.
        const list = listNotifications(project).then((all) => findById(all, notificationId));
        progress.seen = (await list.catch(nothingIfTransient)) ?? progress.seen;
      }
    }
  }

  /** Only the answer to a delete proves it: the list may not show yet what was made just before. */
  async #remove(project: Project, notificationId: string): Promise<void> {
    const begunAt = this.clock.monotonic();
    for (let calls = 1; ; calls++) {
      try {
        await deleteNotification(project, notificationId);
        return;
      } catch (error) {
        if (!isTransient(error) || this.#isEnough(calls, begunAt)) {
          throw error;
        }
      }
    }
  }

  /** True if a call is given up, because its answer was lost too often. */
  #isEnough(calls: number, begunAt: number): boolean {
    return calls === MAX_CALLS || this.clock.monotonic() - begunAt > BUDGET_MS;
  }

  /**
   * The notification as the list shows it.
   *
   * @param mayLag whether it may be there though the list does not show it yet; asked only then.
   */
  async #find(
    place: Place,
    notificationId: string,
    mayLag: () => Promise<boolean> = async () => false,
  ): Promise<WireNotification | undefined> {
    const list = () => listNotifications(this.connect().project(place));
    const seen = findById(await this.#lists.get(keyOf(place), list), notificationId);
    if (seen || !(await mayLag())) {
      return seen;
    }
    const entry = await this.#lookFor(
      (waitMs) => this.#lists.get(keyOf(place), list, waitMs),
      LAG_WAITS_MS,
      ({ id }) => id === notificationId,
    );
    return entry?.read();
  }

  /** By the service's clock, which the list that was read just before has told. What is looked up must be there. */
  async #isNew(place: Place, state: Partial<NotificationState> | undefined): Promise<boolean> {
    if (!state) {
      return true;
    }
    const clock = await this.connect().project(place).clock();
    return Math.abs(clock.now() - Date.parse(state.createTime ?? "")) < NEW_MS;
  }

  /** Looks into the list until something is there, or long enough. */
  async #lookFor(
    list: (waitMs: number) => Promise<readonly NotificationEntry[]>,
    waitsMs: readonly number[],
    isIt: (one: NotificationEntry) => boolean,
  ): Promise<NotificationEntry | undefined> {
    for (const waitMs of waitsMs) {
      await this.clock.sleep(waitMs);
      const seen = (await list(waitMs)).find(isIt);
      if (seen) {
        return seen;
      }
    }
    return undefined;
  }

  #changing<T>(place: Place, work: () => Promise<T>): Promise<T> {
    return this.#lists.invalidateAfter(keyOf(place), work);
  }
}

function keyOf({ region, projectId }: Place): string {
  return `${region}/${projectId}`;
}

/** The key of a name, which is unique in a project and region. */
function nameOf(inputs: Place & Pick<NotificationSettings, "notificationName">): string {
  return `${keyOf(inputs)}/${String(inputs.notificationName)}`;
}

function topicIn({ region, projectId }: Place, name: string | Unknown): string | Unknown {
  return hasUnknown([region, projectId, name]) ? UNKNOWN : `urn:smn:${region}:${projectId}:${String(name)}`;
}

function parseNotificationId(id: string): { place: Place; name: string } {
  const parsed = parseId(id);
  if (parsed) {
    return parsed;
  }
  throw new ConfigError(
    `${show(id)} is not the id of a key event notification: it is {region}/{projectId}/{notificationId}, or just the last for the connection's own region and project`,
  );
}

/** After a lost answer, a list that cannot be read either shows nothing: the next call tells more. Never of use to a read. */
function nothingIfTransient(error: unknown): undefined {
  if (isTransient(error)) {
    return undefined;
  }
  throw error;
}

/** True if a notification can be the one that our POST made. */
function isMadeBy(inputs: NotificationInputs, found: WireNotification, begunAt: number): boolean {
  const asMade = { ...inputs, status: inputs.topicId ? ("enabled" as const) : ("disabled" as const) };
  const isOld = (found.create_time ?? begunAt) < begunAt - CLOCKS_DIFFER_MS;
  return !isOld && settingDifferences(fromWire(found), asMade).length === 0;
}

function exists(
  { notificationName, region, projectId }: NotificationInputs,
  found: WireNotification | undefined,
) {
  const id = found ? ` (${found.notification_id})` : "";
  return `notificationName: a key event notification ${show(notificationName)}${id} exists already in project ${projectId}, region ${region}: choose another name, or set adopt: true to take it over and set it as declared, also where a run that was killed has made it`;
}

function declaredTwice({ notificationName, region, projectId }: NotificationInputs, other: string): string {
  return `names ${show(notificationName)} in project ${projectId}, region ${region}, which is declared by ${other} already: names are unique there`;
}

function isAnothersName({ notificationName, region, projectId }: NotificationInputs): string {
  return `notificationName: a key event notification ${show(notificationName)} exists already in project ${projectId}, region ${region}: choose another name, or rename or delete that one first`;
}

function isDeclaredName({ notificationName, region, projectId }: NotificationInputs): string {
  return `notificationName: ${show(notificationName)} in project ${projectId}, region ${region}, is still the name of another notification of this program: names cannot be swapped in one up; rename in two ups, by way of a free name`;
}

function isNameTaken(error: unknown): boolean {
  return error instanceof ApiError && error.errorCode === NAME_EXISTS;
}

/** The service does not say which code means the topic; all else that is declared was checked before. */
function advised(error: unknown, { topicId }: NotificationSettings): unknown {
  const isOfBody = error instanceof ApiError && error.status === 400 && !(error instanceof ConflictError);
  return topicId && isOfBody && !isTransient(error)
    ? error.advise(`check that the topic ${topicId} exists, and that its policy lets CTS publish to it`)
    : error;
}

function gone(notificationId: string): string {
  return `Key event notification ${notificationId} does not exist any more: run pulumi up --refresh, which makes it again`;
}

function notConverged(gaps: readonly Difference[]): CtsError {
  const reasons = gaps.map(({ path, from, to }) => `${path} is still ${show(from)}, not ${show(to)}`);
  return new NotConvergedError("The service took the settings, but not all are in effect", reasons);
}
