import { type Emulator, type EmulatorOptions, startEmulator } from "../../emulator";
import { pulumiSource, resolveSettings } from "../../provider/client/config";
import { Connection } from "../../provider/client/connection";
import { virtualClock } from "./virtualClock";

/** An emulator on a virtual clock, and how to connect to it. */
export interface Emulated {
  readonly emulator: Emulator;
  readonly clock: ReturnType<typeof virtualClock>;
  /** A new connection, as each process of the engine makes one. */
  connect(settings?: Record<string, string>): Connection;
}

export async function startEmulated(options: EmulatorOptions = {}): Promise<Emulated> {
  const clock = virtualClock(options.random);
  const emulator = await startEmulator({ ...options, clock: clock.now, sleep: clock.sleep });
  return {
    emulator,
    clock,
    connect: (settings = emulator.settings()) =>
      new Connection(resolveSettings([pulumiSource((key) => settings[key.replace("otc-cts:", "")])]), clock),
  };
}
