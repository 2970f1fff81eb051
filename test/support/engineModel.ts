import type { dynamic } from "@pulumi/pulumi";

type Bag = Record<string, unknown>;

interface StoredResource {
  id: string;
  inputs: Bag;
  outputs: Bag;
  initErrors: readonly string[];
}

/** The end of an operation. */
export interface Outcome {
  readonly step: "none" | "create" | "update" | "replace" | "same" | "delete" | "refresh";
  /** Messages, each with the property it is about; empty when all went well. */
  readonly errors: readonly string[];
}

/**
 * Calls a dynamic provider as Pulumi's engine does for a stack of one resource: which calls, in which order, with
 * what, and what it keeps (see `@pulumi/pulumi/cmd/dynamic-provider`). Thousands of histories can be run on it;
 * the end-to-end tests run some on the engine itself.
 *
 * Each operation gets a provider of its own, as it runs in a process of its own.
 */
export class EngineModel {
  resource: StoredResource | undefined;
  /** The inputs of the first create that was begun and not ended: the engine keeps them, and shows them to nobody. */
  pendingCreate: Bag | undefined;

  constructor(
    private readonly startProvider: () => Required<Omit<dynamic.ResourceProvider, "configure">>,
    private readonly urn = "urn:pulumi:dev::test::pulumi-nodejs:dynamic/otc-cts:Tracker::audit",
  ) {}

  async preview(args: Bag): Promise<Outcome> {
    return this.#plan(this.startProvider(), args);
  }

  async up(args: Bag): Promise<Outcome> {
    const provider = this.startProvider();
    const plan = await this.#plan(provider, args);
    const { step, inputs } = plan;
    if (plan.errors.length > 0) {
      return plan;
    }
    if (step === "same" && this.resource) {
      this.resource.inputs = inputs;
    }
    if (step === "update" && this.resource) {
      return this.#update(provider, this.resource, inputs);
    }
    if (step === "create") {
      return this.#create(provider, inputs, step);
    }
    if (step === "replace" && this.resource) {
      const { id, outputs } = this.resource;
      const checked = await this.#check(provider, {}, args);
      if (checked.errors.length > 0) {
        return { step, errors: checked.errors };
      }
      await provider.delete(id, copy(outputs));
      this.resource = undefined;
      return this.#create(provider, checked.inputs, step);
    }
    return plan;
  }

  async refresh(): Promise<Outcome> {
    const { resource } = this;
    if (!resource) {
      return { step: "refresh", errors: [] };
    }
    try {
      const { id, props, inputs } = copy(
        await this.startProvider().read(resource.id, copy(resource.outputs)),
      );
      this.resource = id
        ? { id, outputs: props as Bag, inputs: (inputs as Bag) ?? resource.inputs, initErrors: [] }
        : undefined;
      return { step: "refresh", errors: [] };
    } catch (error) {
      return { step: "refresh", errors: [messageOf(error)] };
    }
  }

  async destroy(): Promise<Outcome> {
    if (!this.resource) {
      return { step: "none", errors: [] };
    }
    try {
      await this.startProvider().delete(this.resource.id, copy(this.resource.outputs));
      this.resource = undefined;
      return { step: "delete", errors: [] };
    } catch (error) {
      return { step: "delete", errors: [messageOf(error)] };
    }
  }

  async #plan(provider: Required<Omit<dynamic.ResourceProvider, "configure">>, args: Bag) {
    const { resource } = this;
    const { inputs, errors } = await this.#check(provider, resource?.inputs ?? {}, args);
    const plan = (step: Outcome["step"]) => ({ step, errors, inputs });
    if (errors.length > 0) {
      return plan("none");
    }
    if (!resource) {
      return plan("create");
    }
    const diff = copy(await provider.diff(resource.id, copy(resource.outputs), copy(inputs)));
    if (diff.replaces && diff.replaces.length > 0) {
      return plan("replace");
    }
    return plan(diff.changes || resource.initErrors.length > 0 ? "update" : "same");
  }

  async #check(
    provider: Required<Omit<dynamic.ResourceProvider, "configure">>,
    olds: Bag,
    args: Bag,
  ): Promise<{ inputs: Bag; errors: string[] }> {
    const news = { ...copy(args), __provider: "code", __urn: this.urn };
    const { inputs, failures = [] } = copy(await provider.check(copy(olds), news));
    const errors = failures.map(({ property, reason }) => `${property}: ${reason}`);
    return { inputs: { ...(inputs as Bag), __provider: "code" }, errors };
  }

  async #create(
    provider: Required<Omit<dynamic.ResourceProvider, "configure">>,
    inputs: Bag,
    step: Outcome["step"],
  ): Promise<Outcome> {
    const pending = this.pendingCreate;
    this.pendingCreate ??= inputs;
    try {
      const { id, outs } = copy(await provider.create(copy(inputs)));
      this.pendingCreate = pending;
      this.resource = { id, inputs, outputs: { ...(outs as Bag), __provider: "code" }, initErrors: [] };
      return { step, errors: [] };
    } catch (error) {
      this.pendingCreate = pending;
      this.resource = keptAfter(error, inputs);
      return { step, errors: [messageOf(error)] };
    }
  }

  async #update(
    provider: Required<Omit<dynamic.ResourceProvider, "configure">>,
    resource: StoredResource,
    inputs: Bag,
  ): Promise<Outcome> {
    try {
      const { outs } = copy(await provider.update(resource.id, copy(resource.outputs), copy(inputs)));
      this.resource = {
        ...resource,
        inputs,
        outputs: { ...(outs as Bag), __provider: "code" },
        initErrors: [],
      };
      return { step: "update", errors: [] };
    } catch (error) {
      this.resource = keptAfter(error, inputs) ?? resource;
      return { step: "update", errors: [messageOf(error)] };
    }
  }
}

/** Only JSON crosses the wire between engine and provider; the engine sorts fields. */
function copy<T>(value: T): T {
  return JSON.parse(JSON.stringify(value), (_, inner: unknown) => sortFields(inner)) as T;
}

function sortFields(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return value;
  }
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The engine keeps a resource whose create or update failed with an id and properties. */
function keptAfter(error: unknown, inputs: Bag): StoredResource | undefined {
  const { id, properties, reasons } = error as { id?: string; properties?: Bag; reasons?: string[] };
  if (!id || !properties) {
    return undefined;
  }
  if (!properties["__provider"]) {
    throw new Error("Without __provider no later operation would find its code");
  }
  return { id, inputs, outputs: copy(properties), initErrors: reasons ?? [] };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
