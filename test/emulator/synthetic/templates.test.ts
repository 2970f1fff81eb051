import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Emulator, startEmulator } from "../../../emulator";
import { events } from "../../../sdk";
import { recordedNames } from "../../support/recordedNames";

let emulator: Emulator;
/** Each that occurs: `ECS/ecs`, and the name of the operation. */
let operations: [kind: string, name: string][];
beforeAll(async () => {
  emulator = await startEmulator({ regions: ["eu-de"], traces: 20_000 });
  const traces = emulator.traces.list();
  const keys = traces.map(({ service_type, resource_type, trace_name }) =>
    JSON.stringify([`${service_type}/${resource_type}`, trace_name]),
  );
  operations = [...new Set(keys)].map((key) => JSON.parse(key));
});
afterAll(() => emulator.close());

describe("synthetic traces", () => {
  it("are of operations that the services record, by the names that they record", () => {
    const unknown = operations.filter(([kind, name]) => !recordedNames[kind]?.split(/\s+/).includes(name));

    expect(unknown).toEqual([]);
    expect(new Set(operations.map(([kind]) => kind))).toEqual(new Set(Object.keys(recordedNames)));
  });

  it("name what sdk/events names in the same way", () => {
    const { of: _, ...groups } = events;
    const known = Object.values(groups)
      .flatMap((group) => Object.values(group).flat())
      .flatMap(({ serviceType, resourceType, traceNames }) =>
        traceNames.map((name) => ({ service: serviceType, kind: `${serviceType}/${resourceType}`, name })),
      );
    const inBoth = operations.flatMap(([kind, name]) => {
      const kinds = known.filter((one) => one.name === name && kind.startsWith(`${one.service}/`));
      return kinds.length > 0 ? [{ kind, name, kinds: kinds.map((one) => one.kind) }] : [];
    });

    expect(inBoth.filter(({ kind, kinds }) => !kinds.includes(kind))).toEqual([]);
    expect(inBoth.map(({ name }) => name)).toContain("createSecurity-group");
  });
});
