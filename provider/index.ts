/**
 * The module that Pulumi's provider process loads. The code in every resource's state asks for it by this package's
 * name (see `sdk/internal/dynamicResource.ts`), so exports must never be renamed.
 *
 * @module pulumi-otc-cts/provider
 */
import type { dynamic } from "@pulumi/pulumi";
import { cancellable, systemClock } from "../client/clock";
import { resolveSettings, standardSources } from "../client/config/settings";
import { Connection } from "../client/connection";
import { Run } from "./core/run";
import { toDynamicProvider } from "./dynamic/adapter";
import { engineCancellation } from "./dynamic/cancellation";
import { adviceOnStoredConfiguration } from "./dynamic/storedConfiguration";
import { KeyEventNotificationResource } from "./keyEventNotification/resource";
import { TrackerResource } from "./tracker/resource";

const clock = cancellable(systemClock, engineCancellation());

/** One connection for all resources of the process: they share tokens and sockets. */
let connection: Connection | undefined;
let config: dynamic.Config | undefined;

/** Set up at the first call that needs it, so that a missing setting is reported where it is missed. */
function connect(): Connection {
  connection ??= new Connection(resolveSettings(standardSources((key) => config?.get(key))), {
    clock,
    adviceOn401: adviceOnStoredConfiguration,
  });
  return connection;
}

const run = new Run(connect, clock);
const tracker = new TrackerResource(run);

/** Every managed resource, by the name in its type token. */
const resources = {
  KeyEventNotification: toDynamicProvider(new KeyEventNotificationResource(run)),
  Tracker: toDynamicProvider(tracker, (ref) => tracker.prefetch(ref)),
};

/** The dynamic provider of a kind of resource. */
export function provider(kind: keyof typeof resources): dynamic.ResourceProvider {
  return {
    ...resources[kind],
    configure: async (request) => {
      config = request.config;
    },
  };
}
