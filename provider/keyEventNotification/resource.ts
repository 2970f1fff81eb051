import { z } from "zod";
import { ConfigError, CtsError, NotFoundError } from "../../client/errors";
import type { Place } from "../../client/place";
import { compact } from "../../client/values";
import { keepPartial } from "../core/converging";
import { differencesOf } from "../core/differences";
import type { Checked, Difference, ManagedResource, Problem } from "../core/managedResource";
import { formatId, movesFrom, parseId, placeKey, placeShape } from "../core/place";
import type { Run } from "../core/run";
import { hasUnknown, UNKNOWN, type Unknown } from "../core/unknown";
import { parseArgs, show } from "../core/validation";
import { converge, type NotificationProgress, remove } from "./converge";
import { findNotification, isNew } from "./lookup";
import { NotificationMaker, nameKey } from "./names";
import { contradictionsIn, fromWire, keepDeclaredOrder, settingDifferences, settingsShape } from "./settings";
import { keyEventNotificationSpec } from "./spec";
import { type NotificationInputs, type NotificationState, toState } from "./state";

const argsSchema = z.strictObject(keyEventNotificationSpec.arguments);

/** The fields that are judged together. */
const judgedSchema = z.object({
  region: placeShape.region.catch(UNKNOWN),
  projectId: placeShape.projectId.catch(UNKNOWN),
  projectName: placeShape.projectName.catch(UNKNOWN),
  notificationName: settingsShape.notificationName.catch(UNKNOWN),
  topicId: settingsShape.topicId.catch(UNKNOWN),
});

export class KeyEventNotificationResource implements ManagedResource<NotificationInputs, NotificationState> {
  readonly spec = keyEventNotificationSpec;
  readonly #maker: NotificationMaker;

  constructor(private readonly run: Run) {
    this.#maker = new NotificationMaker(run);
  }

  async check(
    args: unknown,
    olds: NotificationInputs | undefined,
    owner: string | undefined,
  ): Promise<Checked<NotificationInputs>> {
    const { inputs: given, problems } = parseArgs(argsSchema, args, contradictionsIn);
    // Fields that are not valid count as unknown, so that all problems are reported together.
    const judged = given ?? parseArgs(judgedSchema, args).inputs;
    if (!judged) {
      return { inputs: undefined, problems };
    }
    try {
      const place = await this.run.places.locate(judged);
      const more = this.#judge({ ...judged, ...place } as NotificationInputs, olds, owner);
      return { inputs: given && complete(given, place), problems: [...problems, ...more] };
    } catch (error) {
      if (!(error instanceof CtsError)) {
        throw error;
      }
      return { inputs: undefined, problems: [...problems, { path: "", reason: error }] };
    }
  }

  /** The arguments of a declaration, which `check` is told of, have another name where a rename was broken off. */
  remember(id: string, state: NotificationState): void {
    this.run.declarations.hold(id, nameKey({ ...state, ...parseNotificationId(id).place }));
  }

  diff(id: string, state: NotificationState, inputs: NotificationInputs): readonly Difference[] {
    // Another declaration of this run had adopted it by its name before this one was heard of: it is that one's now.
    const replaces = this.run.declarations.isTaken(id);
    return [
      ...movesFrom(parseNotificationId(id).place, inputs),
      ...settingDifferences(state, inputs).map((one) => ({ ...one, replaces })),
      ...differencesOf(["adopt"], state, inputs),
    ];
  }

