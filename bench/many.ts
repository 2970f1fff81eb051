import { type Behaviour, startEmulator } from "pulumi-otc-cts/emulator";
import { compare, type Say, summary, timeUp } from "./timing";

const PROJECTS = Array.from({ length: 100 }, (_, i) => `eu-de_project-${i}`);
const LATENCY_MS = 50;
const REQUESTS_PER_SECOND = 20;

/**
 * Measures 100 trackers in 100 projects in one stack, signed in by keys: time beside 100 resources that do nothing,
 * and where the service lets only some calls per second pass, beside the least time that this permits.
 */
export async function benchMany(pairs: number, say: Say): Promise<void> {
  await withProjects({ latencyMs: LATENCY_MS }, async (up) => {
    const ratios = await compare(pairs, up("tracker"), up("nothing"));
    say(
      `\`pulumi up\` of ${PROJECTS.length} trackers in ${PROJECTS.length} projects, ${LATENCY_MS} ms latency per call, by keys / of ${PROJECTS.length} dynamic resources that do nothing: ${summary(ratios)}.\n`,
    );
  });
  await withProjects(
    { latencyMs: LATENCY_MS, requestsPerSecond: REQUESTS_PER_SECOND },
    async (up, emulator) => {
      const refused: string[] = [];
      const shares = { calls: [] as number[], command: [] as number[] };
      for (let run = 0; run < pairs; run++) {
        const nothingMs = await up("nothing")();
        const commandMs = await up("tracker")();
        const calls = emulator.journal.calls("cts");
        const passed = calls.filter(({ status }) => status !== 429);
        // A second's worth passes immediately, the rest at the rate.
        const leastMs = ((passed.length - REQUESTS_PER_SECOND) / REQUESTS_PER_SECOND) * 1000;
        const spanMs = (passed.at(-1)?.at ?? 0) - (passed[0]?.at ?? 0);
        shares.calls.push(spanMs / leastMs);
        shares.command.push(commandMs / (nothingMs + leastMs));
        refused.push(`${calls.length - passed.length} of ${calls.length}`);
      }
      for (const ratios of Object.values(shares)) {
        ratios.sort((a, b) => a - b);
      }
      say(
        `The same with ${REQUESTS_PER_SECOND} calls per second allowed:

- from the first call to the last / the least time that this permits: ${summary(shares.calls, "runs")}
- the whole command / that time and the time of resources that do nothing: ${summary(shares.command, "runs")}
- calls that were answered 429: ${refused.join(", ")}`,
      );
    },
  );
}

type Emulator = Awaited<ReturnType<typeof startEmulator>>;

async function withProjects(
  behaviour: Partial<Behaviour>,
  measure: (
    up: (declared: "tracker" | "nothing") => () => Promise<number>,
    emulator: Emulator,
  ) => Promise<void>,
): Promise<void> {
  const emulator = await startEmulator({ projects: PROJECTS.map((name) => ({ name })), behaviour });
  const up = (declared: "tracker" | "nothing") => () => {
    emulator.reset();
    return timeUp(declared, PROJECTS, emulator.settings({}, "keys"));
  };
  try {
    await measure(up, emulator);
  } finally {
    await emulator.close();
  }
}
