import { afterAll, beforeAll } from "vitest";
import type { Clock } from "../../client/clock";
import { resolveSettings } from "../../client/config/settings";
import { pulumiSource } from "../../client/config/sources";
import { Connection } from "../../client/connection";
import {
  type Behaviour,
  type Emulator,
  type EmulatorOptions,
  startEmulator,
  type WireTrackerChanges,
} from "../../emulator";
import type { ManagedResource } from "../../provider/core/managedResource";
import { Run } from "../../provider/core/run";
import { toDynamicProvider } from "../../provider/dynamic/adapter";
import { TrackerResource } from "../../provider/tracker/resource";
import { EngineModel } from "./engineModel";
import { virtualClock } from "./virtualClock";

/** An emulator on a virtual clock, and how to connect to it. */
export interface Emulated {
  readonly emulator: Emulator;
  readonly clock: ReturnType<typeof virtualClock>;
  /** A new connection, as each process of the engine makes one. */
  connect(settings?: Record<string, string>, clock?: Clock): Connection;
}

export async function startEmulated(options: EmulatorOptions = {}): Promise<Emulated> {
  const clock = virtualClock(options.random);
  const emulator = await startEmulator({ ...options, clock: clock.now, sleep: clock.sleep });
  return {
    emulator,
    clock,
    connect: (settings = emulator.settings(), connectionClock = clock) =>
      new Connection(resolveSettings([pulumiSource((key) => settings[key.replace("otc-cts:", "")])]), {
        clock: connectionClock,
      }),
  };
}

/** The same, from before a file's tests to after them. */
export function useEmulated(options: EmulatorOptions = {}): Emulated {
  const service = {} as Emulated;
  beforeAll(async () => {
    Object.assign(service, await startEmulated(options));
  });
  afterAll(() => service.emulator.close());
  return service;
}

/** Begins a case anew: a service that behaves so, with this tracker in the first project. */
export function setScene(
  { emulator }: Emulated,
  found: WireTrackerChanges | undefined,
  switches: Partial<Behaviour>,
): void {
  emulator.reset();
  Object.assign(emulator.behaviour, switches);
  emulator.setTracker(found);
}

/** A stack of one tracker. @param connect what the provider of its next operation connects by. */
export function engineOf(service: Emulated, connect?: () => Connection): EngineModel {
  return engineFor(service, TrackerResource, connect);
}

/** A class of resources. */
export type Kind<Inputs, State> = new (run: Run) => ManagedResource<Inputs, State>;

/** A stack of one resource of any kind. */
export function engineFor<Inputs, State>(
  service: Emulated,
  Kind: Kind<Inputs, State>,
  connect?: () => Connection,
): EngineModel {
  const connection = service.connect();
  return new EngineModel(() =>
    toDynamicProvider(new Kind(new Run(connect ?? (() => connection), service.clock))),
  );
}

/** A stack of several resources of a kind. In a run, one provider does the work of all of them, side by side. */
export interface StackModel {
  readonly engines: readonly EngineModel[];
  run<T>(work: (engine: EngineModel, index: number) => Promise<T>): Promise<T[]>;
}

/** @param oneByOne the next is planned meanwhile, but nothing else is made or changed: the engine may be as slow. */
export function stackFor<Inputs, State>(
  service: Emulated,
  Kind: Kind<Inputs, State>,
  count: number,
  { connect, oneByOne = false }: { connect?: () => Connection; oneByOne?: boolean } = {},
): StackModel {
  const connection = service.connect();
  const start = () => toDynamicProvider(new Kind(new Run(connect ?? (() => connection), service.clock)));
  let provider = start();
  const urnOf = (index: number) => `urn:pulumi:dev::test::pulumi-nodejs:dynamic/otc-cts:Any::${index}`;
  const engines = Array.from({ length: count }, (_, i) => new EngineModel(() => provider, urnOf(i)));
  return {
    engines,
    run: (work) => {
      const started = start();
      provider = oneByOne ? inSeries(started) : started;
      return Promise.all(engines.map(work));
    },
  };
}

function inSeries(provider: ReturnType<typeof toDynamicProvider>): typeof provider {
  let last: Promise<unknown> = Promise.resolve();
  const after = <T>(work: () => Promise<T>): Promise<T> => {
    const next = last.then(work);
    last = next.catch(() => undefined);
    return next;
  };
  return {
    ...provider,
    create: (news) => after(() => provider.create(news)),
    update: (id, olds, news) => after(() => provider.update(id, olds, news)),
    delete: (id, props) => after(() => provider.delete(id, props)),
  };
}
