import { z } from "zod";
import { InputError } from "../drifted";

/** The marks of a kind of resource in traces. Users can add their own to the table. */
export interface ResourceKind {
  /** In words, for example `EVS disk`. */
  readonly kind: string;
  /** The type of Terraform, for example `opentelekomcloud_evs_volume_v3`, or a type token of Pulumi. */
  readonly type: string;
  /** The values of `serviceType` that the documents show. */
  readonly serviceTypes: readonly string[];
  readonly resourceTypes: readonly string[];
  /** Names of traces that create such a resource, likewise `update` and `delete`. */
  readonly create: readonly string[];
  readonly update: readonly string[];
  readonly delete: readonly string[];
  /**
   * The part of the provider's id that is the trace's `resourceId`. `name`: traces have no id, and the name is unique.
   * `none`: traces are about another resource. `tracker`: each project has one.
   */
  readonly identity: "id" | "lastPart" | "firstPart" | "name" | "none" | "tracker";
  /** Outputs with the id of another resource, under which the service may record a change of this one. */
  readonly parents: readonly string[];
  /** Outputs with another id of this resource. */
  readonly otherIds: readonly string[];
  /** False if no document of OTC says that the service reports to CTS. */
  readonly isDocumented: boolean;
  /** The source of all this. */
  readonly evidence: string;
  readonly caution: string;
}

/** A service whose operations are documented as recorded. */
export interface RecordedService {
  /** Names of traces that change nothing. */
  readonly reads: readonly string[];
  /** The documents, each as `owner/repository/path@commit`. */
  readonly sources: readonly string[];
}

const names = z.array(z.string()).default([]);

const kindsShape = z.array(
  z.strictObject({
    kind: z.string(),
    type: z.string(),
    serviceTypes: names,
    resourceTypes: names,
    create: names,
    update: names,
    delete: names,
    identity: z.enum(["id", "lastPart", "firstPart", "name", "none", "tracker"]).default("id"),
    parents: names,
    otherIds: names,
    isDocumented: z.boolean().default(true),
    evidence: z.string().default(""),
    caution: z.string().default(""),
  }),
);

/** Reads kinds that a user adds. Only `kind` and `type` must be there. @throws InputError that says what is wrong */
export function parseKinds(text: string): ResourceKind[] {
  const value = parseJson(text);
  const { data, error } = kindsShape.safeParse(value);
  const [issue] = error?.issues ?? [];
  if (!data) {
    throw new InputError(`is no list of kinds: ${issue?.path.join(".") || "it"}: ${issue?.message}`);
  }
  return data;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new InputError("is not JSON");
  }
}
