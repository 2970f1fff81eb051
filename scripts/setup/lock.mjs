import { createHash } from "node:crypto";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { setTimeout } from "node:timers/promises";

/** Does work in a folder unless it is done. One set-up at a time works there. */
export async function ensure(isDone, folder, work) {
  if (!(await isDone())) {
    const lock = await lockOf(folder);
    if (!(await isDone())) {
      await work();
    }
    lock.close();
  }
}

/** Locks a folder by a UDP port, which the system frees also if this process is killed. */
async function lockOf(folder) {
  const port = 20_000 + (createHash("sha256").update(folder).digest().readUInt16BE() % 10_000);
  for (let attempt = 1; ; attempt++) {
    try {
      const lock = createSocket("udp4").bind(port, "127.0.0.1");
      await once(lock, "listening");
      return lock;
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
