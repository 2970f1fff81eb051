import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { constants } from "node:os";
import { join } from "node:path";
import { afterEach } from "vitest";
import { type Key, namesOf } from "../../client/config/sources";
import { spawnCommand } from "./processes";

const script = join(__dirname, "..", "..", "cli", "otc-cts.ts");
const children: ChildProcess[] = [];

/** Settings of a connection as variables of the environment. */
export function environmentOf(settings: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(settings).map(([key, value]) => [namesOf(key as Key).env[0] ?? "", value]),
  );
}

/** The command in a process of its own. */
export interface Running {
  readonly child: ChildProcess;
  stdout(): string;
  stderr(): string;
  /** The exit status as a shell has it: 130 after an interrupt. */
  readonly status: Promise<number>;
}

/** Runs `otc-cts` with settings from the environment and nothing else. Tests end what they leave running. */
export function otcCts(args: readonly string[], env: Readonly<Record<string, string>> = {}): Running {
  const child = spawnCommand(process.execPath, ["--import", "tsx", script, ...args], process.cwd(), env);
  children.push(child);
  const text = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name]?.setEncoding("utf8").on("data", (chunk: string) => {
      text[name] += chunk;
    });
  }
  const status = once(child, "close").then(([code, signal]: (number | NodeJS.Signals | null)[]) =>
    typeof code === "number" ? code : 128 + constants.signals[signal as NodeJS.Signals],
  );
  return { child, stdout: () => text.stdout, stderr: () => text.stderr, status };
}

/** Waits until something holds; the test's own time limit ends it. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

afterEach(() => {
  for (const child of children.splice(0)) {
    child.kill("SIGKILL");
  }
});
