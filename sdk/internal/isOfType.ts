import * as pulumi from "@pulumi/pulumi";

/** Tells a resource by its type, which each copy of this package gives; `instanceof` works only within one copy. */
export function isOfType(value: unknown, type: string): boolean {
  return pulumi.Resource.isInstance(value) && Reflect.get(value, "__pulumiType") === type;
}
