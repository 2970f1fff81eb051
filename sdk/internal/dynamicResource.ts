import * as pulumi from "@pulumi/pulumi";
import { type ResourceSpec, undefinedOutputs } from "../../provider/core/resourceSpec";
import { assertInstalled, warnOfUnknownKeys } from "./installation";

/**
 * The base of every resource here: a dynamic resource whose provider code is one constant line.
 *
 * Pulumi keeps a dynamic provider's code in the state of every resource. `pulumi.dynamic.Resource` serialises
 * it from the objects it is given, and the result depends on compiler and serialiser; this line does not. It holds
 * no settings and no secrets, it is the same in every release, so an upgrade changes no state, and an old
 * state runs the code that is installed today.
 */
export abstract class DynamicResource extends pulumi.CustomResource {
  /**
   * @param spec of the kind of resource.
   * @param args arguments, and hidden ones.
   */
  constructor(spec: ResourceSpec, name: string, args: pulumi.Inputs, opts: pulumi.CustomResourceOptions) {
    assertInstalled();
    warnOfUnknownKeys();
    const { kind, deleteBeforeReplace, secretOutputs } = spec;
    const type = typeOf(spec);
    const hidden = {
      // Never change this line: it is in the states of all users.
      __provider: `exports.handler = () => require("pulumi-otc-cts/provider").provider("${kind}");`,
      // A dynamic provider is not told which resource a call is for; this tells it.
      __urn: withoutDependencies(pulumi.createUrn(name, type, opts.parent)),
      // It gets secrets in plain text; this tells it which arguments no message may repeat.
      __secrets: secretsAmong(args),
      // The engine does not apply the option to dynamic resources; this lets the provider do it.
      __replaceOnChanges: opts.replaceOnChanges,
      // It may write to this what it finds, and what is found may repeat an argument that is secret.
      __found: pulumi.secret(null),
    };
    const always: pulumi.CustomResourceOptions = {
      deleteBeforeReplace,
      ...(secretOutputs.length > 0 && { additionalSecretOutputs: [...secretOutputs] }),
    };
    const props = { ...undefinedOutputs(spec), ...args, ...hidden };
    super(type, name, props, pulumi.mergeOptions(opts, always));
  }
}

/** The type token of a kind of resource. */
export function typeOf({ kind }: ResourceSpec): string {
  return `pulumi-nodejs:dynamic/otc-cts:${kind}`;
}

/**
 * An output's value alone. The URN of a child depends on its parent, and what depends on a component waits for all of the
 * component's children: a child would wait for itself.
 */
function withoutDependencies<T>(output: pulumi.Output<T>): Promise<T> {
  return new Promise((resolve) => output.apply((value) => resolve(value as T)));
}

/** The names of the arguments that are, or hold, a secret; undefined for none. */
async function secretsAmong(args: pulumi.Inputs): Promise<string[] | undefined> {
  const names = await Promise.all(
    Object.entries(args).map(async ([name, value]) => {
      return (await pulumi.isSecret(pulumi.output(value))) ? [name] : [];
    }),
  );
  return names.flat().length > 0 ? names.flat() : undefined;
}
