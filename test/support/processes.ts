import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";

/** Ends a process and everything that it has started, at once and without notice. */
export function killTree(pid: number): void {
  const children = new Map<number, number[]>();
  for (const line of execFileSync("ps", ["-e", "-o", "pid=,ppid="], { encoding: "utf8" })
    .trim()
    .split("\n")) {
    const [child = 0, parent = 0] = line.trim().split(/\s+/).map(Number);
    children.set(parent, [...(children.get(parent) ?? []), child]);
  }
  const tree = (root: number): number[] => [root, ...(children.get(root) ?? []).flatMap(tree)];
  for (const member of tree(pid)) {
    try {
      process.kill(member, "SIGKILL");
    } catch {
      // It has ended by itself.
    }
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
