/**
 * Between Pulumi's dynamic-provider protocol and our resources: unknown values, hidden properties, check
 * failures, initialisation errors. Only this folder, and the base of the classes in `sdk/internal/`, know that protocol.
 */
import type { dynamic } from "@pulumi/pulumi";
import { CtsError } from "../../client/errors";
import type { PlaceRef } from "../../client/place";
import { mapInner } from "../../client/values";
import { visible } from "../../client/visible";
import { type Difference, type ManagedResource, PartialError, type Problem } from "../core/managedResource";
import { UNKNOWN } from "../core/unknown";
import { Prefetcher } from "./prefetcher";
import { isReplacedOn } from "./replaceOnChanges";
import { type Bag, common, Secrets, UNKNOWN_ON_THE_WIRE } from "./secrets";

/** Set by the SDK: which declaration this is. Pulumi hides names that begin so from what it shows. */
const OWNER = "__urn";
/** Set by the SDK: the option `replaceOnChanges`, where it is given. */
const REPLACE_ON_CHANGES = "__replaceOnChanges";
/** Set by the SDK on some: where the resources are that will be checked next. Not a part of the resource. */
const UPCOMING = "__prefetch";
/**
 * Beside the inputs of a create: the settings that it takes over. The engine writes inputs to the state before it calls
 * `create`, so they are there when that is killed. The SDK sets an empty secret, which makes Pulumi encrypt them.
 */
const FOUND = "__found";

/**
 * A managed resource as a dynamic provider.
 *
 * @param prefetch reads a resource ahead of its check, where that saves round trips.
 */
export function toDynamicProvider<Inputs, State>(
  resource: ManagedResource<Inputs, State>,
  prefetch?: (ref: PlaceRef) => Promise<unknown>,
): Required<Omit<dynamic.ResourceProvider<Bag, Bag>, "configure">> {
  const prefetcher = prefetch && new Prefetcher(prefetch);
  return {
    async check(olds, news) {
      const { args, hidden } = split(news);
      const upcoming = news[UPCOMING];
      try {
        const { args: before } = split(olds);
        const old = Object.keys(before).length > 0 ? (before as Inputs) : undefined;
        if (Array.isArray(upcoming)) {
          prefetcher?.expect(upcoming);
        }
        prefetcher?.onCheck(args as PlaceRef, old === undefined);
        const { inputs, problems } = await resource.check(args, old, ownerOf(news));
        const isNew = inputs !== undefined && old === undefined;
        const preflight = isNew ? await resource.preflight?.(inputs, ownerOf(news)) : undefined;
        const { found } = preflight ?? {};
        const failures = [...problems, ...(preflight?.problems ?? [])].map((problem) =>
          toFailure(problem, news),
        );
        const recorded = found && { [FOUND]: toPulumi(found) };
        return {
          inputs: inputs ? { ...hidden, ...new Secrets(news).checked(toPulumi(inputs)), ...recorded } : news,
          failures,
        };
      } catch (error) {
        // Reported as a failure of the check, because anything thrown from here is shown with its stack.
        return { inputs: news, failures: [toFailure({ path: "", reason: expected(error) }, news)] };
      }
    },

    async diff(id, olds, news) {
      const state = split(olds).args as State;
      resource.remember?.(id, state);
      const differences = resource.diff(id, state, split(news).args as Inputs);
      const { [REPLACE_ON_CHANGES]: paths } = news;
      const isForced = (one: Difference) => Array.isArray(paths) && isReplacedOn(paths, one);
      const replaces = differences.filter((one) => one.replaces || isForced(one)).map(({ path }) => path);
      return {
        changes: differences.length > 0,
        replaces,
        deleteBeforeReplace: resource.spec.deleteBeforeReplace,
      };
    },

    create: (news) =>
      translated(news, async () => {
        const { args, hidden } = split(news);
        const { id, state } = await resource.create(args as Inputs, ownerOf(news));
        return { id, outs: { ...kept(state, news), ...hidden } };
      }),

    read: (id, props = {}) =>
      translated(props, async () => {
        const { args, hidden } = split(props);
        // A resource that is only looked up (`Tracker.get`) comes without properties of its own.
        const state = Object.keys(args).length > 0 ? (args as Partial<State>) : undefined;
        const found = await resource.read(id, state);
        // Pulumi takes no id to mean that the resource is gone.
        if (!found) {
          return {};
        }
        // Of the properties, only those of arguments are declared.
        const declared = { ...(common(found.inputs, args) as Bag), ...hidden };
        // Without inputs, drift would be flagged but not shown as old => new.
        return {
          id: found.id,
          props: { ...kept(found.state, declared), ...hidden },
          inputs: { ...kept(found.inputs, declared), ...hidden },
        };
      }),

    update: (id, olds, news) =>
      translated(news, async () => {
        const { args, hidden } = split(news);
        const state = await resource.update(id, split(olds).args as State, args as Inputs);
        return { outs: { ...kept(state, news), ...hidden } };
      }),

    delete: (id, props) => translated(props, () => resource.delete(id, split(props).args as State)),
  };
}

