/** All that an adapter, and the classes of a program, must know of a kind of resource without asking the service. */
export interface ResourceSpec {
  /** The name in the type token. Never changed: it is in the states of all users. */
  readonly kind: string;
  /** The rules and defaults of every argument: schemas of zod, whose types no public declaration may need. */
  readonly arguments: Readonly<Record<string, unknown>>;
  /** Arguments that are no outputs. */
  readonly inputOnly: readonly string[];
  /** Outputs that are no arguments: the service, or the provider, sets them. */
  readonly computedOutputs: readonly string[];
  /** Computed outputs that an update leaves as they are. */
  readonly stableOutputs: readonly string[];
  /** Outputs that Pulumi encrypts, whatever the arguments are. */
  readonly secretOutputs: readonly string[];
  /** True if the old one must be gone before the new one is made. */
  readonly deleteBeforeReplace: boolean;
}

/** The names of a resource's outputs. */
export type OutputOf<Spec extends ResourceSpec> =
  | Exclude<keyof Spec["arguments"] & string, Spec["inputOnly"][number]>
  | Spec["computedOutputs"][number];

/** Every output as `undefined`: a property that is not given is not readable on the class of a dynamic resource. */
export function undefinedOutputs<Spec extends ResourceSpec>(spec: Spec): Record<OutputOf<Spec>, undefined> {
  const names = [...Object.keys(spec.arguments), ...spec.computedOutputs];
  const outputs = names.filter((name) => !spec.inputOnly.includes(name));
  return Object.fromEntries(outputs.map((name) => [name, undefined])) as Record<OutputOf<Spec>, undefined>;
}
