import { once } from "node:events";
import { type Key, namesOf } from "../../client/config/sources";
import { type Emulator, type EmulatorOptions, startEmulator } from "../../emulator";
import { DEFAULT_REGIONS, MAX_SEED, MAX_TRACES } from "../../emulator/options";
import { SPREAD_NAMES } from "../../emulator/synthetic/spreads";
import { type Command, flag, oneOf, parseOptions, refuse, text, texts, UsageError } from "../command";
import { shellWord } from "../commandLine";

const DEFAULT_PORT = 4510;

/** `otc-cts emulator`: an emulator in the foreground, until Ctrl-C. */
export const emulatorCommand: Command = {
  summary: "run a local emulator of CTS and IAM",
  help: `Usage: otc-cts emulator [options]

Runs a local emulator of the Cloud Trace Service and of IAM on 127.0.0.1 until Ctrl-C.
Its state is in memory and gone when it ends.

Options:
  --port <number>    where to listen; 0 takes any free port (default ${DEFAULT_PORT})
  --region <name>    a region to serve; may be repeated, the first is the default region
                     (default ${DEFAULT_REGIONS.join(" and ")})
  --project <region>/<name>
                     a project, for example eu-de/eu-de_team; may be repeated; a region without one
                     has the project {region}_demo
  --no-tracker       start without the trackers that a real account has from the beginning
  --latency <ms>     how long every call takes at least (default 0)
  --rate-limit <n>   how many calls of CTS per second are let pass (default 0, no limit)
  --traces <number>  how many synthetic traces of the last seven days each project has
                     (default 0, at most ${MAX_TRACES})
  --spread <name>    how they are spread over time: ${SPREAD_NAMES.slice(0, 4).join(", ")},
                     ${SPREAD_NAMES.slice(4).join(", ")} (default ${SPREAD_NAMES[0]})
  --seed <number>    what they are made from; another seed makes others (default 1)
  --help             this text
`,
  run,
};

async function run(args: string[]): Promise<number> {
  const values = parseOptions(args, {
    port: text,
    region: texts,
    project: texts,
    "no-tracker": flag,
    latency: text,
    "rate-limit": text,
    traces: text,
    spread: text,
    seed: text,
  });
  const faults: string[] = [];
  const toNumber = (
    option: "port" | "latency" | "rate-limit" | "traces" | "seed",
    fallback: number,
    max: number,
  ) => {
    const value = values[option] ?? `${fallback}`;
    if (!/^\d+$/.test(value) || Number(value) > max) {
      faults.push(`--${option} must be a whole number from 0 to ${max}, not "${value}"`);
    }
    return Number(value);
  };
  const regions = values.region ?? [...DEFAULT_REGIONS];
  const options: EmulatorOptions = {
    port: toNumber("port", DEFAULT_PORT, 65_535),
    regions,
    traces: toNumber("traces", 0, MAX_TRACES),
    spread: oneOf("spread", values.spread ?? "office", SPREAD_NAMES, faults),
    seed: toNumber("seed", 1, MAX_SEED),
    behaviour: {
      trackerExists: !values["no-tracker"],
      latencyMs: toNumber("latency", 0, 600_000),
      requestsPerSecond: toNumber("rate-limit", 0, 1_000_000),
    },
  };
  refuse(faults);
  const projects = values.project?.map((each) => toProject(each, regions));
  const emulator = await start({ ...options, ...(projects && { projects }) });
  process.stdout.write(instructions(emulator));
  await Promise.race([once(process, "SIGINT"), once(process, "SIGTERM")]);
  await emulator.close();
  process.stdout.write("\nThe emulator has ended.\n");
  return 0;
}

function toProject(text: string, regions: readonly string[]): { region: string; name: string } {
  const [, region = "", name = ""] = /^([^/]+)\/([^/]+)$/.exec(text) ?? [];
  if (name === "") {
    throw new UsageError(`--project must be <region>/<name>, for example eu-de/eu-de_team, not "${text}".`);
  }
  if (!regions.includes(region)) {
    throw new UsageError(`--project ${text}: there is no region "${region}". Add --region ${region}.`);
  }
  return { region, name };
}

async function start(options: EmulatorOptions): Promise<Emulator> {
  try {
    return await startEmulator(options);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EADDRINUSE") {
      throw new Error(`${error.message} End what listens there, or choose another port with --port.`, {
        cause: error,
      });
    }
    throw error;
  }
}

function instructions(emulator: Emulator): string {
  const settings = emulator.settings();
  const { accessKey = "", secretKey = "", endpoint = "" } = emulator.settings({}, "keys");
  const place = `${settings["region"]}/${settings["projectName"]}`;
  const tracker = `${emulator.url}/_emulator/console/${place}/tracker`;
  const traces = `${emulator.url}/_emulator/traces/${place}`;
  return `The emulator of CTS and IAM listens on ${emulator.url} (Ctrl-C ends it).
Open this address in a browser to see what happens, and to change and break things.

Use it in a Pulumi stack:
${configLines(settings)}

Use it without a stack, for npx otc-cts traces and the like:
${exportLines(settings)}

Or sign in to a stack by access key, with these instead of userName, password and domainName:
${configLines({ accessKey, secretKey, endpoint })}

Change the tracker behind Pulumi's back, as a person does in the web console:
  curl -X PATCH ${tracker} -d '{"is_lts_enabled": true}'
  curl -X POST ${tracker}/disable
  curl -X POST ${tracker}/enable
  curl -X DELETE ${tracker}
  curl -X POST ${tracker}

See what there is and what was called, and make things go wrong:
  curl ${emulator.url}/_emulator/trackers
  curl ${emulator.url}/_emulator/journal
  curl ${traces}
  curl -X POST ${traces} -d '{"service_type": "OBS", "trace_name": "deleteBucket"}'
  curl -X PATCH ${emulator.url}/_emulator/behaviour -d '{"obs": "noBucket"}'
  curl -X POST ${emulator.url}/_emulator/faults -d '{"kind": "status", "status": 503, "times": 2}'
  curl -X POST ${emulator.url}/_emulator/faults -d '{"random": {"rate": 0.3}}'
  curl -X DELETE ${emulator.url}/_emulator/faults
  curl -X POST ${emulator.url}/_emulator/reset

`;
}

function configLines(settings: Record<string, string>): string {
  return Object.entries(settings)
    .map(([key, value]) => {
      const secret = ["password", "secretKey"].includes(key) ? "--secret " : "";
      // A shell may expand braces. Windows knows no single quotes.
      return `  pulumi config set ${secret}otc-cts:${key} ${value.includes("{") ? `"${value}"` : shellWord(value)}`;
    })
    .join("\n");
}

function exportLines(settings: Record<string, string>): string {
  return Object.entries(settings)
    .map(([key, value]) => `  export ${namesOf(key as Key).env[0]}=${shellWord(value)}`)
    .join("\n");
}
