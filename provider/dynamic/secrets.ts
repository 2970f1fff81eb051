/**
 * Secret arguments. They come in plain text, and Pulumi encrypts a property of the state where an argument of the same
 * path is secret. All other properties are kept, and shown, as they are: what repeats a secret there is masked.
 */
import { isDeepStrictEqual } from "node:util";
import { type Masker, maskAll, masker } from "../../client/mask";
import { isRecord, mapInner, PULUMI_SIGNATURE } from "../../client/values";
import { visible } from "../../client/visible";

export type Bag = Record<string, unknown>;

/**
 * The form in which a value arrives that is still unknown in a preview (`unknownValue` of
 * `@pulumi/pulumi/runtime/rpc`).
 */
export const UNKNOWN_ON_THE_WIRE = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
/** Set by the SDK: the names of the arguments that are secret. */
const NAMES = "__secrets";
/** The settings before: always encrypted (`sdk/tracker.ts`), and put back by destroy, so it stays exact. */
const ADOPTED = "adopted";
/** Later calls compare these, so they stay exact, too. */
const IDENTITY = /(Id|Time)$/;
/** The signature of a secret value (`specialSecretSig` of `@pulumi/pulumi/runtime/rpc`). */
const SECRET = "1b47061264138c4ac30d75fd1eb44270";

/** The secrets among the properties of a resource. */
export class Secrets {
  /** Hides them in a text. */
  readonly hide: Masker;
  readonly #bag: Bag;
  readonly #names: ReadonlySet<unknown>;

  constructor(bag: Bag) {
    const names = bag[NAMES];
    this.#bag = bag;
    this.#names = new Set(Array.isArray(names) ? names : []);
    const { secret, open } = this.#texts();
    // Not what stands openly beside, such as a region that is also the bucket's.
    this.hide = masker([...secret].filter((text) => !open.has(text)));
  }

  /** True if an argument is secret. */
  has(name: string): boolean {
    return this.#names.has(name);
  }

  /**
   * Properties as they may be kept. An argument that is as declared stays exact: masking it would be drift. All else
   * is in the words of the service.
   */
  kept(properties: Bag): Bag {
    return mapEntries(properties, (value, key) => {
      if (key === ADOPTED) {
        return value;
      }
      const declared = this.#bag[key];
      // Pulumi does not encrypt it: `check` has put another argument in its place.
      if (this.has(key) && declared === undefined) {
        return sealed(value);
      }
      if (typeof value === "string" && IDENTITY.test(key)) {
        return value === declared || this.hide(value) === value ? value : sealed(value);
      }
      return this.#shown(value, declared);
    });
  }

  /** Checked arguments: one that was made of a secret, which it replaces, is a secret itself. */
  checked(inputs: Bag): Bag {
    const replaced = [...this.#names].filter((name) => inputs[String(name)] === undefined).map(String);
    const lost = new Secrets({ ...pick(this.#bag, replaced), [NAMES]: replaced });
    const repeats = (value: unknown) => !isDeepStrictEqual(value, maskAll(value, lost.hide));
    const made = Object.keys(inputs).filter((key) => this.#bag[key] === undefined && repeats(inputs[key]));
    if (made.length === 0) {
      return inputs;
    }
    const secret = mapEntries(pick(inputs, made), sealed);
    return { ...inputs, ...secret, [NAMES]: [...this.#names, ...made] };
  }

  #shown(value: unknown, declared?: unknown): unknown {
    if (typeof value === "string") {
      if (value === declared) {
        return value;
      }
      const text = this.hide(value);
      // Pulumi escapes what it shows, but for texts of several lines.
      const shown = /[\r\n]/.test(text) ? visible(text) : text;
      // A value that differs from the declared one must go on doing so.
      return shown === declared ? value : shown;
    }
    return mapInner(value, (one, key) => this.#shown(one, partOf(declared, key)));
  }

  /** Also of an argument whose name comes up again further in: `adopted` repeats arguments. */
  #texts() {
    const [secret, open] = [new Set<string>(), new Set([UNKNOWN_ON_THE_WIRE])];
    const collect = (value: unknown, isSecret: boolean): void => {
      if (typeof value === "string" || typeof value === "number") {
        (isSecret ? secret : open).add(String(value));
      }
      if (typeof value !== "object" || value === null) {
        return;
      }
      for (const [key, inner] of Object.entries(value)) {
        collect(inner, isSecret || this.has(key));
      }
    };
    collect(this.#bag, false);
    return { secret, open };
  }
}

/** The parts that two values both have, as the second has them; lists whole. */
export function common(shape: unknown, value: unknown): unknown {
  if (!isRecord(shape) || !isRecord(value)) {
    return value;
  }
  const keys = Object.keys(shape).filter((key) => key in value);
  return Object.fromEntries(keys.map((key) => [key, common(shape[key], value[key])]));
}

function sealed(value: unknown): Bag {
  return { [PULUMI_SIGNATURE]: SECRET, value };
}

function pick(bag: Bag, keys: readonly string[]): Bag {
  return Object.fromEntries(keys.map((key) => [key, bag[key]]));
}

function mapEntries(bag: Bag, map: (value: unknown, key: string) => unknown): Bag {
  return Object.fromEntries(Object.entries(bag).map(([key, value]) => [key, map(value, key)]));
}

function partOf(value: unknown, key: string | number): unknown {
  return typeof value === "object" && value !== null ? (value as Bag)[key] : undefined;
}
