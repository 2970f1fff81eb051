import { getTracker } from "../../client/api/trackers";
import { agencyOf } from "../../client/config/credentials";
import { KEYS, type Key, namesOf, type Source } from "../../client/config/sources";
import { findSetting, unusedAddresses } from "../../client/config/trust";
import { Connection } from "../../client/connection";
import { shownUrl } from "../../client/http/urls";
import { visible } from "../../client/visible";
import { type Command, parseOptions, text } from "../command";
import { settingsIn, sourcesOf, stackHelp } from "../settings";
import { columnsOf, fitTo } from "../terminal";

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
    const { stack } = parseOptions(args, { stack: text });
    const sources = await sourcesOf(stack);
    process.stdout.write(table(sources));
    process.stdout.write(await tryOut(sources, stack));
    return 0;
  },
};

function table(sources: readonly Source[]): string {
  const rows = (Object.keys(KEYS) as Key[]).flatMap((key) => {
    const setting = findSetting(sources, key);
    const [unused] = unusedAddresses(sources, [key]);
    if (setting) {
      return [[key, shown(key, setting.value), setting.origin].map(visible)];
    }
    return unused ? [[key, shown(key, unused.value), `${unused.origin}, not used`].map(visible)] : [];
  });
  return aligned(rows);
}

/** Rows whose columns are as wide as the widest cell. */
function aligned(rows: readonly (readonly string[])[]): string {
  const widthOf = (column: number) => Math.max(...rows.map((row) => columnsOf(row[column] ?? ""))) + 2;
  const lineOf = (row: readonly string[]) => row.map((cell, i) => fitTo(cell, widthOf(i))).join("");
  return rows.map((row) => `${lineOf(row).trimEnd()}\n`).join("");
}

/** A URL that holds a password is refused, but only after this. */
function shown(key: Key, value: string): string {
  if (namesOf(key).secret) {
    return "***";
  }
  return key === "authUrl" || key === "endpoint" ? shownUrl(value) : value;
}

async function tryOut(sources: readonly Source[], stack: string | undefined): Promise<string> {
  const settings = settingsIn(sources, stack);
  const { authUrl, credentials } = settings;
  const connection = new Connection(settings);
  const place = await connection.locate({});
  const tracker = await getTracker(connection.project(place));
  const agency = agencyOf(credentials);
  const lines = [
    "",
    `Signed in by ${credentials.kind}, with credentials from the ${credentials.source}.`,
    ...(agency
      ? [`Acting by agency "${agency.name}" of domain "${agency.domain.name ?? agency.domain.id}".`]
      : []),
    `Identity service: ${authUrl ?? "none"}`,
    `CTS: ${await connection.endpoint(place)}`,
    `Project ${place.projectId} in region ${place.region}: its tracker ${tracker ? `is ${tracker.status}` : "does not exist"}.`,
  ];
  return lines.map((line) => `${visible(line)}\n`).join("");
}
