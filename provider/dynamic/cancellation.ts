import { setMaxListeners } from "node:events";
import { connect } from "node:http2";
import { Server } from "node:net";

/** As the engine's protocol has it (`provider.proto`). */
const CANCEL = "/pulumirpc.ResourceProvider/Cancel";
/** The engine's address is the last argument of every provider process. */
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
  for (const handle of _getActiveHandles?.() ?? []) {
    if (!(handle instanceof Server)) continue;
    handle.on("stream", (_stream: unknown, headers: Record<string, unknown>) => {
      if (headers[":path"] === CANCEL) controller.abort();
    });
  }
  const address = process.argv.at(-1) ?? "";
  if (ENGINE_ADDRESS.test(address)) {
    onEngineGone(address, () => {
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
 * A connection may break for other reasons, so the engine is gone only when it refuses the next one. An address that
 * never answered belongs to no engine: a debugger starts the provider with one.
 *
 * @param address host and port
 */
export function onEngineGone(address: string, report: () => void): void {
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
        if (!isRefused) setTimeout(hold, RECONNECT_MS).unref();
        else if (hasAnswered) report();
      })
      .unref();
  };
  hold();
}
