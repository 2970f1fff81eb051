/**
 * Runs a program through the real Pulumi engine, without a language host: the program runs in this process and
 * the Automation API drives the CLI. Used by the quickstart, the end-to-end tests and the benchmarks.
 */
import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import {
  type ConfigMap,
  LocalWorkspace,
  PulumiCommand,
  type PulumiFn,
  type Stack,
} from "@pulumi/pulumi/automation";
import { require as requireTypeScript } from "tsx/cjs/api";
import { type Key, namesOf } from "../client/config/sources";
import { locatePulumi } from "./pulumi.mjs";

export interface StackOptions {
  /** Names the folder of the stack, which is made and kept. */
  readonly dir: string;
  readonly program: PulumiFn;
  /** Settings under `otc-cts:`; what is secret is stored as such. */
  readonly settings: Readonly<Record<string, string>>;
  /** For the CLI and the provider. */
  readonly env?: Readonly<Record<string, string>>;
}

/** The environment every engine run here has: nothing is asked, nothing is looked up on the net. */
export const ENGINE_ENV = { PULUMI_CONFIG_PASSPHRASE: "quickstart", PULUMI_SKIP_UPDATE_CHECK: "1" };

/** A stack of its own, its state in a folder. The folder must lie where `pulumi-otc-cts` is found by `require`. */
export async function openStack({ dir, program, settings, env = {} }: StackOptions): Promise<Stack> {
  const pulumi = await locatePulumi();
  if (!pulumi) {
    throw new Error("No Pulumi CLI: run `npm run setup`");
  }
  mkdirSync(join(dir, "state"), { recursive: true });
  const stack = await LocalWorkspace.createOrSelectStack(
    { stackName: "dev", projectName: "otc-cts-quickstart", program },
    {
      workDir: dir,
      pulumiCommand: await PulumiCommand.get(pulumi.root ? { root: pulumi.root } : {}),
      projectSettings: {
        name: "otc-cts-quickstart",
        runtime: "nodejs",
        backend: { url: `file://${join(resolve(dir), "state")}` },
      },
      envVars: { ...ENGINE_ENV, ...env },
    },
  );
  await stack.setAllConfig(toConfig(settings));
  return stack;
}

/** A program's file as an inline program, run anew each time. */
export function programOf(file: string): PulumiFn {
  return async () => {
    for (const key of Object.keys(require.cache)) {
      // tsx adds a query to the names of the modules that it loads.
      if (key.replace(/\?.*/, "") === file) {
        delete require.cache[key];
      }
    }
    return requireTypeScript(file, __filename);
  };
}

function toConfig(settings: Readonly<Record<string, string>>): ConfigMap {
  const entries = Object.entries(settings);
  return Object.fromEntries(
    entries.map(([key, value]) => [`otc-cts:${key}`, { value, secret: namesOf(key as Key).secret ?? false }]),
  );
}
