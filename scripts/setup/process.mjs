// The program that set-up runs, which ends with it, and the ways in which set-up ends before its time.
import { spawn } from "node:child_process";
import { once } from "node:events";

const isWindows = process.platform === "win32";
let running;

process.once("uncaughtException", (error) => {
  // Trouble that the user can put right needs no stack; a TypeError and the like are faults of set-up.
  console.error(error.name === "Error" ? `\n${error.message}` : error);
  process.exit(1);
});
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.once(signal, (_, number) => {
    console.error("\nInterrupted. The same command goes on from here.");
    process.exit(128 + number);
  });
}
process.once("exit", () => {
  try {
    process.kill(isWindows ? running.pid : -running.pid, "SIGKILL");
  } catch {
    // None is running.
  }
});

/** Runs a program, in a process group of its own: all that it starts can be ended with it. */
export async function run(what, command, args, options) {
  const shell = isWindows && command === "npm";
  const stdio = ["ignore", "inherit", "inherit"];
  running = spawn(command, args, { detached: true, shell, stdio, ...options });
  const [code, signal] = await once(running, "close").catch((error) => [error.message]);
  running = undefined;
  if (code !== 0) {
    throw new Error(`${what} failed (${signal ?? code})`);
  }
}
