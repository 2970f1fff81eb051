import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const cache = join(__dirname, "../../.work/python");

/** The packages of python-otcextensions. Later versions of openstacksdk are not made for it. */
export const OTC_EXTENSIONS = ["otcextensions==0.34.8", "openstacksdk==4.7.1"];

/**
 * A Python with these packages of PyPI, in a virtual environment that is made once and kept in `.work/python`.
 *
 * @param packages with their versions: `["openstacksdk==4.7.1"]`
 * @returns the path of its `python`; undefined where it cannot be had, after the reason was printed
 */
export async function pythonEnv(packages: string[]): Promise<string | undefined> {
  const name = createHash("sha256").update(packages.join("\n")).digest("hex").slice(0, 16);
  const folder = join(cache, name);
  const python = join(folder, "bin", "python");
  if (existsSync(python)) {
    return python;
  }
  const draft = `${folder}-${process.pid}`;
  try {
    await mkdir(cache, { recursive: true });
    await run("python3", ["-m", "venv", draft]);
    const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--retries", "1"];
    await run(join(draft, "bin", "python"), [...pip, ...packages], { timeout: 300_000 });
    // Another test file may have been faster.
    await rename(draft, folder).catch((error) => {
      if (!existsSync(python)) {
        throw error;
      }
    });
    return python;
  } catch (error) {
    const reason = String((error as { stderr?: string }).stderr || (error as Error).message).trim();
    process.stderr.write(`no Python with ${packages.join(", ")}: ${reason}\n`);
    return undefined;
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}
