import { afterAll, beforeAll } from "vitest";
import {
  type Behaviour,
  type Emulator,
  type EmulatorOptions,
  startEmulator,
  type WireTrackerChanges,
} from "../../emulator";
import type { Clock } from "../../provider/client/clock";
import { resolveSettings } from "../../provider/client/config";
import { Connection } from "../../provider/client/connection";
import { pulumiSource } from "../../provider/client/sources";
import { toDynamicProvider } from "../../provider/dynamic/adapter";
import type { ManagedResource } from "../../provider/resources/resource";
import { TrackerResource } from "../../provider/resources/tracker";
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

/** A stack of one resource of any kind. */
export function engineFor<Inputs, State>(
  service: Emulated,
  Kind: new (connect: () => Connection, clock: Clock) => ManagedResource<Inputs, State>,
  connect?: () => Connection,
): EngineModel {
  const connection = service.connect();
  return new EngineModel(() => toDynamicProvider(new Kind(connect ?? (() => connection), service.clock)));
}
