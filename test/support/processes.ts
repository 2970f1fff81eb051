import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { basename } from "node:path";

/** Ends a process and everything that it has started, at once and without notice. */
export function killTree(pid: number): void {
  const running = processes();
  const tree = (root: number): number[] => [
    root,
    ...running.filter(({ parent }) => parent === root).flatMap((child) => tree(child.pid)),
  ];
  for (const member of tree(pid)) send("SIGKILL", member);
}

/**
 * What a Ctrl-C does. In a terminal it reaches the CLI only, as the CLI starts everything else in process groups of
 * their own.
 *
 * @param pid of a process that runs the CLI by the Automation API
 * @param whom the CLI alone, or that process as well
 */
export function interrupt(pid: number, whom: "CLI" | "group"): void {
  for (const { pid: child, parent, name } of processes()) {
    if (parent === pid && name === "pulumi") send("SIGINT", child);
  }
  if (whom === "group") send("SIGINT", pid);
}

function processes(): { pid: number; parent: number; name: string }[] {
  const lines = execFileSync("ps", ["-e", "-o", "pid=,ppid=,comm="], { encoding: "utf8" }).trim().split("\n");
  return lines.map((line) => {
    const [pid, parent, ...name] = line.trim().split(/\s+/);
    return { pid: Number(pid), parent: Number(parent), name: basename(name.join(" ")) };
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

/** How a process ended and what it printed. */
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
