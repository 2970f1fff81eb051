import { resolveSettings } from "../provider/client/config";
import { Connection } from "../provider/client/connection";
import { agencyOf } from "../provider/client/credentials";
import { KEYS, type Key, namesOf, type Source } from "../provider/client/sources";
import { getTracker } from "../provider/client/trackers";
import { findSetting, unusedAddresses } from "../provider/client/trust";
import { shownUrl } from "../provider/client/urls";
import { type Command, parseOptions } from "./command";
import { sourcesOf, stackHelp } from "./settings";

const help = `Usage: otc-cts whoami [options]

Says which connection settings are in effect and where each is from, with secrets masked, and tries them: signs in
and looks at the tracker. Changes nothing. Exits with 0 if that works, else with 1.

Options:
${stackHelp(20)}  --help            this text
`;

export const whoamiCommand: Command = {
  summary: "say which settings are in effect and from where, and try them",
  help,
  async run(args) {
    const { stack } = parseOptions(args, { stack: { type: "string" } });
    const sources = await sourcesOf(stack);
    process.stdout.write(table(sources));
    process.stdout.write(await tryOut(sources));
    return 0;
  },
};

function table(sources: readonly Source[]): string {
  const rows = (Object.keys(KEYS) as Key[]).flatMap((key) => {
    const setting = findSetting(sources, key);
    const [unused] = unusedAddresses(sources, [key]);
    if (setting) return [[key, shown(key, setting.value), setting.origin] as const];
    return unused ? [[key, shown(key, unused.value), `${unused.origin}, not used`] as const] : [];
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
  const { authUrl, credentials } = settings;
  const connection = new Connection(settings);
  const place = await connection.locate({});
  const tracker = await getTracker(connection.project(place));
  const agency = agencyOf(credentials);
  return [
    "",
    `Signed in by ${credentials.kind}, with credentials from the ${credentials.source}.`,
    ...(agency
      ? [`Acting by agency "${agency.name}" of domain "${agency.domain.name ?? agency.domain.id}".`]
      : []),
    `Identity service: ${authUrl ?? "none"}`,
    `CTS: ${await connection.endpoint(place)}`,
    `Project ${place.projectId} in region ${place.region}: its tracker ${tracker ? `is ${tracker.status}` : "does not exist"}.`,
    "",
  ].join("\n");
}
