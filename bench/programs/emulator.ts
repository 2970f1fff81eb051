/** An emulator for another process, until that disconnects. Argument: traces, names of projects and behaviour as JSON. */
import { startEmulator } from "pulumi-otc-cts/emulator";

async function main(options = "{}"): Promise<void> {
  const { traces, projects, ...behaviour } = JSON.parse(options) as { traces: number; projects: string[] };
  const emulator = await startEmulator({ traces, projects: projects.map((name) => ({ name })), behaviour });
  process.on("message", () => {
    process.send?.(emulator.journal.calls("cts").length);
    emulator.journal.clear();
  });
  process.once("disconnect", () => void emulator.close());
  process.send?.(emulator.settings());
}

main(process.argv[2]).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
