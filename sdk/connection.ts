import * as pulumi from "@pulumi/pulumi";
import { resolveSettings, standardSources } from "../client/config/settings";
import { argumentSource, type Key, type Source } from "../client/config/sources";
import { Connection } from "../client/connection";
import { warnOfUnknownKeys } from "./internal/installation";

/** Settings of a connection, by their names under `otc-cts:`; for example `region`, `userName`, `password`. */
export type ConnectionArgs = { readonly [K in Key]?: string };

/**
 * Makes a connection to CTS, for functions that take one, such as `traces`. Settings that are not given come from the
 * provider's sources: the stack's configuration (in a Pulumi program), the environment, `clouds.yaml`. Nothing is sent yet.
 *
 * @param args settings that count before all other sources.
 * @throws ConfigError that names all settings that are missing or malformed.
 *
 * @example
 * ```ts
 * const connection = cts.connect({ cloud: "otc-production" });
 * for await (const trace of cts.traces(connection, { from: "24h", failed: true })) {
 *   process.stdout.write(`${trace.time} ${trace.traceName}\n`);
 * }
 * ```
 */
export function connect(args: ConnectionArgs = {}): Connection {
  return new Connection(resolveSettings(programSources(argumentSource("connect", args))));
}

/** Calls with the same settings share a connection, and so tokens and sockets. */
const connections = new Map<string, Connection>();

/** Returns the connection of the running program. Programs of several stacks may run in one process. */
export function programConnection(): Connection {
  const settings = resolveSettings(programSources());
  const key = JSON.stringify(settings);
  const connection = connections.get(key) ?? new Connection(settings);
  connections.set(key, connection);
  return connection;
}

/** Reads past `pulumi.Config`, which warns of each secret that is read in plain text. Secrets go to IAM only. */
function programSources(given?: Source): Source[] {
  warnOfUnknownKeys();
  return standardSources((key) => pulumi.runtime.getConfig(key), given && { given });
}