  async create(inputs: NotificationInputs) {
    const project = this.run.connect().project(inputs);
    const made = await this.#changing(inputs, () => this.#maker.create(project, inputs));
    const id = formatId(inputs, made.notification_id);
    return { id, state: await this.#settle(id, inputs, { seen: made, touched: true }) };
  }

  async read(id: string, state: Partial<NotificationState> | undefined) {
    const { place, name: notificationId } = id.includes("/")
      ? parseNotificationId(id)
      : { place: await this.run.places.locate({}), name: id };
    // One that is only looked up must be there.
    const mayLag = async () => !state || isNew(this.run, place, state.createTime);
    const seen = await findNotification(this.run, place, notificationId, mayLag);
    if (!seen && !state) {
      throw new CtsError(`Key event notification ${formatId(place, notificationId)} does not exist`);
    }
    if (!seen) {
      return undefined;
    }
    const { adopt, projectName } = state ?? {};
    const kept = { ...place, ...compact({ adopt }) };
    const now = toState(seen, { ...kept, ...compact({ projectName }) }, state ?? {});
    const inputs = { ...keepDeclaredOrder(now, fromWire(seen)), ...kept };
    return { id: formatId(place, notificationId), inputs, state: now };
  }

  update(id: string, state: NotificationState, inputs: NotificationInputs): Promise<NotificationState> {
    return this.run.mutex.runExclusive(id, () =>
      this.#settle(id, inputs, { seen: undefined, touched: false }, state),
    );
  }

  delete(id: string, state: NotificationState): Promise<void> {
    return this.run.mutex.runExclusive(id, async () => {
      const { place, name: notificationId } = parseNotificationId(id);
      if (await this.#isAnothers(id, state)) {
        return;
      }
      await this.#changing(place, () =>
        remove(this.run.connect().project(place), notificationId, this.run.clock),
      );
    });
  }

  #judge(
    inputs: NotificationInputs,
    olds: NotificationInputs | undefined,
    owner: string | undefined,
  ): Problem[] {
    this.run.declarations.hold(owner, olds && nameKey(olds));
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
    const other = this.run.declarations.declare(nameKey(inputs), owner);
    if (other) {
      problems.push({ path: "notificationName", reason: declaredTwice(inputs, other) });
    }
    return problems;
  }

  /**
   * True if another declaration has it by now: after a rename without alias, in this run or in one that was killed.
   */
  async #isAnothers(id: string, state: NotificationState): Promise<boolean> {
    if (this.run.declarations.isTaken(id)) {
      return true;
    }
    const { place, name: notificationId } = parseNotificationId(id);
    if (!this.run.declarations.isHeld(nameKey({ ...state, ...place }), id)) {
      return false;
    }
    // Another declaration has the name. It has this very notification only if that still bears it.
    const seen = await findNotification(this.run, place, notificationId);
    return seen?.notification_name === state.notificationName;
  }

  /** Brings a notification to the settings that are wanted, and keeps what is known when that fails half-way. */
  async #settle(
    id: string,
    inputs: NotificationInputs,
    progress: NotificationProgress,
    before?: NotificationState,
  ): Promise<NotificationState> {
    const { place, name: notificationId } = parseNotificationId(id);
    const base = {
      ...place,
      ...compact({ projectName: before?.projectName, adopt: inputs.adopt }),
      ...this.run.places.projectNameOf(place.projectId),
    };
    const stateNow = () =>
      progress.seen ? toState(progress.seen, base, inputs) : (before as NotificationState);
    const apply = () =>
      converge(this.run.connect().project(place), notificationId, inputs, progress, this.run.clock);
    const isRenamed = before && before.notificationName !== inputs.notificationName;
    const work = () => (isRenamed ? this.#maker.rename(id, inputs, before, apply) : apply());
    return keepPartial(id, progress, stateNow, () =>
      this.#changing(place, work).catch((error: unknown) => {
        throw error instanceof NotFoundError ? new CtsError(gone(notificationId)) : error;
      }),
    );
  }

  #changing<T>(place: Place, work: () => Promise<T>): Promise<T> {
    return this.run.notifications.invalidateAfter(placeKey(place), work);
  }
}

/** Checked arguments with their defaults, and the topic by its URN. */
function complete(
  { projectName: _, topicName, ...given }: z.output<typeof argsSchema>,
  place: Place,
): NotificationInputs {
  const operationType = given.operationType ?? (given.operations === undefined ? "complete" : "customized");
  const topic = topicName === undefined ? {} : { topicId: topicIn(place, topicName) };
  return { ...given, operationType, ...place, ...topic } as NotificationInputs;
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

function declaredTwice({ notificationName, region, projectId }: NotificationInputs, other: string): string {
  return `names ${show(notificationName)} in project ${projectId}, region ${region}, which is declared by ${other} already: names are unique there`;
}

function gone(notificationId: string): string {
  return `Key event notification ${notificationId} does not exist any more: run pulumi up --refresh --run-program, which makes it again`;
}
