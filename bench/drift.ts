import { randomUUID } from "node:crypto";
import { driftCause } from "pulumi-otc-cts";
// The compiled package, as users run it.
import { listTraces } from "../dist/client/api/traces";
import { Served } from "./served";
import { type Say, summarySorted, timed } from "./timing";

const TRACES = 20_000;
const LATENCY_MS = 50;
const RESOURCES = 1000;
const DRIFTED = 100;
/** For these there is a trace; the rest stays unexplained, and is looked for everywhere. */
const EXPLAINED = 80;
const HOUR_MS = 3_600_000;
const PROJECT = "eu-de_0";
const TYPE = "opentelekomcloud:index/vpcV1:VpcV1";

/** Measures the search for who drifted resources, beside reading the whole window once. */
export async function benchDrift(pairs: number, say: Say): Promise<void> {
  const emulator = await Served.start({ traces: TRACES, latencyMs: LATENCY_MS, projects: [PROJECT] });
  const ids = Array.from({ length: RESOURCES }, () => randomUUID());
  await emulator.addTraces(PROJECT, ids.slice(0, EXPLAINED).map(changeOf));
  const events = eventsOf(ids);
  const readWindow = () => listTraces(emulator.connection, { from: "7d", projectName: PROJECT });
  const search = async () => {
    const { summary } = await driftCause(emulator.connection, events);
    if (summary.drifted !== DRIFTED || summary.explained !== EXPLAINED) {
      throw new Error(`${summary.explained} of ${summary.drifted} were explained`);
    }
  };
  await readWindow();
  const ratios: number[] = [];
  const calls: number[] = [];
  for (let pair = 0; pair < pairs; pair++) {
    const windowMs = await timed(readWindow);
    await emulator.calls();
    ratios.push((await timed(search)) / windowMs);
    calls.push(await emulator.calls());
  }
  emulator.stop();
  say(
    `${DRIFTED} of ${RESOURCES} resources drifted, ${EXPLAINED} of them with a trace, ${TRACES} traces in the window, ${LATENCY_MS} ms latency per call:\n`,
  );
  say(`- search for who did it / reading the window once: ${summarySorted(ratios)}`);
  say(`- calls to CTS of a search: ${Math.min(...calls)} to ${Math.max(...calls)}`);
}

function changeOf(id: string, index: number) {
  return {
    time: Date.now() - (1 + index) * HOUR_MS,
    resource_id: id,
    service_type: "VPC",
    resource_type: "vpc",
    trace_name: "modifyVpc",
    request: JSON.stringify({ description: "after" }),
    user: { id: "a", name: "alice", domain: { id: "d", name: "D" } },
  };
}

/** As Pulumi's engine tells of a refresh. */
function eventsOf(ids: readonly string[]): object[] {
  const resources = ids.map((id, index) => {
    const urn = `urn:pulumi:dev::bench::${TYPE}::vpc${index}`;
    const stateOf = (description: string) => {
      const inputs = { name: `vpc${index}`, description };
      return { urn, type: TYPE, id, custom: true, inputs, outputs: inputs };
    };
    const hasDrifted = index < DRIFTED;
    const states = { old: stateOf("before"), new: stateOf(hasDrifted ? "after" : "before") };
    return { urn, type: TYPE, hasDrifted, ...states, detailedDiff: null };
  });
  const events = [
    ...resources.map((each) => ({ resourcePreEvent: { metadata: { ...each, op: "refresh" } } })),
    ...resources.map((each) => ({
      resOutputsEvent: { metadata: { ...each, op: each.hasDrifted ? "update" : "same" } },
    })),
    { summaryEvent: { resourceChanges: { update: DRIFTED }, result: "succeeded" } },
  ];
  return events.map((event, sequence) => ({ sequence, timestamp: Date.now() / 1000, ...event }));
}
