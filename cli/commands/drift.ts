import { resolve } from "node:path";
import { Connection } from "../../client/connection";
import { ArgumentError } from "../../client/errors";
import { DEFAULT_MAX_CALLS, type DriftOptions, explainDrift, isEnough } from "../../drift/driftCause";
import { InputError } from "../../drift/drifted";
import { EVENTS_COMMAND } from "../../drift/input/pulumiEvents";
import { type Command, UNEXPECTED, UsageError } from "../command";
import { commandLine, shellWord } from "../commandLine";
import { write } from "../drift/formats";
import { progressOn } from "../drift/progress";
import { exportedState, refreshEvents, selectedStack, stackHistory } from "../drift/pulumi";
import type { Reported } from "../drift/reported";
import { type Request, readRequest } from "../drift/request";
import { settingsIn, sourcesOf } from "../settings";
import { codeOf, say } from "../terminal";
import { optionsFor } from "../traces/request";
import { version } from "../version";

const help = `Usage: otc-cts drift [INPUT|-] [options]

Says what drifted in a stack, and who did it: looks for the traces that explain each change. Changes nothing.

INPUT is Pulumi's event stream, its digest, or a plan of Terraform or OpenTofu (terraform show -json); - reads standard input.
Without it, pulumi refresh --preview-only is run, with the settings that the last pulumi up stored. To look with
the settings of today, pipe the event stream into otc-cts drift - --stack <name>. It is made by
${EVENTS_COMMAND} --stack <name>

Which stack:
  --stack <name>              the stack: its configuration, and its state and history, which pulumi is asked for
  --cwd <dir>                 the folder of its project
  --state <file>              what pulumi stack export prints, given instead
  --history <file>            what pulumi stack history --json prints, given instead

Where and since when to look:
  --since <time>              no traces before that: an age such as 24h, milliseconds since 1970, or ISO 8601 (UTC); default for
                              each resource when the state was last made to agree with the cloud, at most seven days ago
  --region <name>             where to look besides each resource's own region; may be repeated
  --project <name|id>         likewise
  --max-calls <number>        bound of the search through all traces, for each project (default ${DEFAULT_MAX_CALLS}); 0: by id and name only
  --wait <age>                wait up to this long for late traces, while something is unexplained

What counts:
  --own <name|id|key>         whose operations explain nothing; may be repeated (default who signs in)
  --min-confidence <word>     what counts as explained: confirmed, likely (default) or possible
  --expect <word>             none (default): nothing has drifted; explained: all that has is explained; any: whatever it is
  --kinds <file>              kinds of resources beside those that are known: a JSON array

How:
  --format <name>[=<file>]    text (default), markdown, json, sarif, junit or codequality; may be repeated. A file that is
                              $GITHUB_STEP_SUMMARY is added to
  --show-values               old and new values, too; they may be confidential
  --help                      this text

Exit codes:
  0    the expectation of --expect is met
  1    it failed, or not all could be looked at
  2    the command line or the input is wrong
  3    the expectation of --expect is not met
  130  Ctrl-C
`;

/** `otc-cts drift`: what drifted, and who did it. */
export const driftCommand: Command = {
  summary: "say what drifted in a stack, and who did it",
  help,
  async run(args) {
    try {
      return await report(await readRequest(args));
    } catch (error) {
      if (error instanceof InputError) {
        throw new UsageError(error.message);
      }
      if (error instanceof ArgumentError) {
        throw new UsageError(`--${error.message}`);
      }
      throw error;
    }
  },
};

async function report(request: Request): Promise<number> {
  const { cwd, expect, formats, minConfidence } = request;
  // Reading the stack's settings changes the folder again.
  const [from, folder] = [process.cwd(), resolve(cwd ?? ".")];
  if (cwd !== undefined) {
    enter(cwd);
  }
  let { input, stack } = request;
  if (input === undefined) {
    stack ??= await selectedStack();
    say(`pulumi refresh --preview-only looks at stack ${stack}`);
    input = await refreshEvents(stack, settingsAdvice(stack, folder, from));
  }
  const stored = stack === undefined ? {} : await storedOf(stack, request.options);
  const connection = new Connection(settingsIn(await sourcesOf(stack), stack));
  const progress = progressOn(process.stderr);
  const options: DriftOptions = {
    ...request.options,
    ...(stack !== undefined && { stack }),
    ...stored,
    onProgress: (message) => progress.show(message),
  };
  const { report, check, problems, queries, shares } = await explainDrift(connection, input, options).finally(
    () => progress.end(),
  );
  const isExplained: Reported["isExplained"] = (resource) => isEnough(resource, minConfidence);
  const commandFor: Reported["commandFor"] = ({ urn }) => {
    const query = queries.get(urn);
    const signIn = stack === undefined ? [] : [`--stack=${stack}`];
    return query && commandLine(["traces", ...signIn, "--since=7d", ...optionsFor(query)], folder, from);
  };
  const sharesFor: Reported["sharesFor"] = ({ urn }) => shares.get(urn) ?? [];
  const reported: Reported = {
    ...{ report, check, problems, isExplained, commandFor, sharesFor },
    version: version(),
  };
  for (const { name, file } of formats) {
    write(name, reported, file);
  }
  for (const problem of problems) {
    say(`not complete: ${problem}`);
  }
  if (!report.complete) {
    return 1;
  }
  const { drifted, unexplained } = report.summary;
  const isMet = expect === "any" || (expect === "none" ? drifted : unexplained) === 0;
  return isMet ? 0 : UNEXPECTED;
}

/** The cure if Pulumi looked with settings of the past. */
function settingsAdvice(stack: string, folder: string, from: string): string | undefined {
  const source = `${EVENTS_COMMAND} --stack=${shellWord(stack)}`;
  const command = commandLine(["drift", "-", `--stack=${stack}`], folder, from, source);
  return (
    command &&
    `Pulumi looked with the settings that the last pulumi up stored. If they have changed since, run: ${command}`
  );
}

/** Pulumi's knowledge of the stack, unless it is given. */
async function storedOf(stack: string, { state, history }: DriftOptions): Promise<DriftOptions> {
  return {
    ...(state === undefined && { state: await exportedState(stack) }),
    ...(history === undefined && { history: await stackHistory(stack) }),
  };
}

function enter(folder: string): void {
  try {
    process.chdir(folder);
  } catch (error) {
    throw new UsageError(`--cwd: there is no folder ${folder} to work in (${codeOf(error)}).`);
  }
}
