import { setMaxListeners } from "node:events";
import { Server } from "node:net";

/** As the engine's protocol has it (`provider.proto`). */
const CANCEL = "/pulumirpc.ResourceProvider/Cancel";

/**
 * Says when the engine cancels: after Ctrl-C, while calls are under way; and as its last word at the end of every run,
 * when there is nothing left to end.
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
  return controller.signal;
}
