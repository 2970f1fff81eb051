// Programs that set-up runs, and what is left to undo when it is interrupted.
import { spawn } from "node:child_process";
import { constants } from "node:os";

const PROGRESS_MS = 15_000;
const SHOWN_LINES = 40;

/** Something that whoever runs set-up can put right; shown without a stack. */
export class SetupError extends Error {}

const running = new Set();
process.on("exit", () => running.forEach(kill));
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.on(signal, () => {
    console.error("\nInterrupted. The same command goes on from here.");
    process.exit(128 + constants.signals[signal]);
  });
}

/** Does work, then undoes something, also where the process exits in between. */
export async function undoing(undo, work) {
  process.once("exit", undo);
  try {
    return await work();
  } finally {
    process.off("exit", undo);
    undo();
  }
}

/** Runs a program, and says now and then how far it is. Its output is shown only if it fails. */
export function run(what, command, args, options = {}) {
  const child = spawn(command, args, { detached: true, stdio: ["ignore", "pipe", "pipe"], ...options });
  running.add(child);
  const startedAt = Date.now();
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (text) => {
      output += text;
    });
  }
  const progress = setInterval(() => {
    const seconds = Math.round((Date.now() - startedAt) / 1000);
    console.log(`  ${what}: ${output.split("\n").length - 1} lines, ${seconds} s`);
  }, PROGRESS_MS);
  return new Promise((done, fail) => {
    child.on("error", (error) => fail(new SetupError(`${what}: ${error.message}`)));
    child.on("close", (code, signal) => {
      const lines = output.trim().split("\n").slice(-SHOWN_LINES);
      const failure = new SetupError([`${what} failed (${signal ?? code})`, ...lines].join("\n"));
      return code === 0 ? done() : fail(failure);
    });
  }).finally(() => {
    clearInterval(progress);
    running.delete(child);
  });
}

/** @param args of npm; the first names what is done. */
export function npm(root, ...args) {
  const isWindows = process.platform === "win32";
  return run(`npm ${args[0]}`, isWindows ? "npm.cmd" : "npm", args, { cwd: root, shell: isWindows });
}

/** Ends a program with all that it has started. */
function kill({ pid }) {
  try {
    process.kill(process.platform === "win32" ? pid : -pid, "SIGKILL");
  } catch {
    // It has ended, or never started.
  }
}
