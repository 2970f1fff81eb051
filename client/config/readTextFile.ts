import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";

/**
 * Reads a settings file. A FIFO or a device can block for ever, and a huge file fills the memory: both are refused.
 *
 * @param maxKiB the largest size that is read
 * @returns its text, or the end of a sentence that says why it was not read, such as `cannot be read: ENOENT`.
 */
export function readTextFile(path: string, maxKiB: number): { text: string } | { problem: string } {
  let file: number | undefined;
  try {
    // Without O_NONBLOCK, opening a FIFO waits for a writer. Windows has neither.
    file = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    const stat = fstatSync(file);
    if (!stat.isFile()) {
      return { problem: "is not a regular file" };
    }
    const bytes = readAtMost(file, maxKiB * 1024 + 1);
    if (bytes.length > maxKiB * 1024) {
      return { problem: `is larger than ${maxKiB} KiB` };
    }
    return { text: bytes.toString("utf8") };
  } catch (error) {
    return { problem: `cannot be read: ${(error as NodeJS.ErrnoException).code}` };
  } finally {
    if (file !== undefined) {
      closeSync(file);
    }
  }
}

/** By what comes, not by the size that is told: files of `/proc` say 0. */
function readAtMost(file: number, bytes: number): Buffer {
  const buffer = Buffer.alloc(bytes);
  let length = 0;
  for (;;) {
    const read = readSync(file, buffer, length, bytes - length, null);
    if (read === 0) {
      return buffer.subarray(0, length);
    }
    length += read;
  }
}
