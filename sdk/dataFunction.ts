import * as pulumi from "@pulumi/pulumi";
import type { Connection } from "../provider/client/connection";
import { programConnection } from "./connection";

/** Arguments that may be outputs. */
export type Inputs<Args> = { readonly [K in keyof Args]: pulumi.Input<Args[K]> };

/** Both forms of a function that reads: at once, and with arguments that may be outputs. */
export interface DataFunction<Args, Result> {
  now(args: Args | undefined): Promise<Result>;
  output(
    args: Inputs<Args> | undefined,
    options: pulumi.InvokeOutputOptions | undefined,
  ): pulumi.Output<Result>;
}

/** @param read with arguments that are all known. */
export function dataFunction<Args extends object, Result>(
  read: (connection: Connection, args: Args) => Promise<Result>,
): DataFunction<Args, Result> {
  const now = async (args: Args = {} as Args) => read(programConnection(), args);
  return {
    now,
    // Where an argument is not known yet, as in a preview, nothing is read, and the result is not known either. A secret
    // argument makes the result secret.
    output: (args, options) =>
      pulumi
        .all([pulumi.output(args), dependencies(options)])
        .apply(([known]) => now(known as Args | undefined)) as pulumi.Output<Result>,
  };
}

/** Known as soon as all resources are there that are to be waited for. */
function dependencies({ dependsOn = [] }: pulumi.InvokeOutputOptions = {}): pulumi.Output<unknown> {
  return pulumi
    .output(dependsOn as pulumi.Input<pulumi.Resource[]>)
    .apply((resources) =>
      pulumi.all(
        [resources].flat().map((each) => (each instanceof pulumi.CustomResource ? each.id : each.urn)),
      ),
    );
}
