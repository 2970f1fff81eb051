import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { basename } from "node:path";

/** Ends a process and everything that it has started, immediately and without notice. */
export function killTree(pid: number): void {
  for (const member of tree(pid)) {
    send("SIGKILL", member);
  }
}

/**
 * Ends the CLI alone, immediately and without notice.
 *
 * @param pid of a process that runs the CLI by the Automation API
 * @returns the processes that the CLI had started: each provider and its launcher
 */
export function killCli(pid: number): number[] {
  const cli = processes().find(({ parent, name }) => parent === pid && name === "pulumi");
  if (!cli) {
    return [];
  }
  const [, ...started] = tree(cli.pid);
  send("SIGKILL", cli.pid);
  return started;
}

export function isRunning(pid: number): boolean {
  return processes().some((running) => running.pid === pid);
}

function tree(pid: number): number[] {
  const running = processes();
  const from = (root: number): number[] => [
    root,
    ...running.filter(({ parent }) => parent === root).flatMap((child) => from(child.pid)),
  ];
  return from(pid);
}

/**
 * Sends a Ctrl-C. In a terminal it reaches the CLI only, as the CLI starts everything else in process groups of its
 * own.
 *
 * @param pid of a process that runs the CLI by the Automation API
 * @param whom the CLI alone, or that process as well
 */
export function interrupt(pid: number, whom: "CLI" | "group"): void {
  for (const { pid: child, parent, name } of processes()) {
    if (parent === pid && name === "pulumi") {
      send("SIGINT", child);
    }
  }
  if (whom === "group") {
    send("SIGINT", pid);
  }
}

/** The running processes; an orphan that has ended may stay in the list as a zombie. */
function processes(): { pid: number; parent: number; name: string }[] {
  const columns = ["-e", "-o", "pid=,ppid=,state=,comm="];
  const lines = execFileSync("ps", columns, { encoding: "utf8" }).trim().split("\n");
  return lines.flatMap((line) => {
    const [pid, parent, state = "", ...name] = line.trim().split(/\s+/);
    if (state.startsWith("Z")) {
      return [];
    }
    return [{ pid: Number(pid), parent: Number(parent), name: basename(name.join(" ")) }];
  });
}

function send(signal: NodeJS.Signals, pid: number): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended by itself.
  }
}

/** Runs a command in a folder, with these variables beside the present ones. */
export function spawnCommand(
  command: string,
  args: readonly string[],
  cwd: string = process.cwd(),
  env: Readonly<Record<string, string>> = {},
): ChildProcess {
  return spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
}

/** Runs a TypeScript file in a process of its own. */
export function spawnScript(file: string, args: readonly string[]): ChildProcess {
  return spawnCommand(process.execPath, ["--import", "tsx", file, ...args]);
}

/** The exit code of a process and its output. */
export async function endOf(child: ChildProcess): Promise<{ code: number | null; output: string }> {
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on("data", (data) => {
      output += String(data);
    });
  }
  const [code] = (await once(child, "close")) as [number | null];
  return { code, output };
}
