/** Stands for a value that is not known yet: in a preview, an output of a resource that is still to be made. */
export const UNKNOWN = Symbol("unknown");

export type Unknown = typeof UNKNOWN;

/** True if any part of a value is not known yet. */
export function hasUnknown(value: unknown): boolean {
  if (value === UNKNOWN) {
    return true;
  }
  return typeof value === "object" && value !== null && Object.values(value).some(hasUnknown);
}
