import { createHash } from "node:crypto";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { setTimeout } from "node:timers/promises";

/** Names the folder that is locked, also to the programs that set-up runs: npm builds while it installs ("prepare"). */
const LOCKED = "OTC_CTS_SETUP_LOCKED";

/** Does work in a folder unless it is done. One set-up at a time works there. */
export async function ensure(isDone, folder, work) {
  if (!(await isDone())) {
    await lock(folder);
    if (!(await isDone())) {
      await work();
    }
  }
}

/** Locks a folder until this process ends, by a UDP port: the system frees it, also if the process is killed. */
async function lock(folder) {
  const port = 20_000 + (createHash("sha256").update(folder).digest().readUInt16BE() % 10_000);
  for (let attempt = 1; process.env[LOCKED] !== folder; attempt++) {
    try {
      await once(createSocket("udp4").unref().bind(port, "127.0.0.1"), "listening");
      process.env[LOCKED] = folder;
    } catch (error) {
      if (error.code !== "EADDRINUSE") {
        throw error;
      }
      if (attempt === 1) {
        console.log(`Waiting for another set-up of ${folder}, which holds UDP port ${port}`);
      }
      await setTimeout(200);
    }
  }
}
