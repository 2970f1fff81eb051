import { createHash } from "node:crypto";
import { rmSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Does work while no other set-up does work on a thing. The holder listens on a socket, which ends with its process. */
export async function withLock(thing, work) {
  const name = `otc-cts-${createHash("sha256").update(thing).digest("hex").slice(0, 16)}`;
  const path = process.platform === "win32" ? `\\\\.\\pipe\\${name}` : join(tmpdir(), `${name}.sock`);
  const waiting = [];
  const server = createServer((socket) => waiting.push(socket));
  for (let isTold = false; !(await canListen(server, path)); isTold = true) {
    if (!isTold) {
      console.log(`Waiting for another set-up that is at work on ${thing}`);
    }
    await released(path);
  }
  return work().finally(() => {
    server.close();
    for (const socket of waiting) {
      socket.destroy();
    }
  });
}

function canListen(server, path) {
  return new Promise((resolve, reject) => {
    server.removeAllListeners("error").on("error", (error) => {
      return error.code === "EADDRINUSE" ? resolve(false) : reject(error);
    });
    server.listen(path, () => resolve(true));
  });
}

/** Waits until the holder ends. What a killed one has left is removed. */
function released(path) {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.on("error", ({ code }) => code === "ECONNREFUSED" && rmSync(path, { force: true }));
    socket.on("close", resolve);
  });
}
