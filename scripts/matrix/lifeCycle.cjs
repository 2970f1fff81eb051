// The life of a tracker in a folder that has the packed package, by the Node and the Pulumi that this folder is run with.
const assert = require("node:assert/strict");
const { mkdirSync } = require("node:fs");
const { join } = require("node:path");
const { LocalWorkspace } = require("@pulumi/pulumi/automation");
const cts = require("pulumi-otc-cts");
const { startEmulator } = require("pulumi-otc-cts/emulator");

async function main() {
  const emulator = await startEmulator();
  const before = emulator.trackers();
  let seen;
  const program = async () => {
    const audit = new cts.Tracker("audit", { obsInfo: { bucketName: "audit-files" } });
    assert(cts.Tracker.isInstance(audit));
    seen = await cts.getTraces({ from: "1h" });
    return { status: audit.status };
  };
  const state = join(process.cwd(), "state");
  mkdirSync(state, { recursive: true });
  const stack = await LocalWorkspace.createOrSelectStack(
    { stackName: "dev", projectName: "matrix", program },
    {
      workDir: process.cwd(),
      projectSettings: { name: "matrix", runtime: "nodejs", backend: { url: `file://${state}` } },
    },
  );
  const settings = Object.entries(emulator.settings());
  await stack.setAllConfig(
    Object.fromEntries(
      settings.map(([key, value]) => [`otc-cts:${key}`, { value, secret: key === "password" }]),
    ),
  );

  const up = await stack.up();
  assert.equal(up.outputs.status.value, "enabled");
  assert.equal(emulator.tracker().obs_info.bucket_name, "audit-files");
  assert.deepEqual((await stack.preview({ expectNoChanges: true })).changeSummary, { same: 2 });
  assert(seen.traces.length > 0, "getTraces found no trace");

  emulator.console.disable();
  await assert.rejects(stack.preview({ refresh: true, expectNoChanges: true }), /no changes were expected/);
  await stack.refresh();
  await stack.up();
  assert.equal(emulator.tracker().status, "enabled");

  await stack.destroy();
  assert.deepEqual(emulator.trackers(), before);
  await emulator.close();
}

main().catch((error) => {
  process.stderr.write(`${error.stack}\n`);
  process.exitCode = 1;
});
