import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { OTC_EXTENSIONS, pythonEnv } from "../test/support/pythonEnv";

const run = promisify(execFile);

/**
 * The time of python-otcextensions for all traces of a week, in milliseconds; undefined if it is not available.
 */
export async function runPeer(settings: Record<string, string>, count: number): Promise<number | undefined> {
  const python = await pythonEnv(OTC_EXTENSIONS);
  if (python === undefined) {
    return undefined;
  }
  const script = join(__dirname, "programs", "peer.py");
  const { stdout } = await run(python, ["-B", script, JSON.stringify(settings), String(count)], {
    // Its connection is made as the tests make theirs.
    env: { ...process.env, PYTHONPATH: join(__dirname, "../test/support/programs") },
    maxBuffer: 2 ** 26,
  });
  return Number(stdout.trim().split("\n").at(-1));
}
