import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { pythonEnv } from "../test/support/pythonEnv";

/** Its name on PyPI is not that of its repository; later versions of openstacksdk are not made for it. */
const PACKAGES = ["otcextensions==0.34.8", "openstacksdk==4.7.1"];
const run = promisify(execFile);

/**
 * The time of python-otcextensions for all traces of a week, in milliseconds; undefined if it is not available.
 */
export async function runPeer(settings: Record<string, string>, count: number): Promise<number | undefined> {
  const python = await pythonEnv(PACKAGES);
  if (python === undefined) {
    return undefined;
  }
  const script = join(__dirname, "programs", "peer.py");
  const { stdout } = await run(python, [script, JSON.stringify(settings), String(count)], {
    maxBuffer: 2 ** 26,
  });
  return Number(stdout.trim().split("\n").at(-1));
}
