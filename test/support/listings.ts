import fc from "fast-check";

/** Every way in which the service may list traces: a generator for each switch. */
export const listingSwitches = {
  marker: fc.constantFrom("always" as const, "full" as const),
  noMarker: fc.constantFrom("null" as const, "absent" as const),
  pages: fc.constantFrom("full" as const, "short" as const, "scanned" as const),
  repeatsMarked: fc.boolean(),
  windowOfNext: fc.constantFrom("lastHour" as const, "all" as const),
  fromBeforeRetention: fc.constantFrom("ignored" as const, "rejected" as const),
};
