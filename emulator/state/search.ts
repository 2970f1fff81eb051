/** The fields by which a trace can be searched, `user` being the name. */
export const SEARCH_FIELDS = [
  "service_type",
  "resource_type",
  "resource_id",
  "resource_name",
  "trace_name",
  "trace_rating",
  "user",
] as const;

/** The values of these fields. */
export type SearchFields = Partial<Record<(typeof SEARCH_FIELDS)[number], unknown>>;

/** The first index for which the condition holds, else `length`. It must hold for all later indices, too. */
export function firstIndex(length: number, holds: (index: number) => boolean): number {
  let [low, high] = [0, length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(middle)) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return low;
}
