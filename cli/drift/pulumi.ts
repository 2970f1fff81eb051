import { spawn } from "node:child_process";
import { CheckFailedError } from "../../drift/drifted";
import { plain } from "../../drift/input/pulumiEvents";

/** Shows the drift of a stack, and changes nothing. */
const REFRESH = ["refresh", "--preview-only", "--json"];

/**
 * The event stream of a look at the cloud.
 *
 * @param advice the last line of the error if the look fails
 */
export function refreshEvents(stack: string, advice: string | undefined): Promise<string> {
  const env = { PULUMI_ENABLE_STREAMING_JSON_PREVIEW: "true" };
  return pulumi([...REFRESH, "--stack", stack], env, advice);
}

export function exportedState(stack: string): Promise<string> {
  return pulumi(["stack", "export", "--stack", stack]);
}

export function stackHistory(stack: string): Promise<string> {
  return pulumi(["stack", "history", "--json", "--page-size", "100", "--stack", stack]);
}

/** The stack that is selected in the current folder. */
export async function selectedStack(): Promise<string> {
  return (await pulumi(["stack", "--show-name"])).trim();
}

/** @throws CheckFailedError with what the CLI said. */
function pulumi(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  advice?: string,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn("pulumi", [...args, "--non-interactive"], {
      env: { PULUMI_SKIP_UPDATE_CHECK: "true", ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const text = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"] as const) {
      child[name].setEncoding("utf8").on("data", (chunk: string) => {
        text[name] += chunk;
      });
    }
    const failed = (why: string, code = "") => {
      const error = new CheckFailedError(`pulumi ${args.slice(0, 2).join(" ")} failed${code}`, why);
      if (code !== "" && advice !== undefined) {
        error.message += `\n  ${advice}`;
      }
      reject(error);
    };
    child.on("error", (error: NodeJS.ErrnoException) =>
      failed(
        error.code === "ENOENT"
          ? "there is no Pulumi CLI on PATH; give its event stream as a file instead"
          : error.message,
      ),
    );
    child.on("close", (code) => {
      if (code === 0) {
        resolve(text.stdout);
      } else {
        failed(text.stderr.trim() || errorsIn(text.stdout), ` (exit ${code})`);
      }
    });
  });
}

/** With --json, errors are among the events. */
function errorsIn(events: string): string {
  const messages = [...events.matchAll(/"message":\s*"((?:[^"\\]|\\.)*)"[^}]*"severity":\s*"error"/g)];
  const said = messages.map(([, message]) => plain(JSON.parse(`"${message}"`) as string)).join("\n");
  return said.trim() || "it did not say why";
}
