import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { firstOf, resolveSettings, shownUrl, standardSources } from "../provider/client/config";
import { Connection } from "../provider/client/connection";
import { KEYS, type Key, namesOf, type Source } from "../provider/client/sources";
import { getTracker } from "../provider/client/trackers";
import { type Command, parseOptions } from "./command";

const help = `Usage: otc-cts whoami [options]

Says which connection settings are in effect and where each is from, with secrets masked, and tries them: signs in
and looks at the tracker. Changes nothing. Exits with 0 if that works, else with 1.

Options:
  --stack <name>    with the configuration of this Pulumi stack of the current directory; without it, settings
                    come from the environment and clouds.yaml only
  --help            this text
`;

export const whoamiCommand: Command = {
  summary: "say which settings are in effect and from where, and try them",
  help,
  async run(args) {
    const { stack } = parseOptions(args, { stack: { type: "string" } });
    const config = stack === undefined ? {} : await configOf(stack);
    const sources = standardSources((key) => config[key]);
    process.stdout.write(table(sources));
    process.stdout.write(await tryOut(sources));
    return 0;
  },
};

/** A stack's configuration, decrypted, as the Pulumi CLI tells it. */
async function configOf(stack: string): Promise<Record<string, string | undefined>> {
  const args = ["config", "--json", "--show-secrets", "--non-interactive", "--stack", stack];
  const { stdout } = await promisify(execFile)("pulumi", args).catch((error: unknown) => {
    // Its own message repeats the whole command line; what the CLI said is in stderr.
    const { code, stderr = "" } = error as { code?: unknown; stderr?: string };
    throw new Error(
      code === "ENOENT"
        ? "--stack needs the Pulumi CLI on PATH"
        : `the configuration of stack "${stack}" cannot be read: ${stderr.trim()}`,
    );
  });
  const values = JSON.parse(stdout) as Record<string, { value?: string }>;
  return Object.fromEntries(Object.entries(values).map(([key, { value }]) => [key, value]));
}

function table(sources: readonly Source[]): string {
  const rows = (Object.keys(KEYS) as Key[]).flatMap((key) => {
    const setting = firstOf(sources, key);
    if (!setting) return [];
    return [[key, shown(key, setting.value), setting.origin] as const];
  });
  const width = (column: 0 | 1) => Math.max(0, ...rows.map((row) => row[column].length)) + 2;
  return rows
    .map(([key, value, origin]) => `${key.padEnd(width(0))}${value.padEnd(width(1))}${origin}\n`)
    .join("");
}

/** A URL that holds a password is refused, but only after this. */
function shown(key: Key, value: string): string {
  if (namesOf(key).secret) return "***";
  return key === "authUrl" || key === "endpoint" ? shownUrl(value) : value;
}

async function tryOut(sources: readonly Source[]): Promise<string> {
  const settings = resolveSettings(sources);
  const connection = new Connection(settings);
  const place = await connection.locate({});
  const tracker = await getTracker(connection.project(place));
  const { kind, source } = settings.credentials;
  const state = tracker ? `is ${tracker.status}` : "does not exist";
  return `
Signed in by ${kind}, with credentials from the ${source}.
Project ${place.projectId} in region ${place.region}: its tracker ${state}.
`;
}
