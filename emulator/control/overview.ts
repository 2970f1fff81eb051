import type { Emulator } from "../emulator";

/** The number of the latest traces, calls and messages that the page shows. */
const LATEST = 50;

/** Everything that the page shows, the latest first. */
export function overviewOf(emulator: Emulator): object {
  const places = emulator.places().map(({ region, projectId, project }) => {
    const ref = { region, project: projectId };
    return {
      ...{ region, projectId, project },
      tracker: emulator.tracker(ref) ?? null,
      notifications: emulator.notifications(ref),
      traces: emulator.traces.list(ref, LATEST),
    };
  });
  const traces = places.flatMap(({ region, project, traces }) =>
    traces.map((trace) => ({ ...trace, request: undefined, response: undefined, region, project })),
  );
  return {
    places: places.map(({ traces: _, ...place }) => place),
    traces: traces.sort((a, b) => b.time - a.time).slice(0, LATEST),
    calls: latest(emulator.journal.entries).map((entry) => ({ ...entry, body: undefined })),
    messages: latest(emulator.deliveries),
    faults: emulator.faults.list(),
    obs: emulator.behaviour.obs,
  };
}

function latest<T>(list: readonly T[]): T[] {
  return list.slice(-LATEST).reverse();
}