/** Does work whose errors Pulumi shows. @param bag has the secrets that they must not repeat. */
async function translated<T>(bag: Bag, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw toThrown(error, bag);
  }
}

/**
 * Pulumi shows the value beside a property that it finds by name, as it is, also that of a secret. It finds no nested one,
 * and would show `value {<nil>}` for it.
 */
function toFailure({ path, reason }: Problem, news: Bag): dynamic.CheckFailure {
  const secrets = new Secrets(news);
  const words = typeof reason === "string" ? visible(secrets.hide(reason)) : secrets.hide(reason.message);
  const isShown = path in news && !secrets.has(path) && isVisible([path, news[path]]);
  return isShown
    ? { property: path, reason: words }
    : { property: "", reason: path ? `${visible(path)} ${words}` : words };
}

function isVisible(value: unknown): boolean {
  if (typeof value === "string") {
    return visible(value) === value;
  }
  return typeof value !== "object" || value === null || Object.entries(value).flat().every(isVisible);
}

/** The resource's own properties, with unknown values marked, and those that only Pulumi's side uses and that are kept. */
function split(bag: Bag): { args: Bag; hidden: Bag } {
  const isHidden = ([key]: [string, unknown]) => key.startsWith("__");
  const isKept = ([key]: [string, unknown]) => key !== UPCOMING && key !== FOUND;
  const entries = Object.entries(bag);
  return {
    args: markUnknown(Object.fromEntries(entries.filter((entry) => !isHidden(entry)))) as Bag,
    hidden: Object.fromEntries(entries.filter(isHidden).filter(isKept)),
  };
}

function ownerOf(bag: Bag): string | undefined {
  const owner = bag[OWNER];
  return typeof owner === "string" && owner !== UNKNOWN_ON_THE_WIRE ? owner : undefined;
}

function markUnknown(value: unknown): unknown {
  return value === UNKNOWN_ON_THE_WIRE ? UNKNOWN : mapInner(value, markUnknown);
}

/** As Pulumi can store it: unknown values in its own form, and nothing undefined. */
function toPulumi(value: unknown): Bag {
  const convert = (inner: unknown): unknown =>
    inner === UNKNOWN ? UNKNOWN_ON_THE_WIRE : mapInner(inner, convert);
  return convert(value) as Bag;
}

/** A state as Pulumi may keep it. */
function kept(state: unknown, declared: Bag): Bag {
  return new Secrets(declared).kept(toPulumi(state));
}

/**
 * Translates an error into the form that Pulumi handles best. An object with id and properties keeps the resource in
 * state, so that the next `up` updates it. Any other error would be shown with its stack, which is of no use to users.
 */
function toThrown(error: unknown, bag: Bag): Error {
  const known = expected(error);
  const { hide } = new Secrets(bag);
  const message = hide(known.message);
  if (known instanceof PartialError) {
    // Pulumi adds its own hidden properties to every result but this one.
    const properties = { ...kept(known.state, bag), ...split(bag).hidden };
    // They are kept in the state, in plain text.
    const reasons = known.reasons.map(hide);
    return Object.assign(new Error(message), { id: known.id, properties, reasons });
  }
  const thrown = new Error(message);
  // Pulumi prints text and stack of what read and delete throw, beside the message.
  thrown.stack = "";
  thrown.toString = () => "otc-cts";
  return thrown;
}

/** Errors of our own making; anything else is a bug, and its trace helps to mend it. */
function expected(error: unknown): CtsError {
  if (error instanceof CtsError) {
    return error;
  }
  const trace = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return new CtsError(
    "This is a bug in pulumi-otc-cts; please report it with this trace:",
    trace.split(/\n +(?=at )/),
  );
}
