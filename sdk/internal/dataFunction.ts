import * as pulumi from "@pulumi/pulumi";
import * as internals from "@pulumi/pulumi/runtime/dependsOn.js";
import { MockMonitor } from "@pulumi/pulumi/runtime/mocks.js";
import type { Connection } from "../../client/connection";
import { programConnection } from "../connection";

/** Arguments that may be outputs. */
export type Inputs<Args> = { readonly [K in keyof Args]: pulumi.Input<Args[K]> };

/** Both forms of a function that reads: with plain arguments, and with arguments that may be outputs. */
export interface DataFunction<Args, Result> {
  now(args: Args | undefined): Promise<Result>;
  output(
    args: Inputs<Args> | undefined,
    options: pulumi.InvokeOutputOptions | undefined,
  ): pulumi.Output<Result>;
}

/**
 * @param name in the token that a mocked `call` is given.
 * @param read with arguments that are all known.
 */
export function dataFunction<Args extends object, Result>(
  name: string,
  read: (connection: Connection, args: Args) => Promise<Result>,
): DataFunction<Args, Result> {
  const now = async (args: Args = {} as Args): Promise<Result> => {
    const monitor = currentMonitor();
    if (!(monitor instanceof MockMonitor)) {
      return read(programConnection(), args);
    }
    // Not by Pulumi's own `invoke`, which empties dates and drops the message of an error.
    return monitor.mocks.call({ token: `otc-cts:index:${name}`, inputs: args }) as Promise<Result>;
  };
  return {
    now,
    // Nothing is read while an argument is unknown, as in a preview, or a resource is not there: the result is unknown
    // then. A secret argument makes the result secret.
    output: (args, { dependsOn } = {}) => {
      const given = pulumi.output(args && withoutDates(args));
      // The values of the arguments are known; the resources that they come from must be waited for.
      return pulumi
        .all([given, presenceOf([dependsOn, given.apply(() => [])])])
        .apply(([known]) => now(known as Args | undefined)) as pulumi.Output<Result>;
    },
  };
}

/** Dates as their milliseconds: `pulumi.output` takes a date for an object without fields. */
function withoutDates(args: object): Record<string, unknown> {
  const convert = (value: unknown) => (value instanceof Date ? value.getTime() : value);
  const convertInput = (value: unknown) => {
    if (pulumi.Output.isInstance(value)) {
      return value.apply(convert);
    }
    return value instanceof Promise ? value.then(convert) : convert(value);
  };
  return Object.fromEntries(Object.entries(args).map(([key, value]) => [key, convertInput(value)]));
}

/** Whom the program talks to: the engine, or mocks. Pulumi exports this, without its type. */
const { getMonitor: currentMonitor } = pulumi.runtime as unknown as { getMonitor(): unknown };

/** Pulumi's own functions find their dependencies by these. Pulumi exports them without types. */
const { gatherExplicitDependencies, getAllTransitivelyReferencedResources } = internals as unknown as {
  /** Resources, and those that outputs come from. */
  gatherExplicitDependencies(dependsOn: unknown): Promise<pulumi.Resource[]>;
  /** Components stand for all that they have made. */
  getAllTransitivelyReferencedResources(
    resources: ReadonlySet<pulumi.Resource>,
    exclude: ReadonlySet<pulumi.Resource>,
  ): Promise<pulumi.Resource[]>;
};

/** Resolves as soon as all named resources, and those that outputs come from, are there. */
function presenceOf(dependsOn: readonly unknown[]): pulumi.Output<unknown> {
  return pulumi.output(resourcesBehind(dependsOn)).apply((resources) =>
    // Remote components have no id, and some that stand for others have none either.
    pulumi.all(resources.map((each) => (pulumi.CustomResource.isInstance(each) && each.id) || each.urn)),
  );
}

async function resourcesBehind(dependsOn: readonly unknown[]): Promise<pulumi.Resource[]> {
  const named = await gatherExplicitDependencies(dependsOn);
  return getAllTransitivelyReferencedResources(new Set(named), new Set());
}
