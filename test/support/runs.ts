/** The number of cases of a property: `PROPERTY_RUNS` in the environment, else what `npm test` can afford. */
export function propertyRuns(share = 1): number {
  const runs = Number(process.env["PROPERTY_RUNS"] ?? 2000);
  return Math.max(1, Math.round(runs * share));
}
