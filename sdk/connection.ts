import * as pulumi from "@pulumi/pulumi";
import { resolveSettings, standardSources } from "../client/config/settings";
import { argumentSource, type Key, type Source } from "../client/config/sources";
import { Connection } from "../client/connection";
import { warnOfUnknownKeys } from "./internal/installation";

/** Settings of a connection, by their names under `otc-cts:`; for example `region`, `userName`, `password`. */
export type ConnectionArgs = { readonly [K in Key]?: string };

/**
 * A connection to CTS, for functions that are called with one. What is not given comes from where the provider has it:
 * the stack's configuration (in a Pulumi program), the environment, `clouds.yaml`.
 *
 * @throws ConfigError that names all that is missing or malformed.
 */
export function connect(args: ConnectionArgs = {}): Connection {
  return new Connection(resolveSettings(programSources(argumentSource("connect", args))));
}

/** Shared by all calls that have the same settings: they share tokens and sockets. */
const connections = new Map<string, Connection>();

/** The connection of the program that is running. Programs of several stacks may run in one process. */
export function programConnection(): Connection {
  const settings = resolveSettings(programSources());
  const key = JSON.stringify(settings);
  const connection = connections.get(key) ?? new Connection(settings);
  connections.set(key, connection);
  return connection;
}

/** Read past `pulumi.Config`, which warns of each secret that is read in plain text: it goes nowhere but to IAM. */
function programSources(given?: Source): Source[] {
  warnOfUnknownKeys();
  return standardSources((key) => pulumi.runtime.getConfig(key), given && { given });
}
