import { setMaxListeners } from "node:events";
import { connect } from "node:http2";
import { Server } from "node:net";

/** As the engine's protocol has it (`provider.proto`). */
const CANCEL = "/pulumirpc.ResourceProvider/Cancel";
/** The engine's address is the last argument of every provider process that an engine starts. */
const ENGINE_ADDRESS = /^127\.0\.0\.1:\d+$/;
/** Other dynamic providers of the program run in this process too: they may need a moment. */
const GRACE_MS = 2_000;
const RECONNECT_MS = 100;

/**
 * Says when the engine cancels: after Ctrl-C, while calls are under way; and as its last word at the end of every run,
 * when there is nothing left to end. The engine's own end cancels too, and soon ends the process.
 *
 * Ctrl-C does not reach this process itself, which has a process group of its own, and Pulumi's server of dynamic
 * providers answers the engine's `Cancel` without telling the provider. So we listen beside it. Should that server
 * not be found, nothing is cancelled, and a run ends when the calls under way do.
 */
export function engineCancellation(): AbortSignal {
  const controller = new AbortController();
  // Every call under way listens; more than ten are no leak.
  setMaxListeners(0, controller.signal);
  const { _getActiveHandles } = process as { _getActiveHandles?: () => unknown[] };
  const address = process.argv.at(-1) ?? "";
  for (const handle of _getActiveHandles?.() ?? []) {
    if (!(handle instanceof Server)) {
      continue;
    }
    handle.on("stream", (_stream: unknown, headers: Record<string, unknown>) => {
      if (headers[":path"] === CANCEL) {
        controller.abort();
      }
    });
    if (!ENGINE_ADDRESS.test(address)) {
      continue;
    }
    onEngineGone(address, handle, () => {
      controller.abort();
      // Pulumi's server keeps the process alive for ever.
      setTimeout(() => process.exit(1), GRACE_MS);
    });
  }
  return controller.signal;
}

/**
 * Holds a connection to the engine, which breaks when the engine's process ends, however it ends. Neither the parent
 * process nor the engine's connection to this process tells: a launcher stands between, and the engine drops its
 * connection when idle.
 *
 * A connection may break for other reasons, so the engine is gone only when it refuses the next one. An engine that calls
 * from elsewhere than the address is there all the same: whoever debugs a provider starts it with any address.
 *
 * @param address host and port
 * @param server which the engine calls
 */
export function onEngineGone(address: string, server: Server, report: () => void): void {
  let hasAnswered = false;
  const hold = () => {
    let isRefused = false;
    connect(`http://${address}`, () => {
      hasAnswered = true;
    })
      .on("error", ({ code }: NodeJS.ErrnoException) => {
        isRefused = code === "ECONNREFUSED";
      })
      .on("close", () => {
        if (!isRefused) {
          setTimeout(hold, RECONNECT_MS).unref();
        } else if (hasAnswered) {
          report();
        } else {
          setTimeout(reportUnlessCalled, RECONNECT_MS).unref();
        }
      })
      .unref();
  };
  // It may have ended while this file was loaded for its call.
  const reportUnlessCalled = () =>
    server.getConnections((_error, calls) => {
      if (calls === 0) {
        report();
      }
    });
  hold();
}
