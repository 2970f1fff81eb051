import { beforeEach } from "vitest";
import type { ManagedResource } from "../../provider/core/managedResource";
import { Run } from "../../provider/core/run";
import { useEmulated } from "./emulated";

type InputsOf<R> = R extends ManagedResource<infer Inputs, infer _> ? Inputs : never;

/** A kind of resource, and an emulator that is new before each test. */
export function useResource<R extends ManagedResource<unknown, unknown>>(Kind: new (run: Run) => R) {
  const service = useEmulated();
  const bench = {
    service,
    /** The kind in the run of the test. */
    resource: undefined as unknown as R,
    /** The kind in another run. @param clock of the machine that it runs on */
    anew: (settings = service.emulator.settings(), clock = service.clock) => {
      const connection = service.connect(settings, clock);
      return new Kind(new Run(() => connection, clock));
    },
    checked: async (args: object, owner?: string): Promise<InputsOf<R>> => {
      const { inputs, problems } = await bench.resource.check(args, undefined, owner);
      if (!inputs || problems.length > 0) {
        throw new Error(JSON.stringify(problems));
      }
      return inputs as InputsOf<R>;
    },
    /** The reason by each path. */
    problemsWith: async (args: object, owner?: string) => {
      const { problems } = await bench.resource.check(args, undefined, owner);
      return Object.fromEntries(problems.map(({ path, reason }) => [path, reason]));
    },
  };
  beforeEach(() => {
    service.emulator.reset();
    bench.resource = bench.anew();
  });
  return bench;
}
