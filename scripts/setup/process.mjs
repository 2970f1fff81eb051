// Programs that set-up runs. They end with it.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { constants } from "node:os";

/** A failure that the user can put right. It is shown without a stack. */
export class SetupError extends Error {}

const isWindows = process.platform === "win32";
const running = new Set();

process.once("exit", () => running.forEach(kill));
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.once(signal, () => {
    console.error("\nInterrupted. The same command goes on from here.");
    process.exit(128 + constants.signals[signal]);
  });
}

/** Runs a program, in a process group of its own: all that it starts can be ended with it. */
export async function run(what, command, args, options) {
  const child = spawn(command, args, { detached: true, stdio: ["ignore", "inherit", "inherit"], ...options });
  running.add(child);
  const [code, signal] = await once(child, "close").catch((error) => [error.message]);
  running.delete(child);
  if (code !== 0) {
    throw new SetupError(`${what} failed (${signal ?? code})`);
  }
}

/** @param args of npm; the first names what is done. */
export function npm(root, ...args) {
  return run(`npm ${args[0]}`, "npm", args, { cwd: root, shell: isWindows });
}

/** Ends a program with all that it has started. */
function kill({ pid }) {
  try {
    process.kill(isWindows ? pid : -pid, "SIGKILL");
  } catch {
    // It has ended, or never started.
  }
}
